# shellcheck shell=bash disable=SC2034  # Its variables are for those who source it.
# What the cluster lab's host-side scripts share.

cluster_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lab/lib.sh
. "$cluster_dir/../lab/lib.sh"
cluster_cache=$(dirname "$lab_cache")/cluster
kubernetes_version=$(sed -n 's|^\tk8s.io/kubernetes v\([^ ]*\).*|\1|p' "$cluster_dir/kubernetes/go.mod")
commands=(etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kubelet containerd containerd-shim-runc-v2 ctr)
# Exit status of `build`: Go or the modules can't be had on this machine, so the tests count as skipped.
cannot_build=3

say() { printf 'cluster: %s\n' "$*" >&2; }

# Where `build` leaves the commands; the name carries what they are built from.
binaries_path() {
  local recipe
  recipe=$(cat "$cluster_dir"/{kubernetes,node}/go.{mod,sum} "$cluster_dir/build" | sha256sum | cut -c1-10)
  echo "${KUBE_BIN_DIR:-$cluster_cache/bin-$recipe}"
}

# missing_commands DIR: those that are not there.
missing_commands() {
  local command
  for command in "${commands[@]}"; do
    [ -x "$1/$command" ] || echo "$command"
  done
}
