package config

import (
	"net"
	"strings"
)

func (d *decoder) api(n node) {
	o, a := d.object(n), &d.config.api
	read(o, "base_url", &a.BaseURL, d.url)
	a.TokenURL = a.BaseURL + "/token"
	read(o, "token_url", &a.TokenURL, d.urlOr(a.TokenURL))
	read(o, "inbox_url", &a.InboxURL, d.urlOr(""))
	d.clientID(o)
	a.refresh = d.refreshToken(o)
	d.way(o)
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
