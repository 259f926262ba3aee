# shellcheck shell=bash
# What pods with claims say of their lanes: ". claim_lanes.sh" after lanes.sh.

# told CONTAINER POD: VFs of the lanes that its variables tell of.
told() { kubectl exec "$2" -c "$1" -- sh -c 'set | sed -n "s/^SLUICE_LANE_.*\"vf\":\"\([^\"]*\)\".*/\1/p"' | sort; }
# vfs_in POD [CONTAINER]: whose links are in its namespace.
vfs_in() { kubectl exec "$1" -c "${2:-main}" -- sh -c 'ls -d /sys/bus/pci/devices/*/net/* | cut -d/ -f6' | sort; }
# links_in POD [CONTAINER]: names of those links.
links_in() { kubectl exec "$1" -c "${2:-main}" -- sh -c 'ls -d /sys/bus/pci/devices/*/net/* | cut -d/ -f8' | sort; }
ports_of() { for vf; do echo "${vf%:*}"; done | sort -u | wc -l; }
# has_ceilings RATE VF…
has_ceilings() { local vf; for vf in "${@:2}"; do ceilings | grep -q "^is $vf $1\$" || return 1; done; }
# only_has_rates VF…: no other VF of the node has one.
only_has_rates() { equal "$*" "$(ceilings | awk '$3 != 0 { print $2 }' | sort | paste -sd' ')"; }
# links_of VF…: names on the host, in that order.
links_of() { on_node bash -c "for vf in $*; do ls /sys/bus/pci/devices/\$vf/net; done" | paste -sd' '; }
# told_links POD: as its container's variables have them, by VF.
told_links() {
  kubectl exec "$1" -- env | sed -n 's/^SLUICE_LANE_[^=]*=//p' | jq -r '"\(.vf) \(.interface)"' | sort | cut -d' ' -f2 | paste -sd' '
}
is_unschedulable() {
  kubectl get pod "$1" -o jsonpath='{.status.conditions[?(@.type=="PodScheduled")].reason}' | grep -qx Unschedulable
}
has_nothing_left() {
  [ "$(on_node bash -c 'ls /var/run/cdi | grep -c claim; jq ".grants | length" /var/lib/sluice/grants.json' | paste -sd' ')" = "0 0" ]
}
