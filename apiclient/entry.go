package apiclient

import (
	"encoding/json"
	"time"
)

type wireEntry struct {
	Time   text      `json:"time"`
	Type   text      `json:"actionType"`
	Action text      `json:"actionString"`
	User   *wireUser `json:"user"`
}

type wireUser struct {
	ID     text `json:"id"`
	Name   text `json:"name"`
	Status text `json:"status"`
	IsBot  bool `json:"isBot"`
}

// place is one place of a log: an entry, or what stands where none could be read.
type place struct {
	identity
	entry    Entry
	readable bool
	// when is the time of the entry. An unreadable one is given the time of the entry
	// above it, so that it stays in its place among the others.
	when time.Time
	// fresh: with the places above, there are more of its time and type than are known.
	fresh bool
}

// identity is what makes an entry the same one in two answers that are moments apart. It
// is comparable: times are in UTC and have no monotonic reading.
type identity struct {
	at               time.Time
	action, sentence string
	user             string
	raw              string // of an unreadable entry; the others are empty then
}

// decodeLog reads one page of a log.
func decodeLog(body []byte) ([]place, *Error) {
	var page []place
	failure := eachItem(body, func(raw json.RawMessage) { page = append(page, decodeEntry(raw)) })
	return page, failure
}

// decodeEntry never fails: what has no readable time, or fields of other types than those
// documented, becomes an unreadable place.
func decodeEntry(raw json.RawMessage) place {
	var w wireEntry
	err := json.Unmarshal(raw, &w)
	at, ok := parseTime(string(w.Time))
	if err != nil || !ok {
		return place{identity: identity{raw: string(raw)}}
	}
	p := place{
		identity: identity{at: at, action: string(w.Type), sentence: string(w.Action)},
		entry:    Entry{Time: at, ActionType: string(w.Type), Action: string(w.Action)},
		readable: true,
		when:     at,
	}
	if w.User != nil {
		p.user = string(w.User.ID)
		p.entry.User = &User{string(w.User.ID), string(w.User.Name), string(w.User.Status), w.User.IsBot}
	}
	return p
}
