package check

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Whether one takes kustomize or Helm, the same runs.
func TestChartIsLikeKustomize(t *testing.T) {
	want, got := kustomize(t, "base"), helm(t, "like-kustomize.yaml")
	a, b := want.StatefulSet.Spec, got.StatefulSet.Spec
	for _, s := range []*manifests{&want, &got} {
		spec := &s.StatefulSet.Spec.Template.Spec
		spec.Volumes[0].ConfigMap.Name = "" // kustomize adds a hash, the chart an annotation
	}
	require.Subset(t, b.Template.Spec.Containers[0].Args, a.Template.Spec.Containers[0].Args)
	b.Template.Spec.Containers[0].Args = a.Template.Spec.Containers[0].Args
	b.Template.Spec.Containers[0].ImagePullPolicy = ""
	require.Equal(t, a.Template.Spec, b.Template.Spec)
	require.Equal(t, a.VolumeClaimTemplates, b.VolumeClaimTemplates)
	require.Equal(t, a.PersistentVolumeClaimRetentionPolicy, b.PersistentVolumeClaimRetentionPolicy)

	require.Equal(t, want.NetworkPolicy.Spec.Ingress, got.NetworkPolicy.Spec.Ingress)
	require.Equal(t, want.NetworkPolicy.Spec.Egress, got.NetworkPolicy.Spec.Egress)
	require.Equal(t, want.Service.Spec.Ports, got.Service.Spec.Ports)
	require.Equal(t, want.ServiceMonitor.Spec.Endpoints, got.ServiceMonitor.Spec.Endpoints)
	require.Equal(t, want.ServiceMonitor.Spec.ScrapeProtocols, got.ServiceMonitor.Spec.ScrapeProtocols)
	require.Equal(t, want.PrometheusRule.Spec, got.PrometheusRule.Spec)
	require.Equal(t, want.Budget.Spec.MaxUnavailable, got.Budget.Spec.MaxUnavailable)
}

func TestChartTakesAllValues(t *testing.T) {
	m := helm(t, "everything.yaml")
	pod := m.StatefulSet.Spec.Template
	require.EqualValues(t, 3, *m.StatefulSet.Spec.Replicas)
	require.Equal(t, "registry.example.com/socialboards_exporter:1.2.3", pod.Spec.Containers[0].Image)
	require.Equal(t, "token", pod.Spec.Volumes[1].Secret.SecretName)
	require.Equal(t, "web", pod.Spec.Volumes[2].Secret.SecretName)
	require.Contains(t, pod.Spec.Containers[0].Args, "--web.enable-lifecycle")
	require.Equal(t, "support", pod.Labels["team"])
	require.Equal(t, "support", pod.Annotations["example.com/team"])
	require.NotEmpty(t, pod.Spec.Tolerations)
	require.NotEmpty(t, pod.Spec.Affinity)
	require.NotEmpty(t, pod.Spec.TopologySpreadConstraints)
	require.NotEmpty(t, pod.Spec.NodeSelector)
	require.NotEmpty(t, pod.Spec.PriorityClassName)
	require.NotEmpty(t, pod.Spec.ImagePullSecrets)
	require.Equal(t, "5Gi", m.StatefulSet.Spec.VolumeClaimTemplates[0].Spec.Resources.Requests.Storage().String())
	require.Equal(t, "fast", *m.StatefulSet.Spec.VolumeClaimTemplates[0].Spec.StorageClassName)
	require.Len(t, m.Service.Spec.Ports, 2, "metrics and webhook")
	require.Len(t, m.NetworkPolicy.Spec.Ingress, 2)
	require.Len(t, m.NetworkPolicy.Spec.Egress, 3)
	require.Equal(t, "prometheus", m.ServiceMonitor.Labels["release"])
	require.Equal(t, "https", string(*m.ServiceMonitor.Spec.Endpoints[0].Scheme))
	require.Contains(t, m.ConfigMap.Data["socialboards.yml"], `since: "2026-12-01T00:00:00Z"`)
}

// Shards that leave run on, beyond the total that all of them are told.
func TestShardsLeave(t *testing.T) {
	m := helm(t, "minimal.yaml", "--set", "shards.total=2,shards.leaving=1,shards.since=2026-12-01T00:00:00Z")
	require.EqualValues(t, 3, *m.StatefulSet.Spec.Replicas)
	require.Contains(t, m.ConfigMap.Data["socialboards.yml"], "total: 2\n")
}

// A change of the configuration restarts the pods, and nothing else does.
func TestChangedConfigurationRestarts(t *testing.T) {
	sum := func(more ...string) string {
		return helm(t, "minimal.yaml", more...).StatefulSet.Spec.Template.Annotations["checksum/config"]
	}
	require.Equal(t, sum(), sum("--set", "podDisruptionBudget.enabled=false"))
	require.NotEqual(t, sum(), sum("--set", "config.poll.interval=1m"))
	require.NotEqual(t, sum(), sum("--set", "shards.total=2"))
}

func TestChartRefuses(t *testing.T) {
	for name, c := range map[string]struct{ set, complaint string }{
		"a value it does not know": {"storag.size=1Gi", "storag"},
		"no shards":                {"shards.total=0", "/shards/total"},
		"an instant that is none":  {"shards.since=tomorrow", "/shards/since"},
		"leaving at no time":       {"shards.leaving=1", "shards.since"},
		"shards in two places":     {"config.shard.total=2", "shard"},
		"a token among values":     {"config.api.refresh_token=x", "refresh_token"},
		"two client ids":           {"config.api.client_id_file=x", "/config/api"},
		"no client id":             {"config.api.client_id=", "/config/api/client_id"},
		"a flag that is none":      {"extraArgs[0]=demo", "/extraArgs/0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, complaint := template(t, "minimal.yaml", "--set", c.set)
			require.Contains(t, complaint, c.complaint)
		})
	}
}
