package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/backfill"
	"socialboards_exporter/internal/fact"
)

// written are the samples of a backfill, by series as a scrape names them, and by time.
type written map[string]map[int64]float64

// readBack reads what was written the plain way, and holds it to the format: one end, no
// family and no series in two places, and the samples of a series in the order of time.
func readBack(t *testing.T, text string) written {
	t.Helper()
	text, ok := strings.CutSuffix(text, "# EOF\n")
	require.True(t, ok)
	w, families, last := written{}, map[string]bool{}, map[string]int64{}
	groups, closed := map[string][2]string{}, map[string]bool{}
	metric, current := "", ""
	for line := range strings.Lines(text) {
		if name, ok := strings.CutPrefix(line, "# HELP "); ok {
			metric, _, _ = strings.Cut(name, " ")
			require.False(t, families[metric], metric)
			families[metric] = true
			continue
		}
		if strings.HasPrefix(line, "# TYPE "+metric+" ") {
			continue
		}
		labels, value, at := fields(t, line)
		names, ok := groups[labels]
		if !ok {
			require.True(t, strings.HasPrefix(labels, metric), "%s in the family %s", line, metric)
			names[0], names[1] = nameOf(t, labels)
			groups[labels] = names
		}
		name, group := names[0], names[1]
		if group != current {
			require.False(t, closed[group], "%s is in two places", group)
			closed[current], current = true, group
		}
		if before, ok := last[name]; ok && before >= at {
			t.Fatalf("%s has a sample at %d behind that at %d", name, at, before)
		}
		if w[name] == nil {
			w[name] = map[int64]float64{}
		}
		w[name][at], last[name] = value, at
	}
	return w
}

// fields divides a line.
func fields(t *testing.T, line string) (labels string, value float64, at int64) {
	t.Helper()
	rest, last := cutLast(strings.TrimSuffix(line, "\n"))
	labels, middle := cutLast(rest)
	value, err := strconv.ParseFloat(middle, 64)
	if err == nil {
		at, err = strconv.ParseInt(last, 10, 64)
	}
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return labels, value, at
}

func cutLast(s string) (before, after string) {
	i := strings.LastIndexByte(s, ' ')
	return s[:max(i, 0)], s[i+1:]
}

// nameOf gives the name of a series, and that of the metric it is a part of.
func nameOf(t *testing.T, text string) (name, group string) {
	t.Helper()
	metric, labels, _ := strings.Cut(text, "{")
	m := model.Metric{model.MetricNameLabel: model.LabelValue(metric)}
	for _, l := range regexp.MustCompile(`([a-z_]+)="((?:[^"\\]|\\.)*)"`).FindAllStringSubmatch(labels, -1) {
		m[model.LabelName(l[1])] = model.LabelValue(strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`).Replace(l[2]))
	}
	name = m.String()
	if le, ok := m["le"]; ok {
		v, err := strconv.ParseFloat(string(le), 64)
		require.NoError(t, err)
		m["le"] = model.LabelValue(strconv.FormatFloat(v, 'g', -1, 64))
		name = m.String()
		delete(m, "le")
	}
	m[model.MetricNameLabel] = model.LabelValue(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(metric, "_bucket"), "_count"), "_sum"))
	return name, m.String()
}

// last gives the latest sample of a series.
func (w written) last(name string) (at int64, v float64) {
	at = slices.Max(slices.Collect(maps.Keys(w[name])))
	return at, w[name][at]
}

// plain is a scrape with the labels that are not empty.
func (s samples) plain() samples {
	out := samples{}
	for name, v := range s {
		out[regexp.MustCompile(`[a-z_]+="",? ?`).ReplaceAllString(name, "")] = v
	}
	for name, v := range out {
		if trimmed := strings.ReplaceAll(name, ", }", "}"); trimmed != name {
			delete(out, name)
			out[trimmed] = v
		}
	}
	return out
}

// backfill writes one document.
func (r *rig) backfill(s backfill.Settings) string {
	r.t.Helper()
	var b bytes.Buffer
	_, err := Backfill(r.ctx(), r.options(), s, "", &b)
	require.NoError(r.t, err)
	return b.String()
}

func (r *rig) options() Options {
	return Options{Config: r.config, StoragePath: r.dir, Clock: r.clock, Logger: r.e.log}
}

// untilReady lets time pass until the first pass is over, and not a moment longer.
func (r *rig) untilReady() {
	r.t.Helper()
	for steps := 0; !r.s.recorder.Ready(); steps++ {
		require.Less(r.t, steps, 10_000, "never ready")
		did, err := r.s.poller.Step(r.ctx())
		require.NoError(r.t, err)
		if due, ok := r.s.poller.NextDue(); !did && ok {
			r.clock.Set(due)
		}
	}
}

const backfillConfig = `
tickets: {discover: [{}]}
poll: {interval: 10m}
sla:
  calendars: {office: {timezone: Europe/Oslo, hours: {mon-fri: ["08:00-16:00"]}}}
  objectives:
    - {name: first_response, measure: first_response, target: 4h, calendar: office}
    - {name: resolution, measure: resolution, target: 2d, pause_in: [pending]}
    - {name: update, measure: update, target: 20h}
`

// told is what was true when the first pass was over.
type told struct {
	ready    time.Time
	live     samples
	entries  []apitest.Entry
	changes  []fact.Change
	outcomes []fact.Outcome
}

func (r *rig) remember() told {
	r.t.Helper()
	w := told{ready: r.clock.Now(), live: r.scrape().plain()}
	for _, row := range r.followed() {
		w.entries = append(w.entries, r.sim.Entries(row.ID)...)
	}
	require.NoError(r.t, r.e.store.EachChange(r.ctx(), func(c fact.Change) error { w.changes = append(w.changes, c); return nil }))
	require.NoError(r.t, r.e.store.EachOutcome(r.ctx(), func(o fact.Outcome) error { w.outcomes = append(w.outcomes, o); return nil }))
	return w
}

// recount adds up naively what had happened by a time.
func (w told) recount(at time.Time) samples {
	s, now := samples{}, fact.At(at)
	for _, e := range w.entries {
		if !e.Time.After(at) {
			k := entryOf(e).series
			s[series("socialboards_ticket_events_total", present("action_type", k[0], "user_id", k[1], "user_type", k[2])...)]++
		}
	}
	for _, c := range w.changes {
		if c.Counted && c.Time <= now {
			s[series("socialboards_ticket_status_changes_total", "from", c.From, "to", c.To)]++
		}
		if c.Counted && c.Time <= now && c.Duration != fact.Unknown {
			s[series("socialboards_ticket_status_duration_seconds_count", "from", c.From, "to", c.To)]++
			if c.Duration <= fact.TicksOf(time.Hour) {
				s[series("socialboards_ticket_status_duration_seconds_bucket", "from", c.From, "le", "3600", "to", c.To)]++
			}
		}
	}
	for _, o := range w.outcomes {
		breached, stopped := o.Breached.Known() && o.Breached <= now, o.Stopped.Known() && o.Stopped <= now
		if breached || !o.Breached.Known() && stopped {
			s[series("socialboards_sla_clocks_total", "objective", o.Objective)]++
		}
		if breached {
			s[series("socialboards_sla_breaches_total", "objective", o.Objective)]++
		}
		if stopped && o.Observed {
			s[series("socialboards_sla_duration_seconds_count", "objective", o.Objective)]++
			s[series("socialboards_sla_duration_seconds_sum", "objective", o.Objective)] += o.Duration.Seconds()
		}
	}
	return s
}

func present(labels ...string) (out []string) {
	for i := 0; i < len(labels); i += 2 {
		if labels[i+1] != "" {
			out = append(out, labels[i], labels[i+1])
		}
	}
	return out
}

// What is written of the time before the first pass is what a scrape would have shown had
// it all been watched, whatever comes to be known afterwards; it ends where the live
// series begin, and as high.
func TestBackfillIsWhatWouldHaveBeenScraped(t *testing.T) {
	for seed := range uint64(max(1, usual(2))) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			r, w := pastRig(t, seed)
			set := backfill.Settings{From: w.ready.AddDate(-1, 0, 0), Step: 2 * time.Hour}
			text := r.backfill(set)
			r.agrees(readBack(t, text), w)
			r.later(rand.New(rand.NewPCG(seed, 1)), w)
			require.Equal(t, text, r.backfill(set), "what happened since has changed the past")
		})
	}
}

// pastRig is a rig whose first pass is over, over twelve days of invented history.
func pastRig(t *testing.T, seed uint64) (*rig, told) {
	t.Helper()
	at := time.Date(2026, 3, 24, 8, 0, 0, 0, time.UTC)
	r := newRig(t, at, apitest.Options{Seed: seed, Tickets: 8})
	r.sim.Populate(at.AddDate(0, 0, -12), at)
	r.start(backfillConfig)
	r.untilReady()
	return r, r.remember()
}

// agrees compares what was written with the recount at each of its times, and with what
// the live series began with.
func (r *rig) agrees(got written, w told) {
	r.t.Helper()
	end := w.ready.Truncate(2 * time.Hour)
	compared := 0
	for at := end.AddDate(0, 0, -13); !at.After(end); at = at.Add(2 * time.Hour) {
		for name, want := range w.recount(at) {
			v, ok := got[name][at.Unix()]
			require.True(r.t, ok, "%s has no sample at %s", name, at)
			require.InDelta(r.t, want, v, 1e-6, "%s at %s", name, at)
			compared++
		}
	}
	require.Greater(r.t, compared, 500)
	joined := 0
	for name := range got {
		if strings.HasPrefix(name, "socialboards_sla_calendar_open") {
			continue
		}
		at, v := got.last(name)
		require.Equal(r.t, end.Unix(), at, "%s ends too early or too late", name)
		require.Equal(r.t, w.live[name], v, "%s does not join", name)
		joined++
	}
	require.Greater(r.t, joined, 50)
	for name, v := range w.live {
		if v > 0 && strings.HasPrefix(name, "socialboards_ticket_events_total") {
			require.Contains(r.t, got, name)
		}
	}
}

// later has the team work on, entries come to light that are older than the first pass,
// tickets be found, and the exporter be off for a while.
func (r *rig) later(rnd *rand.Rand, w told) {
	r.t.Helper()
	r.alive = true
	r.pass(3 * time.Hour)
	for _, id := range r.sim.TicketIDs() {
		r.sim.Reply(id, r.sim.Agents()[0], w.ready.Add(-time.Duration(rnd.IntN(48))*time.Hour))
	}
	r.outage(5 * time.Hour)
	old := w.ready.AddDate(0, 0, -4)
	id := r.sim.AddTicket(apitest.Ticket{Created: old, Status: "open"})
	r.sim.Append(id, apitest.Entry{Time: old, Type: "ticket_created", User: apitest.Person("client", "Customer")},
		apitest.Entry{Time: old.Add(time.Hour), Type: "note_created", User: r.sim.Agents()[0]})
	r.sim.ChangeStatus(id, r.sim.Agents()[0], "pending", old.Add(2*time.Hour))
	r.alive = false
	r.settle()
}

// What is older than when its ticket was found is in series of its own, which go on where
// the live ones stand already, and end with it.
func TestBackfillShowsBacklogBesideLiveSeries(t *testing.T) {
	r, w := pastRig(t, 3)
	r.later(rand.New(rand.NewPCG(1, 1)), w)
	backlog := r.scrape()[series("socialboards_exporter_log_entries_total", "result", "backlog")]
	require.Positive(t, backlog)
	got := readBack(t, r.backfill(backfill.Settings{Step: 10 * time.Minute, From: w.ready.AddDate(0, 0, -5), Backlog: true}))
	sum := 0.0
	for name := range got {
		if strings.HasPrefix(name, "socialboards_ticket_events_total") && strings.Contains(name, `result="backlog"`) {
			_, v := got.last(name)
			sum += v
		}
	}
	require.Equal(t, backlog, sum)
	note := series("socialboards_ticket_events_total", "action_type", "note_created", "result", "backlog",
		"user_id", r.sim.Agents()[0].ID, "user_type", "team")
	at := w.ready.AddDate(0, 0, -4).Add(time.Hour)
	first := at.Truncate(10 * time.Minute)
	if first.Before(at) {
		first = first.Add(10 * time.Minute)
	}
	require.Equal(t, map[int64]float64{first.Unix() - 600: 0, first.Unix(): 1}, got[note])
	turn := series("socialboards_ticket_status_duration_seconds_count", "from", "open", "result", "backlog", "to", "pending")
	_, v := got.last(turn)
	require.Equal(t, 1.0, v)
}

// An objective that came later judges all history; its series end where its own starting
// values begin.
func TestBackfillOfAnObjectiveThatCameLater(t *testing.T) {
	r, w := pastRig(t, 4)
	r.later(rand.New(rand.NewPCG(1, 1)), w)
	r.pass(time.Hour)
	r.reload(backfillConfig + "    - {name: pending_limit, measure: time_in_status, status: pending, target: 1h}\n")
	at := r.clock.Now()
	live := r.scrape()
	r.alive = true
	r.pass(6 * time.Hour)
	got := readBack(t, r.backfill(backfill.Settings{Step: 10 * time.Minute, From: w.ready.Add(-time.Hour)}))
	for _, name := range []string{"socialboards_sla_clocks_total", "socialboards_sla_breaches_total", "socialboards_sla_duration_seconds_sum"} {
		name = series(name, "objective", "pending_limit")
		end, v := got.last(name)
		require.Positive(t, v)
		require.Equal(t, live[name], v, name)
		require.Less(t, end, at.Unix()+1)
		require.GreaterOrEqual(t, end, at.Unix()-600)
	}
	name := series("socialboards_sla_clocks_total", "objective", "resolution")
	end, _ := got.last(name)
	require.Equal(t, w.ready.Truncate(10*time.Minute).Unix(), end)
}

// A breach that lies before readiness may become certain only after it. Nothing arrived
// meanwhile; still it is not among the starting values.
func TestBackfillLeavesOutABreachThatWasJudgedAfterReadiness(t *testing.T) {
	at := time.Date(2026, 3, 24, 8, 0, 0, 0, time.UTC)
	r := newRig(t, at, apitest.Options{Tickets: 1})
	client := apitest.Person("client", "Customer")
	late := r.sim.Create(apitest.Ticket{Status: "open"}, client, at.Add(-4*time.Hour+30*time.Second))
	broken := r.sim.Create(apitest.Ticket{Status: "open"}, client, at.Add(-10*time.Hour))
	heal := r.sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Ticket: broken, Status: 500})
	r.start("tickets: {discover: [{}]}\npoll: {interval: 10m}\n" + `
sla: {objectives: [{name: first_response, measure: first_response, target: 4h}]}
`)
	r.until(at.Add(10 * time.Second)) // its target is not exceeded yet
	r.sim.Fault(apitest.Fault{Endpoint: apitest.LogEndpoint, Ticket: late, Status: 500})
	r.until(at.Add(time.Minute))
	require.False(t, r.s.recorder.Ready())
	heal()
	r.untilReady()
	clocks := series("socialboards_sla_clocks_total", "objective", "first_response")
	live := r.scrape()
	require.Equal(t, 1.0, live[clocks], "the breach of ticket %d is certain already", late)
	r.sim.ClearFaults()
	r.pass(time.Hour)
	require.Equal(t, 2.0, r.scrape()[clocks])
	r.restart()
	r.pass(time.Hour)
	got := readBack(t, r.backfill(backfill.Settings{Step: time.Second, From: at.Add(-time.Minute)}))
	_, v := got.last(clocks)
	require.Equal(t, live[clocks], v)
}

// In files there is the same as in one document; what was cut short goes on, and what is
// there stays.
func TestBackfillInFilesGoesOnWhereItWas(t *testing.T) {
	r, w := pastRig(t, 5)
	r.later(rand.New(rand.NewPCG(1, 1)), w)
	set := backfill.Settings{From: w.ready.AddDate(0, 0, -6), Step: 50 * time.Minute, Backlog: true}
	whole := readBack(t, r.backfill(set))
	dir := filepath.Join(t.TempDir(), "out")
	for cut := 1; ; cut++ {
		ctx, cancel := context.WithCancelCause(t.Context())
		half := set
		half.Progress = func(p backfill.Progress) {
			if p.Days == cut {
				cancel(errCut)
			}
		}
		summary, err := Backfill(ctx, r.options(), half, dir, nil)
		if err == nil {
			require.Equal(t, 1, summary.Written)
			break
		}
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, cut, 20)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 7)
	all := written{}
	for _, f := range files {
		require.Regexp(t, `/\d{8}T\d{6}Z_\d{8}T\d{6}Z_3000s\.om$`, f)
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		for name, values := range readBack(t, string(text)) {
			if all[name] == nil {
				all[name] = map[int64]float64{}
			}
			maps.Copy(all[name], values)
		}
	}
	require.Equal(t, whole, all)
}

var errCut = errors.New("cut short")
