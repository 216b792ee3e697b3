# One command for each thing one does here. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GOLANGCI_LINT_VERSION := v2.15.0
PROMETHEUS_VERSION    := v0.316.0
ALERTMANAGER_VERSION  := v0.28.1
PINT_VERSION          := v0.87.0
GORELEASER_VERSION    := v2.15.1
CYCLONEDX_VERSION     := v1.10.0
HELM_VERSION          := v4.3.1
# The last one for Go 1.26.
KUSTOMIZE_VERSION     := v5.8.1
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/socialboards_exporter/tools
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint
PROMTOOL      := $(TOOLS)/prometheus-$(PROMETHEUS_VERSION)/promtool
PROMETHEUS    := $(TOOLS)/prometheus-$(PROMETHEUS_VERSION)/prometheus
ALERTMANAGER  := $(TOOLS)/alertmanager-$(ALERTMANAGER_VERSION)/alertmanager
PINT          := $(TOOLS)/pint-$(PINT_VERSION)/pint
GORELEASER    := $(TOOLS)/goreleaser-$(GORELEASER_VERSION)/goreleaser
CYCLONEDX     := $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION)/cyclonedx-gomod
HELM          := $(TOOLS)/helm-$(HELM_VERSION)/helm
KUSTOMIZE     := $(TOOLS)/kustomize-$(KUSTOMIZE_VERSION)/kustomize

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
LDFLAGS  := -s -w \
	-X github.com/prometheus/common/version.Version=$(VERSION) \
	-X github.com/prometheus/common/version.Revision=$(REVISION)

.PHONY: run test race lint fmt doccheck e2e rules dashboards stack bench fuzz build assets packages manifests deploycheck image tools help

run: ## run the exporter against the built-in simulated Socialboards
	go run . demo

test: ## run the tests; needs nothing but Go
	go test ./...

race: ## run the tests under the race detector; needs a C compiler
	CGO_ENABLED=1 go test -race -timeout 40m $$(go list ./... | grep -v -e /internal/acceptance -e /internal/doccheck) # those run the binary

lint: $(GOLANGCI_LINT) ## check format, vet and lint
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run make fmt"; exit 1; }
	$(GOLANGCI_LINT) run ./...

fmt: ## format the code
	gofmt -w .

doccheck: ## hold docs against code: metrics, flags, configuration keys, links
	go test -count=1 ./internal/doccheck
	go test -count=1 -run 'Doc|Catalogue' ./internal/exposition ./internal/config ./internal/eventstore ./internal/sla ./internal/status

e2e: $(PROMETHEUS) $(ALERTMANAGER) ## run the binary under a real Prometheus, over TLS
	PROMETHEUS=$(PROMETHEUS) PROMTOOL=$(PROMTOOL) go test -count=1 -tags e2e -run TestPrometheus -timeout 10m ./internal/acceptance
	PROMETHEUS=$(PROMETHEUS) PROMTOOL=$(PROMTOOL) ALERTMANAGER=$(ALERTMANAGER) go test -count=1 -tags e2e -timeout 15m ./internal/monitoring

rules: $(PROMTOOL) $(PINT) ## check the alerts, and tell their stories
	$(PROMTOOL) check rules --lint-fatal alerts.yml
	$(PINT) --offline lint --min-severity=info --fail-on=info alerts.yml
	$(PROMTOOL) test rules alerts_test.yml alerts_slow_test.yml

dashboards: ## render the dashboards
	go run ./dashboards/render dashboards/json

stack: build $(PROMETHEUS) $(ALERTMANAGER) ## run the demo, Prometheus and Alertmanager as plain processes
	go run ./internal/stack --exporter=./socialboards_exporter --prometheus=$(PROMETHEUS) --alertmanager=$(ALERTMANAGER)

bench: $(PROMETHEUS) ## run the benchmarks; docs/performance.md tells what they say, and which take flags
	go test -run '^$$' -bench . -benchmem ./...
	PROMETHEUS=$(PROMETHEUS) go test -tags e2e -run '^$$' -bench Million -benchtime 5x ./internal/exposition

FUZZTIME ?= 10s
FUZZPACKAGES ?= $$(go list ./...)
fuzz: ## fuzz each target for FUZZTIME; inputs are made smaller in a few tries, or a short run would do nothing else
	@set -e; for pkg in $(FUZZPACKAGES); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg; \
	  done; \
	done

build: ## build the binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o socialboards_exporter .

ASSETS := .cache/assets
assets: build ## write the man page and shell completions
	rm -rf $(ASSETS) && mkdir -p $(ASSETS)/completions
	./socialboards_exporter --help-man > $(ASSETS)/socialboards_exporter.1
	gzip -9nk $(ASSETS)/socialboards_exporter.1
	./socialboards_exporter --completion-script-bash > $(ASSETS)/completions/socialboards_exporter.bash
	./socialboards_exporter --completion-script-zsh > $(ASSETS)/completions/_socialboards_exporter

packages: $(GORELEASER) $(CYCLONEDX) ## build archives, deb, rpm, SBOMs and checksums of the present tree under dist/
	PATH=$(dir $(CYCLONEDX)):$$PATH $(GORELEASER) release --snapshot --clean --skip=publish

RULES := deploy/kubernetes/base/prometheusrule.yaml deploy/helm/socialboards-exporter/files/alerts.yml
manifests: ## copy alerts.yml to where Kubernetes and Helm want it
	@sed -n '/^groups:/,$$p' alerts.yml > $(word 2,$(RULES))
	@{ printf '# From alerts.yml, by `make manifests`.\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n'; \
	   printf 'metadata:\n  name: socialboards-exporter\nspec:\n'; sed 's/^./  &/' $(word 2,$(RULES)); } > $(word 1,$(RULES))

deploycheck: build $(HELM) $(KUSTOMIZE) $(PROMTOOL) ## render the manifests and the chart, and hold them against Kubernetes and the exporter
	for values in deploy/helm/socialboards-exporter/ci/*.yaml; do $(HELM) lint --strict --quiet deploy/helm/socialboards-exporter --values $$values || exit; done
	cd deploy/check && HELM=$(HELM) KUSTOMIZE=$(KUSTOMIZE) PROMTOOL=$(PROMTOOL) EXPORTER=$(CURDIR)/socialboards_exporter go test -count=1 ./...

ENGINE ?= docker
image: ## build the container image with ENGINE (docker, podman, buildah)
	$(ENGINE) build --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) -t socialboards_exporter:$(VERSION) .

tools: $(GOLANGCI_LINT) $(PROMETHEUS) $(ALERTMANAGER) $(PINT) $(GORELEASER) $(CYCLONEDX) $(HELM) $(KUSTOMIZE) ## install the pinned tools into the user's cache

$(GOLANGCI_LINT):
	GOBIN=$(dir $@) GOFLAGS="-mod=mod -buildvcs=false" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

$(PROMETHEUS) $(PROMTOOL) &:
	GOBIN=$(dir $(PROMETHEUS)) GOFLAGS="-mod=mod -buildvcs=false" go install -tags remove_all_sd \
	  github.com/prometheus/prometheus/cmd/prometheus@$(PROMETHEUS_VERSION) \
	  github.com/prometheus/prometheus/cmd/promtool@$(PROMETHEUS_VERSION)

$(ALERTMANAGER):
	GOBIN=$(dir $@) GOFLAGS="-mod=mod -buildvcs=false" go install github.com/prometheus/alertmanager/cmd/alertmanager@$(ALERTMANAGER_VERSION)

$(GORELEASER):
	GOBIN=$(dir $@) GOFLAGS="-mod=mod -buildvcs=false" go install github.com/goreleaser/goreleaser/v2@$(GORELEASER_VERSION)

$(HELM):
	GOBIN=$(dir $@) GOFLAGS="-mod=mod -buildvcs=false" go install helm.sh/helm/v4/cmd/helm@$(HELM_VERSION)

$(KUSTOMIZE):
	GOBIN=$(dir $@) GOFLAGS="-mod=mod -buildvcs=false" go install sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_VERSION)

# Not by `go install`: the proxy has this version of pint, but no list of its versions.
$(PINT):
	mkdir -p $(dir $@)module && cd $(dir $@)module && printf 'module pint\n\ngo 1.26.0\n' > go.mod && \
	  GOFLAGS="-mod=mod -buildvcs=false" go get -tool github.com/cloudflare/pint/cmd/pint@$(PINT_VERSION) && \
	  GOFLAGS="-mod=mod -buildvcs=false" go build -o $@ github.com/cloudflare/pint/cmd/pint

# As with pint.
$(CYCLONEDX):
	mkdir -p $(dir $@)module && cd $(dir $@)module && printf 'module cyclonedx-gomod\n\ngo 1.26.0\n' > go.mod && \
	  GOFLAGS="-mod=mod -buildvcs=false" go get -tool github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$(CYCLONEDX_VERSION) && \
	  GOFLAGS="-mod=mod -buildvcs=false" go build -o $@ github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
