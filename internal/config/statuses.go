package config

import "strings"

func (d *decoder) statuses(n node) {
	o, s := d.object(n), &d.config.statuses
	s.Labels = d.labels(o.at("labels"))
	if n, ok := o.get("done"); ok {
		elements := d.list(n)
		s.Done = once(d, elements, d.status)
		if len(elements) == 0 {
			d.fail(n, "names no status; give at least one, since a ticket without a done status is followed for ever")
		}
	}
	o.done()
}

// labels reads display labels with their statuses. Labels are told apart as those of the
// log are: neither capitals nor the number of spaces matter.
func (d *decoder) labels(n node) map[string]string {
	o := d.object(n)
	all, places := map[string]string{}, map[string]node{}
	for _, k := range o.keys {
		words := strings.Join(strings.Fields(k.Value), " ")
		if words == "" || words != k.Value {
			d.fail(k, "%s is not a display label; write it as the inbox shows it, with single spaces between words", quote(k.Value))
		}
		folded := strings.ToLower(words)
		if first, twice := places[folded]; twice {
			d.fail(k, "%s is the same label as %s; remove one of them", quote(k.Value), quote(first.Value))
		}
		places[folded] = k
		var status string
		if read(o, k.Value, &status, d.status) {
			all[k.Value] = status
		}
	}
	return all
}

func (d *decoder) users(n node) {
	o, u := d.object(n), &d.config.users
	o.bool("names", &u.names)
	o.count("limit", 0, &u.Limit)
	u.pseudo = d.contentNow(o, "pseudonym_key_file")
	place := o.at("pseudonym_key_file")
	o.done()
	u.Names = u.names && u.pseudo == nil
	if u.pseudo == nil {
		return
	}
	if got := len(*u.pseudo.value); got < 16 {
		d.fail(place, "%s holds a key of %d bytes; give it at least 16, for example by: openssl rand -hex 32", quote(place.Value), got)
	}
	if u.names {
		d.warn(o.at("names"), "has no effect beside users.pseudonym_key_file: pseudonyms carry no names")
	}
	d.checkMode(place, u.pseudo.file)
}
