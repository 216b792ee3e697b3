package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Processes know nothing of the names that containers have.
func TestConfigureNamesProcesses(t *testing.T) {
	s := settings{root: "../..", exporterAt: "127.0.0.1:1", prometheusAt: "127.0.0.1:2", alertmanagerAt: "127.0.0.1:3"}
	dir := t.TempDir()
	require.NoError(t, s.configure(dir))
	prometheus, err := os.ReadFile(filepath.Join(dir, "prometheus.yml"))
	require.NoError(t, err)
	rules, err := filepath.Abs("../../alerts.yml")
	require.NoError(t, err)
	require.Contains(t, string(prometheus), rules)
	require.Contains(t, string(prometheus), `targets: ["127.0.0.1:1"]`)
	require.Contains(t, string(prometheus), `targets: ["127.0.0.1:3"]`)
	require.NotRegexp(t, `(exporter|alertmanager):\d`, string(prometheus))
	require.FileExists(t, filepath.Join(dir, "alertmanager.yml"))
}

func TestStackEndsWithOneOfItsProcesses(t *testing.T) {
	require.ErrorContains(t, supervise(t.Context(), []string{"true"}), "true ended")
	require.ErrorContains(t, supervise(t.Context(), []string{"false"}), "false: exit status 1")
	require.ErrorContains(t, supervise(t.Context(), []string{filepath.Join(t.TempDir(), "missing")}), "missing")
}
