package config

import (
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

const fromHostname = "hostname"

func (d *decoder) shard(n node) {
	o, s := d.object(n), &d.config.shard
	o.count("total", 1, &s.Total)
	read(o, "since", &s.Since, d.instant)
	// With an instant, an index beyond the total is that of a shard which leaves at it.
	if read(o, "index", &s.Index, d.shardIndex) && (s.Index < 0 || s.Index >= s.Total && s.Since.IsZero()) {
		d.fail(o.at("index"), "%d is no shard of shard.total %d; the first is 0, the last %d", s.Index, s.Total, s.Total-1)
	}
	s.hostname = o.at("index").Value == fromHostname
	o.done()
}

func (d *decoder) shardIndex(n node) (int, bool) {
	if n.Value == fromHostname && d.plain(n) {
		return d.hostnameIndex(n)
	}
	v, ok := d.integer(n, fromHostname)
	if v > math.MaxInt32 { // so that it is out of range on any machine
		v = -1
	}
	return int(v), ok
}

// hostnameIndex takes the ordinal that a StatefulSet gives its pods.
func (d *decoder) hostnameIndex(n node) (int, bool) {
	ask := d.known.Hostname
	if ask == nil {
		ask = os.Hostname
	}
	host, err := ask()
	if err != nil {
		d.fail(n, "the host's name cannot be told (%v); give the number itself", err)
		return 0, false
	}
	index, err := strconv.ParseUint(host[strings.LastIndex(host, "-")+1:], 10, 31)
	if err != nil || !strings.Contains(host, "-") {
		d.fail(n, "the host's name %s does not end in - and a number; give the number itself", quote(host))
		return 0, false
	}
	return int(index), true
}

func (d *decoder) instant(n node) (time.Time, bool) {
	text, ok := d.scalar(n, "an instant")
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		d.fail(n, "%s is not an instant; write it like 2026-12-01T00:00:00Z", quote(text))
		return time.Time{}, false
	}
	return t.UTC(), true
}
