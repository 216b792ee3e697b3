package exporter

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"socialboards_exporter/apiclient/apitest"
)

// Others, or more: go test ./internal/exporter -run Model -models=300 -models.seed=7.
var (
	models     = flag.Int("models", max(1, usual(5)), "how many random stories of operations are told")
	modelsSeed = flag.Uint64("models.seed", 1, "seed of the first of them; 0: another one each time")
)

// Whatever people do to tickets, the API to its answers, and the operator to the exporter,
// in whatever order: at each quiet point all metrics are what a naive model says, and no
// scrape in between shows a counter that fell, or more than had happened.
func TestModelOfEverythingThatCanBeDone(t *testing.T) {
	require.NoError(t, flag.Set("rapid.checks", strconv.Itoa(*models)))
	require.NoError(t, flag.Set("rapid.seed", strconv.FormatUint(*modelsSeed, 10)))
	oslo, err := time.LoadLocation("Europe/Oslo")
	require.NoError(t, err)
	split := [][2]int{{8 * 60, 11*60 + 30}, {12 * 60, 16 * 60}}
	o := &office{name: "office", zone: oslo, country: "NO", holidays: norway(), hours: map[time.Weekday][][2]int{
		time.Monday: split, time.Tuesday: split, time.Wednesday: split, time.Thursday: split, time.Friday: {{8 * 60, 15 * 60}}}}
	o.watch(monday().AddDate(0, 0, -20), monday().AddDate(0, 3, 0))
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(checked{t, rt}, rt, o)
		rt.Repeat(map[string]func(*rapid.T){
			"": m.nothingFalse, "create": m.create, "reply": m.reply, "change status": m.change, "note": m.note, "burst": m.burst,
			"late": m.late, "remove": m.remove, "tag": m.tag, "categorize": m.categorize, "pass": m.wait, "fault": m.fault, "calm": m.calm,
			"shift pages": m.shift, "restart": m.again, "kill": m.kill, "outage": m.off, "reload": m.reconfigure, "name": m.name,
			"webhook": m.webhook, "forget tokens": m.forget, "compare": m.compare,
		})
		m.compare(rt)
	})
}

// checked lets a rig fail the check at hand, so that rapid can look for a shorter one.
type checked struct {
	testing.TB
	rt *rapid.T
}

func (c checked) Helper()                           {}
func (c checked) Failed() bool                      { return c.rt.Failed() }
func (c checked) FailNow()                          { c.rt.FailNow() }
func (c checked) Errorf(format string, args ...any) { c.rt.Errorf(format, args...) }
func (c checked) Logf(format string, args ...any)   { c.rt.Logf(format, args...) }
func (c checked) Cleanup(f func())                  { c.rt.Cleanup(f) }
func (c checked) Context() context.Context          { return c.rt.Context() }

func (c checked) TempDir() string {
	dir, err := os.MkdirTemp("", "model")
	require.NoError(c.rt, err)
	c.rt.Cleanup(func() { require.NoError(c.rt, os.RemoveAll(dir)) })
	return dir
}

// machine is a rig that random operations are done to, and what they come to.
type machine struct {
	*rig
	settings

	offices []*office
	said    lists
	found   map[int64]time.Time
	ever    map[int64]map[entry]int // the most that each ticket's log ever held of an entry
	calmAt  time.Time               // the last quiet point
	removed map[int64]bool          // something was, since then
	last    samples
	every   int // so many further pages are read between two entries that shift them; 0: none does
	pages   int

	killIn int // answers until the process is killed; 0: never
	dead   *remains
}

// remains are what a killed process leaves.
type remains struct {
	dir  string
	said lists
}

func newMachine(c checked, t *rapid.T, o *office) *machine {
	yes := func(what string) bool { return rapid.Bool().Draw(t, what) }
	m := &machine{offices: []*office{o}, said: lists{}, found: map[int64]time.Time{}, ever: map[int64]map[entry]int{}, removed: map[int64]bool{}}
	m.rig = newRig(c, monday(), apitest.Options{Seed: 1, Languages: []string{"nb", "en"},
		MaxTake: rapid.IntRange(12, 50).Draw(t, "page size"), ShuffleTies: yes("ties in any order"),
		IgnoreOrder: yes("order ignored"), StatusMovesActivity: yes("status is activity"), RotateTokens: yes("tokens rotate"),
		KeepRotated: true, TokenLifetime: 10 * time.Minute})
	m.answer = m.answered
	m.sim.BetweenPages(m.meanwhile)
	m.settings = newSettings(t, o)
	for range 3 {
		m.create(t)
	}
	m.whom = m.sim.TicketIDs()[:2]
	m.start(m.text())
	m.compare(t)
	return m
}

// answered takes in what a list said, unless the process is killed at this moment.
func (m *machine) answered(a answer) {
	if m.killIn > 0 {
		if m.killIn--; m.killIn == 0 {
			m.die()
		}
	}
	var envelope struct {
		ErrorCode int `json:"errorCode"`
	}
	if json.Unmarshal(a.body, &envelope) == nil && envelope.ErrorCode == -1 { // not spoiled by a fault
		m.said.see(m.t, a)
	}
}

// die keeps what the disk and the model hold now, as what is left of the process.
func (m *machine) die() {
	m.dead = &remains{dir: m.t.TempDir(), said: maps.Clone(m.said)}
	for id, views := range m.dead.said {
		m.dead.said[id] = slices.Clone(views)
	}
	for _, name := range []string{"events.db", "events.db-wal", "refresh_token.json"} {
		bytes, err := os.ReadFile(filepath.Join(m.dir, name))
		if os.IsNotExist(err) {
			continue
		}
		require.NoError(m.t, err)
		require.NoError(m.t, os.WriteFile(filepath.Join(m.dead.dir, name), bytes, 0o600))
	}
}
