package eventstore

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"socialboards_exporter/internal/fact"
)

// ticks are the records' two kinds of time. The least number of each stands for what is
// not known, and is NULL in columns that allow it.
type ticks interface{ fact.Instant | fact.Ticks }

const unknown = math.MinInt64

// timeValue is i as a column holds it.
func timeValue[T ticks](i T) any {
	if i == unknown {
		return nil
	}
	return int64(i)
}

// timeColumn scans what timeValue made.
type timeColumn[T ticks] struct{ to *T }

func (s timeColumn[T]) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*s.to = unknown
	case int64:
		*s.to = T(v)
	default:
		return fmt.Errorf("%w: %T instead of a time", errRow, value)
	}
	return nil
}

func instant(to *fact.Instant) timeColumn[fact.Instant] { return timeColumn[fact.Instant]{to} }
func length(to *fact.Ticks) timeColumn[fact.Ticks]      { return timeColumn[fact.Ticks]{to} }

// listValue is a list as a column holds it: JSON, or NULL when it is empty.
func listValue(list []string) (any, error) {
	if len(list) == 0 {
		return nil, nil
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// lists are some that were read lately, by their JSON: most tickets have one of a few.
type lists map[string][]string

// mostLists bounds what is remembered.
const mostLists = 1000

// listColumn scans what listValue made. An empty list comes back as nil.
type listColumn struct {
	known lists
	to    *[]string
}

func (s listColumn) Scan(value any) error {
	*s.to = nil
	if value == nil {
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("%w: %T instead of a list", errRow, value)
	}
	if list, ok := s.known[text]; ok {
		*s.to = slices.Clone(list)
		return nil
	}
	if err := json.Unmarshal([]byte(text), s.to); err != nil {
		return fmt.Errorf("%w: %w", errRow, err)
	}
	if len(*s.to) == 0 {
		return fmt.Errorf("%w: an empty list is not stored", errRow)
	}
	if len(s.known) >= mostLists {
		clear(s.known)
	}
	s.known[text] = slices.Clone(*s.to)
	return nil
}

// printColumn scans a fingerprint, whose highest bit SQLite takes for a sign.
type printColumn struct{ to *uint64 }

func (s printColumn) Scan(value any) error {
	v, ok := value.(int64)
	if !ok {
		return fmt.Errorf("%w: %T instead of a number", errRow, value)
	}
	*s.to = uint64(v) //nolint:gosec // the same bits
	return nil
}

// printValue is a fingerprint as a column holds it: the same bits.
func printValue(p uint64) int64 { return int64(p) } //nolint:gosec // not a number
