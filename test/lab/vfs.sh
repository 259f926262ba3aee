# shellcheck shell=bash
# The CNI plugin, called as a runtime calls it, and what the kernel shows of VFs:
# ". /repo/test/lab/vfs.sh" after checks.sh. The plugin's directories are the default ones, in the guest's memory.

bin=/repo/build/dev/bin
# What cni() starts; a test may put another program in front.
sluice=("$bin/sluice")

port_link() { basename "/sys/bus/pci/devices/$1"/net/*; }
vf_address() { basename "$(readlink "/sys/bus/pci/devices/$1/virtfn$2")"; }
# vf_link PORT N: the VF's link at home; empty while it is elsewhere.
vf_link() { ls "/sys/bus/pci/devices/$1/virtfn$2/net" 2>/dev/null; }
is_home() { [ -n "$(vf_link "$1" "$2")" ]; }
# vf_info PORT N FILTER: what the port says of its VF.
vf_info() { ip -j -d link show "$(port_link "$1")" | jq -c ".[0].vfinfo_list[$2] $3"; }
# Ceilings of all VFs of a port, one line.
ceilings() { ip -j -d link show "$(port_link "$1")" | jq -c '[.[0].vfinfo_list[].rate.max_tx]'; }

links_at_home() { find "/sys/bus/pci/devices/$1"/virtfn*/net -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
has_links() { [ "$(links_at_home "$1")" -eq "$2" ]; }
# make_vfs PORT N: N VFs that have links and take rates; without Sluice.
make_vfs() {
  echo "$2" >"/sys/bus/pci/devices/$1/sriov_numvfs" && wait_until 60 has_links "$1" "$2" && await_carriers "$1"
}
# provision: 7 VFs on every port, whose carriers are back.
provision() {
  echo '{"ports":[{"select":{"driver":"igb"},"vfs":7}]}' >/tmp/provision.json
  "$bin/sluiced" provision --config /tmp/provision.json >/tmp/provision.log 2>&1 || { cat /tmp/provision.log && return 1; }
  # shellcheck disable=SC2086  # A list of ports.
  await_carriers $LAB_PORTS
}

# conf PORT N [KEYS]: a network configuration for VF N; KEYS are more JSON members.
conf() {
  echo "{\"cniVersion\":\"1.1.0\",\"name\":\"rdma-net\",\"type\":\"sluice\",\"deviceID\":\"$(vf_address "$1" "$2")\"${3:+,$3}}"
}

# cni VERB CONTAINER IFNAME POD CONF: prints the plugin's answer; its exit status.
cni() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_IFNAME=$3 CNI_NETNS=${4:+/run/netns/$4} CNI_PATH=${CNI_PATH:-/usr/lib/cni} \
    "${sluice[@]}" <<<"$5" 2>>/tmp/sluice.log
}
# cni_killed POINT VERB …: the same, ended by SIGKILL at the crash point.
cni_killed() {
  local status=0
  SLUICE_CRASH_AT=$1 cni "${@:2}" >/dev/null || status=$?
  [ "$status" -eq 137 ] || { echo "ended with $status at $1, not killed" && return 1; }
}
records() { cat /run/sluice/ports/*.json 2>/dev/null | grep -c '"phase"'; }

# at_baseline PORT N NAME MAC: at home under its name, without settings or record, and neither up nor in a special
# mode (IFF_UP, IFF_DEBUG, IFF_NOARP, IFF_PROMISC and IFF_ALLMULTI of linux/if.h).
at_baseline() {
  local address home=/sys/bus/pci/devices/$1/virtfn$2/net/$3
  address=$(vf_address "$1" "$2")
  [ -d "$home" ] || { echo "VF $address is '$(vf_link "$1" "$2")', not '$3'" && return 1; }
  equal "$4 1500 0" "$(cat "$home/address") $(cat "$home/mtu") $(($(cat "$home/flags") & 0x385))" || return 1
  equal '[0,false,true]' "$(vf_info "$1" "$2" '| [.rate.max_tx, .trust, .spoofchk]')" || return 1
  ! grep -qs "\"id\":\"$address\"" /run/sluice/ports/*.json || { echo "VF $address has a record" && return 1; }
}
