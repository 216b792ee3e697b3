package web

import (
	"net/http"
	"strconv"
	"time"
)

// longestWait bounds what a header can make us wait.
const longestWait = time.Minute

// WaitLoaded lets a scrape that comes before loaded is closed wait for that, at most half
// of the time that Prometheus says it will wait itself: so the first scrape after a restart
// shows the counters, and one that comes far too early still gets the exporter's own
// metrics in time. A nil loaded is taken for closed.
func WaitLoaded(next http.Handler, loaded <-chan struct{}) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d := patience(r); d > 0 && loaded != nil {
			timer := time.NewTimer(d)
			defer timer.Stop()
			select {
			case <-loaded:
			case <-timer.C:
			case <-r.Context().Done():
			}
		}
		next.ServeHTTP(w, r)
	})
}

// patience gives how long a scrape may wait; 0 when it does not say.
func patience(r *http.Request) time.Duration {
	seconds, err := strconv.ParseFloat(r.Header.Get("X-Prometheus-Scrape-Timeout-Seconds"), 64)
	if err != nil || !(seconds > 0) { // so that NaN is not, either
		return 0
	}
	return time.Duration(min(seconds/2, longestWait.Seconds()) * float64(time.Second))
}
