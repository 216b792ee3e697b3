package config

import (
	"cmp"
	"regexp"
	"slices"
	"time"
)

// Measure is what an objective measures.
type Measure string

// The measures.
const (
	FirstResponse Measure = "first_response"
	NextResponse  Measure = "next_response"
	Update        Measure = "update"
	Resolution    Measure = "resolution"
	TimeInStatus  Measure = "time_in_status"
)

func measures() []string {
	return []string{string(FirstResponse), string(NextResponse), string(Update), string(Resolution), string(TimeInStatus)}
}

// Objective is a promise to customers.
type Objective struct {
	Name     string
	Measure  Measure
	Status   string // of TimeInStatus
	Target   time.Duration
	WarnAt   float64
	Calendar string   // name; empty: around the clock
	PauseIn  []string // statuses
	Match    Match

	definition string
}

// Match limits an objective to some tickets: each list that is not empty must hold, with
// any one of its values.
type Match struct {
	Sources     []string `json:"sources,omitempty"`
	CategoryIDs []int64  `json:"category_ids,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

func (m Match) clone() Match {
	return Match{slices.Clone(m.Sources), slices.Clone(m.CategoryIDs), slices.Clone(m.Tags)}
}

func (m Match) sorted() Match {
	m = m.clone()
	slices.Sort(m.Sources)
	slices.Sort(m.CategoryIDs)
	slices.Sort(m.Tags)
	return m
}

func (o Objective) clone() Objective {
	o.PauseIn, o.Match = slices.Clone(o.PauseIn), o.Match.clone()
	return o
}

// Definition is a text of all that its outcomes depend on, the hours of its calendar and
// the done statuses included. It is equal for objectives that judge alike; neither names
// nor WarnAt, which decides no outcome, are in it.
func (o Objective) Definition() string { return o.definition }

func (o Objective) define(calendar any, done []string) string {
	return canonical(struct {
		Measure  Measure  `json:"measure"`
		Status   string   `json:"status,omitempty"`
		Target   string   `json:"target"`
		PauseIn  []string `json:"pause_in,omitempty"`
		Match    Match    `json:"match"`
		Done     []string `json:"done"`
		Calendar any      `json:"calendar,omitempty"`
	}{o.Measure, o.Status, hms(o.Target), sorted(o.PauseIn), o.Match.sorted(), sorted(done), calendar})
}

func sorted[T cmp.Ordered](s []T) []T { return slices.Sorted(slices.Values(s)) }

// sla reads calendars and objectives; what is done must have been read before.
func (d *decoder) sla(n node) {
	o, s := d.object(n), &d.config.sla
	s.Calendars = d.calendars(o.at("calendars"))
	places := map[string]node{}
	for _, n := range o.list("objectives") {
		objective, place := d.objective(n)
		if first, twice := places[objective.Name]; twice && objective.Name != "" {
			d.fail(place, "%s is the name of %s, too; give each objective a name of its own", quote(objective.Name), first.path)
		}
		places[objective.Name] = n
		s.Objectives = append(s.Objectives, objective)
	}
	o.done()
}

func (d *decoder) objective(n node) (Objective, node) {
	b := Objective{WarnAt: 0.8}
	o := d.object(n)
	read(o, "name", &b.Name, d.name)
	read(o, "measure", &b.Measure, d.measure)
	d.statusOf(o, &b)
	d.target(o, &b)
	if read(o, "warn_at", &b.WarnAt, d.number) && (b.WarnAt <= 0 || b.WarnAt >= 1) {
		d.fail(o.at("warn_at"), "%g is not between 0 and 1; give the share of the target, such as 0.8", b.WarnAt)
	}
	b.PauseIn = once(d, o.list("pause_in"), func(n node) (string, bool) { return d.pause(n, b) })
	b.Match = d.match(o.at("match"))
	for _, key := range []string{"name", "measure", "target"} {
		if _, given := o.get(key); !given {
			o.missing(key, "write {name: first_response, measure: first_response, target: 4h}")
		}
	}
	o.done()
	var calendar any
	if c, ok := byName(d.config.sla.Calendars, b.Calendar); ok {
		calendar = c.definition()
	}
	b.definition = b.define(calendar, d.config.statuses.Done)
	return b, o.at("name")
}

func (d *decoder) measure(n node) (Measure, bool) {
	text, ok := d.nonEmpty(n)
	if ok && !slices.Contains(measures(), text) {
		d.fail(n, "%s is no measure; %s", quote(text), suggest(text, measures()))
		return "", false
	}
	return Measure(text), ok
}

// statusOf reads the status that time_in_status needs and no other measure has.
func (d *decoder) statusOf(o *object, b *Objective) {
	n, given := o.get("status")
	right := read(o, "status", &b.Status, d.status)
	switch {
	case b.Measure == TimeInStatus && !given:
		o.missing("status", "time_in_status needs the status whose time is limited, such as pending")
	case b.Measure == TimeInStatus && right && slices.Contains(d.config.statuses.Done, b.Status):
		d.fail(n, "%s is a done status, in which no clock runs; name another one, or take it out of statuses.done", quote(b.Status))
	case b.Measure != TimeInStatus && b.Measure != "" && given:
		d.fail(n, "belongs to time_in_status only; remove it, or limit the objective by match")
	}
}

var longUnits = regexp.MustCompile(`[dwy]`)

// target reads target and calendar, since a day of opening hours has no fixed length.
func (d *decoder) target(o *object, b *Objective) {
	n, _ := o.get("target")
	c, given := o.get("calendar")
	right := o.duration("target", &b.Target)
	if !given || !read(o, "calendar", &b.Calendar, d.text) || b.Calendar == "" {
		return
	}
	if _, ok := byName(d.config.sla.Calendars, b.Calendar); !ok {
		d.fail(c, "there is no calendar %s in sla.calendars; %s", quote(b.Calendar), suggest(b.Calendar, names(d.config.sla.Calendars)))
	}
	if right && longUnits.MatchString(n.Value) {
		d.fail(n, "%s counts days, but a day of the calendar %s has no fixed length; write the hours that are meant, such as %s",
			quote(n.Value), quote(b.Calendar), hms(b.Target/3))
	}
}

// pause reads a status in which clocks stand still.
func (d *decoder) pause(n node, b Objective) (string, bool) {
	status, ok := d.status(n)
	switch {
	case !ok:
		return "", false
	case slices.Contains(d.config.statuses.Done, status):
		d.fail(n, "%s is a done status, in which no clock runs anyway; remove it", quote(status))
	case b.Measure == TimeInStatus && status == b.Status:
		d.fail(n, "%s is the status whose time is measured, so the clock would never run; remove it", quote(status))
	default:
		return status, true
	}
	return "", false
}

func (d *decoder) match(n node) Match {
	o := d.object(n)
	m := Match{
		Sources:     once(d, o.atLeastOne("sources"), d.nonEmpty),
		CategoryIDs: once(d, o.atLeastOne("category_ids"), d.id),
		Tags:        once(d, o.atLeastOne("tags"), d.nonEmpty),
	}
	o.done()
	return m
}

// atLeastOne reads a list that needs at least one element when it is given.
func (o *object) atLeastOne(key string) []node {
	n, given := o.get(key)
	all := o.list(key)
	if given && len(all) == 0 {
		o.d.fail(n, "names no value, so no ticket could match; give at least one, or remove it")
	}
	return all
}
