// Package terminal shows how far something is to whoever sits before a terminal.
package terminal

import (
	"io"
	"os"
	"sync"

	"github.com/mattn/go-isatty"
)

// Is says whether what is written to w is seen by somebody at once.
func Is(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

// Line is a terminal whose last line shows how far something is, under whatever else is
// written. Its methods may be called by several goroutines at once.
type Line struct {
	mu    sync.Mutex
	to    io.Writer
	shown string
}

// NewLine gives a line at the end of what is written to a terminal.
func NewLine(to io.Writer) *Line { return &Line{to: to} }

const (
	widest = 79 // one column less than narrow terminals have: a longer line could not be taken back
	erase  = "\r\x1b[K"
)

// Show replaces the line. An empty text takes it away.
func (l *Line) Show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if runes := []rune(text); len(runes) > widest {
		text = string(runes[:widest])
	}
	if text != l.shown {
		l.shown = text
		_, _ = io.WriteString(l.to, erase+text) // a terminal that is gone shows nothing
	}
}

// Write writes whole lines, such as those of a log, above the line that Show shows.
func (l *Line) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown == "" {
		return l.to.Write(p)
	}
	if _, err := io.WriteString(l.to, erase); err != nil {
		return 0, err
	}
	n, err := l.to.Write(p)
	if err == nil {
		_, err = io.WriteString(l.to, l.shown)
	}
	return n, err
}
