// Package clock gives time to those who must not take it from the machine: the real
// one, and one that tests and simulations move by hand.
package clock

import "time"

// Clock tells the time and waits for it. Consumers declare the part they use themselves.
type Clock interface {
	Now() time.Time
	// After is time.After by this clock.
	After(d time.Duration) <-chan time.Time
}

// System is the machine's clock.
type System struct{}

// Now is time.Now.
func (System) Now() time.Time { return time.Now() }

// After is time.After.
func (System) After(d time.Duration) <-chan time.Time { return time.After(d) }
