package monitoring

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func compose(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(root, "deploy/compose/compose.yml")})
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

func TestComposeFileIsValid(t *testing.T) {
	project := compose(t)
	require.ElementsMatch(t, []string{"exporter", "prometheus", "alertmanager", "grafana"}, project.ServiceNames())
	for name, s := range project.Services {
		require.Regexp(t, `:(v?\d+\.\d+\.\d+|local)$`, s.Image, "the image of %s is not pinned", name)
		for _, p := range s.Ports {
			require.Equal(t, "127.0.0.1", p.HostIP, "%s is open to the network", name)
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind {
				require.FileExists(t, existing(v.Source), name)
				require.True(t, v.ReadOnly, "%s may write %s", name, v.Source)
			}
		}
	}
}

// existing gives the path, or that of a file in it if it is a directory.
func existing(path string) string {
	for {
		entries, err := os.ReadDir(path)
		if err != nil || len(entries) == 0 {
			return path
		}
		path = filepath.Join(path, entries[0].Name())
	}
}

// Services name each other by host and port; what they name has to be there.
func TestServicesFindEachOther(t *testing.T) {
	project := compose(t)
	address := regexp.MustCompile(`\b(exporter|prometheus|alertmanager|grafana):(\d+)\b`)
	for _, file := range []string{"prometheus/prometheus.yml", "grafana/provisioning/datasources/prometheus.yml"} {
		found := address.FindAllStringSubmatch(read(t, "deploy/compose", file), -1)
		require.NotEmpty(t, found, file)
		for _, m := range found {
			ports := project.Services[m[1]].Ports
			require.Len(t, ports, 1, m[1])
			require.Equal(t, m[2], ports[0].Published, "%s: %s", file, m[0])
		}
	}
}

func TestExampleOfAlertmanagerNamesRealAlerts(t *testing.T) {
	text := read(t, "deploy/compose/alertmanager/alertmanager.yml")
	var file struct {
		Receivers    []struct{ Name string }
		InhibitRules []struct {
			Source []string `yaml:"source_matchers"`
			Target []string `yaml:"target_matchers"`
			Equal  []string
		} `yaml:"inhibit_rules"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &file))
	require.NotEmpty(t, file.InhibitRules)
	names, word := alertNames(t), regexp.MustCompile(`Socialboards\w+`)
	for _, r := range file.InhibitRules {
		require.NotEmpty(t, r.Equal, "would mute alerts of other exporters")
		for _, m := range word.FindAllString(strings.Join(append(r.Source, r.Target...), " "), -1) {
			require.True(t, names[m], "there is no alert %s", m)
		}
	}
	for _, r := range rules(t) {
		if audience := r.Labels["audience"]; audience != "" {
			require.Contains(t, text, `matchers: [audience="`+audience+`"]`)
		}
	}
}
