package config

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"
)

// Selection is a query for tickets; every field given must match. The zero Selection
// matches every ticket.
type Selection struct {
	Status, Source string
	CategoryID     int64 // 0: any
	Uncategorized  bool
	CreatedWithin  time.Duration // 0: any age
	CustomFields   []CustomField // sorted
}

// CustomField is a value that a custom field must have.
type CustomField struct {
	Key   int64  `json:"key"`
	Value string `json:"value"`
}

// Key names the selection by what it asks for: the same for the same query, however it is
// written, so that its progress is found again after a restart.
func (s Selection) Key() string {
	key := struct {
		Status        string        `json:"status,omitempty"`
		Source        string        `json:"source,omitempty"`
		Category      any           `json:"category_id,omitempty"`
		CreatedWithin string        `json:"created_within,omitempty"`
		CustomFields  []CustomField `json:"custom_fields,omitempty"`
	}{Status: s.Status, Source: s.Source, Category: s.category(), CustomFields: s.CustomFields}
	if s.CreatedWithin > 0 {
		key.CreatedWithin = format(s.CreatedWithin)
	}
	return canonical(key)
}

// category gives category_id as it is written; nil: it is absent.
func (s Selection) category() any {
	switch {
	case s.Uncategorized:
		return uncategorized
	case s.CategoryID != 0:
		return s.CategoryID
	}
	return nil
}

// canonical gives a text that is equal for equal values. What is passed to it consists of
// texts and numbers, for which encoding cannot fail.
func canonical(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

const uncategorized = "none"

func (d *decoder) tickets(n node) {
	o, t := d.object(n), &d.config.tickets
	before := len(d.problems)
	t.IDs = once(d, o.list("ids"), d.id)
	places := map[string]node{}
	for _, n := range o.list("discover") {
		count := len(d.problems)
		s := d.selection(n)
		if len(d.problems) > count {
			continue
		}
		if first, twice := places[s.Key()]; twice {
			d.fail(n, "selects the same as %s; remove one of them", first.path)
			continue
		}
		places[s.Key()] = n
		t.Discover = append(t.Discover, s)
	}
	o.done()
	if len(d.problems) == before && !o.broken && len(t.IDs)+len(t.Discover) == 0 {
		d.fail(o.node, "nothing is to be followed; give tickets.ids, or a selection in tickets.discover such as {status: open}")
	}
}

func (d *decoder) selection(n node) Selection {
	var s Selection
	if n.null() {
		d.fail(n, "is empty; write {} to select every ticket, or remove it")
	}
	o := d.object(n)
	read(o, "status", &s.Status, d.status)
	read(o, "source", &s.Source, d.nonEmpty)
	d.categoryID(o, &s)
	o.duration("created_within", &s.CreatedWithin)
	s.CustomFields = once(d, o.list("custom_fields"), d.customField)
	o.done()
	slices.SortFunc(s.CustomFields, func(a, b CustomField) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Value, b.Value))
	})
	return s
}

func (d *decoder) categoryID(o *object, s *Selection) {
	n, ok := o.get("category_id")
	switch {
	case !ok:
	case n.null():
		d.fail(n, "has no value; write none for tickets without a category, or leave the key out for any")
	case n.Value == uncategorized:
		s.Uncategorized = d.plain(n)
	default:
		v, ok := d.integer(n, uncategorized)
		if ok && v <= 0 {
			d.fail(n, "%d is not an id; write none for tickets without a category", v)
		}
		s.CategoryID = v
	}
}

func (d *decoder) customField(n node) (CustomField, bool) {
	var f CustomField
	o := d.object(n)
	key := read(o, "key", &f.Key, d.id)
	value := read(o, "value", &f.Value, d.text)
	for _, k := range []string{"key", "value"} {
		if _, given := o.get(k); !given {
			o.missing(k, `write {key: 18464, value: "Option 2"}`)
		}
	}
	o.done()
	return f, key && value
}
