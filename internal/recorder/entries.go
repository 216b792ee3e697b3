package recorder

import (
	"slices"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
	"socialboards_exporter/internal/status"
)

// shown turns a reading into records, oldest first. A log comes newest first, also among
// entries of the same time, so it is turned round before it is sorted. Nothing of a
// customer but the type of user is kept.
func (r *Recorder) shown(id int64, reading apiclient.Reading, until fact.Instant) []fact.Entry {
	entries := make([]fact.Entry, 0, len(reading.Entries))
	for _, e := range slices.Backward(reading.Entries) {
		at := fact.At(e.Time)
		if until.Known() && at >= until {
			continue
		}
		entries = append(entries, r.entry(id, at, e))
	}
	slices.SortStableFunc(entries, func(a, b fact.Entry) int { return int(sign(a.Time.Sub(b.Time))) })
	return entries
}

func (r *Recorder) entry(id int64, at fact.Instant, e apiclient.Entry) fact.Entry {
	f := fact.Entry{Ticket: id, Time: at, Action: cut(e.ActionType), UserType: userType(e.User)}
	if identified(f.UserType) {
		f.UserID = r.set.Pseudonyms.of(e.User.ID)
	}
	if f.Action == fact.TicketStatusChanged {
		if from, to, ok := status.Parse(e.Action); ok {
			f.From, f.To = cut(from), cut(to)
		}
	}
	return f
}

// userType is bot when the API says so, system when there is no user, else what the API
// states.
func userType(u *apiclient.User) string {
	switch {
	case u == nil:
		return fact.System
	case u.IsBot:
		return fact.Bot
	default:
		return cut(u.Status)
	}
}

// identified says whether users of a type are told apart. Everybody else shares one
// empty id: customers for their privacy, and for the number of series.
func identified(userType string) bool { return userType == fact.Team || userType == fact.Bot }

// names takes note of the team and bot users behind the entries of a reading.
func (r *Recorder) names(d *draft, reading apiclient.Reading) {
	for _, e := range slices.Backward(reading.Entries) {
		t := userType(e.User)
		if !identified(t) || e.User.ID == "" {
			continue
		}
		name := e.User.Name
		if r.set.Pseudonyms != nil {
			name = ""
		}
		d.user(r.set.Pseudonyms.of(e.User.ID), t, cut(name))
	}
}

func sign(t fact.Ticks) fact.Ticks { return min(1, max(-1, t)) }
