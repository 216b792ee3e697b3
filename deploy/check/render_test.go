package check

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	operator "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/require"
	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	disruption "k8s.io/api/policy/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

const (
	root  = "../.."
	chart = root + "/deploy/helm/socialboards-exporter"
)

// tool gives the path of a program that the Makefile provides.
func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	require.NotEmpty(t, path, "%s is not set: run make deploycheck", variable)
	return path
}

// run gives what a program writes, and what it says if it fails.
func run(t *testing.T, variable string, args ...string) (out, complaint string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), tool(t, variable), args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", err.Error() + "\n" + stdout.String() + stderr.String()
	}
	return stdout.String(), ""
}

func kustomize(t *testing.T, dir string) manifests {
	t.Helper()
	out, complaint := run(t, "KUSTOMIZE", "build", filepath.Join(root, "deploy/kubernetes", dir))
	require.Empty(t, complaint)
	return decode(t, out)
}

func helm(t *testing.T, values string, more ...string) manifests {
	t.Helper()
	out, complaint := template(t, values, more...)
	require.Empty(t, complaint)
	return decode(t, out)
}

func template(t *testing.T, values string, more ...string) (out, complaint string) {
	t.Helper()
	args := []string{"template", "socialboards-exporter", chart, "--namespace", "socialboards", "--values", filepath.Join(chart, "ci", values)}
	return run(t, "HELM", append(args, more...)...)
}

// manifests are the objects of one rendering; there is at most one of each kind.
type manifests struct {
	Namespace      *core.Namespace
	ServiceAccount core.ServiceAccount
	Service        core.Service
	ConfigMap      core.ConfigMap
	StatefulSet    apps.StatefulSet
	Budget         *disruption.PodDisruptionBudget
	NetworkPolicy  *networking.NetworkPolicy
	ServiceMonitor *operator.ServiceMonitor
	PrometheusRule *operator.PrometheusRule
}

// decode reads objects strictly: a key that Kubernetes would drop in silence is an error.
func decode(t *testing.T, text string) manifests {
	t.Helper()
	var m manifests
	seen := map[string]bool{}
	for document := range strings.SplitSeq("\n"+text, "\n---\n") {
		data, err := yaml.YAMLToJSONStrict([]byte(document))
		require.NoError(t, err, document)
		if string(data) == "null" {
			continue
		}
		var head struct{ Kind, APIVersion string }
		require.NoError(t, yaml.Unmarshal(data, &head))
		kind := head.APIVersion + " " + head.Kind
		require.False(t, seen[kind], "there are two: %s", kind)
		seen[kind] = true
		strict, err := json.UnmarshalStrict(data, m.place(t, kind))
		require.NoError(t, err, document)
		require.Empty(t, strict, document)
	}
	return m
}

// place gives where an object belongs.
func (m *manifests) place(t *testing.T, kind string) any {
	t.Helper()
	switch kind {
	case "v1 Namespace":
		m.Namespace = &core.Namespace{}
		return m.Namespace
	case "v1 ServiceAccount":
		return &m.ServiceAccount
	case "v1 Service":
		return &m.Service
	case "v1 ConfigMap":
		return &m.ConfigMap
	case "apps/v1 StatefulSet":
		return &m.StatefulSet
	case "policy/v1 PodDisruptionBudget":
		m.Budget = &disruption.PodDisruptionBudget{}
		return m.Budget
	case "networking.k8s.io/v1 NetworkPolicy":
		m.NetworkPolicy = &networking.NetworkPolicy{}
		return m.NetworkPolicy
	case "monitoring.coreos.com/v1 ServiceMonitor":
		m.ServiceMonitor = &operator.ServiceMonitor{}
		return m.ServiceMonitor
	case "monitoring.coreos.com/v1 PrometheusRule":
		m.PrometheusRule = &operator.PrometheusRule{}
		return m.PrometheusRule
	}
	require.Fail(t, "nobody expects "+kind)
	return nil
}
