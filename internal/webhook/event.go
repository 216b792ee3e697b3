package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

const (
	mostTickets = 100 // that one call may name
	deepest     = 50  // nesting; the documented events have about six levels
)

// event is as much of a payload as matters. The documentation writes its keys in
// PascalCase, and those of the rest of the API in camelCase; case makes no difference.
type event struct {
	TicketID *int64 `json:"TicketId"`
	Events   []struct {
		Ticket struct {
			ID *int64 `json:"Id"`
		} `json:"Ticket"`
	} `json:"Events"`
}

// ticketsOf gives the tickets that a payload names, each once, up to mostTickets. The
// documented TicketId is missing from some documented events, which name the ticket only
// within Events; so both are taken.
func ticketsOf(body []byte) ([]int64, error) {
	if err := unambiguous(body); err != nil {
		return nil, err
	}
	var e *event
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, errTypes
	}
	if e == nil {
		return nil, errNoObject
	}
	named := []*int64{e.TicketID}
	for _, item := range e.Events {
		named = append(named, item.Ticket.ID)
	}
	var ids []int64
	for _, id := range named {
		switch {
		case id == nil || slices.Contains(ids, *id):
		case *id <= 0:
			return nil, errTypes
		case len(ids) < mostTickets:
			ids = append(ids, *id)
		}
	}
	return ids, nil
}

var (
	errNoJSON   = errors.New("it is not JSON")
	errNoObject = errors.New("it is not an object")
	errTypes    = errors.New("a value has not the documented type")
	errDeep     = fmt.Errorf("it is nested more than %d levels deep", deepest)
	errTwice    = errors.New("a key stands twice in one object")
)

// unambiguous says whether body is one JSON value that all readers understand alike. Of
// keys that stand twice, readers take the first, the last, or mix both.
func unambiguous(body []byte) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber() // a number that is too large is no error where nobody reads it
	if err := walk(d, 0); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errNoJSON
	}
	return nil
}

// walk goes through one value.
func walk(d *json.Decoder, depth int) error {
	token, err := d.Token()
	if err != nil {
		return errNoJSON
	}
	opening, ok := token.(json.Delim)
	if !ok {
		return nil
	}
	if depth == deepest {
		return errDeep
	}
	keys := map[string]bool{}
	for d.More() {
		if opening == '{' {
			if err := newKey(d, keys); err != nil {
				return err
			}
		}
		if err := walk(d, depth+1); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return errNoJSON
	}
	return nil
}

// newKey reads a key that must not be among those that were read.
func newKey(d *json.Decoder, keys map[string]bool) error {
	token, err := d.Token()
	key, ok := token.(string)
	if err != nil || !ok {
		return errNoJSON
	}
	// encoding/json takes more than the two cases of ASCII letters for the same.
	key = strings.ToLower(strings.ToUpper(key))
	if keys[key] {
		return errTwice
	}
	keys[key] = true
	return nil
}
