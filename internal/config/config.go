// Package config reads the configuration file: strict YAML into a value that was checked
// as a whole before anybody sees it, and that nobody can change afterwards.
package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// maxSize bounds the file, so that a wrong path (a device, a log) ends in an error.
const maxSize = 16 << 20

// Config is a valid configuration. Only Load and Parse make one. Its methods give copies
// and may be called by several goroutines at once.
type Config struct {
	api      API
	tickets  Tickets
	poll     Poll
	events   Events
	statuses Statuses
	users    Users
	metrics  Metrics
	sla      SLA
	webhook  *Webhook
	shard    Shard
	warnings []string
}

// Known is what validation has to ask others. Its zero value will do: then any country
// is accepted, and the host's name is the machine's.
type Known struct {
	HolidayCountry func(code string) bool // whether there is a table of public holidays
	Hostname       func() (string, error) // for `shard.index: hostname`
}

// Load reads the file at path. Relative paths in it start at its directory. The error is
// an *Error when the file could be read but is not right.
func Load(path string, k Known) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	c, err := Parse(path, data, filepath.Dir(path), k)
	if err != nil {
		return nil, err
	}
	if c.api.refresh.file == "" && readableByOthers(path) {
		c.warnings = append(c.warnings, path+": holds api.refresh_token and can be read by every user of this machine; "+
			"chmod 0600 it, or move the token to api.refresh_token_file")
	}
	return c, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(data) > maxSize {
		return nil, fmt.Errorf("%s is larger than %d MiB", path, maxSize>>20)
	}
	return data, nil
}

// Parse reads a configuration from data; name stands for it in errors, and relative
// paths start at dir. The error is an *Error that lists everything that is wrong.
func Parse(name string, data []byte, dir string, k Known) (*Config, error) {
	d := &decoder{file: name, dir: dir, known: k}
	d.document(data)
	if len(d.problems) > 0 {
		return nil, newError(d.problems, data)
	}
	return &d.config, nil
}

// API gives the access to Socialboards.
func (c *Config) API() API { return c.api }

// Tickets gives what is followed.
func (c *Config) Tickets() Tickets { return c.tickets.clone() }

// Poll gives the rhythm of polling.
func (c *Config) Poll() Poll { return c.poll }

// Events gives what is shown of the log entries counted.
func (c *Config) Events() Events { return Events{ActionTypes: slices.Clone(c.events.ActionTypes)} }

// Statuses gives what is configured about statuses, without the built-in tables.
func (c *Config) Statuses() Statuses { return c.statuses.clone() }

// Users gives how users are shown.
func (c *Config) Users() Users { return c.users }

// Metrics gives the bounds of what is exposed.
func (c *Config) Metrics() Metrics {
	m := c.metrics
	m.StatusDurationBuckets = slices.Clone(m.StatusDurationBuckets)
	return m
}

// SLA gives calendars, sorted by name, and objectives, in the order of the file.
func (c *Config) SLA() SLA { return c.sla.clone() }

// Webhook gives the listener for webhooks; false: there is to be none.
func (c *Config) Webhook() (Webhook, bool) {
	if c.webhook == nil {
		return Webhook{}, false
	}
	return *c.webhook, true
}

// Shard gives the part of the tickets that is ours.
func (c *Config) Shard() Shard { return c.shard }

// Warnings gives what is allowed but deserves a second look, a sentence each. They are as
// old as the configuration: files may have been mended since.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// defaults is the configuration of an empty file, were that valid.
func defaults() Config {
	const day, week = 24 * time.Hour, 7 * 24 * time.Hour
	return Config{
		api: API{
			BaseURL: "https://api.socialboards.com", Timeout: 10 * time.Second,
			RequestsPerSecond: 5, Burst: 10, Concurrency: 4,
		},
		poll: Poll{
			Interval: 30 * time.Second, MaxInterval: 15 * time.Minute, ReadMaxInterval: 6 * time.Hour,
			DoneMaxInterval: day, DoneFor: 90 * day,
		},
		statuses: Statuses{Done: []string{"completed"}},
		users:    Users{Limit: 1000},
		metrics: Metrics{
			MaxTickets: 5000, NativeHistograms: true,
			StatusDurationBuckets: []time.Duration{
				time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour,
				day, 2 * day, 3 * day, week, 2 * week, 30 * day,
			},
		},
		shard: Shard{Total: 1},
	}
}
