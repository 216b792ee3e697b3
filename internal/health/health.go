// Package health judges from what happened to requests and to the store whether the
// exporter can do its work at all.
package health

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// patience is for how many intervals requests may fail before the exporter is down.
const patience = 3

// Tracker remembers how requests and the store fare. It may be used by several goroutines
// at once.
type Tracker struct {
	mu           sync.Mutex
	interval     time.Duration
	tokenRefused bool
	storeFailed  bool
	endpoints    map[string]*endpoint
}

type endpoint struct {
	success time.Time // of the latest one; zero: none yet
	failing time.Time // first failure since then; zero: none
	failed  int       // failures since then
}

// New gives a tracker that finds nothing wrong. interval is the rhythm of polling.
func New(interval time.Duration) *Tracker {
	return &Tracker{interval: interval, endpoints: make(map[string]*endpoint)}
}

// SetInterval changes the rhythm of polling.
func (t *Tracker) SetInterval(interval time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.interval = interval
}

// RequestDone records that a request to the endpoint was answered, or was not, at the time
// given.
func (t *Tracker) RequestDone(name string, ok bool, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.endpoints[name]
	if e == nil {
		e = &endpoint{}
		t.endpoints[name] = e
	}
	switch {
	case ok:
		*e = endpoint{success: at}
	case e.failed == 0 || at.Before(e.failing): // before: the host's clock was set back
		e.failing = at
		e.failed++
	default:
		e.failed++
	}
}

// TokenRefused records whether the API takes the configured credentials.
func (t *Tracker) TokenRefused(refused bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tokenRefused = refused
}

// StoreFailed records whether the latest write to the store failed.
func (t *Tracker) StoreFailed(failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.storeFailed = failed
}

// Up says whether the exporter can do its work: the token is taken, the store can be
// written, and at no endpoint did all requests of at least three intervals fail.
func (t *Tracker) Up(now time.Time) bool { return len(t.Problems(now)) == 0 }

// Problems says in a sentence each what keeps the exporter from its work.
func (t *Tracker) Problems(now time.Time) (all []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.tokenRefused {
		all = append(all, "The API refuses the token.")
	}
	if t.storeFailed {
		all = append(all, "The store cannot be written.")
	}
	for _, name := range slices.Sorted(maps.Keys(t.endpoints)) {
		if e := t.endpoints[name]; e.down(now, patience*t.interval) {
			all = append(all, fmt.Sprintf("No request to the endpoint %s has succeeded since %s.", name, e.failing.UTC().Format(time.RFC3339)))
		}
	}
	return all
}

// LastSuccess gives the time of the latest successful request to the endpoint; zero: none.
func (t *Tracker) LastSuccess(name string) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.endpoints[name]; e != nil {
		return e.success
	}
	return time.Time{}
}

// down reckons from the first failure, not from the latest one: after long failure the
// client tries so seldom that none may lie within the last intervals. A single failure
// that nothing was tried after proves nothing.
func (e *endpoint) down(now time.Time, patience time.Duration) bool {
	return e.failed > 1 && now.Sub(e.failing) >= patience
}
