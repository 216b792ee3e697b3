package apiclient

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestRetryAfter bounds what a Retry-After may ask for, so that one wrong header
// cannot silence the client for good.
const longestRetryAfter = 15 * time.Minute

// retryAfter tells how long the answer asks to wait: 0 when it does not say, or says
// what cannot be read or lies in the past. A date is reckoned from the answer's own Date,
// so that a clock that is wrong here does no harm; from now only when there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longestRetryAfter)
	} else if isDigits(value) {
		return longestRetryAfter
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if sent, err := http.ParseTime(h.Get("Date")); err == nil {
		now = sent
	}
	return min(max(at.Sub(now), 0), longestRetryAfter)
}

func isDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
