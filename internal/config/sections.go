package config

import (
	"time"
)

// root reads the top of the file. Each section is read even when it is absent, so that
// what it requires is missed.
func (d *decoder) root(n node) {
	d.config = defaults()
	o := d.object(n)
	d.api(o.at("api"))
	d.tickets(o.at("tickets"))
	d.poll(o.at("poll"))
	d.events(o.at("events"))
	d.statuses(o.at("statuses"))
	d.users(o.at("users"))
	d.metrics(o.at("metrics"))
	d.sla(o.at("sla"))
	if w, ok := o.get("webhook"); ok && !w.null() {
		d.webhook(w)
	}
	d.shard(o.at("shard"))
	o.done()
}

func (d *decoder) poll(n node) {
	o, p := d.object(n), &d.config.poll
	o.duration("interval", &p.Interval)
	o.duration("max_interval", &p.MaxInterval)
	o.duration("read_max_interval", &p.ReadMaxInterval)
	o.duration("done_max_interval", &p.DoneMaxInterval)
	o.duration("done_for", &p.DoneFor)
	o.done()
	d.atLeastInterval(o, "max_interval", p.MaxInterval)
	d.atLeastInterval(o, "read_max_interval", p.ReadMaxInterval)
	d.atLeastInterval(o, "done_max_interval", p.DoneMaxInterval)
}

func (d *decoder) atLeastInterval(o *object, key string, longest time.Duration) {
	least := d.config.poll.Interval
	n, given := o.get(key)
	switch {
	case longest >= least:
	case given:
		d.fail(n, "%s is shorter than poll.interval (%s); raise it, or lower poll.interval", quote(n.Value), format(least))
	default:
		d.fail(n, "its default %s is shorter than poll.interval (%s); set it, too", format(longest), format(least))
	}
}

func (d *decoder) events(n node) {
	o := d.object(n)
	d.config.events.ActionTypes = once(d, o.list("action_types"), d.nonEmpty)
	o.done()
}

func (d *decoder) metrics(n node) {
	o, m := d.object(n), &d.config.metrics
	o.count("max_tickets", 0, &m.MaxTickets)
	o.bool("native_histograms", &m.NativeHistograms)
	if n, ok := o.get("status_duration_buckets"); ok {
		m.StatusDurationBuckets = d.buckets(n)
	}
	o.done()
}

func (d *decoder) buckets(n node) []time.Duration {
	var all []time.Duration
	elements := d.list(n)
	if len(elements) == 0 {
		d.fail(n, "names no bucket; give at least one duration, or leave the key out")
	}
	for _, n := range elements {
		v, ok := d.duration(n)
		if ok && len(all) > 0 && v <= all[len(all)-1] {
			d.fail(n, "%s is not longer than the bucket before it (%s); buckets must rise", quote(n.Value), format(all[len(all)-1]))
		} else if ok {
			all = append(all, v)
		}
	}
	return all
}
