package apiclient

import "time"

// backoff is a wait that doubles from failure to failure, with up to a quarter added by
// chance so that clients that failed together do not return together.
type backoff struct {
	least, most time.Duration
	chance      func() float64 // in [0, 1)

	next time.Duration // 0: least
}

// grow gives the wait that is due, and doubles the one after it.
func (b *backoff) grow() time.Duration {
	wait := max(b.next, b.least)
	b.next = min(2*wait, b.most)
	return min(wait+time.Duration(b.chance()*float64(wait)/4), b.most)
}

func (b *backoff) reset() { b.next = 0 }
