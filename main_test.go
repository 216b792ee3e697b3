package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"socialboards_exporter/apiclient/apitest"
	"socialboards_exporter/internal/cli"
	"socialboards_exporter/internal/eventstore"
)

// TestErrorsSayWhatToDo holds what goes wrong at the command line to telling what, where,
// and how to mend it.
func TestErrorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	sim := apitest.Start(t, apitest.Options{})
	const unreachable = "http://127.0.0.1:1"
	written := func(name, url string) string {
		return file(name, fmt.Sprintf("api: {base_url: %q, client_id: x, refresh_token: wrong}\ntickets: {ids: [1]}\n", url))
	}
	good, refusing := written("good.yml", unreachable), written("refusing.yml", sim.URL())
	hook := file("hook.yml", fmt.Sprintf("api: {base_url: %q, client_id: x, refresh_token: x}\ntickets: {ids: [1]}\nwebhook: {listen_address: %q, verify_token_file: v}\n",
		unreachable, taken.Addr()))
	narrow := file("narrow.yml", fmt.Sprintf("api: {base_url: %q, client_id: %q, refresh_token: %q, requests_per_second: 0.001}\ntickets: {discover: [{}]}\n",
		sim.URL(), sim.ClientID(), sim.RefreshToken()))
	locked := filepath.Join(dir, "locked")
	store, err := eventstore.Open(t.Context(), eventstore.Options{Dir: locked, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Account: eventstore.Account{BaseURL: unreachable, ClientID: "x"}})
	require.NoError(t, err)
	defer store.Close()
	const memory, anyPort = "--storage.path=:memory:", "--web.listen-address=127.0.0.1:0"

	for name, test := range map[string]struct {
		args []string
		env  [2]string
		says []string
	}{
		"no file":                {args: []string{"--config.file=" + dir + "/none.yml"}, says: []string{"none.yml", "--config.file", "demo"}},
		"no file to check":       {args: []string{"check-config", dir + "/none.yml"}, says: []string{"none.yml", "--config.file"}},
		"a directory":            {args: []string{"--config.file=" + dir}, says: []string{dir, "is a directory", "--config.file=" + dir + "/socialboards.yml"}},
		"a wrong file":           {args: []string{"check-config", file("wrong.yml", "tickets: {}\n")}, says: []string{"wrong.yml:1", "api.client_id", "is missing"}},
		"not a number":           {args: []string{"--simulate.tickets=abc"}, says: []string{"--simulate.tickets", `"abc"`, "40", "--help"}},
		"too large a number":     {args: []string{"--simulate.seed=99999999999999999999"}, says: []string{"--simulate.seed", "too large"}},
		"too few":                {args: []string{"simulate", "--simulate.tickets=-1"}, says: []string{"--simulate.tickets", "-1", "1 or more"}},
		"a number of a command":  {args: []string{"explain", "--logs=many"}, says: []string{"--logs", `"many"`, "20"}},
		"numbers below zero":     {args: []string{"explain", "--config.file=" + good, "--logs=-1"}, says: []string{"--logs=-1", "0 or more"}},
		"not a number around":    {env: [2]string{"SOCIALBOARDS_EXPORTER_SIMULATE_TICKETS", "abc"}, says: []string{"SOCIALBOARDS_EXPORTER_SIMULATE_TICKETS", `"abc"`}},
		"neither true nor false": {env: [2]string{"SOCIALBOARDS_EXPORTER_WEB_ENABLE_LIFECYCLE", "maybe"}, says: []string{"SOCIALBOARDS_EXPORTER_WEB_ENABLE_LIFECYCLE", "maybe", "neither true nor false"}},
		"an unknown level":       {args: []string{"--log.level=loud"}, says: []string{"--log.level", "loud", "info"}},
		"an unknown command":     {args: []string{"serve"}, says: []string{"serve", "--help"}},
		"an unknown flag":        {args: []string{"--config=x"}, says: []string{"--config", "--help"}},
		"a store for the demo":   {args: []string{"demo", memory}, says: []string{"--storage.path", "leave"}},
		"an address in use":      {args: []string{"--config.file=" + good, memory, "--web.listen-address=" + taken.Addr().String()}, says: []string{"--web.listen-address", taken.Addr().String(), "another process"}},
		"not an address":         {args: []string{"--config.file=" + good, memory, "--web.listen-address=10066"}, says: []string{"--web.listen-address", "10066"}},
		"not our address":        {args: []string{"--config.file=" + good, memory, "--web.listen-address=192.0.2.1:0"}, says: []string{"--web.listen-address", "192.0.2.1", "this machine"}},
		"a webhook in use":       {args: []string{"--config.file=" + hook, memory, anyPort}, says: []string{"webhook.listen_address", taken.Addr().String(), "another process"}},
		"a simulation in use":    {args: []string{"simulate", "--simulate.listen-address=" + taken.Addr().String()}, says: []string{"--simulate.listen-address", "another process"}},
		"a store in use":         {args: []string{"--config.file=" + good, anyPort, "--storage.path=" + locked}, says: []string{locked, "in use", "stop the other process"}},
		"a store that is a file": {args: []string{"--config.file=" + good, anyPort, "--storage.path=" + good}, says: []string{good, "not a directory"}},
		"no web config":          {args: []string{"--config.file=" + good, memory, anyPort, "--web.config.file=" + dir + "/web.yml"}, says: []string{"--web.config.file", "web.yml"}},
		"a wrong web config":     {args: []string{"--config.file=" + good, memory, anyPort, "--web.config.file=" + file("bad-web.yml", "tls: {}\n")}, says: []string{"--web.config.file", "bad-web.yml", "tls"}},
		"a wrong path":           {args: []string{"--config.file=" + good, memory, anyPort, "--web.telemetry-path=metrics"}, says: []string{"--web.telemetry-path", "/metrics"}},
		"a refused token":        {args: []string{"explain", "--config.file=" + refusing, memory}, says: []string{"auth", "api.client_id", "Public API"}},
		"too small a budget":     {args: []string{"explain", "--config.file=" + narrow, memory}, says: []string{"cannot keep its own interval", "api.requests_per_second"}},
		"nobody there":           {args: []string{"explain", "--config.file=" + good, memory}, says: []string{"unreachable", "api.base_url"}},
		"nobody to be healthy":   {args: []string{"healthcheck", "--web.listen-address=127.0.0.1:1"}, says: []string{"127.0.0.1:1", "refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			if test.env[0] != "" {
				t.Setenv(test.env[0], test.env[1])
			}
			var out, errs bytes.Buffer
			require.Equal(t, 1, run(test.args, &out, &errs))
			for _, text := range test.says {
				require.Contains(t, errs.String(), text)
			}
			require.NotContains(t, errs.String(), "strconv")
			require.NotContains(t, errs.String(), "goroutine")
		})
	}
}

// A variable that a container image sets for its exporter is no reason to refuse the demo,
// and an empty one is none at all: counting must not end up in memory by accident.
func TestTheStorageFromTheEnvironment(t *testing.T) {
	for _, test := range []struct {
		env, path string
		args      []string
		set       bool
	}{
		{env: "", path: "data"},
		{env: "/var/lib/x", path: "/var/lib/x"},
		{env: ":memory:", path: ":memory:"},
		{env: "/var/lib/x", args: []string{"--storage.path="}, path: "", set: true},
		{env: "", args: []string{"--storage.path=data"}, path: "data", set: true},
	} {
		t.Setenv("SOCIALBOARDS_EXPORTER_STORAGE_PATH", test.env)
		var f flags
		app := application(&f, &bytes.Buffer{}, &bytes.Buffer{})
		app.Command("demo", "")
		_, err := app.Parse(append(test.args, "demo"))
		require.NoError(t, err)
		require.Equal(t, test.path, f.StoragePath)
		require.Equal(t, test.set, f.StorageSet)
	}
}

func TestTheManualPageNamesEverything(t *testing.T) {
	page := func() string {
		var f flags
		var out bytes.Buffer
		app := application(&f, &out, &out)
		commands(app, &f)
		context, err := app.ParseContext([]string{"help"})
		require.NoError(t, err)
		require.NoError(t, app.UsageForContextWithTemplate(context, 2, cli.ManPage))
		for _, flag := range app.Model().Flags {
			if !flag.Hidden {
				require.Contains(t, out.String(), `\-\-`+flag.Name)
			}
		}
		for _, c := range app.Model().Commands {
			require.Contains(t, out.String(), ".SS "+c.Name)
		}
		return out.String()
	}
	first, second := page(), page()
	require.Equal(t, first, second)
	request := regexp.MustCompile(`(?m)^\.(TH|SH|SS|TP|B)( |$)`)
	for line := range strings.Lines(page()) {
		require.NotEqual(t, "\n", line, "an empty line is a fault in a manual page")
		require.NotEqual(t, "'", line[:1], "would be taken for a request")
		if line[0] == '.' {
			require.Regexp(t, request, line)
		}
	}
	require.NotContains(t, page(), runtime.Version(), "the same source makes the same page")
}
