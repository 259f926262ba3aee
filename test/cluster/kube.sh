# shellcheck shell=bash
# What cluster tests share: ". kube.sh" after checks.sh.

# shellcheck disable=SC2034  # For those who source it.
overlay=$(dirname "${BASH_SOURCE[0]}")/deploy

# pod_spec NAME [RESOURCES]: of a pod that ends at once when told to. RESOURCES: "sluice.dev/gold: 1, sluice.dev/copper: 4".
pod_spec() {
  cat <<SPEC
{terminationGracePeriodSeconds: 1, containers: [{name: main, image: 'sluice.test/busybox:1', imagePullPolicy: Never,
  command: [sh, -c, "trap exit TERM; echo hello from $1; sleep infinity & wait"], resources: {limits: {${2:-}}}}]}
SPEC
}
# pod NAME [RESOURCES]: its manifest.
pod() { printf -- '---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: %s\n' "$1" "$(pod_spec "$@")"; }
# make_pod as pod.
make_pod() { pod "$@" | kubectl create -f -; }
ready() { kubectl wait --for=condition=Ready --timeout=240s "${@/#/pod/}"; }
delete_pods() { kubectl delete --timeout=240s "${@/#/pod/}"; }

# of_agent TEMPLATE: from the agent's pod.
of_agent() { kubectl -n sluice-system get pods -l app.kubernetes.io/name=sluiced -o "jsonpath=$1"; }
is_prepared() { [ "$(of_agent '{.items[0].status.initContainerStatuses[*].state.terminated.exitCode}')" = "0 0" ]; }
agent_logs() { kubectl -n sluice-system logs -l app.kubernetes.io/name=sluiced --all-containers --prefix --tail=20; }
# deploy_agent: until VFs are made and the plugin is chained.
deploy_agent() {
  kubectl apply -k "$overlay" || return 1
  wait_until 240 is_prepared || { agent_logs && return 1; }
}
# configure: the agent's configuration becomes what is on standard input.
configure() {
  kubectl -n sluice-system create configmap sluice --from-file=config.json=/dev/stdin --dry-run=client -o json |
    kubectl apply --server-side --force-conflicts -f -
}
# remove_agent: as a person would, with what it left on the node.
remove_agent() {
  kubectl delete -k "$overlay" --timeout=180s || return 1
  kubectl apply -k "$overlay/../../../deploy/uninstall" || return 1
  kubectl -n sluice-uninstall rollout status daemonset/sluice-uninstall --timeout=180s || return 1
  kubectl delete -k "$overlay/../../../deploy/uninstall" --timeout=180s
}

# shellcheck disable=SC2016  # The node expands it.
vf_counts() { on_node bash -c 'for port in $LAB_PORTS; do cat /sys/bus/pci/devices/$port/sriov_numvfs; done' | paste -sd' '; }
network_files() { on_node ls /etc/cni/net.d | paste -sd' '; }

# reboot_node: at once, without a shutdown. What a node's disk keeps is kept as far as these tests need it: kubelet's
# checkpoints of devices and claims, Sluice's offers and grants, and the network's configuration with its plugins.
reboot_node() {
  on_node <<'NODE'
mkdir -p /out/disk
cp -a --parents /var/lib/kubelet/device-plugins/kubelet_internal_checkpoint /var/lib/kubelet/dra_*_state /var/lib/sluice \
  /etc/cni/net.d /opt/cni/bin /out/disk
rm /out/joined
touch /out/rebooting
echo 0 >/out/.status
sync
# After the answer.
(sleep 1 && echo b >/proc/sysrq-trigger) &
NODE
}
has_joined() { [ -e "$CLUSTER_NODE/joined" ]; }
