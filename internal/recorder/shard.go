package recorder

import (
	"fmt"
	"hash/fnv"
	"strconv"

	"socialboards_exporter/internal/fact"
)

// Shard is the part of all tickets that one process follows. One whose index is not below
// the total leaves: it follows none any more.
type Shard struct {
	Index, Total uint64
	// Since is when this division replaced another one: what happened before belongs to
	// the former owner of a ticket. Never: it did not.
	Since fact.Instant
}

// Owns says whether the ticket belongs to the shard: FNV-1a, 64 bits, of its decimal id.
func (s Shard) Owns(id int64) bool {
	if s.Total <= 1 {
		return s.Index == 0
	}
	h := fnv.New64a()
	h.Write([]byte(strconv.FormatInt(id, 10)))
	return h.Sum64()%s.Total == s.Index
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Total) }

func parseShard(text string) (Shard, error) {
	s := Shard{Since: fact.Never}
	if _, err := fmt.Sscanf(text, "%d/%d", &s.Index, &s.Total); err != nil {
		return s, fmt.Errorf("shard %q in the store: %w", text, err)
	}
	return s, nil
}

// resize is the last change of the number of shards, as the store remembers it.
type resize struct {
	former Shard
	at     fact.Instant // when this store took part in it
	since  fact.Instant // Never: there was none
}

func (z resize) String() string {
	return fmt.Sprintf("%s %d %d", z.former, z.at, z.since)
}

func parseResize(text string) resize {
	z := resize{since: fact.Never, former: Shard{Since: fact.Never}}
	if _, err := fmt.Sscanf(text, "%d/%d %d %d", &z.former.Index, &z.former.Total, &z.at, &z.since); err != nil {
		return resize{since: fact.Never}
	}
	return z
}

// found gives the moment from which on a ticket counts that another shard had before:
// the agreed one, unless a list has been read since that did not show the ticket; but
// never an earlier one. Otherwise it is usual.
func (z resize) found(id int64, listed, usual fact.Instant) fact.Instant {
	switch {
	case !z.since.Known() || z.former.Owns(id):
		return usual
	case listed < z.at:
		return z.since
	default:
		return max(usual, z.since)
	}
}

// hadBefore says whether a ticket was this shard's before the agreed instant, which is to come.
func (z resize) hadBefore(id int64, now fact.Instant) bool {
	return now < z.since && z.former.Owns(id)
}

// inherits says whether a ticket that is found at an instant was another shard's until
// then: the instant is the agreed one, and the ticket is new to this shard.
func (r *Recorder) inherits(id int64, found fact.Instant) bool {
	switch z := r.resized; {
	case !found.Known():
		return false
	case z.since.Known():
		return found == z.since && !z.former.Owns(id)
	default:
		return found == r.set.Shard.Since
	}
}
