package apiclient

import (
	"encoding/json"
	"errors"
	"time"
)

type wireEntry struct {
	time, actionType, sentence text
	hasUser                    bool
	user                       wireUser
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
	page := make([]place, 0, PageSize)
	failure := eachItem(body, func(raw json.RawMessage) { page = append(page, decodeEntry(raw)) })
	return page, failure
}

// decodeEntry never fails: what has no readable time, or fields of other types than those
// documented, becomes an unreadable place.
func decodeEntry(raw json.RawMessage) place {
	var w wireEntry
	err := w.read(raw)
	at, ok := parseTime(string(w.time))
	if err != nil || !ok {
		return place{identity: identity{raw: string(raw)}}
	}
	p := place{
		identity: identity{at: at, action: string(w.actionType), sentence: string(w.sentence)},
		entry:    Entry{Time: at, ActionType: string(w.actionType), Action: string(w.sentence)},
		readable: true,
		when:     at,
	}
	if w.hasUser {
		p.user = string(w.user.ID)
		p.entry.User = &User{string(w.user.ID), string(w.user.Name), string(w.user.Status), w.user.IsBot}
	}
	return p
}

// read takes over the fields of an entry. Those that are null, or not there, stay as they
// are; of those that come again the last one holds.
func (w *wireEntry) read(raw []byte) error {
	return readFields(raw, func(key, value []byte) error {
		switch {
		case is(key, "time"):
			return w.time.UnmarshalJSON(value)
		case is(key, "actionType"):
			return w.actionType.UnmarshalJSON(value)
		case is(key, "actionString"):
			return w.sentence.UnmarshalJSON(value)
		case is(key, "user"):
			if w.hasUser = !isNull(value); !w.hasUser {
				w.user = wireUser{}
				return nil
			}
			return w.user.read(value)
		}
		return nil
	})
}

func (u *wireUser) read(raw []byte) error {
	return readFields(raw, func(key, value []byte) error {
		switch {
		case is(key, "id"):
			return u.ID.UnmarshalJSON(value)
		case is(key, "name"):
			return u.Name.UnmarshalJSON(value)
		case is(key, "status"):
			return u.Status.UnmarshalJSON(value)
		case is(key, "isBot"):
			return readFlag(value, &u.IsBot)
		}
		return nil
	})
}

var errType = errors.New("not of the type that is documented")

// readFields hands the fields of an object to read, up to its first error.
func readFields(raw []byte, read func(key, value []byte) error) (err error) {
	if raw[0] != '{' {
		return errType
	}
	eachField(raw, func(key, value []byte) {
		if err == nil {
			err = read(key, value)
		}
	})
	return err
}

func readFlag(raw []byte, to *bool) error {
	switch string(raw) {
	case "true", "false":
		*to = raw[0] == 't'
	case "null":
	default:
		return errType
	}
	return nil
}
