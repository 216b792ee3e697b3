# One command for each thing one does here. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

GOLANGCI_LINT_VERSION := v2.15.0
PROMETHEUS_VERSION    := v0.316.0
TOOLS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/socialboards_exporter/tools
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint
PROMTOOL      := $(TOOLS)/prometheus-$(PROMETHEUS_VERSION)/promtool
PROMETHEUS    := $(TOOLS)/prometheus-$(PROMETHEUS_VERSION)/prometheus

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
LDFLAGS  := -s -w \
	-X github.com/prometheus/common/version.Version=$(VERSION) \
	-X github.com/prometheus/common/version.Revision=$(REVISION)

.PHONY: run test race lint fmt doccheck e2e bench fuzz build tools help

run: ## run the exporter against the built-in simulated Socialboards
	go run . demo

test: ## run the tests; needs nothing but Go
	go test ./...

race: ## run the tests under the race detector; needs a C compiler
	CGO_ENABLED=1 go test -race ./...

lint: $(GOLANGCI_LINT) ## check format, vet and lint
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run make fmt"; exit 1; }
	$(GOLANGCI_LINT) run ./...

fmt: ## format the code
	gofmt -w .

doccheck: ## hold docs against code: metrics, flags, configuration keys, links
	go test -count=1 ./internal/doccheck
	go test -count=1 -run 'Doc|Catalogue' ./collector ./internal/config ./internal/eventstore ./internal/sla ./internal/status

e2e: $(PROMETHEUS) ## run the binary under a real Prometheus, over TLS
	PROMETHEUS=$(PROMETHEUS) PROMTOOL=$(PROMTOOL) go test -count=1 -tags e2e -run TestPrometheus -timeout 10m ./internal/acceptance

bench: ## run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

FUZZTIME ?= 10s
fuzz: ## fuzz each target for FUZZTIME
	@set -e; for pkg in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; \
	done

build: ## build the binary
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o socialboards_exporter .

tools: $(GOLANGCI_LINT) $(PROMETHEUS) ## install the pinned tools into the user's cache

$(GOLANGCI_LINT):
	GOBIN=$(dir $@) GOFLAGS="-mod=mod -buildvcs=false" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)

$(PROMETHEUS) $(PROMTOOL) &:
	GOBIN=$(dir $(PROMETHEUS)) GOFLAGS="-mod=mod -buildvcs=false" go install -tags remove_all_sd \
	  github.com/prometheus/prometheus/cmd/prometheus@$(PROMETHEUS_VERSION) \
	  github.com/prometheus/prometheus/cmd/promtool@$(PROMETHEUS_VERSION)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
