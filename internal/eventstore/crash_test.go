package eventstore_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/internal/eventstore"
	"socialboards_exporter/internal/fact"
)

// numbered is batch n of the crash test: of a size that follows from n, so that what a
// store holds can be checked against the number of the last batch in it.
func numbered(n int) fact.Batch {
	b := fact.Batch{
		Series: []fact.Series{{ID: 1, Kind: fact.Events, Created: fact.Never}},
		Counts: map[string]uint64{"batches": 1},
		Meta:   map[string]string{"last": strconv.Itoa(n)},
	}
	for i := range sizeOf(n) {
		seq := int64(n)*1000 + int64(i)
		b.Entries = append(b.Entries, fact.Entry{Seq: seq, Ticket: seq % 97, Time: fact.Instant(seq), Action: "action", Series: 1})
		b.Changes = append(b.Changes, fact.Change{Seq: seq, Ticket: seq % 97, Time: fact.Instant(seq)})
	}
	return b
}

func sizeOf(n int) int { return 1 + n*7919%80 }

// commitForever is the child process: it commits numbered batches and prints the number
// of each as soon as it is durable.
func commitForever(dir string) {
	ctx := context.Background()
	_, _ = fmt.Fprintln(os.Stdout, "opening")
	s, err := eventstore.Open(ctx, eventstore.Options{Dir: dir, Account: account()})
	if err != nil {
		_, _ = fmt.Fprintln(os.Stdout, err)
		os.Exit(1)
	}
	c, err := s.Load(ctx)
	for n := int(c.Counts["batches"]); err == nil; n++ {
		err = s.Commit(ctx, numbered(n))
		_, _ = fmt.Fprintln(os.Stdout, n)
	}
	_, _ = fmt.Fprintln(os.Stdout, err)
	os.Exit(1)
}

// TestAKilledProcessLeavesWholeBatches kills a committing process again and again, at
// moments that differ, and looks at what it left.
func TestAKilledProcessLeavesWholeBatches(t *testing.T) {
	dir, r, want := t.TempDir(), rand.New(rand.NewPCG(1, 2)), newModel()
	batches, unchecked := 0, 0
	for range 20 {
		printed := runAndKill(t, dir, r.IntN(8))
		if isSealed(dir) {
			unchecked++
		}
		batches = checkNumbered(t, dir, want, batches)
		require.GreaterOrEqual(t, batches, printed+1, "a batch that was reported is not there")
	}
	require.Greater(t, batches, 20)
	t.Logf("%d starts of 20 without a check", unchecked)
	require.Greater(t, unchecked, 5, "starts that need no check: all but those after a kill at a bad moment")
}

// isSealed says whether a start on what was left in dir need not check the pages.
func isSealed(dir string) bool {
	file := func(name string) []byte {
		content, _ := os.ReadFile(filepath.Join(dir, name)) // a process that is killed early leaves none
		return content
	}
	return bytes.Equal(file("LOCK"), sealed(file("events.db"), file("events.db-wal")))
}

// runAndKill starts the child, kills it after it printed some lines, and gives the
// number of the last batch that it reported; -1: none.
func runAndKill(t *testing.T, dir string, lines int) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "commit", dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	last := -1
	scanner := bufio.NewScanner(out)
	for i := 0; i <= lines && scanner.Scan(); i++ {
		if scanner.Text() == "opening" {
			continue
		}
		last, err = strconv.Atoi(scanner.Text())
		require.NoError(t, err)
	}
	require.NoError(t, cmd.Process.Kill())
	require.ErrorContains(t, cmd.Wait(), "killed")
	return last
}

// checkNumbered checks that the store holds all of the first batches and nothing else,
// and gives how many. The model has been given known of them.
func checkNumbered(t *testing.T, dir string, want *model, known int) int {
	t.Helper()
	s := open(t, dir)
	require.Empty(t, s.Damaged())
	c, err := s.Load(t.Context())
	require.NoError(t, err)
	batches := int(c.Counts["batches"])
	for n := known; n < batches; n++ {
		want.commit(numbered(n))
	}
	require.Equal(t, want.contents(), c)
	want.requireStreams(t, s)
	require.NoError(t, s.Close())
	return batches
}
