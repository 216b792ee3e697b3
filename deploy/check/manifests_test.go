package check

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	security "k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

// renderings are all that is tried, by name.
func renderings(t *testing.T) map[string]manifests {
	t.Helper()
	return map[string]manifests{
		"kustomize base":         kustomize(t, "base"),
		"kustomize three shards": kustomize(t, "overlays/three-shards"),
		"helm minimal":           helm(t, "minimal.yaml"),
		"helm everything":        helm(t, "everything.yaml"),
	}
}

func TestManifests(t *testing.T) {
	for name, m := range renderings(t) {
		t.Run(name, func(t *testing.T) {
			t.Run("pods are restricted", m.testSecurity)
			t.Run("names lead somewhere", m.testNames)
			t.Run("labels select the pods", m.testSelectors)
			t.Run("probes", m.testProbes)
			t.Run("the exporter takes the configuration", m.testConfig)
			t.Run("shards", m.testShards)
			t.Run("rules", m.testRules)
		})
	}
}

// Admission by the standard `restricted` would let the pods in; the namespace asks for it.
func (m manifests) testSecurity(t *testing.T) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	require.NoError(t, err)
	pod := m.StatefulSet.Spec.Template
	level := security.LevelVersion{Level: security.LevelRestricted, Version: security.LatestVersion()}
	for _, r := range evaluator.EvaluatePod(level, &pod.ObjectMeta, &pod.Spec) {
		require.True(t, r.Allowed, "%s: %s", r.ForbiddenReason, r.ForbiddenDetail)
	}
	if m.Namespace != nil {
		require.Equal(t, "restricted", m.Namespace.Labels[security.EnforceLevelLabel])
	}
	c := m.container(t)
	require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
	require.EqualValues(t, 65532, *pod.Spec.SecurityContext.RunAsUser, "owner of /data in the image")
	require.EqualValues(t, 65532, *pod.Spec.SecurityContext.FSGroup)
	require.False(t, *pod.Spec.AutomountServiceAccountToken)
	require.False(t, *m.ServiceAccount.AutomountServiceAccountToken)
}

func (m manifests) container(t *testing.T) core.Container {
	t.Helper()
	require.Len(t, m.StatefulSet.Spec.Template.Spec.Containers, 1)
	return m.StatefulSet.Spec.Template.Spec.Containers[0]
}

// Ports, volumes and objects are named by others; what they name has to be there.
func (m manifests) testNames(t *testing.T) {
	ports, volumes := map[string]bool{}, map[string]bool{}
	for _, p := range m.container(t).Ports {
		ports[p.Name] = true
	}
	for _, p := range m.Service.Spec.Ports {
		require.True(t, ports[p.TargetPort.String()], "%s of the service", p.Name)
	}
	pod := m.StatefulSet.Spec.Template.Spec
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
	}
	for _, v := range m.StatefulSet.Spec.VolumeClaimTemplates {
		volumes[v.Name] = true
	}
	for _, v := range m.container(t).VolumeMounts {
		require.True(t, volumes[v.Name], v.Name)
		require.Equal(t, v.Name != "data", v.ReadOnly, v.Name)
		delete(volumes, v.Name)
	}
	require.Empty(t, volumes, "mounted nowhere")
	require.Equal(t, m.ConfigMap.Name, pod.Volumes[0].ConfigMap.Name)
	require.Equal(t, m.Service.Name, m.StatefulSet.Spec.ServiceName)
	require.Equal(t, m.ServiceAccount.Name, pod.ServiceAccountName)
	for _, rule := range m.NetworkPolicy.Spec.Ingress {
		require.True(t, ports[rule.Ports[0].Port.String()], "let in to a port that is not there")
	}
	if m.ServiceMonitor != nil {
		require.Equal(t, m.Service.Spec.Ports[0].Name, m.ServiceMonitor.Spec.Endpoints[0].Port)
	}
}

func (m manifests) testSelectors(t *testing.T) {
	pod := labels.Set(m.StatefulSet.Spec.Template.Labels)
	matches := func(s *meta.LabelSelector, of labels.Set) bool {
		selector, err := meta.LabelSelectorAsSelector(s)
		require.NoError(t, err)
		return !selector.Empty() && selector.Matches(of)
	}
	require.True(t, matches(m.StatefulSet.Spec.Selector, pod))
	require.True(t, matches(m.Budget.Spec.Selector, pod))
	require.True(t, matches(&m.NetworkPolicy.Spec.PodSelector, pod))
	require.True(t, matches(&meta.LabelSelector{MatchLabels: m.Service.Spec.Selector}, pod))
	if m.ServiceMonitor != nil {
		require.True(t, matches(&m.ServiceMonitor.Spec.Selector, m.Service.Labels))
		require.Equal(t, "instance", m.ServiceMonitor.Spec.Endpoints[0].RelabelConfigs[0].TargetLabel)
	}
}

// A first pass may take hours: nothing but a process that does not answer is a reason to
// start a pod again, and readiness, which waits for that pass, is not asked for that.
func (m manifests) testProbes(t *testing.T) {
	c := m.container(t)
	guarded := strings.Contains(strings.Join(c.Args, " "), "--web.config.file")
	for name, probe := range map[string]*core.Probe{"/-/healthy": c.LivenessProbe, "/-/healthy ": c.StartupProbe, "/-/ready": c.ReadinessProbe} {
		if guarded { // by a password that the kubelet does not know
			require.Equal(t, "healthcheck", probe.Exec.Command[1])
			continue
		}
		require.Equal(t, strings.TrimSpace(name), probe.HTTPGet.Path)
	}
	require.True(t, m.Service.Spec.PublishNotReadyAddresses, "one does not see how far the first pass is")
	require.EqualValues(t, "Parallel", m.StatefulSet.Spec.PodManagementPolicy, "a first pass would hold up other shards")
}

// The program checks the configuration here without the host names of pods, so the index is
// given to it.
func (m manifests) testConfig(t *testing.T) {
	text := m.ConfigMap.Data["socialboards.yml"]
	index := regexp.MustCompile(`index: hostname\b`)
	require.Len(t, index.FindAllString(text, -1), 1)
	file := filepath.Join(t.TempDir(), "socialboards.yml")
	require.NoError(t, os.WriteFile(file, []byte(index.ReplaceAllString(text, "index: 0")), 0o600))
	out, complaint := run(t, "EXPORTER", "check-config", file)
	require.Empty(t, complaint)
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "warning") {
			require.Contains(t, line, "_file: ", "only that the secrets of the pod are not here")
		}
	}

	// What it names has to be where the pod has it.
	for _, secret := range regexp.MustCompile(`_file: (.*)`).FindAllStringSubmatch(text, -1) {
		require.Equal(t, "/run/secrets/socialboards", filepath.Dir(secret[1]))
	}
	require.Contains(t, m.container(t).Args, "--config.file=/etc/socialboards/socialboards.yml")
	require.Contains(t, m.container(t).Args, "--storage.path=/data")
	for _, a := range m.container(t).Args {
		require.NotContains(t, a, "token")
	}
	_, complaint = run(t, "EXPORTER", append(m.container(t).Args, "--help")...)
	require.Empty(t, complaint, "a flag that is none")
}

func (m manifests) testShards(t *testing.T) {
	var config struct {
		Shard struct {
			Index string
			Total int32
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(m.ConfigMap.Data["socialboards.yml"]), &config))
	require.Equal(t, *m.StatefulSet.Spec.Replicas, config.Shard.Total, "replicas, and parts of the tickets")
	require.EqualValues(t, "Retain", m.StatefulSet.Spec.PersistentVolumeClaimRetentionPolicy.WhenScaled)
	require.EqualValues(t, "Retain", m.StatefulSet.Spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted)
	require.Equal(t, "1", strconv.Itoa(m.Budget.Spec.MaxUnavailable.IntValue()))
}

// The Operator gets the rules of alerts.yml, all of them, and they are still rules.
func (m manifests) testRules(t *testing.T) {
	if m.PrometheusRule == nil {
		return
	}
	text, err := os.ReadFile(filepath.Join(root, "alerts.yml"))
	require.NoError(t, err)
	var want, got any
	require.NoError(t, yaml.Unmarshal(text, &want))
	rendered, err := yaml.Marshal(m.PrometheusRule.Spec)
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(rendered, &got))
	require.True(t, assert.ObjectsAreEqual(want, got), "alerts.yml has changed: run make manifests")
	file := filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(file, rendered, 0o600))
	_, complaint := run(t, "PROMTOOL", "check", "rules", file)
	require.Empty(t, complaint)
}
