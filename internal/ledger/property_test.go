package ledger

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/sla"
)

// randomStory makes a ticket's history, with all that logs have been seen to hold: gaps,
// synonyms, labels that cannot be read, several entries at one instant.
func randomStory(t *testing.T, r *rand.Rand, hours *sla.Calendar) *story {
	t.Helper()
	s := newStory(t, testRules(randomObjectives(r, hours)...))
	statuses := []string{"open", "pending", "shut"}
	status := statuses[r.IntN(3)]
	at := float64(r.IntN(20))
	if r.IntN(4) > 0 {
		s.happens(fmt.Sprintf("%g:new/%s", at, pick(r, "client", "client", "team", "bot", "system")))
	} else if r.IntN(2) > 0 {
		s.c.Ticket.Created = min0(at)
	}
	if r.IntN(4) == 0 {
		at = 0 // clocks that disagree: entries older than the beginning
	}
	for range r.IntN(14) {
		at += float64(r.IntN(4) * r.IntN(12))
		what := pick(r, "team", "team", "client", "client", "bot", "vendor", "change", "change", "change", "change")
		if what == "change" {
			from := status
			if r.IntN(10) == 0 {
				from = statuses[r.IntN(3)]
			}
			status = statuses[r.IntN(3)]
			what = from + ">" + status
			if status == "shut" && r.IntN(3) == 0 {
				what = from + ">closed"
			}
			if r.IntN(15) == 0 {
				what = ">" // cannot be read
			}
		}
		s.happens(fmt.Sprintf("%g:%s", at, what))
	}
	slices.SortStableFunc(s.c.Entries, func(a, b fact.Entry) int { return int(a.Time - b.Time) })
	for i := range s.c.Entries {
		s.c.Entries[i].Seq = int64(i + 1)
	}
	s.c.Seq = int64(len(s.c.Entries))
	s.c.Ticket.FirstStatus = statuses[r.IntN(3)]
	s.c.Ticket.FirstStatus = newModel(&s.c, s.rules).status(-1) // the list and the log agree
	if r.IntN(3) == 0 {
		s.c.Ticket.Found = min0(float64(r.IntN(150)) + 0.5)
		s.c.Ticket.Inherited = r.IntN(2) == 0
	}
	for at := float64(r.IntN(30)); r.IntN(3) > 0; at += 1 + float64(r.IntN(80)) {
		s.c.Views = append(s.c.Views, view(at, pick(r, "vip", "other")))
	}
	return s
}

func randomObjectives(r *rand.Rand, hours *sla.Calendar) []Objective {
	var objectives []Objective
	for _, m := range []Measure{FirstResponse, NextResponse, Update, Resolution, TimeInStatus} {
		o := objective(m, float64(1+r.IntN(40)))
		if r.IntN(2) == 0 {
			o.Calendar = hours
		}
		if r.IntN(3) == 0 {
			o.PauseIn = map[string]bool{pick(r, "open", "pending"): true}
		}
		if r.IntN(3) == 0 {
			o.Match = Match{Tags: []string{"vip"}}
		}
		objectives = append(objectives, o)
	}
	return objectives
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

var fraction = regexp.MustCompile(`\d+\.\d+`)

// told is what a story has counted by one objective, in whole minutes: runs that begin at
// one instant are told apart by a tick.
func (s *story) told(o *Objective) string {
	all := s.c.Outcomes
	defer func() { s.c.Outcomes = all }()
	s.c.Outcomes = nil
	for _, row := range all {
		if row.Objective == o.Name {
			s.c.Outcomes = append(s.c.Outcomes, row)
		}
	}
	return fraction.ReplaceAllStringFunc(s.outcomes(), func(n string) string {
		f, err := strconv.ParseFloat(n, 64)
		require.NoError(s.t, err)
		return strconv.Itoa(int(math.Round(f)))
	})
}

func seeds(t *testing.T, n int, f func(t *testing.T, seed uint64, r *rand.Rand)) {
	t.Helper()
	base := uint64(time.Now().UnixNano())
	for i := range uint64(n) {
		seed := base + i
		f(t, seed, rand.New(rand.NewPCG(seed, 1)))
		if t.Failed() {
			return
		}
	}
}

// However the history was cut into readings, as long as the first shows the creation, what
// was counted is what a naive recount of the whole finds.
func TestReadInPartsCountsWhatARecountFinds(t *testing.T) {
	hours := officeHours(t)
	seeds(t, 3000, func(t *testing.T, seed uint64, r *rand.Rand) {
		s := randomStory(t, r, hours)
		m := newModel(new(s.copied()), s.rules)
		j := s.readInParts(r, max(m.begin, min0(0)))
		require.Equal(t, m.changes(), s.changes(), "seed %d\n%s", seed, s)
		for i := range s.rules.Objectives {
			o := &s.rules.Objectives[i]
			require.Equal(t, m.outcomes(o), s.told(o), "seed %d %+v\n%s", seed, o, s)
		}
		require.Equal(t, m.status(len(m.log)-1), j.Status, "seed %d", seed)
	})
}

// lastRead is the minute of a story's last reading, after all that happens in it.
const lastRead = 300.5

// readInParts tells a story again as readings show it, the first half a minute after first.
func (s *story) readInParts(r *rand.Rand, first fact.Instant) Judgement {
	s.t.Helper()
	whole := s.copied()
	known := 0
	for at := float64((first-monday)/minute) + 0.5; at < lastRead-1; at += 1 + float64(r.IntN(120)) {
		before := known
		for known < len(whole.Entries) && whole.Entries[known].Time <= min0(at) {
			known++
		}
		s.c.Entries, s.c.Views, s.c.Seq = slices.Clone(whole.Entries[:known]), knownViews(whole.Views, at), int64(known)
		if known > before || r.IntN(2) > 0 {
			s.read(at)
		}
	}
	s.c.Entries, s.c.Views, s.c.Seq = whole.Entries, whole.Views, whole.Seq
	return s.read(lastRead)
}

// knownViews are those that looks have shown by at, and what the first one will show.
func knownViews(views []fact.View, at float64) []fact.View {
	n := 0
	for n < len(views) && (n == 0 || views[n].Since <= min0(at)) {
		n++
	}
	return views[:n]
}

// Whatever comes late, and whatever becomes of the rules, nothing that was counted is
// counted again, moved or taken back. story.read and story.keep hold the details.
func TestNothingCountedIsEverMoved(t *testing.T) {
	hours := officeHours(t)
	seeds(t, 3000, func(t *testing.T, seed uint64, r *rand.Rand) {
		s := randomStory(t, r, hours)
		all := s.c.Entries
		r.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
		s.c.Entries, s.c.Seq = nil, 0
		at := 0.5
		for len(all) > 0 {
			n := 1 + r.IntN(len(all))
			slices.SortStableFunc(all[:n], func(a, b fact.Entry) int { return int(a.Time - b.Time) })
			for _, e := range all[:n] {
				s.arrives(e)
			}
			all = all[n:]
			switch r.IntN(5) {
			case 0:
				s.corrected(at+float64(r.IntN(3)), pick(r, "open", "pending", "shut"))
			case 1:
				s.rules.Objectives = randomObjectives(r, hours)
				for i := range s.rules.Objectives {
					s.rules.Objectives[i].Since = min0(at)
				}
			case 2:
				s.rules.Done = func(status string) bool { return status != "open" }
			}
			at += float64(r.IntN(100))
			s.read(at)
			s.requireSound(seed)
		}
	})
}

func (s *story) requireSound(seed uint64) {
	for _, c := range s.c.Changes {
		require.True(s.t, c.Duration == fact.Unknown || c.Duration >= 0, "seed %d", seed)
		require.False(s.t, c.Inconsistent && c.Duration != fact.Unknown, "seed %d", seed)
	}
	for _, o := range s.c.Outcomes {
		require.True(s.t, o.Counted && (o.Breached.Known() || o.Stopped.Known()) || s.c.Ticket.Inherited && o.Observed, "seed %d %+v", seed, o)
		require.Equal(s.t, o.Stopped.Known(), o.Observed, "seed %d", seed)
		require.True(s.t, !o.Observed || o.Duration >= 0 && o.Stopped >= o.Start, "seed %d %+v\n%s", seed, o, s)
		require.True(s.t, !o.Breached.Known() || o.Breached >= o.Start && (!o.Observed || o.Stopped >= o.Breached), "seed %d %+v", seed, o)
	}
}

// String tells the story as a script.
func (s *story) String() string {
	var words []string
	for _, e := range s.c.Entries {
		what := e.UserType
		switch e.Action {
		case fact.TicketCreated:
			what = "new/" + what
		case fact.TicketStatusChanged:
			what = e.From + ">" + e.To
		}
		words = append(words, minutes(e.Time)+":"+what)
	}
	return fmt.Sprintf("%s\n%+v\n%+v", strings.Join(words, " "), s.c.Ticket, s.c.Views)
}
