package clock

import (
	"sort"
	"sync"
	"time"
)

// Fake is a clock that stands still until it is moved. It may be used by several
// goroutines at once.
type Fake struct {
	mu      sync.Mutex
	now     time.Time
	waiting []waiter // by time
	jump    bool
}

type waiter struct {
	at time.Time
	c  chan time.Time
}

// NewFake gives a clock that shows now.
func NewFake(now time.Time) *Fake { return &Fake{now: now} }

// NewJumping gives a clock on which nobody waits: After moves it forward at once. It
// suits programs in which one goroutine does everything.
func NewJumping(now time.Time) *Fake { return &Fake{now: now, jump: true} }

// Now gives the time that was last set.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// After gives a channel that receives once the clock has been moved by d.
func (f *Fake) After(d time.Duration) <-chan time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := make(chan time.Time, 1)
	at := f.now.Add(d)
	if f.jump && d > 0 {
		f.set(at)
	}
	if !at.After(f.now) {
		c <- f.now
		return c
	}
	i := sort.Search(len(f.waiting), func(i int) bool { return f.waiting[i].at.After(at) })
	f.waiting = append(f.waiting, waiter{})
	copy(f.waiting[i+1:], f.waiting[i:])
	f.waiting[i] = waiter{at, c}
	return c
}

// Advance moves the clock forward and wakes those whose time has come.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set(f.now.Add(d))
}

// Set moves the clock to t, which may also lie in the past, as on a host whose clock
// was mended.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set(t)
}

// Waiting tells how many calls of After have not come to their time.
func (f *Fake) Waiting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.waiting)
}

func (f *Fake) set(t time.Time) {
	f.now = t
	n := 0
	for n < len(f.waiting) && !f.waiting[n].at.After(t) {
		f.waiting[n].c <- t
		n++
	}
	f.waiting = f.waiting[n:]
}
