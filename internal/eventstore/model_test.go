package eventstore_test

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// model is the store as one would write it without a disk: maps by the records' keys.
type model struct {
	entries     map[entryKey]fact.Entry
	changes     map[[2]int64]fact.Change
	outcomes    map[outcomeKey]fact.Outcome
	views       map[[2]int64]fact.View
	corrections map[[2]int64]fact.Correction
	tickets     map[int64]fact.Ticket
	labels      map[string]fact.Label
	series      map[int64]fact.Series
	users       map[string]fact.User
	selections  map[string]fact.Selection
	objectives  map[string]fact.Objective
	counts      map[string]uint64
	meta        map[string]string
	lastSeq     int64 // of all entries and corrections committed, also of those that were known
}

type entryKey struct {
	ticket  int64
	time    fact.Instant
	action  string
	ordinal int
}

type outcomeKey struct {
	ticket    int64
	objective string
	start     fact.Instant
}

func newModel() *model {
	return &model{map[entryKey]fact.Entry{}, map[[2]int64]fact.Change{}, map[outcomeKey]fact.Outcome{}, map[[2]int64]fact.View{},
		map[[2]int64]fact.Correction{}, map[int64]fact.Ticket{}, map[string]fact.Label{}, map[int64]fact.Series{},
		map[string]fact.User{}, map[string]fact.Selection{}, map[string]fact.Objective{}, map[string]uint64{}, map[string]string{}, 0}
}

// add keeps the first of the records with the same key, put the last.
func add[K comparable, V any](m map[K]V, records []V, key func(V) K) {
	for _, r := range records {
		if _, ok := m[key(r)]; !ok {
			m[key(r)] = r
		}
	}
}

func put[K comparable, V any](m map[K]V, records []V, key func(V) K) {
	for _, r := range records {
		m[key(r)] = r
	}
}

func (m *model) commit(b fact.Batch) {
	add(m.entries, b.Entries, func(e fact.Entry) entryKey { return entryKey{e.Ticket, e.Time, e.Action, e.Ordinal} })
	add(m.changes, b.Changes, func(c fact.Change) [2]int64 { return [2]int64{c.Ticket, c.Seq} })
	add(m.views, b.Views, func(v fact.View) [2]int64 { return [2]int64{v.Ticket, int64(v.Since)} })
	add(m.corrections, b.Corrections, func(c fact.Correction) [2]int64 { return [2]int64{c.Ticket, int64(c.Time)} })
	add(m.labels, b.Labels, func(l fact.Label) string { return l.Label })
	put(m.outcomes, b.Outcomes, func(o fact.Outcome) outcomeKey { return outcomeKey{o.Ticket, o.Objective, o.Start} })
	put(m.tickets, b.Tickets, func(t fact.Ticket) int64 { return t.ID })
	put(m.series, b.Series, func(s fact.Series) int64 { return s.ID })
	put(m.users, b.Users, func(u fact.User) string { return u.ID })
	put(m.selections, b.Selections, func(s fact.Selection) string { return s.Key })
	put(m.objectives, b.Objectives, func(o fact.Objective) string { return o.Name })
	for _, e := range b.Entries {
		m.lastSeq = max(m.lastSeq, e.Seq)
	}
	for _, c := range b.Corrections {
		m.lastSeq = max(m.lastSeq, c.Seq)
	}
	for name, n := range b.Counts {
		m.counts[name] += n
	}
	maps.Copy(m.meta, b.Meta)
}

// of gives the values of m that belong, sorted; nil when none does.
func of[K comparable, V any](m map[K]V, belongs func(V) bool, less func(a, b V) int) []V {
	var found []V
	for _, v := range m {
		if belongs(v) {
			found = append(found, v)
		}
	}
	slices.SortFunc(found, less)
	return found
}

func every[V any](V) bool { return true }

func (m *model) contents() eventstore.Contents {
	c := eventstore.Contents{Events: map[int64]uint64{}, Counts: m.counts, Meta: m.meta, LastSeq: m.lastSeq,
		Tickets:    of(m.tickets, every, func(a, b fact.Ticket) int { return cmp.Compare(a.ID, b.ID) }),
		Series:     of(m.series, every, func(a, b fact.Series) int { return cmp.Compare(a.ID, b.ID) }),
		Users:      of(m.users, every, func(a, b fact.User) int { return cmp.Compare(a.ID, b.ID) }),
		Labels:     of(m.labels, every, func(a, b fact.Label) int { return cmp.Compare(a.Label, b.Label) }),
		Selections: of(m.selections, every, func(a, b fact.Selection) int { return cmp.Compare(a.Key, b.Key) }),
		Objectives: of(m.objectives, every, func(a, b fact.Objective) int { return cmp.Compare(a.Name, b.Name) }),
	}
	for _, e := range m.entries {
		if e.Series != 0 {
			c.Events[e.Series]++
		}
	}
	return c
}

func (m *model) history(ticket int64) fact.History {
	h := fact.History{
		Entries: of(m.entries, func(e fact.Entry) bool { return e.Ticket == ticket },
			func(a, b fact.Entry) int { return cmp.Compare(a.Seq, b.Seq) }),
		Changes: of(m.changes, func(c fact.Change) bool { return c.Ticket == ticket },
			func(a, b fact.Change) int { return cmp.Compare(a.Seq, b.Seq) }),
		Outcomes: of(m.outcomes, func(o fact.Outcome) bool { return o.Ticket == ticket }, outcomeOrder),
		Views: of(m.views, func(v fact.View) bool { return v.Ticket == ticket },
			func(a, b fact.View) int { return cmp.Compare(a.Since, b.Since) }),
		Corrections: of(m.corrections, func(c fact.Correction) bool { return c.Ticket == ticket },
			func(a, b fact.Correction) int { return cmp.Compare(a.Time, b.Time) }),
	}
	h.Ticket, _ = m.tickets[ticket]
	if h.Ticket.ID == 0 {
		h.Ticket = fact.Ticket{Found: fact.Never, Until: fact.Never, Departed: fact.Never, Created: fact.Never, LookedAt: fact.Never,
			SeenAt: fact.Never, ReadAt: fact.Never, FullReadAt: fact.Never, LastEntry: fact.Never, Since: fact.Never}
	}
	return h
}

func outcomeOrder(a, b fact.Outcome) int {
	return cmp.Or(cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.Objective, b.Objective), cmp.Compare(a.Start, b.Start))
}

// requireSame compares everything that can be read from s with the model.
func (m *model) requireSame(t *testing.T, s *eventstore.Store) {
	t.Helper()
	contents, err := s.Load(t.Context())
	require.NoError(t, err)
	require.Equal(t, m.contents(), contents)
	for ticket := range int64(tickets + 1) {
		h, err := s.History(t.Context(), ticket)
		require.NoError(t, err)
		slices.SortFunc(h.Outcomes, outcomeOrder)
		require.Equal(t, m.history(ticket), h)
	}
	m.requireStreams(t, s)
}

func (m *model) requireStreams(t *testing.T, s *eventstore.Store) {
	t.Helper()
	entries, changes, outcomes := map[entryKey]fact.Entry{}, map[[2]int64]fact.Change{}, map[outcomeKey]fact.Outcome{}
	require.NoError(t, s.EachEntry(t.Context(), func(e fact.Entry) error {
		entries[entryKey{e.Ticket, e.Time, e.Action, e.Ordinal}] = e
		return nil
	}))
	require.NoError(t, s.EachChange(t.Context(), func(c fact.Change) error {
		changes[[2]int64{c.Ticket, c.Seq}] = c
		return nil
	}))
	require.NoError(t, s.EachOutcome(t.Context(), func(o fact.Outcome) error {
		outcomes[outcomeKey{o.Ticket, o.Objective, o.Start}] = o
		return nil
	}))
	require.Equal(t, m.entries, entries)
	require.Equal(t, m.changes, changes)
	require.Equal(t, m.outcomes, outcomes)
}
