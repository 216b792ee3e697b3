package histogram

import (
	"errors"
	"maps"
	"slices"

	"socialboards_exporter/internal/fact"
)

// State is all that a histogram holds, in a form that can be stored.
type State struct {
	Counts    []uint64 // by classic bucket, +Inf last; not cumulative
	Sum       fact.Ticks
	Native    map[int32]uint64 `json:",omitempty"` // by index, of durations above 0
	Zero      uint64           `json:",omitempty"`
	Exemplars []Exemplar
}

// State gives what the histogram holds. It shares nothing with it.
func (h *Histogram) State() State {
	return State{Counts: slices.Clone(h.counts), Sum: h.sum, Native: maps.Clone(h.native), Zero: h.zero, Exemplars: slices.Clone(h.exemplars)}
}

// errShape says that a State is of a histogram with other buckets.
var errShape = errors.New("the state is of a histogram with other buckets")

// Restore makes the histogram hold what one with the same bounds held when s was taken.
// It keeps s. After an error it is as it was.
func (h *Histogram) Restore(s State) error {
	if len(s.Counts) != len(h.counts) || len(s.Exemplars) != len(h.exemplars) || h.native == nil && len(s.Native) > 0 {
		return errShape
	}
	if h.native != nil && s.Native == nil {
		s.Native = map[int32]uint64{}
	}
	h.counts, h.sum, h.native, h.zero, h.exemplars = s.Counts, s.Sum, s.Native, s.Zero, s.Exemplars
	h.count, h.data = 0, nil
	for _, n := range s.Counts {
		h.count += n
	}
	return nil
}
