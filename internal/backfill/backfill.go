// Package backfill writes what a store has counted as if it had been scraped all along:
// OpenMetrics text with timestamps, from which promtool makes blocks for Prometheus.
//
// A value at a time is what had happened by then, not what had been read by then. Of the
// series that are live today only starting values are written, which are what the first
// publication of each series held: what came to be known later was added to the live
// series when it was read, and Prometheus has seen it. So a written series never stands
// higher than the live one begins, and together they count everything once. It also means
// that writing again gives the same samples, whatever has happened meanwhile.
package backfill

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/recorder"
	"socialboards_exporter/internal/tally"
)

// Store is the durable copy, which may be open elsewhere. eventstore.Store is one.
type Store interface {
	Outline(ctx context.Context) (eventstore.Contents, error)
	EachHappening(ctx context.Context, w eventstore.Which, do func(eventstore.Happening) error) error
}

// Settings say what is written.
type Settings struct {
	From time.Time     // of the first samples; zero: 30 days before the starting values end
	To   time.Time     // samples are older than this; zero: as new as there are any
	Step time.Duration // between two samples of a series: whole seconds, at most a day

	Backlog     bool                     // also what is older than when its ticket was found, in series of its own
	Bounds      []float64                // of status durations: seconds, rising, without +Inf
	ActionTypes []string                 // of which events are shown; empty: of all
	UserNames   bool                     // whether users have their names
	Objectives  []tally.ObjectiveSetting // those that are shown
	Calendars   []tally.CalendarSetting

	Now      func() time.Time
	Logger   *slog.Logger
	Progress func(Progress) // is told now and then how far it is; nil: nobody wants to know
}

// Progress is how far the writing is.
type Progress struct {
	Day     time.Time // that is being written; of a single document its begin
	Days    int       // that were written or were there
	Of      int       // that are to be there in the end
	Samples uint64    // written
}

// Summary is what was written.
type Summary struct {
	From, To         time.Time // the first time of a sample, and one that is later than the last
	Samples          uint64
	Written, Skipped int // files; those that were there already are skipped
}

// Errors of a range in which there is nothing to write.
var (
	ErrNotReady = errors.New("the store has no starting values yet: run the exporter until /-/ready answers 200, which ends the first pass")
	ErrEmpty    = errors.New("nothing to write")
)

// usual is how far back is written unless something else is asked for.
const usual = 30 * 24 * time.Hour

// job is one writing, from its plan to its last sample.
type job struct {
	Settings
	grid
	store    Store
	families []*family
	from, to int64 // the range, in steps
	at       int64 // what had happened by this step is added up
	of       int   // documents there will be
	summary  Summary
}

// plan finds out what there is to write.
func plan(ctx context.Context, store Store, s Settings) (*job, error) {
	if s.Step < time.Second || s.Step%time.Second != 0 || s.Step > day {
		return nil, fmt.Errorf("step %v: not between 1s and 1d, in whole seconds", s.Step)
	}
	c, err := store.Outline(ctx)
	if err != nil {
		return nil, err
	}
	start, ok := recorder.StartOf(c.Meta, "")
	if !ok {
		return nil, ErrNotReady
	}
	j := &job{Settings: s, grid: grid{fact.TicksOf(s.Step)}, store: store, at: before}
	j.families = newCatalogue(j, c).families(start)
	if err := j.survey(ctx); err != nil {
		return nil, err
	}
	from := start.At.Add(-fact.TicksOf(usual))
	if !s.From.IsZero() {
		from = fact.At(s.From)
	}
	begin, end := j.extent()
	j.from, j.to = max(j.first(from), begin), end
	if j.from >= j.to {
		return nil, j.empty(start)
	}
	j.summary.From, j.summary.To = j.instant(j.from).Time(), j.instant(j.to).Time()
	return j, nil
}

// empty says why there is nothing to write.
func (j *job) empty(start recorder.Start) error {
	switch {
	case !j.From.IsZero() && !j.To.IsZero() && !j.From.Before(j.To):
		return fmt.Errorf("%w: --from %s is not before --to %s", ErrEmpty, stamp(j.From), stamp(j.To))
	case !j.From.IsZero() && !j.From.Before(start.At.Time()):
		return fmt.Errorf("%w: --from %s is not before %s, from when on Prometheus has the live series", ErrEmpty, stamp(j.From), stamp(start.At.Time()))
	default:
		return fmt.Errorf("%w: nothing that was counted happened before --to, or before %s, from when on Prometheus has the live series",
			ErrEmpty, stamp(start.At.Time()))
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// until is the end of series that would go on to at.
func (j *job) until(at fact.Instant) fact.Instant {
	if j.To.IsZero() {
		return at
	}
	return min(at, fact.At(j.To))
}

// extent gives the step at which the first series begins, and one at which all have ended.
func (j *job) extent() (begin, end int64) {
	begin, end = math.MaxInt64, before
	for _, f := range j.families {
		for _, src := range f.sources {
			from, to := src.span(func(values) bool { return true })
			begin, end = min(begin, from), max(end, to)
		}
	}
	return begin, end
}

// survey finds all series, and when each begins and ends.
func (j *job) survey(ctx context.Context) error {
	return j.each(ctx, func(src *source) error {
		return j.store.EachHappening(ctx, src.between(fact.Never, src.until), func(h eventstore.Happening) error {
			src.find(h).meet(j.grid, h.At, src)
			return nil
		})
	})
}

// advance adds up what happened by a step, without writing anything.
func (j *job) advance(ctx context.Context, to int64) error {
	err := j.each(ctx, func(src *source) error {
		return j.store.EachHappening(ctx, j.within(src, to), func(h eventstore.Happening) error {
			src.find(h).add(h)
			return nil
		})
	})
	j.at = to
	return err
}

// within selects what happened after the step that has been reached, up to another.
func (j *job) within(src *source, to int64) eventstore.Which {
	from := fact.Never
	if j.at != before {
		from = j.instant(j.at) + 1
	}
	return src.between(from, min(src.until, j.instant(to)+1))
}

func (j *job) each(ctx context.Context, do func(*source) error) error {
	for _, f := range j.families {
		for _, src := range f.sources {
			if err := errors.Join(ctx.Err(), do(src)); err != nil {
				return err
			}
		}
	}
	return nil
}
