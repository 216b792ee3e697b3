package poll

import (
	"time"

	"golang.org/x/time/rate"

	"socialboards_exporter/internal/fact"
)

// allowance limits the reads without a cause to half of the request rate. How many
// requests a read costs is known only when it is over: it begins with one, and what it
// took besides is owed by those that follow.
type allowance struct{ limit *rate.Limiter } // nil: any number

func allowanceOf(requestRate float64) allowance {
	if requestRate <= 0 {
		return allowance{}
	}
	half := requestRate / 2
	return allowance{rate.NewLimiter(rate.Limit(half), max(1, int(half)))}
}

// from gives the time from which on a read may begin.
func (a allowance) from(now fact.Instant) fact.Instant {
	if a.limit == nil {
		return now
	}
	missing := 1 - a.limit.TokensAt(now.Time())
	if missing <= 0 {
		return now
	}
	wait := time.Duration(missing / float64(a.limit.Limit()) * float64(time.Second))
	return now.Add(fact.TicksOf(wait) + 1)
}

// spend takes note of requests made.
func (a allowance) spend(now fact.Instant, requests int) {
	if a.limit == nil {
		return
	}
	for range requests {
		a.limit.ReserveN(now.Time(), 1)
	}
}
