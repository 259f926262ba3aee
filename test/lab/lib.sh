# shellcheck shell=bash disable=SC2034  # Its variables are for those who source it.
# What the lab's host-side scripts share: where things are cached, and how long steps report.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo_dir=$(cd "$lab_dir/../.." && pwd)
# Shared by every checkout of this user, so that a clean clone on a warm machine downloads nothing.
lab_cache=${SLUICE_LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sluice/lab}
default_series=6.12
attempt_status=0 # Of the last attempt().

# Packages of the guest's root. Test programs are linked on the host against the same Debian release:
# a library that one of them newly needs at run time is added here.
guest_packages=(
  apparmor busybox-static ethtool iperf3 iproute2 jq kmod pciutils procps runc strace
  containernetworking-plugins ibverbs-providers ibverbs-utils rdma-core
  libasan8 libbenchmark1debian libcurl4 libfmt9 libgrpc++1.51 libmicrohttpd12 libnl-3-200 libnl-genl-3-200
  libprometheus-cpp-core1.0 libspdlog1.10 libstdc++6 libubsan1 libyaml-cpp0.7)

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# usage NAME: the comment block at the top of the script NAME is its manual.
usage() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"; }

# step TITLE COMMAND…: runs COMMAND quietly, says every 15 s that it still runs, shows its last lines if it fails.
step() {
  attempt "$@"
  return "$attempt_status"
}

# attempt TITLE COMMAND…: the same, always succeeds, and leaves COMMAND's status in attempt_status. COMMAND is no part of a
# condition then, and ends at its first error.
attempt() {
  local title=$1 log started=$SECONDS pid
  shift
  mkdir -p "$lab_cache/log"
  log=$lab_cache/log/$(tr -cs 'a-zA-Z0-9.\n' - <<<"$title").log
  say "$title …"
  "$@" >"$log" 2>&1 &
  pid=$!
  # Without the set-up lock, which a last tick would hold on to.
  heartbeat "$pid" "$title" "$started" 9>&- &
  if wait "$pid"; then
    say "$title: done in $((SECONDS - started)) s"
    attempt_status=0
    return
  fi
  attempt_status=1
  tail -n 20 "$log" >&2
  say "$title: failed after $((SECONDS - started)) s, all of it in $log"
}

# heartbeat PID TITLE STARTED: ends by itself within a second of PID.
heartbeat() {
  local ticks=0
  while sleep 1 && kill -0 "$1" 2>/dev/null; do
    ticks=$((ticks + 1))
    [ $((ticks % 15)) -ne 0 ] || say "$2: $((SECONDS - $3)) s so far"
  done
}

# Where each prepared part lies. A name carries what the part was made from, so that checkouts with other needs can share the cache.
tree_path() {
  local recipe
  recipe=$(printf '%s\n' "${guest_packages[@]}" | sha256sum | cut -c1-10)
  echo "$lab_cache/tree-$recipe"
}
kernel_path() { echo "$lab_cache/kernel-$1"; }
initramfs_path() {
  local recipe
  recipe=$(sha256sum "$lab_dir/init" | cut -c1-10)
  echo "$(kernel_path "$1")/initramfs-$recipe.gz"
}

known_series() {
  case $1 in
    6.12 | 7.3) ;;
    *) die "no recipe for kernel '$1': 6.12 and 7.3 are known" ;;
  esac
}
