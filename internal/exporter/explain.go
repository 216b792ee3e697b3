package exporter

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"socialboards_exporter/apiclient"
	"socialboards_exporter/internal/config"
	"socialboards_exporter/internal/explain"
)

// Sample says how much Explain may ask.
type Sample struct {
	Lists int // requests for lists, at most
	Logs  int // to be read
}

// Explain tells what the configuration comes to, and changes nothing. There is one thing
// that it cannot leave alone: where the API gives another refresh token, that is kept in the
// storage directory as a running exporter would, since the one before may be withdrawn.
func Explain(ctx context.Context, o Options, much Sample) (*explain.Report, error) {
	c, err := o.Config()
	if err != nil {
		return nil, err
	}
	settings, err := recorderSettings(c, true)
	if err != nil {
		return nil, err
	}
	var times readTimes
	client, err := borrowClient(o, c, &times)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	never := func(string) time.Time { return time.Time{} }
	return explain.Explain(ctx, explain.Options{
		Config: c, Poll: pollSettings(c, never), Objectives: settings.Objectives, Owns: settings.Shard.Owns,
		Source: client, Latency: times.latency, Now: o.Clock.Now, Lists: much.Lists, Logs: much.Logs,
	})
}

// borrowClient gives a client that asks beside an exporter that may be running.
func borrowClient(o Options, c *config.Config, observer apiclient.Observer) (*apiclient.Client, error) {
	co := clientOptions(o, c)
	co.RefreshToken = c.API().RefreshToken
	co.Observer, co.Concurrency = observer, 1
	co.Rotated = borrowed{dir: o.StoragePath, log: o.Logger}
	return apiclient.New(co)
}

// borrowed keeps a rotated refresh token where the exporter will look for it. The directory
// is made only when there is something to keep.
type borrowed struct {
	dir string
	log *slog.Logger
}

// Load gives the token that the exporter was given last.
func (b borrowed) Load() (apiclient.Rotation, error) {
	if inMemory(b.dir) {
		return apiclient.Rotation{}, nil
	}
	return apiclient.FileTokens(rotatedPath(b.dir)).Load()
}

// Save makes a token durable.
func (b borrowed) Save(r apiclient.Rotation) error {
	if inMemory(b.dir) {
		b.log.Warn("the API has given another refresh token, and there is no storage directory to keep it in: it ends with this command. " +
			"If the configured one is refused from now on, create another in the inbox; with such an account --storage.path must name a directory")
		return nil
	}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return fmt.Errorf("keep the refresh token that the API has given: %w", err)
	}
	return apiclient.FileTokens(rotatedPath(b.dir)).Save(r)
}

// readTimes takes the time of requests for logs.
type readTimes struct {
	mu    sync.Mutex
	count int
	took  time.Duration
}

// RequestDone takes note of a request.
func (s *readTimes) RequestDone(endpoint apiclient.Endpoint, _ string, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if endpoint == apiclient.LogEndpoint {
		s.count++
		s.took += took
	}
}

func (s *readTimes) latency() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.took / time.Duration(max(1, s.count))
}

// Answered is not needed: an answer that is not right ends the command.
func (*readTimes) Answered(apiclient.Endpoint, bool) {}

// Throttled is not needed: the client waits.
func (*readTimes) Throttled(time.Duration) {}

// TokenRefused is not needed: the command ends with it.
func (*readTimes) TokenRefused(bool) {}
