# The commands of this project. Building is CMake's job; this file only names what people and CI ask for.
.DEFAULT_GOAL := help
.PHONY: help setup build test test-all demo demo-sriov demo-cluster bench lint format lab cluster clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what building and testing need (Debian 12, root)
	@.ci/install-deps

build: setup ## the release programs, in build/release/bin
	cmake --preset release
	cmake --build build/release --target sluice sluice-memlock sluiced sluicectl sluice-scheduler

test: setup ## build and run every layer of tests; the last line sums them up
	@.ci/test

test-all: setup ## as test, and sanitizers, the lab's 7.3 kernel, all of the cluster lab, Kubernetes 1.36, a soak, long fuzzing
	@.ci/test --all

demo: build ## software lanes on this machine: promised, allowed, measured (root)
	@$(call run,demo/demo)

demo-sriov: build ## the same with real VFs, in the lab guest (root)
	@$(call run,demo/demo-sriov)

demo-cluster: build ## the same by Kubernetes, on a node with SR-IOV ports; the first time it builds Kubernetes (root)
	@$(call run,demo/demo-cluster)

bench: setup ## all measurements, as one table
	@$(call run,bench/run)

lint: setup ## format, include directions, clang-tidy
	@cmake --preset dev >/dev/null
	@.ci/test format includes tidy-tests

format: setup ## format all sources in place
	@.ci/check_format --fix

lab: setup ## a shell in a guest with SR-IOV ports; SCRIPT=file runs that instead, ARGS="--ports 9" as test/lab/guest --help
	@test/lab/guest $(ARGS) $(if $(SCRIPT),$(SCRIPT),--shell)

cluster: setup ## a shell beside a Kubernetes cluster whose node has SR-IOV ports; the first time it builds Kubernetes
	@cmake --preset dev >/dev/null && cmake --build build/dev --target sluice sluice-memlock sluiced sluicectl sluice-scheduler
	@test/cluster/run --shell $(ARGS)

clean: ## remove build folders; caches stay
	rm -rf build

run = if [ -x $(1) ]; then $(1); else echo "$(1) is not there yet" >&2; exit 1; fi
