// Package check tests the manifests for Kubernetes: those of kustomize and those of the Helm
// chart are rendered as users do it, and held against the types of Kubernetes and of the
// Prometheus Operator, against the strictest of the pod security standards, against the
// exporter itself, and against each other.
//
// It is a module of its own, so that those who build the exporter need none of these types.
package check
