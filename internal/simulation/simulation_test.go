package simulation

import (
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The inbox of the documentation: go test ./internal/simulation -v -tickets 10000.
var tickets = flag.Int("tickets", 400, "tickets of the simulated inboxes")

func simulated(t testing.TB, s Setup) Result {
	t.Helper()
	r, err := Run(t.Context(), s, nil)
	require.NoError(t, err)
	t.Logf("%d live, %d done: %.3f requests/s; used %+v, needed %+v: %.3f for each", r.Live, r.Done, r.PerSecond(), r.Used, r.Needed, r.Waste())
	t.Logf("99 %% known within: replies %s, silent changes %s, which is %s beyond a tenth of the idle time",
		Quantile(r.Replies, 0.99), Quantile(r.Silent, 0.99), Quantile(r.Beyond, 0.99))
	return r
}

// wastesLittle also says that what is needed was not reckoned too high.
func wastesLittle(t *testing.T, r Result) {
	t.Helper()
	require.LessOrEqual(t, r.Waste(), 1.15)
	require.Greater(t, r.Waste(), 0.95)
}

// Of a day of an inbox of which 5 % is live. A plain poller, which reads each log every 30 s,
// makes 2,880 requests for each ticket.
func TestAWorkingDay(t *testing.T) {
	r := simulated(t, Setup{Shape: WorkingDay(*tickets), Settings: Defaults()})
	require.InDelta(t, 0.05, float64(r.Live)/float64(r.Live+r.Done), 0.01)
	plain := Plain(r.Live+r.Done, 30*time.Second)
	t.Logf("1/%.0f of a plain poller's %d requests", float64(plain)/float64(r.Used.All()), plain)
	require.Less(t, r.Used.All()*100, plain)
	wastesLittle(t, r)

	require.LessOrEqual(t, r.Late, time.Minute)
	require.Greater(t, len(r.Replies), *tickets/25)
	require.Greater(t, len(r.Silent), *tickets/100)
	require.LessOrEqual(t, Quantile(r.Replies, 0.99), 31*time.Second)
	require.LessOrEqual(t, Quantile(r.Beyond, 0.99), time.Second)

	half := simulated(t, Setup{Shape: WorkingDay(*tickets / 2), Settings: Defaults()})
	require.LessOrEqual(t, float64(r.Used.All()), 2.1*float64(half.Used.All()), "twice the tickets")
}

func TestAWorkingDayWithWebhooks(t *testing.T) {
	r := simulated(t, Setup{Shape: WorkingDay(*tickets), Settings: Defaults(), Webhooks: true})
	require.Greater(t, len(r.Replies)+len(r.Silent), *tickets/20)
	require.LessOrEqual(t, Quantile(r.Replies, 0.99), 2*time.Second)
	require.LessOrEqual(t, Quantile(r.Silent, 0.99), 2*time.Second)
	wastesLittle(t, r)
}

// At most 0.3 requests a second for 1,000 tickets, and 2.2 for 10,000, if each gets an entry
// a week.
func TestADayInWhichNothingIsDone(t *testing.T) {
	r := simulated(t, Setup{Shape: AllLive(*tickets, 1), Settings: Defaults()})
	require.Equal(t, *tickets, r.Live)
	require.LessOrEqual(t, r.PerSecond(), 0.089+0.2111*float64(*tickets)/1000)
	wastesLittle(t, r)
}

func TestADayOfFewerTicketsThanAPageHolds(t *testing.T) {
	wastesLittle(t, simulated(t, Setup{Shape: AllLive(30, 20), Settings: Defaults()}))
}

// What waits when there is more to do than the API allows are reads that nothing asks for.
// Replies are known as soon as ever, apart from the queue of requests.
func TestADayOfOverload(t *testing.T) {
	set := Defaults()
	set.RequestRate = 0.06
	r := simulated(t, Setup{Shape: WorkingDay(400), Settings: set})
	t.Logf("%s late; replies: 99 %% within %s", r.Late, Quantile(r.Replies, 0.99))
	require.Greater(t, r.Late, 20*time.Minute, "this is no overload")
	require.LessOrEqual(t, Quantile(r.Replies, 0.99), 3*time.Minute)
}
