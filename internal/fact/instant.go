// Package fact holds the plain records of what happened and of what was counted.
// It is the language in which the event store, the ledger and the tally speak to
// one another; it has no behaviour beyond telling time.
package fact

import (
	"math"
	"time"
)

// Instant is a point in time in ticks of 100 ns since the Unix epoch, the finest
// resolution in which Socialboards tells time.
type Instant int64

// Never is the Instant of what has not happened, or is not known.
const Never Instant = math.MinInt64

// Ticks is a length of time in units of 100 ns. Sums of integers, unlike sums of
// floats, do not depend on the order in which they were added up.
type Ticks int64

// Unknown is the length of what was not measured.
const Unknown Ticks = math.MinInt64

// tick is the length of one tick.
const tick = 100 * time.Nanosecond

const ticksPerSecond = int64(time.Second / tick)

// At gives the Instant of t, rounded down to a tick. The zero Time is Never.
func At(t time.Time) Instant {
	if t.IsZero() {
		return Never
	}
	return Instant(t.Unix()*ticksPerSecond + int64(t.Nanosecond())/int64(tick))
}

// Time gives i as a Time in UTC; Never is the zero Time.
func (i Instant) Time() time.Time {
	if i == Never {
		return time.Time{}
	}
	sec, rest := int64(i)/ticksPerSecond, int64(i)%ticksPerSecond
	return time.Unix(sec, rest*int64(tick)).UTC()
}

// Known says whether i is an instant at all.
func (i Instant) Known() bool { return i != Never }

// Seconds gives i as Unix time in seconds, as Prometheus shows it.
func (i Instant) Seconds() float64 { return float64(i) / float64(ticksPerSecond) }

// Sub gives the length of time from j to i.
func (i Instant) Sub(j Instant) Ticks { return Ticks(i - j) }

// Add gives the instant t after i.
func (i Instant) Add(t Ticks) Instant { return i + Instant(t) }

// TicksOf gives d in ticks, rounded down.
func TicksOf(d time.Duration) Ticks { return Ticks(d / tick) }

// Duration gives t as a time.Duration.
func (t Ticks) Duration() time.Duration { return time.Duration(t) * tick }

// Seconds gives t in seconds.
func (t Ticks) Seconds() float64 { return float64(t) / float64(ticksPerSecond) }
