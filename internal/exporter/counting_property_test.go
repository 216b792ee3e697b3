package exporter

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
)

// More histories, other ones, or one again: go test ./internal/exporter -run Counts -histories=2000 -histories.first=5000,
// or -history=SEED.
var (
	histories = flag.Int("histories", usual(8), "how many random histories are counted")
	first     = flag.Uint64("histories.first", 1, "seed of the first of them; the others follow")
	history   = flag.Uint64("history", 0, "seed of the only history to count")
)

// usual gives how many random histories there are unless somebody wants more.
func usual(n int) int {
	if underRace {
		return max(1, n/8)
	}
	return n
}

// However a log comes about, however it is paged, whatever goes wrong and whenever the
// exporter is stopped: in the end it has counted what a naive recount of the logs gives,
// and no scrape ever showed less than an earlier one.
func TestCountsEqualANaiveRecountOfAnyHistory(t *testing.T) {
	seeds := []uint64{*history}
	if *history == 0 {
		seeds = seeds[:0]
		for i := range *histories {
			seeds = append(seeds, *first+uint64(i))
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			newHistory(t, seed).play()
		})
	}
}

// past is one random history.
type past struct {
	*rig
	rnd     *rand.Rand
	removes bool // entries are taken away again, too
	touched map[int64]bool
	ever    map[int64]map[entry]int // the most that each ticket's log ever held of an entry
	highest map[[3]string]int
	users   []*apitest.User
}

func newHistory(t *testing.T, seed uint64) *past {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 0))
	o := apitest.Options{
		Seed: seed, Tickets: 1, MaxTake: 12 + rnd.IntN(39), IgnoreTake: rnd.IntN(8) == 0,
		ShuffleTies: rnd.IntN(3) == 0, IgnoreTicketIDs: rnd.IntN(6) == 0, IgnoreOrder: rnd.IntN(6) == 0,
		RotateTokens: rnd.IntN(2) == 0, KeepRotated: rnd.IntN(2) == 0, TokenLifetime: time.Duration(3+rnd.IntN(600)) * time.Second,
		StatusMovesActivity: rnd.IntN(2) == 0,
	}
	p := &past{rig: newRig(t, time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), o), rnd: rnd, removes: rnd.IntN(3) == 0,
		touched: map[int64]bool{}, ever: map[int64]map[entry]int{}, highest: map[[3]string]int{}}
	p.users = append(p.sim.Agents(), nil, apitest.Person("client", "Customer"), apitest.Person("vendor", "Vendor"))
	p.users = append(p.users, p.sim.Bots()...)
	for range 1 + rnd.IntN(3) {
		p.create(p.clock.Now().Add(-time.Duration(rnd.IntN(200)) * time.Hour))
	}
	return p
}

func (p *past) create(at time.Time) {
	id := p.sim.AddTicket(apitest.Ticket{Created: at})
	p.sim.Append(id, apitest.Entry{Time: at, Type: "ticket_created"})
	if age := p.clock.Now().Sub(at); age > 0 {
		for range p.rnd.IntN(60) {
			p.add(id, at.Add(time.Duration(p.rnd.Int64N(int64(age)))))
		}
	}
	p.remember()
}

// add puts an entry into a log; now and then one of the same time and type as another.
func (p *past) add(id int64, at time.Time) {
	e := apitest.Entry{Time: at, Type: []string{"ticket_read", "reply_created", "note_created", "brand_new_type"}[p.rnd.IntN(4)],
		User: p.users[p.rnd.IntN(len(p.users))]}
	if log := p.sim.Entries(id); len(log) > 0 && p.rnd.IntN(12) == 0 {
		e.Time = log[p.rnd.IntN(len(log))].Time
	}
	p.sim.Append(id, e)
}

// entry is what tells entries of a log apart: one that is added after another was taken
// away is another one, though it counts the same.
type entry struct {
	at     time.Time
	series [3]string
}

func entryOf(e apitest.Entry) entry {
	k := entry{e.Time, [3]string{e.Type, "", "system"}}
	switch u := e.User; {
	case u == nil:
	case u.IsBot:
		k.series[1], k.series[2] = u.ID, "bot"
	case u.Status == "team":
		k.series[1], k.series[2] = u.ID, "team"
	default:
		k.series[2] = u.Status
	}
	return k
}

// remember takes note of the most that each log held.
func (p *past) remember() {
	for _, id := range p.sim.TicketIDs() {
		if p.ever[id] == nil {
			p.ever[id] = map[entry]int{}
		}
		now := map[entry]int{}
		for _, e := range p.sim.Entries(id) {
			k := entryOf(e)
			now[k]++
			p.ever[id][k] = max(p.ever[id][k], now[k])
		}
	}
}

const quick = `
tickets: {discover: [{}]}
poll: {interval: 1s, max_interval: 1m, read_max_interval: 5m, done_max_interval: 5m, done_for: 3650d}
`

func (p *past) play() {
	p.sim.BetweenPages(p.meanwhile)
	p.faults()
	p.start(quick)
	for range 5 + p.rnd.IntN(25) {
		p.something()
		p.look()
	}
	p.sim.ClearFaults()
	p.sim.BetweenPages(nil)
	p.pass(6 * time.Minute) // back-offs end
	p.remember()
	// Entries that came late, far behind the front, are found when the log is read to its end.
	p.reload(strings.Replace(quick, "interval: 1s, max_interval: 1m, read_max_interval: 5m, done_max_interval: 5m",
		"interval: 2h, max_interval: 2h, read_max_interval: 2h, done_max_interval: 2h", 1))
	p.pass(27 * time.Hour)
	p.compare()
}

// meanwhile lets logs grow, and shrink, between two pages.
func (p *past) meanwhile(_ *apitest.Server, id int64, skip int) {
	if skip == 0 || p.rnd.IntN(8) != 0 {
		return
	}
	p.change(id)
}

func (p *past) change(id int64) {
	switch now := p.clock.Now(); p.rnd.IntN(6) {
	case 0: // late, but not before there was a ticket: that would not have happened while it was watched
		ticket, _ := p.sim.Ticket(id)
		p.add(id, latest(ticket.Created, now.Add(-time.Duration(p.rnd.IntN(3600))*time.Second)))
	case 1:
		if p.removes {
			p.remove(id)
		}
	default:
		p.add(id, now)
	}
	p.remember()
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (p *past) remove(id int64) {
	log := p.sim.Entries(id)
	if len(log) == 0 {
		return
	}
	victim := log[p.rnd.IntN(len(log))]
	gone := false
	p.touched[id] = true
	p.sim.Remove(id, func(e apitest.Entry) bool {
		if gone || e.Time != victim.Time || e.Type != victim.Type {
			return false
		}
		gone = true
		return true
	})
}

// faults makes a share of the requests go wrong, each in one of many ways.
func (p *past) faults() {
	ways := []apitest.Fault{
		{Status: http.StatusInternalServerError}, {Status: http.StatusTooManyRequests, RetryAfter: "2"}, {Status: http.StatusServiceUnavailable},
		{Reset: true}, {Truncate: true}, {NonJSON: true}, {HTML: true}, {ErrorCode: 7}, {EmptyBody: true}, {Status: http.StatusUnauthorized},
	}
	for range p.rnd.IntN(4) {
		f := ways[p.rnd.IntN(len(ways))]
		f.Probability = 0.1
		if f.Truncate || f.NonJSON || f.EmptyBody {
			f.Endpoint = apitest.LogEndpoint // a lost answer may have held the only refresh token that is good
		}
		p.sim.Fault(f)
	}
}

// something happens to the tickets, or to the exporter.
func (p *past) something() {
	ids := p.sim.TicketIDs()
	id := ids[p.rnd.IntN(len(ids))]
	switch p.rnd.IntN(12) {
	case 0:
		p.restart()
	case 1:
		p.outage(time.Duration(p.rnd.IntN(7200)) * time.Second)
	case 2:
		p.sim.SwitchLanguage([]string{"en", "nb", "sv", "da", "nn"}[p.rnd.IntN(5)])
	case 3:
		p.sim.ExpireTokens()
	case 4:
		p.create(p.clock.Now())
	case 5:
		p.sim.ChangeStatus(id, p.users[0], []string{"open", "pending", "completed"}[p.rnd.IntN(3)], p.clock.Now())
		p.remember()
	case 6:
		p.pass(time.Duration(p.rnd.IntN(30)) * time.Second)
	default:
		p.change(id)
	}
	p.pass(time.Duration(p.rnd.IntN(2000)) * time.Millisecond)
}

// look scrapes, and checks that nothing fell.
func (p *past) look() {
	now := p.scrape()
	if now["socialboards_exporter_ready"] != 1 {
		return
	}
	events := now.events()
	for k, n := range p.highest {
		require.GreaterOrEqual(p.t, events[k], n, "%v fell", k)
	}
	p.highest = events
}

// compare holds what was counted against the recount.
func (p *past) compare() {
	counted := p.scrape().events()
	var kept []int64
	most := map[[3]string]int{}
	for _, id := range p.sim.TicketIDs() {
		if !p.touched[id] {
			kept = append(kept, id)
		}
		for e, n := range p.ever[id] {
			most[e.series] += n
		}
	}
	if len(p.touched) == 0 {
		require.Empty(p.t, differences(p.sim.Recount(), counted), "%v", p.state())
		return
	}
	// What was taken away may or may not have been read before; nothing else may be missing.
	whole := map[[3]string]int{}
	if len(kept) > 0 { // without ids a recount is one of all logs
		whole = p.sim.Recount(kept...)
	}
	for k, n := range whole {
		require.GreaterOrEqual(p.t, counted[k], n, "%v", k)
	}
	for k, n := range counted {
		require.LessOrEqual(p.t, n, most[k], "%v", k)
	}
}

// differences tells where what was counted is not what the logs hold.
func differences(logs, counted map[[3]string]int) []string {
	var all []string
	for k, n := range logs {
		if counted[k] != n {
			all = append(all, fmt.Sprintf("%v: %d in the logs, %d counted", k, n, counted[k]))
		}
	}
	for k, n := range counted {
		if logs[k] == 0 {
			all = append(all, fmt.Sprintf("%v: none in the logs, %d counted", k, n))
		}
	}
	return all
}

// state tells how the exporter fares.
func (p *past) state() (all []string) {
	for name, v := range p.scrape() {
		if v != 0 && (strings.HasPrefix(name, "socialboards_exporter_ticket_") || strings.HasPrefix(name, "socialboards_exporter_log") || strings.HasSuffix(name, "_tickets")) {
			all = append(all, fmt.Sprint(name, " ", v))
		}
	}
	return all
}
