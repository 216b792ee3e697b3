package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

// settings say which programs run, and where they listen.
type settings struct {
	exporter, prometheus, alertmanager       string
	exporterAt, prometheusAt, alertmanagerAt string
	root                                     string
}

// patience is how long a process may take to stop before it is killed.
const patience = 10 * time.Second

// run runs the stack until ctx is done or one of the processes ends. What they store goes
// to a temporary directory, which is removed at the end.
func run(ctx context.Context, s settings, out io.Writer) error {
	dir, err := os.MkdirTemp("", "socialboards_stack-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := s.configure(dir); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, argv := range s.commands(dir) {
		group.Go(func() error { return supervise(ctx, argv) })
	}
	fmt.Fprintf(out, "exporter      http://%s\nPrometheus    http://%s\nAlertmanager  http://%s\n\nCtrl-C ends them; nothing is kept.\n",
		s.exporterAt, s.prometheusAt, s.alertmanagerAt)
	return group.Wait()
}

// configure writes the configuration of deploy/compose into dir, with the addresses of
// processes in place of those of containers.
func (s settings) configure(dir string) error {
	rules, err := filepath.Abs(filepath.Join(s.root, "alerts.yml"))
	if err != nil {
		return err
	}
	replace := strings.NewReplacer("exporter:10066", s.exporterAt, "alertmanager:9093", s.alertmanagerAt, "/etc/prometheus/alerts.yml", rules)
	for _, name := range []string{"prometheus", "alertmanager"} {
		text, err := os.ReadFile(filepath.Join(s.root, "deploy", "compose", name, name+".yml"))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name+".yml"), []byte(replace.Replace(string(text))), 0o600); err != nil { //nolint:gosec // names are ours
			return err
		}
	}
	return nil
}

// commands gives what to run, in the order in which it is begun.
func (s settings) commands(dir string) [][]string {
	return [][]string{
		{s.exporter, "demo", "--web.listen-address=" + s.exporterAt},
		{
			s.prometheus, "--config.file=" + filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path=" + filepath.Join(dir, "prometheus"),
			"--web.listen-address=" + s.prometheusAt, "--enable-feature=exemplar-storage", "--log.level=warn",
		},
		{
			s.alertmanager, "--config.file=" + filepath.Join(dir, "alertmanager.yml"), "--storage.path=" + filepath.Join(dir, "alertmanager"),
			"--web.listen-address=" + s.alertmanagerAt, "--cluster.listen-address=", "--log.level=warn",
		},
	}
}

// supervise runs a process until ctx is done, and asks it to stop then. That it ends of
// its own accord is an error: the stack is not whole without it.
func supervise(ctx context.Context, argv []string) error {
	name := filepath.Base(argv[0])
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // the user names the programs
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = patience
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil //nolint:nilerr // it was asked to stop
	case err == nil:
		return errors.New(name + " ended")
	default:
		return fmt.Errorf("%s: %w", name, err)
	}
}
