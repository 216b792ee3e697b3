//go:build unix

// Command curves simulates a working day of inboxes from a thousand to a million tickets,
// and writes what came of it, as figures and as pictures, to the directory that it is given.
//
//	go run ./internal/simulation/curves docs/images
//
// With the word draw after the directory it only draws the figures that are there.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"socialboards_exporter/internal/poll"
	"socialboards_exporter/internal/simulation"
)

// sizes are the inboxes.
func sizes() []int { return []int{1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000} }

func main() {
	err := errors.New("usage: curves DIRECTORY [draw]")
	switch {
	case len(os.Args) == 2:
		err = run(context.Background(), os.Args[1])
	case len(os.Args) == 3 && os.Args[2] == "draw":
		err = draw(os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string) error {
	var all []figures
	for _, n := range sizes() {
		f, err := measure(ctx, n)
		if err != nil {
			return err
		}
		all = append(all, f)
		if err := save(dir, all); err != nil { // what there is so far: the largest sizes take minutes
			return err
		}
	}
	return draw(dir)
}

// table is the file of figures.
const table = "scale.csv"

func save(dir string, all []figures) error {
	var text bytes.Buffer
	if err := write(&text, all); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, table), text.Bytes(), 0o644) //nolint:gosec // for everybody
}

func draw(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, table)) //nolint:gosec // where the user says
	if err != nil {
		return err
	}
	all, err := read(bytes.NewReader(text))
	if err != nil {
		return err
	}
	for name, c := range charts(all) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(c.svg()), 0o644); err != nil { //nolint:gosec // for everybody
			return err
		}
	}
	return nil
}

// measure simulates one size, without and with webhooks.
func measure(ctx context.Context, tickets int) (f figures, err error) {
	set := simulation.Setup{Shape: simulation.WorkingDay(tickets), Settings: simulation.Defaults(), Webhooks: true}
	hooked, err := simulation.Run(ctx, set, nil)
	if err != nil {
		return f, err
	}
	set.Webhooks = false
	var loaded time.Duration
	before := uint64(0)
	r, err := simulation.Run(ctx, set, func(_ *poll.Poller, loading bool) {
		if loading {
			before = heap()
			return
		}
		f.memory = float64(heap()-before) / 1e6
		loaded = cpu()
	})
	if err != nil {
		return f, err
	}
	const secondsOfTwoDays = 2 * 24 * 60 * 60
	n := r.Live + r.Done
	f.tickets, f.plain = float64(n), float64(simulation.Plain(n, 30*time.Second))/(secondsOfTwoDays/2)
	f.needed, f.used = float64(r.Needed.All())/(secondsOfTwoDays/2), r.PerSecond()
	f.reply, f.late = simulation.Quantile(r.Replies, 0.99).Seconds(), r.Late.Seconds()
	f.replyHooked = simulation.Quantile(hooked.Replies, 0.99).Seconds()
	f.cpu = (cpu() - loaded).Seconds() / secondsOfTwoDays * 100
	return f, nil
}

// heap gives the bytes that are in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// cpu gives the time for which this process has kept cores busy.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
