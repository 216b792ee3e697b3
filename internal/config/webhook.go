package config

import (
	"net"
	"path"
	"strconv"
	"strings"
)

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
