package ledger

import (
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

func view(m float64, tags ...string) fact.View {
	return fact.View{Since: min0(m), Tags: tags, Source: "web", Category: 3}
}

func TestMatch(t *testing.T) {
	vip := Match{Tags: []string{"vip", "press"}}
	for _, c := range []struct {
		name   string
		views  []fact.View
		script string
		want   string
		clock  string
	}{
		{"what the first look says holds from the beginning", []fact.View{view(50, "vip")}, "0:new/client 9:team", "0-9=9", ""},
		{"never matches", []fact.View{view(5)}, "0:new/client 90:team", "", ""},
		{"nothing is known of it", nil, "0:new/client 90:team", "", ""},
		{"joins while it is open", []fact.View{view(5), view(20, "vip")}, "0:new/client 30:team", "0-30=30", ""},
		{"joins when it has stopped", []fact.View{view(5), view(20, "vip")}, "0:new/client 10:team", "", ""},
		{"joins at the instant of the stop", []fact.View{view(5), view(20, "vip")}, "0:new/client 20:team", "", ""},
		{"joins beyond the target: breached from that moment", []fact.View{view(5), view(80, "vip")}, "0:new/client", "0-!80", "0 breached warn 48 due 60 over 60"},
		{"and stops", []fact.View{view(5), view(80, "vip")}, "0:new/client 90:team", "0-90=90!80", ""},
		{"leaves while it is open", []fact.View{view(5, "vip"), view(20)}, "0:new/client 90:team", "", ""},
		{"leaves before the stop, and still open", []fact.View{view(5, "vip"), view(20)}, "0:new/client", "", ""},
		{"leaves after a breach", []fact.View{view(5, "vip"), view(70)}, "0:new/client 90:team", "0-!60", ""},
		{"leaves and comes back", []fact.View{view(5, "vip"), view(20), view(30, "press")}, "0:new/client 50:team", "0-50=50", ""},
		{"one tag for another", []fact.View{view(5, "vip"), view(20, "press")}, "0:new/client 50:team", "0-50=50", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := objective(FirstResponse, 60)
			o.Match = vip
			s := newStory(t, testRules(o)).happens(c.script)
			s.c.Views = c.views
			require.Equal(t, c.clock, shown(s.read(100).Clocks))
			require.Equal(t, c.want, s.outcomes())
		})
	}
}

func TestMatchTakesEachListThatIsGiven(t *testing.T) {
	v := view(0, "a", "b")
	for _, c := range []struct {
		m    Match
		want bool
	}{
		{Match{}, true},
		{Match{Sources: []string{"mail", "web"}}, true},
		{Match{Sources: []string{"mail"}}, false},
		{Match{Categories: []int64{3}}, true},
		{Match{Categories: []int64{4}}, false},
		{Match{Tags: []string{"b", "x"}, Categories: []int64{3}, Sources: []string{"web"}}, true},
		{Match{Tags: []string{"x"}, Categories: []int64{3}, Sources: []string{"web"}}, false},
	} {
		require.Equal(t, c.want, c.m.Holds(v), "%+v", c.m)
	}
}
