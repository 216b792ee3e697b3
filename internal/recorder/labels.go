package recorder

import (
	"slices"
	"unicode/utf8"

	"socialboards_exporter/internal/fact"
)

// Bounds on what one account can put into label values.
const (
	maxNames    = 100 // action types, user types and statuses, each
	maxLabelLen = 128 // bytes
	otherLabel  = "other"
)

// labels is every series and user that has a place. A place once given is kept.
type labels struct {
	series map[seriesKey]fact.Series
	users  map[string]fact.User
	placed map[string]int // placed users by type
	names
	lastID int64
}

// names are the names that have got a place by being the label of a series.
type names struct {
	actions map[string]bool
	types   map[string]bool
	states  map[string]bool            // statuses
	byType  map[string]map[string]bool // action types seen, by user type
}

type seriesKey struct {
	kind   fact.Kind
	labels [3]string
}

func newLabels() *labels {
	return &labels{series: map[seriesKey]fact.Series{}, users: map[string]fact.User{},
		placed: map[string]int{}, names: namesOf(nil)}
}

// namesOf gives the names that the series have taken.
func namesOf(series map[seriesKey]fact.Series) names {
	n := names{actions: map[string]bool{}, types: map[string]bool{}, states: map[string]bool{},
		byType: map[string]map[string]bool{}}
	for key := range series {
		n.take(key)
	}
	return n
}

func (n names) take(key seriesKey) {
	switch key.kind {
	case fact.Events:
		action, userType := key.labels[0], key.labels[2]
		n.actions[action], n.types[userType] = true, true
		if n.byType[userType] == nil {
			n.byType[userType] = map[string]bool{}
		}
		n.byType[userType][action] = true
	case fact.Changes:
		n.states[key.labels[0]], n.states[key.labels[1]] = true, true
	default: // Durations have the labels of Changes, the others those of the configuration
	}
}

// addSeries takes note of a stored series.
func (l *labels) addSeries(s fact.Series) {
	key := seriesKey{s.Kind, s.Labels}
	l.series[key] = s
	l.lastID = max(l.lastID, s.ID)
	l.take(key)
}

func (l *labels) addUser(u fact.User) {
	if old, ok := l.users[u.ID]; ok && old.Placed {
		l.placed[old.Type]--
	}
	l.users[u.ID] = u
	if u.Placed {
		l.placed[u.Type]++
	}
}

// draft collects what a batch adds to the labels, so that a batch that could not be
// committed leaves no trace. Only one draft exists at a time.
type draft struct {
	*labels
	changed map[seriesKey]bool
	renamed map[string]bool
	undo    []func()
	limit   int          // of placed users of a type
	now     fact.Instant // created timestamp of what is published at 0
	open    bool         // nothing was published yet: created timestamps may still move back
}

func (r *Recorder) draft() *draft {
	return &draft{labels: r.labels, changed: map[seriesKey]bool{}, renamed: map[string]bool{},
		limit: r.set.UserLimit, now: fact.At(r.now()), open: !r.ready}
}

// discard takes everything back, last first.
func (d *draft) discard() {
	for _, undo := range slices.Backward(d.undo) {
		undo()
	}
}

// need gives the id of a series that counts something that happened at at, and makes the
// series if there is none.
func (d *draft) need(kind fact.Kind, values [3]string, at fact.Instant) int64 {
	key := seriesKey{kind, values}
	s, ok := d.series[key]
	switch {
	case !ok:
		s = fact.Series{ID: d.lastID + 1, Kind: kind, Labels: values, Created: min(at, d.now)}
	case d.changed[key] || d.open:
		if at >= s.Created {
			return s.ID
		}
		s.Created = at
	default:
		return s.ID
	}
	d.note(s)
	d.changed[key] = true
	return s.ID
}

// note adds a series and remembers how to forget it.
func (d *draft) note(s fact.Series) {
	key := seriesKey{s.Kind, s.Labels}
	old, had := d.series[key]
	lastID := d.lastID
	d.addSeries(s)
	d.undo = append(d.undo, func() {
		d.lastID = lastID
		if had {
			d.series[key] = old
			return
		}
		delete(d.series, key)
		d.names = namesOf(d.series)
	})
}

// event gives the series that counts e.
func (d *draft) event(e fact.Entry) int64 {
	userType := place(d.types, cut(e.UserType))
	user := ""
	if e.UserID != "" {
		user = otherLabel
		if u := d.users[e.UserID]; u.Placed {
			user = cut(e.UserID)
		}
	}
	return d.need(fact.Events, [3]string{place(d.actions, cut(e.Action)), user, userType}, e.Time)
}

// user takes note of who a team or bot user is, and gives it a place if there is one left.
func (d *draft) user(id, userType, name string) {
	old, ok := d.users[id]
	u := fact.User{ID: id, Type: userType, Name: name, Placed: old.Placed || d.placed[userType] < d.limit}
	if ok && u == old {
		return
	}
	d.addUser(u)
	d.renamed[id] = true
	d.undo = append(d.undo, func() {
		if ok {
			d.addUser(old)
			return
		}
		if u.Placed {
			d.placed[u.Type]--
		}
		delete(d.users, id)
	})
}

// zeros adds the series that are known beforehand to come: each placed user with each
// action type seen for its type of user.
func (d *draft) zeros() {
	if len(d.changed)+len(d.renamed) == 0 {
		return
	}
	for _, u := range d.users {
		id := cut(u.ID)
		if !u.Placed {
			id = otherLabel
		}
		for action := range d.byType[u.Type] {
			d.need(fact.Events, [3]string{action, id, u.Type}, d.now)
		}
	}
}

// status bounds the number of statuses that labels can make up.
func (d *draft) status(s string) string { return place(d.states, cut(s)) }

// batch adds what the draft holds to b.
func (d *draft) batch(b *fact.Batch) {
	for key := range d.changed {
		b.Series = append(b.Series, d.series[key])
	}
	for id := range d.renamed {
		b.Users = append(b.Users, d.users[id])
	}
}

// place gives name if it has, or may get, a place among the names, else "other".
func place(names map[string]bool, name string) string {
	if names[name] || len(names) < maxNames {
		return name
	}
	return otherLabel
}

// cut shortens a label value to what is allowed, at the border of a character.
func cut(s string) string {
	if len(s) <= maxLabelLen {
		return s
	}
	n := maxLabelLen
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
