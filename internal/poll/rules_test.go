package poll

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/fact"
)

// ago gives the instant that long before start; in a table it reads as a ticket's past.
func ago(d time.Duration) time.Time { return start.Add(-d) }

// known gives what the schedule makes of a state that was made known at start.
func known(t *testing.T, st State) (*schedule, *ticket) {
	t.Helper()
	s := newSchedule(defaults(), 1)
	st.ID = 1
	s.track(st, fact.At(start))
	return s, s.tickets[1]
}

func TestLooksWaitForATenthOfTheIdleTime(t *testing.T) {
	for name, c := range map[string]struct {
		state State
		due   time.Time
	}{
		"never looked at: at once":         {State{LastEntry: ago(time.Hour)}, start},
		"a busy ticket: the interval":      {State{LookedAt: ago(10 * time.Second), LastEntry: ago(20 * time.Second)}, start.Add(20 * time.Second)},
		"a tenth of the idle time":         {State{LookedAt: start, LastEntry: ago(time.Hour)}, start.Add(6 * time.Minute)},
		"idle as it was at the look":       {State{LookedAt: ago(time.Minute), LastEntry: ago(61 * time.Minute)}, start.Add(5 * time.Minute)},
		"at most max_interval":             {State{LookedAt: start, LastEntry: ago(1000 * time.Hour)}, start.Add(15 * time.Minute)},
		"a done ticket waits longer":       {State{Done: true, LookedAt: start, LastEntry: ago(30 * time.Hour)}, start.Add(3 * time.Hour)},
		"at most done_max_interval":        {State{Done: true, LookedAt: start, LastEntry: ago(60 * 24 * time.Hour)}, start.Add(24 * time.Hour)},
		"an entry in the future":           {State{LookedAt: start, LastEntry: start.Add(time.Hour)}, start.Add(30 * time.Second)},
		"a look in the future is one now":  {State{LookedAt: start.Add(time.Hour), LastEntry: ago(time.Hour)}, start.Add(6 * time.Minute)},
		"no entries: idle since creation":  {State{LookedAt: start, Since: ago(100 * time.Minute)}, start.Add(10 * time.Minute)},
		"nothing known: idle from now":     {State{LookedAt: start}, start.Add(30 * time.Second)},
		"done and about to be given up":    {State{Done: true, LookedAt: start, ReadAt: start, LastEntry: ago(90*24*time.Hour - time.Hour)}, start.Add(time.Hour)},
		"done, given up in less than this": {State{Done: true, LookedAt: start, ReadAt: start, LastEntry: ago(90*24*time.Hour - time.Second)}, start.Add(30 * time.Second)},
		"done, its time is over, unlooked": {State{Done: true, LookedAt: ago(time.Hour), ReadAt: ago(time.Hour), LastEntry: ago(90*24*time.Hour + time.Minute)}, ago(time.Minute)},
		"probed for a label: the interval": {State{LabelProbe: true, LookedAt: start, ReadAt: start, LastEntry: ago(time.Hour)}, start.Add(30 * time.Second)},
		"probed, a read comes first":       {State{LabelProbe: true, LookedAt: start, ReadAt: ago(time.Hour), LastEntry: ago(time.Hour)}, start.Add(6 * time.Minute)},
	} {
		t.Run(name, func(t *testing.T) {
			s, tk := known(t, c.state)
			require.Equal(t, c.due, s.rules.lookDue(tk, fact.At(start)).Time())
		})
	}
}

func TestReadsFallDueByTheirCause(t *testing.T) {
	for name, c := range map[string]struct {
		state   State
		webhook bool
		due     time.Time
		why     Trigger
	}{
		"never read":                        {State{}, false, start, First},
		"never read and changed":            {State{Changed: true}, false, start, First},
		"nothing happened":                  {State{ReadAt: start, FullReadAt: start, LastEntry: ago(10 * time.Hour)}, false, start.Add(time.Hour), Due},
		"at most read_max_interval":         {State{ReadAt: start, FullReadAt: start, LastEntry: ago(1000 * time.Hour)}, false, start.Add(6 * time.Hour), Due},
		"done":                              {State{Done: true, ReadAt: start, FullReadAt: start, DoneSince: ago(1000 * time.Hour), LastEntry: ago(1000 * time.Hour)}, false, start.Add(24 * time.Hour), Due},
		"changed, read long ago":            {State{Changed: true, ReadAt: ago(time.Hour), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, false, start, Changed},
		"changed, read just now":            {State{Changed: true, ReadAt: ago(10 * time.Second), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, false, start.Add(20 * time.Second), Changed},
		"a clock will have run out":         {State{ClockDue: start.Add(time.Minute), ReadAt: start, FullReadAt: start, LastEntry: ago(100 * time.Hour)}, false, start.Add(time.Minute + 100), ByClock},
		"a clock has run out":               {State{ClockDue: ago(time.Minute), ReadAt: ago(time.Minute), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, false, ago(time.Minute - 100), ByClock},
		"a clock, and a read after it":      {State{ClockDue: ago(time.Minute), ReadAt: ago(time.Minute - 100), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, false, start.Add(6*time.Hour - time.Minute + 100), Due},
		"a clock, and a read in the future": {State{ClockDue: ago(time.Minute), ReadAt: start.Add(time.Hour), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, false, start.Add(6 * time.Hour), Due},
		"a webhook":                         {State{ReadAt: ago(10 * time.Second), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, true, start, Webhook},
		"a webhook within a second":         {State{ReadAt: ago(400 * time.Millisecond), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, true, start.Add(600 * time.Millisecond), Webhook},
		"a webhook for a change":            {State{Changed: true, ReadAt: ago(10 * time.Second), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, true, start, Webhook},
		"to the end once a day":             {State{ReadAt: start, FullReadAt: ago(23 * time.Hour), LastEntry: ago(1000 * time.Hour)}, false, start.Add(time.Hour), Due},
		"to the end a day after done":       {State{Done: true, DoneSince: ago(23 * time.Hour), ReadAt: start, FullReadAt: ago(10 * time.Hour), LastEntry: ago(1000 * time.Hour)}, false, start.Add(time.Hour), Due},
		"probed for a label, looked at":     {State{LabelProbe: true, LookedAt: start, ReadAt: ago(time.Minute), FullReadAt: start, LastEntry: ago(100 * time.Hour)}, false, start, Changed},
	} {
		t.Run(name, func(t *testing.T) {
			s, tk := known(t, c.state)
			if c.webhook {
				require.True(t, s.notify(1, fact.At(start)))
			}
			due, why := s.rules.readDue(tk, fact.At(start))
			require.Equal(t, c.due, due.Time())
			require.Equal(t, c.why, why)
		})
	}
}

func TestLogsAreReadToTheirEndOnceADay(t *testing.T) {
	for name, c := range map[string]struct {
		state State
		toEnd bool
	}{
		"never read to its end":         {State{ReadAt: start}, true},
		"a day ago":                     {State{ReadAt: start, FullReadAt: ago(day.Duration())}, true},
		"less than a day ago":           {State{ReadAt: start, FullReadAt: ago(day.Duration() - 100)}, false},
		"done a day ago, not yet since": {State{Done: true, DoneSince: ago(24 * time.Hour), ReadAt: start, FullReadAt: ago(time.Hour)}, true},
		"done a day ago, read since":    {State{Done: true, DoneSince: ago(25 * time.Hour), ReadAt: start, FullReadAt: ago(time.Hour)}, false},
		"in the future":                 {State{ReadAt: start, FullReadAt: start.Add(time.Hour)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, tk := known(t, c.state)
			require.Equal(t, c.toEnd, s.rules.toEnd(tk, fact.At(start)))
		})
	}
}

// The first page of a done ticket's log goes on showing all of it, if it did when the log was
// last read to its end.
func TestTheLogOfADoneTicketIsReadToItsEndAgainIfItHasMorePages(t *testing.T) {
	for name, c := range map[string]struct {
		done     bool
		readings []apiclient.Reading
		toEnd    bool
	}{
		"not read by this process": {true, nil, true},
		"a page and its proof":     {true, []apiclient.Reading{{ReachedEnd: true, Requests: 2}}, false},
		"nothing new since":        {true, []apiclient.Reading{{ReachedEnd: true, Requests: 2}, {Requests: 1}}, false},
		"grown beyond the page":    {true, []apiclient.Reading{{ReachedEnd: true, Requests: 2}, {Requests: 2}}, true},
		"two pages":                {true, []apiclient.Reading{{ReachedEnd: true, Requests: 3}}, true},
		"live":                     {false, []apiclient.Reading{{ReachedEnd: true, Requests: 2}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, tk := known(t, State{Done: c.done, DoneSince: ago(100 * time.Hour), ReadAt: start, FullReadAt: ago(25 * time.Hour)})
			for _, r := range c.readings {
				tk.covered(r)
			}
			require.Equal(t, c.toEnd, s.rules.toEnd(tk, fact.At(start)))
		})
	}
}

func TestATicketIsGivenUpOnlyAfterItWasSeenToBeQuiet(t *testing.T) {
	long := ago(91 * 24 * time.Hour)
	for name, c := range map[string]struct {
		state   State
		expired bool
	}{
		"looked at since":      {State{Done: true, LastEntry: long, ReadAt: ago(48 * time.Hour), LookedAt: ago(time.Hour)}, true},
		"read since":           {State{Done: true, LastEntry: long, ReadAt: ago(time.Hour), LookedAt: ago(48 * time.Hour)}, true},
		"neither since":        {State{Done: true, LastEntry: long, ReadAt: ago(48 * time.Hour), LookedAt: ago(48 * time.Hour)}, false},
		"changed":              {State{Done: true, LastEntry: long, ReadAt: ago(48 * time.Hour), LookedAt: ago(time.Hour), Changed: true}, false},
		"live":                 {State{LastEntry: long, ReadAt: ago(time.Hour), LookedAt: ago(time.Hour)}, false},
		"never read":           {State{Done: true, LastEntry: long, LookedAt: ago(time.Hour)}, false},
		"not long enough":      {State{Done: true, LastEntry: ago(89 * 24 * time.Hour), ReadAt: ago(time.Hour), LookedAt: ago(time.Hour)}, false},
		"no entries, done for": {State{Done: true, DoneSince: long, ReadAt: ago(time.Hour), LookedAt: ago(time.Hour)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, tk := known(t, c.state)
			require.Equal(t, c.expired, s.rules.expired(tk, fact.At(start)))
		})
	}
}
