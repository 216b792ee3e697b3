package exporter

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/clock"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/sla"
)

// watched is a running exporter that watches its configuration, in a bubble.
type watched struct {
	e    *Exporter
	mu   sync.Mutex
	yaml string
	err  error // instead of a configuration
	logs strings.Builder
}

const lookEvery = 5 * time.Second

func watching(t *testing.T, yaml string, f func(t *testing.T, w *watched)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sim := apitest.New(apitest.Options{})
		w := &watched{yaml: yaml}
		load := func() (*config.Config, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			text := strings.NewReplacer("$BASE_URL", sim.URL(), "$CLIENT_ID", "c", "$REFRESH_TOKEN", sim.RefreshToken()).Replace(api + w.yaml)
			c, err := config.Parse("socialboards.yml", []byte(text), t.TempDir(), config.Known{HolidayCountry: sla.HolidayCountry})
			return c, errors.Join(err, w.err)
		}
		var err error
		w.e, err = New(Options{Config: load, Clock: clock.System{}, Transport: sim.Transport(), Logger: slog.New(slog.NewTextHandler(&w.logs, nil))})
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- w.e.Run(ctx) }()
		go w.e.WatchConfig(ctx, lookEvery)
		synctest.Wait()
		f(t, w)
		stop()
		require.NoError(t, <-ran)
	})
}

// write changes the file, and gives the watch time for some looks.
func (w *watched) write(yaml string, err error, looks int) {
	w.mu.Lock()
	w.yaml, w.err = yaml, err
	w.mu.Unlock()
	<-time.After(time.Duration(looks)*lookEvery + time.Millisecond)
	synctest.Wait()
}

func (w *watched) said(text string) int { return strings.Count(w.logs.String(), text) }

const (
	reloadDone   = "the configuration was reloaded"
	reloadFailed = "the configuration was not reloaded"
)

func TestAChangedFileIsTakenIn(t *testing.T) {
	watching(t, "tickets: {ids: [1]}\n", func(t *testing.T, w *watched) {
		w.write("# a remark\ntickets: {ids: [ 1 ]}\n", nil, 4)
		require.Zero(t, w.said(reloadDone), "it says the same")
		w.write("tickets: {ids: [1, 2]}\n", nil, 1)
		require.Zero(t, w.said(reloadDone), "it may be half written")
		w.write("tickets: {ids: [1, 2, 3]}\n", nil, 1)
		require.Zero(t, w.said(reloadDone), "it is still being written")
		w.write("tickets: {ids: [1, 2, 3]}\n", nil, 10)
		require.Equal(t, 1, w.said(reloadDone))
		require.Equal(t, []int64{1, 2, 3}, w.e.Config().Tickets().IDs)
	})
}

func TestAWatchTellsOnceOfABrokenFile(t *testing.T) {
	watching(t, "tickets: {ids: [1]}\n", func(t *testing.T, w *watched) {
		w.write("tickets: {ids: [x]}\n", nil, 10)
		require.Equal(t, 1, w.said(reloadFailed))
		require.Equal(t, []int64{1}, w.e.Config().Tickets().IDs)
		w.write("tickets: {ids: [1]}\n", errors.New("no such file"), 10)
		require.Equal(t, 2, w.said(reloadFailed), "it is broken another way")
		w.write("tickets: {ids: [1]}\nshard: {index: 0, total: 2}\n", nil, 10)
		require.Equal(t, 3, w.said(reloadFailed), "it needs a restart")
		w.write("tickets: {ids: [1]}\n", nil, 10)
		require.Equal(t, 1, w.said(reloadDone), "what runs is what is written: the file is not broken any more")
	})
}

func TestAWatchLeavesToOthersWhatTheyReloaded(t *testing.T) {
	watching(t, "tickets: {ids: [1]}\n", func(t *testing.T, w *watched) {
		w.write("tickets: {ids: [2]}\n", nil, 0)
		_, err := w.e.Reload(t.Context())
		require.NoError(t, err)
		w.write("tickets: {ids: [2]}\n", nil, 5)
		require.Equal(t, 1, w.said(reloadDone))
		w.write("tickets: {ids: [y]}\n", nil, 0)
		_, err = w.e.Reload(t.Context())
		require.Error(t, err)
		w.write("tickets: {ids: [y]}\n", nil, 5)
		require.Equal(t, 1, w.said(reloadFailed))
	})
}
