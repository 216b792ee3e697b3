package apiclient

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"socialboards_exporter/internal/clock"
)

// Options say where the API is, how to be let in, and how gently to treat it.
type Options struct {
	BaseURL  string // paths of the API are appended
	TokenURL string // empty: BaseURL + "/token"
	ClientID string
	// RefreshToken gives the configured refresh token. It is asked anew for each token
	// request, since the file behind it may change.
	RefreshToken func() (string, error)
	// Rotated keeps refresh tokens that the API gave in place of the configured one.
	// nil: they live as long as the client.
	Rotated TokenStore

	Transport http.RoundTripper // nil: own connections, TLS 1.2 or newer; else Roots and Proxy mean nothing
	Roots     *x509.CertPool    // who may vouch for the API's certificate; nil: whom this machine trusts
	Proxy     *url.URL          // to send everything through; nil: what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say
	Timeout   time.Duration     // of one request, from its sending to the end of its body; 0: 10 s

	RequestsPerSecond float64 // of all requests together; 0: 5
	Burst             int     // how many may be sent at once after a rest; 0: 10
	Concurrency       int     // how many may be under way; 0: 4

	MaxBackoff time.Duration // the longest pause of the whole client that the API did not ask for; 0: 5 min

	Clock     Clock        // nil: the system's
	Observer  Observer     // nil: none
	Logger    *slog.Logger // nil: none
	UserAgent string       // empty: "socialboards_exporter"
}

// Limits are the Options that can be changed while the client works. Zero fields have
// the defaults told there.
type Limits struct {
	RequestsPerSecond  float64
	Burst, Concurrency int
	Timeout            time.Duration
}

// Clock tells the time and waits for it.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// Observer is told what the client does, for metrics. Its methods may be called by
// several goroutines at once and must not block.
type Observer interface {
	// RequestDone: a request to endpoint ended after took. code is the HTTP status of its
	// complete answer, or "none".
	RequestDone(endpoint Endpoint, code string, took time.Duration)
	// Answered: the answer to a request to endpoint was judged: ok says whether it is what
	// the API documents. A proxy's page may well come with HTTP 200. What says nothing of the
	// endpoint is left out: a ticket that is gone, and a request that its caller gave up.
	Answered(endpoint Endpoint, ok bool)
	// Throttled: the API wants every request to wait for so much longer than was
	// announced before. The sum is the time the client was told to be silent.
	Throttled(wait time.Duration)
	// TokenRefused: the API refuses the tokens (true), or lets the client in again.
	// It may be called again with what it was told before.
	TokenRefused(refused bool)
}

func (o *Options) setDefaults() {
	o.BaseURL = strings.TrimRight(o.BaseURL, "/")
	if o.TokenURL == "" {
		o.TokenURL = o.BaseURL + "/token"
	}
	if o.MaxBackoff == 0 {
		o.MaxBackoff = 5 * time.Minute
	}
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Observer == nil {
		o.Observer = discard{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.UserAgent == "" {
		o.UserAgent = "socialboards_exporter"
	}
}

func (o *Options) check() error {
	if err := checkURL(o.BaseURL); err != nil {
		return fmt.Errorf("base URL: %w", err)
	}
	if err := checkURL(o.TokenURL); err != nil {
		return fmt.Errorf("token URL: %w", err)
	}
	if o.ClientID == "" {
		return errors.New("no client id")
	}
	if o.RefreshToken == nil {
		return errors.New("no refresh token")
	}
	return o.limits().check()
}

func (o *Options) limits() Limits {
	return Limits{o.RequestsPerSecond, o.Burst, o.Concurrency, o.Timeout}.withDefaults()
}

func (l Limits) withDefaults() Limits {
	if l.RequestsPerSecond == 0 {
		l.RequestsPerSecond = 5
	}
	if l.Burst == 0 {
		l.Burst = 10
	}
	if l.Concurrency == 0 {
		l.Concurrency = 4
	}
	if l.Timeout == 0 {
		l.Timeout = 10 * time.Second
	}
	return l
}

func (l Limits) check() error {
	if !(l.RequestsPerSecond > 0) || l.Burst < 1 || l.Concurrency < 1 || l.Timeout < 0 {
		return fmt.Errorf("limits must be above zero: %+v", l)
	}
	return nil
}

// checkURL takes http and https. Its errors do not show the address, which may hold a
// password.
func checkURL(s string) error {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return errors.New("cannot be read")
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return errors.New("must begin with https:// or http:// and name a host")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("must end with its path")
	}
	return nil
}
