package terminal

import (
	"fmt"
	"strings"
	"time"
)

// Pace tells how fast something goes on, from how far it was in the last while. The zero
// Pace is ready to use, by one goroutine at a time.
type Pace struct{ marks []mark }

type mark struct {
	at   time.Time
	done int
}

// window is what a pace is taken from: long enough to be steady, short enough to show that
// an outage is over.
const window = time.Minute

// Mark notes how much is done at a moment, later than those before.
func (p *Pace) Mark(at time.Time, done int) {
	p.marks = append(p.marks, mark{at, done})
	for len(p.marks) > 2 && !p.marks[1].at.After(at.Add(-window)) {
		p.marks = p.marks[1:]
	}
}

// PerSecond gives how much is done in a second; 0: that is not known.
func (p *Pace) PerSecond() float64 {
	if len(p.marks) < 2 {
		return 0
	}
	first, last := p.marks[0], p.marks[len(p.marks)-1]
	if span := last.at.Sub(first.at).Seconds(); span > 0 {
		return max(0, float64(last.done-first.done)/span)
	}
	return 0
}

// Left estimates how long so much takes that is still to be done; false: nobody knows.
func (p *Pace) Left(todo int) (time.Duration, bool) {
	rate := p.PerSecond()
	if rate <= 0 {
		return 0, false
	}
	const longest = 1e9 // seconds, before a Duration overflows
	return time.Duration(min(float64(todo)/rate, longest) * float64(time.Second)).Round(time.Second), true
}

// Bar draws how much of a whole is done, with the pace and the time that is left.
func Bar(what string, done, whole int, p *Pace) string {
	const width = 24
	filled := 0
	if whole > 0 {
		filled = min(max(done, 0), whole) * width / whole
	}
	line := fmt.Sprintf("%s [%s%s] %d/%d", what, strings.Repeat("#", filled), strings.Repeat("-", width-filled), done, whole)
	if rate := p.PerSecond(); rate > 0 {
		line += fmt.Sprintf("  %.1f/s", rate)
	}
	if left, ok := p.Left(whole - done); ok {
		line += fmt.Sprintf("  %s left", left)
	}
	return line
}
