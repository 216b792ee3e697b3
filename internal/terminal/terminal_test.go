package terminal

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// screen gives what a terminal shows once text was written to it.
func screen(text string) []string {
	lines := []string{""}
	for _, r := range strings.ReplaceAll(text, erase, "\x00") {
		switch r {
		case 0:
			lines[len(lines)-1] = ""
		case '\n':
			lines = append(lines, "")
		default:
			lines[len(lines)-1] += string(r)
		}
	}
	return lines
}

func TestTheLineStaysBelowTheLog(t *testing.T) {
	var out bytes.Buffer
	l := NewLine(&out)
	log := slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Info("one")
	l.Show("1 of 3")
	l.Show("2 of 3, and more than that")
	log.Info("two")
	require.Equal(t, []string{`level=INFO msg=one`, `level=INFO msg=two`, "2 of 3, and more than that"}, screen(out.String()))
	l.Show("3 of 3")
	l.Show("")
	log.Info("three")
	require.Equal(t, []string{`level=INFO msg=one`, `level=INFO msg=two`, `level=INFO msg=three`, ""}, screen(out.String()))
	l.Show(strings.Repeat("å", 200))
	require.Len(t, []rune(screen(out.String())[3]), widest, "what wraps cannot be taken back")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestATerminalThatIsGoneIsToldToItsWriters(t *testing.T) {
	l := NewLine(broken{})
	l.Show("1 of 3")
	_, err := l.Write([]byte("x\n"))
	require.Error(t, err)
}

func TestPaceIsThatOfTheLastMinute(t *testing.T) {
	var p Pace
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	require.Zero(t, p.PerSecond())
	_, known := p.Left(10)
	require.False(t, known)
	for second := range 300 { // five a second, after an outage of three minutes
		p.Mark(at.Add(time.Duration(second)*time.Second), 5*max(0, second-180))
	}
	require.Equal(t, 5.0, p.PerSecond())
	left, known := p.Left(1000)
	require.True(t, known)
	require.Equal(t, 200*time.Second, left)
	require.LessOrEqual(t, len(p.marks), 62, "nothing is kept for ever")

	var stopped Pace
	stopped.Mark(at, 7)
	stopped.Mark(at, 7)
	stopped.Mark(at.Add(time.Hour), 7)
	_, known = stopped.Left(1)
	require.False(t, known)
	stopped.Mark(at.Add(2*time.Hour), 8)
	left, known = stopped.Left(1 << 40)
	require.True(t, known)
	require.Positive(t, left)
}

func TestBar(t *testing.T) {
	var p Pace
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	require.Equal(t, "first pass [------------------------] 0/0", Bar("first pass", 0, 0, &p))
	p.Mark(at, 0)
	p.Mark(at.Add(10*time.Second), 48)
	require.Equal(t, "first pass [############------------] 48/96  4.8/s  10s left", Bar("first pass", 48, 96, &p))
	require.Equal(t, "first pass [########################] 96/96  4.8/s  0s left", Bar("first pass", 96, 96, &p))
}

func TestOnlyATerminalIsOne(t *testing.T) {
	require.False(t, Is(&bytes.Buffer{}))
	f, err := os.Create(t.TempDir() + "/f")
	require.NoError(t, err)
	defer f.Close()
	require.False(t, Is(f))
}
