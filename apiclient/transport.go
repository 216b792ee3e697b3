package apiclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// largestHeader is how many bytes of an answer's header are read.
const largestHeader = 256 << 10

// ownTransport makes connections to the API: straight, or through a proxy, which gets to
// see of an https address no more than the host's name.
func ownTransport(roots *x509.CertPool, proxy *url.URL) *http.Transport {
	by := http.ProxyFromEnvironment
	if proxy != nil {
		by = http.ProxyURL(proxy)
	}
	return &http.Transport{
		Proxy:               by,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		ForceAttemptHTTP2:   true,
		MaxIdleConnsPerHost: 16,
		IdleConnTimeout:     90 * time.Second,
		TLSHandshakeTimeout: 10 * time.Second,

		MaxResponseHeaderBytes: largestHeader,
	}
}

// checkProxy finds a proxy in the environment that no request could be sent through. The
// error does not quote it: it may hold a password.
func checkProxy(t *http.Transport, addresses ...string) error {
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil {
			return err
		}
		if _, err := t.Proxy(&http.Request{URL: u}); err != nil {
			return errors.New("the proxy that HTTPS_PROXY or HTTP_PROXY names is no address; write it like http://proxy.example.com:3128")
		}
	}
	return nil
}
