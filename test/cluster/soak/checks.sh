# shellcheck shell=bash disable=SC2154  # Its variables are those of soak.test.
# What must hold, at any time and once the node has settled: ". checks.sh" after lanes.sh.

vfs=14 line_rate=1000
# Many times what it takes: a busy machine is ten times slower.
settle_limit=900
# Of sluiced. What grows with each pod, kubelet or configuration that comes and goes passes these within an hour.
most_kib=49152 most_descriptors=96

# judge FILTER: of the node's state, which is kept with the logs. A node that is too busy to answer is asked once more.
judge() {
  local state=$WORK/logs/soak-state.log
  on_node <"$soak/state_of_node" >"$state" || on_node <"$soak/state_of_node" >"$state" || { echo "the node does not answer" && return; }
  jq -rs --argjson line "$line_rate" -f "$soak/$1" "$state"
}
# says_nothing COMMAND…: for checks whose output is what is wrong.
says_nothing() {
  local said
  if said=$("$@") && [ -z "$said" ]; then return; fi
  echo "${said:-'$*' failed}"
  return 1
}

is_kept() { says_nothing judge unkept.jq >"$WORK/soak.unkept"; }
# keeps_promises: within a minute, which the agent has to bring back what a wire lost.
keeps_promises() { wait_until 60 is_kept || { cat "$WORK/soak.unkept" && return 1; }; }

unsettled() { kubectl get nodes,pods -o json | jq -r --argjson vfs "$vfs" -f "$soak/unsettled.jq"; }
# refused: "NAME: REASON: MESSAGE" of each pod that has failed, as one does that kubelet refuses; those that go may fail as they like.
refused() {
  kubectl get pods --field-selector status.phase=Failed -o json |
    jq -r '.items[] | select(.metadata.deletionTimestamp | not) | "\(.metadata.name): \(.status.reason): \(.status.message)"'
}
# replace_refused: as a Deployment would, with the reasons kept.
replace_refused() {
  local said names
  said=$(refused) && [ "$said" ] || return 0
  echo "$said" >>"$WORK/soak.refused"
  mapfile -t names <<<"$(cut -d: -f1 <<<"$said")"
  quietly kubectl delete --grace-period=0 --force "${names[@]/#/pod/}"
  create_pods "${names[@]}"
}
# Asked once a second: the machine is busy with the node.
has_settled() {
  if replace_refused && says_nothing unsettled >"$WORK/soak.unsettled"; then return; fi
  sleep 1
  return 1
}
settles() { wait_until "$settle_limit" has_settled || { cat "$WORK/soak.unsettled" && warnings FailedCreatePodSandBox | tail -n 5 && agent_logs && false; }; }

# is_as_divided: each class is offered as often as configured. A VF that a pod holds moves only when the pod has ended, so that
# may be rounds after the configuration changed.
is_as_divided() {
  local counts
  counts=$(on_node cat /var/lib/sluice/offers.json | jq -c '[.offers[] | select(.state != "withdrawn").class] as $all |
    ["gold", "silver", "bronze", "copper"] | map(. as $class | $all | map(select(. == $class)) | length)')
  [ "$counts" = "$division" ]
}

# refusals: those that are not kubelet's own. It refuses pods that were bound to the node just before kubelet or the agent was
# killed: until the classes are registered again it knows no device of theirs. And it refuses one that the scheduler sent by a
# number that has just gone down, with a withdrawal or a kill: the gap that docs/offers.md tells of. A kubelet that starts again
# while a port has no carrier refuses the pods that have a VF there and no running container (docs/device-plugin.md).
refusals() {
  local own='^$'
  [ -e "$WORK/soak.refused" ] || return 0
  [ -z "$killed" ] || own+='|no healthy devices present|unregistered device|OutOfsluice'
  [ -z "$killed" ] || [ -z "$dark" ] || own+='|previously allocated devices are no longer healthy'
  [ -z "$killed$divided" ] || own+='|requested number of devices unavailable'
  grep -vE "$own" "$WORK/soak.refused" || true
}

# strange_lanes: of all pods that run, as they see it. A line a lane that is not as asked, or that two have.
strange_lanes() {
  local pods lanes pod
  read -ra pods <<<"$(kubectl get pods --field-selector status.phase=Running -o 'jsonpath={.items[*].metadata.name}')"
  lanes=$(lanes_of "${pods[@]}")
  grep -E ' (strange|[^ ]+ missing)' <<<"$lanes"
  cut -d' ' -f3 <<<"$lanes" | sort | uniq -d | sed 's/$/ has two pods/'
  for pod in "${pods[@]}"; do
    equal "$(classes_of "$pod")" "$(grep "^$pod " <<<"$lanes" | cut -d' ' -f2 | sort | xargs)" | sed "s/^/$pod: /"
  done
}
# all_have_lanes: kubectl asks the pods through containerd, which may have been killed just now; what is wrong of a lane stays.
has_lanes() { says_nothing strange_lanes >"$WORK/soak.strange" 2>&1; }
all_have_lanes() { wait_until 120 has_lanes || { cat "$WORK/soak.strange" && return 1; }; }
# classes_of POD: of its lanes, sorted.
classes_of() { case $1 in pair-*) echo "copper copper gold" ;; *) echo "${1%%-*}" ;; esac }

# agent_use: resident KiB and descriptors of sluiced.
agent_use() {
  on_node <<'NODE'
pid=$(pgrep -of '^sluiced run') || exit
descriptors=("/proc/$pid/fd"/*)
echo "$(awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status") ${#descriptors[@]}"
NODE
}
uses_little() {
  local kib descriptors
  read -r kib descriptors <<<"$(agent_use)"
  if [ "${kib:-$most_kib}" -lt "$most_kib" ] && [ "$descriptors" -lt "$most_descriptors" ]; then return; fi
  echo "sluiced has ${kib:-no process, no} KiB and $descriptors descriptors"
  return 1
}

# baseline: of every VF, all that a pod or the agent could have left.
baseline() {
  on_node <<'NODE'
for port in $LAB_PORTS; do
  cd "/sys/bus/pci/devices/$port" || exit
  for vf in virtfn*; do
    for link in "$vf"/net/*; do echo "$vf ${link##*/} $(cat "$link/address" "$link/mtu" "$link/flags" | xargs)"; done
  done
  ip -j -d link show "$(ls net)" | jq -c '.[0].vfinfo_list[]'
done
NODE
}
is_at_baseline() { equal "$before" "$(baseline)"; }
