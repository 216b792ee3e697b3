package exporter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// fleet are exporters with a store each that follow the same simulated team, in the same
// time. Those that are stopped have no part in it.
type fleet []*rig

// newFleet gives a rig and more that share its team and its clock.
func newFleet(r *rig, size int) fleet {
	f := fleet{r}
	for len(f) < size {
		other := &rig{t: r.t, sim: r.sim, clock: r.clock, dir: r.t.TempDir(), cost: r.cost, alive: r.alive}
		r.t.Cleanup(other.stop)
		f = append(f, other)
	}
	return f
}

// until lets time pass, and all that run do what falls due in it, in turn.
func (f fleet) until(at time.Time) {
	r := f[0]
	r.t.Helper()
	for {
		r.live()
		did, next := false, at
		for _, one := range f {
			if one.e == nil {
				continue
			}
			stepped, err := one.s.poller.Step(one.ctx())
			require.NoError(r.t, err)
			did = did || stepped
			if due, ok := one.s.poller.NextDue(); ok && due.Before(next) {
				next = due
			}
		}
		now := r.clock.Now()
		if !did && !next.After(now) {
			return
		}
		if !did {
			r.clock.Set(next)
		}
	}
}

func (f fleet) pass(d time.Duration) { f.until(f[0].clock.Now().Add(d)) }

// settle has every ticket read by its followers at the same moment, those that nobody has
// seen yet among them; see rig.settle.
func (f fleet) settle() {
	r, cost := f[0], f[0].cost
	for wait := 6 * time.Second; !f.allReadNow(); wait *= 4 {
		require.Less(r.t, wait, 24*time.Hour, "a ticket is never read")
		f.take(cost)
		f.pass(wait)
		f.take(0)
		for _, one := range f {
			one.s.poller.Seek()
			for _, t := range one.followed() {
				one.s.poller.Notify(t.ID)
			}
		}
		f.pass(0)
	}
	f.take(cost)
}

func (f fleet) take(cost time.Duration) {
	for _, one := range f {
		one.cost = cost
	}
}

func (f fleet) allReadNow() bool {
	return !slices.ContainsFunc(f, func(r *rig) bool { return !r.s.recorder.Ready() || !r.allReadNow() })
}

// sums adds up what the exporters show as `sum without (instance)` does, native buckets
// with it, but for series that are the same everywhere. Sums of seconds are whole numbers
// of 100 ns, so that nothing is rounded.
func (f fleet) sums() samples {
	all := samples{}
	for _, r := range f {
		for name, v := range r.whole() {
			if strings.HasPrefix(name, "socialboards_sla_target") || strings.HasPrefix(name, "socialboards_sla_calendar") || strings.HasPrefix(name, "socialboards_user_info") {
				all[name] = v
				continue
			}
			all[name] += v
		}
	}
	return all
}

// whole gives all that a scrape shows of tickets: the exporter's own state is nobody else's.
func (r *rig) whole() samples {
	r.t.Helper()
	const format = `application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited`
	decoder := expfmt.NewDecoder(bytes.NewReader([]byte(r.exposition(format))), expfmt.NewFormat(expfmt.TypeProtoDelim))
	all := samples{}
	for {
		var family dto.MetricFamily
		err := decoder.Decode(&family)
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(r.t, err)
		name := family.GetName()
		if !strings.HasPrefix(name, "socialboards_ticket") && !strings.HasPrefix(name, "socialboards_sla") && name != "socialboards_user_info" {
			continue
		}
		vector, err := expfmt.ExtractSamples(&expfmt.DecodeOptions{}, &family)
		require.NoError(r.t, err)
		for _, v := range vector {
			value := float64(v.Value)
			if strings.HasSuffix(string(v.Metric[model.MetricNameLabel]), "_duration_seconds_sum") {
				value = math.Round(value * 1e7)
			}
			if value != 0 { // which series stand at 0 beforehand depends on the users a shard has seen
				all[v.Metric.String()] = value
			}
		}
		all.addNative(&family)
	}
}

// addNative adds the native buckets of histograms, by their index.
func (s samples) addNative(family *dto.MetricFamily) {
	for _, m := range family.GetMetric() {
		h, index, count := m.GetHistogram(), int32(0), int64(0)
		deltas := h.GetPositiveDelta()
		for _, span := range h.GetPositiveSpan() {
			index += span.GetOffset()
			for range span.GetLength() {
				count += deltas[0]
				deltas = deltas[1:]
				if count != 0 {
					s[fmt.Sprintf("%s %v schema %d bucket %d", family.GetName(), m.GetLabel(), h.GetSchema(), index)] = float64(count)
				}
				index++
			}
		}
	}
}

// begin starts one of several shards.
func (r *rig) begin(index, total int, since time.Time, yaml string) {
	r.t.Helper()
	shard := fmt.Sprintf("shard: {index: %d, total: %d", index, total)
	if !since.IsZero() {
		shard += ", since: " + since.Format(time.RFC3339)
	}
	r.start("tickets: {discover: [{}]}\n" + shard + "}\n" + yaml)
}

// shown fails with what differs.
func shown(t *testing.T, want, got samples) {
	t.Helper()
	require.NotEmpty(t, want)
	require.Empty(t, diff(want, got))
}
