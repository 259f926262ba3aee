# shellcheck shell=bash disable=SC2034  # Its variables are for those who source it.
# What the cluster lab's host-side scripts share.

cluster_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lab/lib.sh
. "$cluster_dir/../lab/lib.sh"
cluster_cache=$(dirname "$lab_cache")/cluster
# $KUBERNETES chooses the version: none is that of test/kubelet/go.mod, 1.36 that of 1.36.mod beside it.
kubernetes_modules=$repo_dir/test/kubelet/${KUBERNETES:-go}.mod
kubernetes_version=$(sed -n 's|^\tk8s.io/kubernetes v\([^ ]*\).*|\1|p' "$kubernetes_modules")
node_modules=$cluster_dir/node/go.mod
commands=(etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kubelet containerd containerd-shim-runc-v2 ctr)
# Exit status of `build`: Go or the modules can't be had on this machine, so the tests count as skipped.
cannot_build=3

say() { printf 'cluster: %s\n' "$*" >&2; }

# Where `build` leaves the commands; the name carries what they are built from.
binaries_path() {
  local recipe
  recipe=$(cat "${kubernetes_modules%.mod}".{mod,sum} "${node_modules%.mod}".{mod,sum} "$cluster_dir/build" | sha256sum | cut -c1-10)
  echo "${KUBE_BIN_DIR:-$cluster_cache/bin-$recipe}"
}

# missing_commands DIR: those that are not there.
missing_commands() {
  local command
  for command in "${commands[@]}"; do
    [ -x "$1/$command" ] || echo "$command"
  done
}
