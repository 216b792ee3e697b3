package apiclient

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"
)

type wireTicket struct {
	ID           number                     `json:"id"`
	Status       text                       `json:"status"`
	Assignee     *wireUser                  `json:"lockedBy"`
	Source       text                       `json:"source"`
	Category     *struct{ ID number }       `json:"category"`
	Tags         []tag                      `json:"tags"`
	Replies      number                     `json:"replyCount"`
	Created      text                       `json:"creationTime"`
	LastActivity text                       `json:"lastThreadElementCreationTime"`
	Muted        json.RawMessage            `json:"isMuted"`
	Properties   map[string]json.RawMessage `json:"properties"`
}

// tag is a ticket's tag. The documentation shows none: a name is taken, or an object that
// has one.
type tag string

// UnmarshalJSON reads what the type allows.
func (t *tag) UnmarshalJSON(raw []byte) error {
	var named struct{ Name text }
	if raw[0] == '{' {
		err := json.Unmarshal(raw, &named)
		*t = tag(named.Name)
		return err
	}
	return (*text)(t).UnmarshalJSON(raw)
}

// decodeList reads a page of tickets and counts those that could not be read. A time that
// cannot be read is left out; it costs nothing but itself.
func decodeList(body []byte) (tickets []Ticket, unreadable int, failure *Error) {
	failure = eachItem(body, func(raw json.RawMessage) {
		var w wireTicket
		if json.Unmarshal(raw, &w) != nil || w.ID <= 0 {
			unreadable++
			return
		}
		tickets = append(tickets, w.ticket())
	})
	return tickets, unreadable, failure
}

func (w *wireTicket) ticket() Ticket {
	t := Ticket{
		ID:         int64(w.ID),
		Status:     string(w.Status),
		Source:     string(w.Source),
		ReplyCount: int(w.Replies),
		Deleted:    string(w.Properties["isDeleted"]) == "true",
		Spam:       string(w.Properties["isSpam"]) == "true",
		Properties: w.canonicalProperties(),
	}
	t.Created, _ = parseTime(string(w.Created))
	t.LastActivity, _ = parseTime(string(w.LastActivity))
	if w.Category != nil {
		t.CategoryID = int64(w.Category.ID)
	}
	if w.Assignee != nil {
		t.AssigneeID, t.AssigneeName, t.AssigneeBot = string(w.Assignee.ID), string(w.Assignee.Name), w.Assignee.IsBot
	}
	for _, tag := range w.Tags {
		if tag != "" {
			t.Tags = append(t.Tags, string(tag))
		}
	}
	return t
}

// canonicalProperties writes the properties as "key=value", sorted by key; the ticket's
// own isMuted, which stands outside them, comes first.
func (w *wireTicket) canonicalProperties() string {
	var b strings.Builder
	if len(w.Muted) > 0 {
		b.WriteString("ticket.isMuted=" + string(w.Muted))
	}
	for _, key := range slices.Sorted(maps.Keys(w.Properties)) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(key + "=" + compact(w.Properties[key]))
	}
	return b.String()
}

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// Fingerprint is a hash of everything in the list that a change in the ticket's log may
// show itself by: status, assignee, replies, tags whatever their order, category, last
// activity and properties. It is never 0 and is the same in every process.
func (t Ticket) Fingerprint() uint64 {
	h := fnv.New64a()
	hashString(h, t.Status)
	hashString(h, t.AssigneeID)
	hashInt(h, int64(t.ReplyCount))
	hashInt(h, int64(len(t.Tags)))
	for _, tag := range slices.Sorted(slices.Values(t.Tags)) {
		hashString(h, tag)
	}
	hashInt(h, t.CategoryID)
	hashTime(h, t.LastActivity)
	hashString(h, t.Properties)
	return max(h.Sum64(), 1)
}

// hashString writes the length first, so that no two lists of fields write the same.
func hashString(h hash.Hash64, s string) {
	hashInt(h, int64(len(s)))
	_, _ = h.Write([]byte(s)) // never fails
}

func hashTime(h hash.Hash64, t time.Time) {
	hashInt(h, t.Unix())
	hashInt(h, int64(t.Nanosecond()))
}

func hashInt(h hash.Hash64, n int64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(n)) //nolint:gosec // bits, not a value
	_, _ = h.Write(b[:])
}
