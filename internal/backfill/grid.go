package backfill

import (
	"math"
	"time"

	"socialboards_exporter/internal/fact"
)

const day = 24 * time.Hour

// grid is the times of samples: whole steps since the Unix epoch, so that what is written
// in parts, or again, lies at the same times.
type grid struct{ step fact.Ticks }

// before is a step before all others.
const before = math.MinInt64

// first gives the first step at or after an instant.
func (g grid) first(at fact.Instant) int64 {
	n := int64(at) / int64(g.step)
	if int64(at)%int64(g.step) > 0 {
		n++
	}
	return n
}

// instant gives when a step is.
func (g grid) instant(n int64) fact.Instant { return fact.Instant(n * int64(g.step)) }

// seconds gives when a step is in Unix time.
func (g grid) seconds(n int64) int64 { return n * int64(g.step.Duration()/time.Second) }
