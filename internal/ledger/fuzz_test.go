package ledger

import (
	"testing"

	"socialboards_exporter/internal/fact"
)

// What happens, and what the exporter is told, byte by byte: two bytes are an entry, or
// something else that may befall a ticket.
func FuzzJudge(f *testing.F) {
	f.Add([]byte{0, 0, 5, 6, 9, 5, 200, 15, 12, 8, 220, 15})
	f.Add([]byte{0, 1, 3, 8, 3, 9, 100, 15, 1, 5, 120, 15, 40, 12, 130, 15})
	f.Add([]byte{10, 5, 10, 5, 10, 5, 60, 13, 50, 15, 9, 0, 70, 14, 90, 15})
	whats := []string{"new/client", "new/team", "new/bot", "bot", "vendor", "team", "client", "open>pending",
		"pending>open", "open>shut", "shut>open", "shut>closed"}
	hours := officeHours(f)
	f.Fuzz(func(t *testing.T, told []byte) {
		var objectives []Objective
		for i, m := range []Measure{FirstResponse, NextResponse, Update, Resolution, TimeInStatus} {
			o := objective(m, float64(5+10*i))
			o.Calendar = hours
			o.PauseIn = map[string]bool{"open": i%2 == 0}
			o.Match = Match{Tags: []string{"vip"}}
			objectives = append(objectives, o)
		}
		s := newStory(t, testRules(objectives...))
		s.c.Views = []fact.View{view(0, "vip")}
		for ; len(told) >= 2; told = told[2:] {
			at, what := float64(told[0]), int(told[1]%16)
			switch {
			case what < len(whats):
				s.arrives(entryOf(min0(at), whats[what]))
			case what == 12:
				s.corrected(at, []string{"open", "pending", "shut"}[told[1]/16%3])
			case what == 13:
				s.c.Views = append(s.c.Views, view(at, []string{"vip", "other"}[told[1]/16%2]))
			case what == 14:
				s.c.Ticket.Found = min0(at)
			default:
				s.read(at + 0.5)
				s.requireSound(0)
			}
		}
		s.read(300)
		s.requireSound(0)
	})
}
