package config

import (
	"crypto/x509"
	"net/url"
	"slices"
	"strings"
)

// way is how connections to the API are made: whose certificates are believed, and through
// which proxy. Its zero value is what the machine and the environment say.
type way struct {
	caFile   string // as written
	roots    []byte // what it holds, PEM
	proxyURL string
	proxy    *secret // an address in a file, which may hold a password
}

// Roots gives the certificates that may vouch for the API, from the file as it was when
// the configuration was read; nil: those that the machine trusts.
func (a API) Roots() *x509.CertPool {
	if a.way.caFile == "" {
		return nil
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.way.roots)
	return pool
}

// Proxy gives the proxy to send everything through; nil: what the environment says. It may
// hold a password.
func (a API) Proxy() *url.URL {
	address := a.way.proxyAddress()
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil { // cannot be: it was read before
		return nil
	}
	return u
}

// SameWay says whether b makes connections alike.
func (a API) SameWay(b API) bool {
	return slices.Equal(a.way.roots, b.way.roots) && a.way.proxyAddress() == b.way.proxyAddress()
}

func (w way) proxyAddress() string {
	if w.proxy != nil {
		return strings.TrimSpace(*w.proxy.value)
	}
	return w.proxyURL
}

// way reads the keys of a way.
func (d *decoder) way(o *object) {
	w := &d.config.api.way
	if o.text("ca_file", &w.caFile) && w.caFile != "" {
		w.roots = d.certificates(o.at("ca_file"), w.caFile)
	}
	inline := read(o, "proxy_url", &w.proxyURL, d.proxyURL) && w.proxyURL != ""
	w.proxy = d.contentNow(o, "proxy_url_file")
	n := o.at("proxy_url_file")
	switch {
	case w.proxy == nil:
	case inline:
		d.fail(n, "proxy_url is given, too; remove one of them")
	case !isProxy(strings.TrimSpace(*w.proxy.value)):
		d.fail(n, "what the file holds is no address of a proxy; write it like http://user:password@proxy.example.com:3128")
	default:
		d.checkMode(n, w.proxy.file)
	}
}

func (d *decoder) certificates(n node, named string) []byte {
	text, err := readFile(d.resolve(named))
	switch {
	case err != nil:
		d.fail(n, "%s cannot be used: %v; mend the path or the file", quote(named), err)
	case !x509.NewCertPool().AppendCertsFromPEM(text):
		d.fail(n, "%s holds no certificate; give a file of certificates in PEM form", quote(named))
	}
	return text
}

// proxyURL reads the address of a proxy that asks for no password.
func (d *decoder) proxyURL(n node) (string, bool) {
	text, ok := d.text(n)
	switch {
	case !ok || text == "":
		return "", ok
	case strings.Contains(text, "@"):
		d.fail(n, "the value holds a user name or password, which would be shown; move the address to a file and name it in proxy_url_file")
	case !isProxy(text):
		d.fail(n, "%s is no address of a proxy; write it like http://proxy.example.com:3128", quote(text))
	default:
		return text, true
	}
	return "", false
}

func isProxy(address string) bool {
	u, err := url.Parse(address)
	return err == nil && slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) && u.Hostname() != "" &&
		(u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.Fragment == ""
}
