package simulation

import (
	"slices"
	"time"

	"socialboards_exporter/internal/fact"
)

// Lags are how late what lists show became known, in ascending order.
type Lags struct {
	Replies []time.Duration // from the reply to the end of the reading that shows it
	Silent  []time.Duration // the same for what does not move a ticket in lists
	Beyond  []time.Duration // of the silent ones: by how much it was longer than a tenth of the idle time, within its bounds
	Waiting int             // of both kinds, not known in the end
}

// Quantile gives the q-quantile of sorted lags; 0 of none.
func Quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// lags takes note of happenings to tickets that are followed, and of the reads that show
// them.
type lags struct {
	from              fact.Instant // happenings before it do not count
	shortest, longest fact.Ticks
	waiting           map[int64][]waiting
	Lags
}

type waiting struct {
	happening
	allowed fact.Ticks
}

func (l *lags) heard(t *ticket, h happening) {
	if !t.followed || h.kind == hidden || h.kind == created || h.at < l.from {
		return
	}
	allowed := max(l.shortest, min(h.at.Sub(t.knownLast)/10, l.longest))
	l.waiting[t.id] = append(l.waiting[t.id], waiting{h, allowed})
}

func (l *lags) read(t *ticket, now fact.Instant) {
	l.waiting[t.id] = slices.DeleteFunc(l.waiting[t.id], func(w waiting) bool {
		if w.at > t.readAt {
			return false
		}
		took := now.Sub(w.at)
		if w.kind == reply {
			l.Replies = append(l.Replies, took.Duration())
		} else {
			l.Silent = append(l.Silent, took.Duration())
			l.Beyond = append(l.Beyond, (took - w.allowed).Duration())
		}
		return true
	})
	if len(l.waiting[t.id]) == 0 {
		delete(l.waiting, t.id)
	}
}

func (l *lags) result() Lags {
	for _, all := range [][]time.Duration{l.Replies, l.Silent, l.Beyond} {
		slices.Sort(all)
	}
	for _, w := range l.waiting {
		l.Waiting += len(w)
	}
	return l.Lags
}
