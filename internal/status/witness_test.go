package status

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/fact"
)

func TestLearn(t *testing.T) {
	table := NewTable(map[string]string{"Hos oss": "open"}, nil)
	for _, c := range []struct {
		name     string
		evidence []Evidence
		want     []fact.Label
	}{
		{"nothing", nil, nil},
		{"one ticket will do", []Evidence{{1, "Parkert", "pending"}}, []fact.Label{{Label: "Parkert", Status: "pending", Learned: 5}}},
		{"several agree", []Evidence{{1, "Parkert", "pending"}, {2, "parkert", "pending"}}, []fact.Label{{Label: "Parkert", Status: "pending", Learned: 5}}},
		{"another ticket contradicts", []Evidence{{1, "Parkert", "pending"}, {2, "Parkert", "open"}, {3, "Parkert", "pending"}}, nil},
		{"one label's doubts are not another's", []Evidence{{1, "B", "pending"}, {2, "B", "open"}, {3, "C", "open"}, {4, "A", "open"}},
			[]fact.Label{{Label: "A", Status: "open", Learned: 5}, {Label: "C", Status: "open", Learned: 5}}},
		{"known from the words", []Evidence{{1, "Åpen", "pending"}}, nil},
		{"known from the configuration", []Evidence{{1, "hos oss", "pending"}}, nil},
		{"nothing is named", []Evidence{{1, "", "pending"}, {2, "Parkert", ""}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, Learn(c.evidence, table, 5)) })
	}
}

// The scripts tell what a witness is told: "look 1 pending" is a look begun at 1, "read 2
// #7@0 Parkert" a read begun at 2 that ends in entry 7, of time 0, which led to Parkert.
func TestWitness(t *testing.T) {
	for _, c := range []struct {
		name, script string
		want         string // findings
		wants        bool
	}{
		{"two looks, and a read after each", "look 10 pending, read 11 #7@5 open, look 20 pending, read 21 #7@5 open", "pending since 10 for #7", false},
		{"also where the log shows no change at all", "look 10 pending, read 11 #0@0 open, look 20 pending, read 21 #0@0 open", "pending since 10 for #0", false},
		{"a look and a read: another look is wanted", "look 10 pending, read 11 #7@5 open", "", true},
		{"and then a read", "look 10 pending, read 11 #7@5 open, look 20 pending", "", true},
		{"nothing is wanted where list and log agree", "look 10 pending, read 11 #7@5 pending", "", false},
		{"but what is found is told all the same", "look 10 pending, read 11 #7@5 pending, look 20 pending, read 21 #7@5 pending", "pending since 10 for #7", false},
		{"a label that is not known is a puzzle also where they agree", "look 10 parked, read 11 #7@5 parked?", "", true},
		{"the read was begun before the look", "look 10 pending, read 9 #7@5 open, look 20 pending, read 21 #7@5 open", "", true},
		{"the second read was", "look 10 pending, read 11 #7@5 open, look 20 pending, read 19 #7@5 open", "", true},
		{"and a later one is not", "look 10 pending, read 11 #7@5 open, look 20 pending, read 19 #7@5 open, read 25 #7@5 open", "pending since 10 for #7", false},
		{"one read is not enough", "look 10 pending, look 20 pending, read 21 #7@5 open", "", true},
		{"several looks before", "look 10 pending, look 15 pending, read 16 #7@5 open, look 20 pending, read 21 #7@5 open", "pending since 10 for #7", false},
		{"a look between states another", "look 10 pending, read 11 #7@5 open, look 15 open, look 20 pending, read 21 #7@5 open", "", true},
		{"a look states none", "look 10 pending, read 11 #7@5 open, look 15 , look 20 pending, read 21 #7@5 open", "", true},
		{"a later change", "look 10 pending, read 11 #7@5 open, look 20 pending, read 21 #8@15 open", "", true},
		{"which the second look had seen", "look 10 pending, read 11 #7@5 open, look 20 pending, read 21 #8@15 open, look 30 pending, read 31 #8@15 open", "pending since 20 for #8", false},
		{"which no look had seen", "look 10 pending, read 11 #7@5 open, look 20 pending, read 21 #8@20 open, look 30 pending, read 31 #8@20 open", "", true},
		{"a change after the first look, before the read", "look 10 pending, read 12 #7@11 open, look 20 pending, read 21 #7@11 open", "", true},
		{"an older change that came late", "look 10 pending, read 11 #7@5 open, look 20 pending, read 21 #8@6 open, look 30 pending, read 31 #8@6 open", "pending since 20 for #8", false},
		{"again and again", "look 10 pending, read 11 #7@5 open, look 20 pending, read 21 #7@5 open, look 30 pending, read 31 #7@5 pending", "pending since 10 for #7, pending since 10 for #7", false},
		{"looks told out of order", "look 10 pending, read 11 #7@5 open, look 9 open, look 20 pending, read 21 #7@5 open", "pending since 10 for #7", false},
		{"no look yet", "read 11 #7@5 open, read 12 #7@5 open", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w Witness
			var found []string
			for told := range strings.SplitSeq(c.script, ", ") {
				if f, ok := tell(t, &w, told); ok {
					found = append(found, fmt.Sprintf("%s since %d for #%d", f.Status, f.Since, f.Change.Seq))
				}
			}
			require.Equal(t, c.want, strings.Join(found, ", "))
			require.Equal(t, c.wants, w.Wants())
		})
	}
}

func tell(t *testing.T, w *Witness, told string) (Finding, bool) {
	t.Helper()
	var begun, at fact.Instant
	var seq int64
	var status string
	if _, err := fmt.Sscanf(told, "look %d", &begun); err == nil {
		w.Look(strings.SplitN(told, " ", 3)[2], begun)
		return Finding{}, false
	}
	_, err := fmt.Sscanf(told, "read %d #%d@%d %s", &begun, &seq, &at, &status)
	require.NoError(t, err, told)
	status, unknown := strings.CutSuffix(status, "?")
	return w.Read(begun, fact.Entry{Seq: seq, Time: at}, status, !unknown)
}
