package eventstore_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

const tickets = 4 // random batches are about these few, so that keys meet

// random makes batches whose keys often collide and whose values take every shape.
type random struct {
	*rand.Rand
	seq int64
}

func newRandom(seed uint64) *random { return &random{Rand: rand.New(rand.NewPCG(seed, 0))} }

func (r *random) ticket() int64 { return 1 + r.Int64N(tickets) }

// at gives one of few instants, for keys; when also gives the extremes.
func (r *random) at() fact.Instant { return fact.Instant(17_000_000_000_000_000 + r.Int64N(5)) }

func (r *random) when() fact.Instant {
	return pick(r, []fact.Instant{fact.Never, fact.Never + 1, -1, 0, 1, math.MaxInt64, r.at()})
}

func (r *random) length() fact.Ticks {
	return pick(r, []fact.Ticks{fact.Unknown, 0, 1, math.MaxInt64, fact.Ticks(r.Int64N(1e12))})
}

func (r *random) text() string {
	return pick(r, []string{"", "open", "På vent", `a "b" 'c'`, "\x00", "-1", "0", "null", "日本", fmt.Sprint("text", r.IntN(50))})
}

func (r *random) list() []string {
	var list []string
	for range r.IntN(4) {
		list = append(list, r.text())
	}
	return list
}

func (r *random) yes() bool { return r.IntN(2) == 0 }

func pick[T any](r *random, from []T) T { return from[r.IntN(len(from))] }

func some[T any](r *random, make func() T) []T {
	var list []T
	for range r.IntN(5) {
		list = append(list, make())
	}
	return list
}

func (r *random) batch() fact.Batch {
	return fact.Batch{
		Entries: some(r, r.entry), Changes: some(r, r.change), Outcomes: some(r, r.outcome), Tickets: some(r, r.ticketRow),
		Views: some(r, func() fact.View {
			return fact.View{Ticket: r.ticket(), Since: r.at(), Source: r.text(), Category: r.Int64(), Tags: r.list()}
		}),
		Corrections: some(r, func() fact.Correction {
			return fact.Correction{Ticket: r.ticket(), Time: r.at(), Status: r.text(), Seq: r.Int64N(100)}
		}),
		Labels:     some(r, func() fact.Label { return fact.Label{Label: r.text(), Status: r.text(), Learned: r.when()} }),
		Series:     some(r, func() fact.Series { return r.series(1 + r.Int64N(series)) }),
		Users:      some(r, func() fact.User { return fact.User{ID: r.text(), Type: r.userType(), Name: r.text(), Placed: r.yes()} }),
		Selections: some(r, func() fact.Selection { return fact.Selection{Key: r.text(), Complete: r.when(), Since: r.when()} }),
		Objectives: some(r, func() fact.Objective { return fact.Objective{Name: r.text(), Definition: r.text(), Since: r.when()} }),
		Counts:     map[string]uint64{r.text(): r.Uint64N(1e9), r.text(): 1},
		Meta:       map[string]string{r.text(): r.text()},
	}
}

const series = 5

func (r *random) series(id int64) fact.Series {
	kind := []fact.Kind{fact.Events, fact.Changes}[id%2]
	return fact.Series{ID: id, Kind: kind, Labels: [3]string{"label", "", fmt.Sprint(id)}, Created: r.when()}
}

func (r *random) userType() string { return pick(r, []string{fact.Team, fact.Bot}) }

func (r *random) entry() fact.Entry {
	r.seq++
	e := fact.Entry{Seq: r.seq, Ticket: r.ticket(), Time: r.at(), Action: r.text(), Ordinal: r.IntN(2), UserType: r.text(),
		From: r.text(), To: r.text(), Result: pick(r, []fact.Result{fact.New, fact.Late, fact.Backlog}), Series: r.Int64N(series + 1)}
	if r.yes() {
		e.UserType, e.UserID = r.userType(), r.text()
	}
	return e
}

func (r *random) change() fact.Change {
	return fact.Change{Seq: r.Int64N(20), Ticket: r.ticket(), Time: r.at(), From: r.text(), To: r.text(), Duration: r.length(),
		Decides: r.yes(), Counted: r.yes(), Inconsistent: r.yes(), Unrecognized: r.IntN(3)}
}

func (r *random) outcome() fact.Outcome {
	return fact.Outcome{Ticket: r.ticket(), Objective: r.text(), Start: r.at(), Breached: r.when(), BreachSeq: r.Int64(),
		Stopped: r.when(), StopSeq: r.Int64(), Duration: r.length(), Counted: r.yes(), Observed: r.yes()}
}

func (r *random) ticketRow() fact.Ticket {
	return fact.Ticket{ID: r.ticket(), Found: r.when(), Until: r.when(), Departed: r.when(), Origins: r.list(), Skipped: r.yes(), Inherited: r.yes(),
		Created: r.when(), ListStatus: r.text(), FirstStatus: r.text(), Assignee: r.text(), Source: r.text(), Category: r.Int64(), Tags: r.list(),
		LookedAt: r.when(), SeenAt: r.when(), ReadAt: r.when(), FullReadAt: r.when(), LastEntry: r.when(),
		SeenPrint: r.Uint64(), ReadPrint: r.Uint64(), Status: r.text(), Since: r.when(), Done: r.yes()}
}

// allSeries is a batch with every series that random entries name.
func (r *random) allSeries() fact.Batch {
	var b fact.Batch
	for id := range int64(series) {
		b.Series = append(b.Series, r.series(id+1))
	}
	return b
}

// TestRandomBatchesUseEveryField keeps the comparison with the model honest: a field that
// is added to a record and never set here could be lost without anybody noticing.
func TestRandomBatchesUseEveryField(t *testing.T) {
	r, used := newRandom(0), map[string]bool{}
	for range 200 {
		mark(reflect.ValueOf(r.batch()), "Batch", used)
	}
	for name, set := range used {
		require.True(t, set, "%s is never set", name)
	}
	require.Greater(t, len(used), 80)
}

// mark notes of every field below v whether it was ever set.
func mark(v reflect.Value, name string, used map[string]bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			mark(v.Field(i), v.Type().Name()+"."+v.Type().Field(i).Name, used)
		}
	case reflect.Slice:
		used[name] = used[name] || v.Len() > 0
		for i := range v.Len() {
			mark(v.Index(i), name+"[]", used)
		}
	default:
		used[name] = used[name] || !v.IsZero()
	}
}
