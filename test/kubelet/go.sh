# shellcheck shell=bash disable=SC2154  # lab_dir and attempt_status are those of test/lab/lib.sh, which comes first.
# Finds Go and Go modules, for the cluster lab and for test/kubelet.

# shellcheck source=../lab/packages.sh
. "$lab_dir/packages.sh"

minutes_per_step=30

# Leaves its path in go. Kubernetes' go.mod asks for Go 1.26, which Debian 12 has not.
find_go() {
  local candidate
  for candidate in go /usr/lib/go-1.26/bin/go; do
    if is_new_enough "$candidate"; then go=$candidate && return; fi
  done
  need_suites
  attempt "Go 1.26" install_packages -t trixie-backports golang-1.26-go
  go=/usr/lib/go-1.26/bin/go
  is_new_enough "$go" || give_up "no Go 1.26 or newer on this machine, and its package archive has none"
}

is_new_enough() {
  local version
  version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' go1.26.6 "$version" | sort -V | head -n 1)" = go1.26.6 ]
}

# get_modules MODULES: a file like go.mod.
get_modules() {
  attempt "Go modules of $1" timeout "${minutes_per_step}m" "$go" -C "$(dirname "$1")" mod download -modfile "$1"
  [ "$attempt_status" -eq 0 ] || give_up "the Go modules of $1 can't be had on this machine"
}
