package tally

import (
	"cmp"
	"encoding/json"
	"slices"

	"socialboards_exporter/internal/histogram"
)

// sums are what all changes of status and all outcomes come to, in a form that can be
// stored: a start that finds them need not add up millions of rows.
type sums struct {
	Shape        shape
	Changes      []changeSum
	Inconsistent uint64
	Unrecognized uint64
	Objectives   []objectiveSum
}

// shape is what sums depend on besides what was added up. Version is to change with how
// it is added up.
type shape struct {
	Version    int
	Bounds     []float64
	Native     bool
	Objectives []ObjectiveSetting
}

const sumsVersion = 1

type changeSum struct {
	Labels    labels
	Count     uint64
	Durations *histogram.State `json:",omitempty"` // nil: none is known
}

type objectiveSum struct {
	Clocks, Breaches uint64
	Durations        histogram.State
}

func shapeOf(s Settings) shape {
	objectives := slices.SortedFunc(slices.Values(s.Objectives), func(a, b ObjectiveSetting) int { return cmp.Compare(a.Name, b.Name) })
	return shape{sumsVersion, slices.Clone(s.Bounds), s.Native, objectives}
}

func (s shape) equal(o shape) bool {
	return s.Version == o.Version && s.Native == o.Native && slices.Equal(s.Bounds, o.Bounds) && slices.Equal(s.Objectives, o.Objectives)
}

// Sums gives what all changes and outcomes come to, for Update.Restore.
func (t *Tally) Sums() ([]byte, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counters
	s := sums{Shape: t.shape, Inconsistent: c.inconsistent - c.corrections, Unrecognized: c.unrecognized}
	for l, n := range c.changes {
		if n.Value == 0 {
			continue // it was only published
		}
		sum := changeSum{Labels: l, Count: n.Value}
		if d := c.durations[l]; d != nil && d.Data().Count > 0 {
			state := d.State()
			sum.Durations = &state
		}
		s.Changes = append(s.Changes, sum)
	}
	for _, o := range t.objectives {
		s.Objectives = append(s.Objectives, objectiveSum{o.clocks.Value, o.breaches.Value, o.durations.State()})
	}
	return json.Marshal(s)
}

// Restore adds all changes and outcomes at once, as an earlier tally summed them up, to a
// tally that has none yet. False: they were added up by other settings, or cannot be read;
// then nothing was added.
func (u *Update) Restore(data []byte) bool {
	var s sums
	if json.Unmarshal(data, &s) != nil || !s.Shape.equal(u.t.shape) || len(s.Objectives) != len(u.t.objectives) {
		return false
	}
	durations, ok := u.t.restored(s)
	if !ok {
		return false
	}
	c := u.t.counters
	for i, sum := range s.Changes {
		counter(c.changes, sum.Labels).Value += sum.Count
		if durations[i] != nil {
			c.duration(sum.Labels).Histogram = durations[i]
		}
		u.t.tickets.know(sum.Labels[0])
		u.t.tickets.know(sum.Labels[1])
	}
	for i, o := range u.t.objectives {
		o.clocks.Value += s.Objectives[i].Clocks
		o.breaches.Value += s.Objectives[i].Breaches
		o.durations.Histogram = durations[len(s.Changes)+i]
	}
	c.inconsistent += s.Inconsistent
	c.unrecognized += s.Unrecognized
	u.t.shown = nil
	return true
}

// restored gives the histograms of the changes, nil where there is none, and then those of
// the objectives.
func (t *Tally) restored(s sums) ([]*histogram.Histogram, bool) {
	all := make([]*histogram.Histogram, 0, len(s.Changes)+len(s.Objectives))
	for _, sum := range s.Changes {
		if sum.Durations == nil {
			all = append(all, nil)
			continue
		}
		h := histogram.New(t.counters.bounds, t.counters.native)
		if h.Restore(*sum.Durations) != nil {
			return nil, false
		}
		all = append(all, h)
	}
	for i, sum := range s.Objectives {
		h := histogram.New(ObjectiveBounds(t.objectives[i].target.Duration()), t.counters.native)
		if h.Restore(sum.Durations) != nil {
			return nil, false
		}
		all = append(all, h)
	}
	return all, true
}
