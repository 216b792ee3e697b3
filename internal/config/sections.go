package config

import (
	"net"
	"path"
	"strconv"
	"strings"
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

func (d *decoder) api(n node) {
	o, a := d.object(n), &d.config.api
	read(o, "base_url", &a.BaseURL, d.url)
	a.TokenURL = a.BaseURL + "/token"
	read(o, "token_url", &a.TokenURL, d.urlOr(a.TokenURL))
	read(o, "inbox_url", &a.InboxURL, d.urlOr(""))
	d.clientID(o)
	a.refresh = d.refreshToken(o)
	o.duration("timeout", &a.Timeout)
	if read(o, "requests_per_second", &a.RequestsPerSecond, d.number) && a.RequestsPerSecond <= 0 {
		d.fail(o.at("requests_per_second"), "%g is not more than zero; give the rate of all requests together, such as 5", a.RequestsPerSecond)
	}
	o.count("burst", 1, &a.Burst)
	o.count("concurrency", 1, &a.Concurrency)
	o.done()
	d.warnOfPlainHTTP(o.at("base_url"), a.BaseURL)
	d.warnOfPlainHTTP(o.at("token_url"), a.TokenURL)
}

// urlOr reads an address, or an empty text that stands for the default.
func (d *decoder) urlOr(empty string) func(node) (string, bool) {
	return func(n node) (string, bool) {
		if n.Tag == "!!str" && n.Value == "" {
			return empty, true
		}
		return d.url(n)
	}
}

func (d *decoder) warnOfPlainHTTP(n node, address string) {
	host, plain := strings.CutPrefix(address, "http://")
	if !plain {
		return
	}
	host, _, _ = strings.Cut(host, "/")
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); host == "localhost" || ip != nil && ip.IsLoopback() {
		return
	}
	d.warn(n, "tokens and tickets cross the network unencrypted; use https")
}

func (d *decoder) clientID(o *object) {
	a := &d.config.api
	inline := read(o, "client_id", &a.ClientID, d.nonEmpty)
	file := d.contentNow(o, "client_id_file")
	_, written := o.values["client_id"]
	n, named := o.values["client_id_file"]
	switch {
	case inline && file != nil:
		d.fail(n, "client_id is given, too; remove one of them")
	case file != nil:
		a.ClientID, a.clientIDFile = strings.TrimSpace(*file.value), file.named
	case !written && (!named || n.Value == "" && len(n.Content) == 0):
		o.missing("client_id", "give the Client ID that the inbox shows under Settings, Installation, Public API")
	}
}

func (d *decoder) refreshToken(o *object) *secret {
	n, inline := o.get("refresh_token")
	f, file := o.get("refresh_token_file")
	switch {
	case inline && file:
		d.fail(f, "refresh_token is given, too; remove one of them")
	case file:
		return d.secretFile(o, "refresh_token_file")
	case inline:
		if v, ok := d.secretText(n); ok && d.given(n, v) {
			return &secret{key: n.path, value: &v}
		}
	default:
		o.missing("refresh_token_file", "name the file that holds the refresh token from the inbox (Settings, Installation, Public API)")
	}
	return nil
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

func (d *decoder) statuses(n node) {
	o, s := d.object(n), &d.config.statuses
	labels := d.object(o.at("labels"))
	for _, k := range labels.keys {
		var status string
		label := strings.TrimSpace(k.Value)
		if label == "" || label != k.Value {
			d.fail(k, "%s is not a display label; write it exactly as the inbox shows it, without spaces around it", quote(k.Value))
		}
		if read(labels, k.Value, &status, d.status) {
			if s.Labels == nil {
				s.Labels = map[string]string{}
			}
			s.Labels[k.Value] = status
		}
	}
	if n, ok := o.get("done"); ok {
		elements := d.list(n)
		s.Done = once(d, elements, d.status)
		if len(elements) == 0 {
			d.fail(n, "names no status; give at least one, since a ticket without a done status is followed for ever")
		}
	}
	o.done()
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

func (d *decoder) webhook(n node) {
	o := d.object(n)
	w := &Webhook{ListenAddress: "127.0.0.1:10067", Path: "/webhook"}
	read(o, "listen_address", &w.ListenAddress, d.listenAddress)
	read(o, "path", &w.Path, d.urlPath)
	if _, ok := o.get("verify_token_file"); ok {
		w.verify = d.secretFile(o, "verify_token_file")
	} else {
		o.missing("verify_token_file", "name the file that holds the Verify Token of the webhook's settings")
	}
	o.done()
	d.config.webhook = w
}

func (d *decoder) listenAddress(n node) (string, bool) {
	text, ok := d.nonEmpty(n)
	if !ok {
		return "", false
	}
	_, port, err := net.SplitHostPort(text)
	if number, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || strconv.FormatUint(number, 10) != port {
		d.fail(n, "%s is no address to listen on; write host:port, such as 127.0.0.1:10067 or :10067", quote(text))
		return "", false
	}
	return text, true
}

func (d *decoder) urlPath(n node) (string, bool) {
	text, ok := d.nonEmpty(n)
	if ok && (!strings.HasPrefix(text, "/") || path.Clean(text) != text || strings.ContainsAny(text, " ?#{}%") || !printable(text)) {
		d.fail(n, "%s is no path; write it like /webhook", quote(text))
		return "", false
	}
	return text, ok
}
