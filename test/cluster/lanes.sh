# shellcheck shell=bash
# Pods with lanes, and what pods and ports say of them: ". lanes.sh" after kube.sh.

# Ceilings that deploy/config.json gives, in Mbit/s.
# shellcheck disable=SC2034  # For those who source it.
declare -A rates=([gold]=300 [silver]=100 [bronze]=50 [copper]=25)

is_rolled_out() { kubectl -n sluice-system rollout status daemonset/sluiced --timeout=240s || { agent_logs && return 1; }; }
allocatable() {
  kubectl get node "$NODE" -o json | jq -r '[.status.allocatable["sluice.dev/" + ("gold", "silver", "bronze", "copper")]] | join(" ")'
}
offers_all() { [ "$(allocatable)" = "2 2 2 8" ]; }
shows_offers() { wait_until 120 offers_all || { allocatable && agent_logs && return 1; }; }
# deploy_ready_agent: until the scheduler can count on what it offers.
deploy_ready_agent() { deploy_agent && is_rolled_out && shows_offers; }

# make_lane_pods NAME…: "gold-1" with one lane of gold.
make_lane_pods() { for name; do pod "$name" "sluice.dev/${name%%-*}: 1"; done | kubectl create -f -; }

# lane_deployment CLASS REPLICAS: of pods with one lane of the class each, labelled "class".
lane_deployment() {
  cat <<DEPLOYMENT
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1}
spec:
  replicas: $2
  selector: {matchLabels: {class: $1}}
  template: {metadata: {labels: {class: $1}}, spec: $(pod_spec "$1" "sluice.dev/$1: 1")}
DEPLOYMENT
}
# make_lane_deployments REPLICAS CLASS…
make_lane_deployments() { for class in "${@:2}"; do lane_deployment "$class" "$1"; done | kubectl create -f -; }
are_available() { kubectl wait --for=condition=Available --timeout=240s "${@/#/deployment/}"; }
# pods_with_lanes [SELECTOR]: names of those of deployments that are not about to go.
pods_with_lanes() {
  kubectl get pods -l "${1:-class}" -o json | jq -r '.items[] | select(.metadata.deletionTimestamp | not) | .metadata.name'
}
# delete_deployments: all, and their pods.
delete_deployments() { kubectl delete deployment --all --timeout=60s && kubectl delete pods -l class --timeout=240s; }

# look_inside POD: "told CLASS VF,VF…" as its container was told, and "has VF" for each whose link is in its namespace: a
# namespace's sysfs shows the links of devices only where they are.
look_inside() {
  kubectl exec "$1" -- sh -c 'set | sed -n "s/^PCIDEVICE_SLUICE_DEV_\([A-Z]*\)=.\(.*\)./told \1 \2/p"
    ls -d /sys/bus/pci/devices/*/net/* | cut -d/ -f6 | sed "s/^/has /"'
}
# ceilings: "is VF CEILING" for each VF of the node as its port reports it, in Mbit/s.
ceilings() {
  on_node <<'NODE'
for port in $LAB_PORTS; do
  cd "/sys/bus/pci/devices/$port" || exit
  ip -j -d link show "$(ls net)" | jq -r '.[0].vfinfo_list[] | "\(.vf) \(.rate.max_tx)"' |
    while read -r index rate; do echo "is $(basename "$(readlink "virtfn$index")") $rate"; done
done
NODE
}
# lanes_of POD…: a line "POD CLASS VF CEILING" for each lane of each; for the ceiling "missing" when the VF is not in the pod,
# for the class "strange" when the pod has it without having been told.
lanes_of() {
  local folder pod begun=0
  folder=$(mktemp -d)
  # Eight at a time: each starts a shell on an emulated node.
  for pod; do
    look_inside "$pod" >"$folder/$pod" &
    [ $((++begun % 8)) -ne 0 ] || wait
  done
  ceilings >"$folder/ports"
  wait
  for pod; do
    awk -v pod="$pod" '
      $1 == "told" { n = split($3, vfs, ","); for (i = 1; i <= n; i++) class[vfs[i]] = tolower($2) }
      $1 == "has" { has[$2] = 1 }
      $1 == "is" { rate[$2] = $3 }
      END {
        for (vf in class) print pod, class[vf], vf, (vf in has ? rate[vf] : "missing")
        for (vf in has) if (!(vf in class)) print pod, "strange", vf, rate[vf]
      }' "$folder/$pod" "$folder/ports"
  done | sort
  rm -rf "$folder"
}
# has_lanes COUNT POD LANES: so many of its own in what lanes_of said, each with its class's rate.
has_lanes() {
  local class vf ceiling own count=0
  own=$(grep "^$2 " <<<"$3")
  while read -r _ class vf ceiling; do
    if [ "$ceiling" != "${rates[$class]:-}" ]; then echo "$vf of class $class has $ceiling Mbit/s" && return 1; fi
    count=$((count + 1))
  done <<<"$own"
  equal "$1" "$count"
}
# distinct_vfs LANES
distinct_vfs() { cut -d' ' -f3 <<<"$1" | sort -u | wc -l; }

# state_of_vfs: links of VFs on the node, lanes on record, and ceilings, as if no pod had ever been.
state_of_vfs() {
  on_node <<'NODE'
echo "$(ls -d /sys/bus/pci/drivers/igbvf/*/net/* | wc -l) links, $(cat /run/sluice/ports/*.json 2>/dev/null | grep -c '"phase"') lanes"
NODE
  echo "ceilings $(ceilings | cut -d' ' -f3 | sort -u | paste -sd' ')"
}
is_free() { [ "$(state_of_vfs | paste -sd' ')" = "14 links, 0 lanes ceilings 0" ]; }
shows_free() { wait_until 90 is_free || { state_of_vfs && return 1; }; }

# phases: of all pods, counted; with the reason where there is one.
phases() { kubectl get pods -o jsonpath='{range .items[*]}{.status.phase} {.status.reason}{"\n"}{end}' | sort | uniq -c | xargs; }
# warnings REASON: a line an event.
warnings() { kubectl get events --field-selector "reason=$1" -o jsonpath='{range .items[*]}{.involvedObject.name}: {.message}{"\n"}{end}'; }

# kill_on_node PATTERN: at once, whatever it is doing, and says how many it were.
kill_on_node() { on_node pgrep -cf "$1" && on_node pkill -KILL -f "$1"; }
# registrations: of all four classes.
registrations() { kubectl -n sluice-system logs daemonset/sluiced -c sluiced | grep -c 'ListAndWatch stream opened resource'; }
has_registered() { [ "$(registrations)" -ge "$1" ]; }
restarts() { of_agent '{.items[0].status.containerStatuses[?(@.name=="sluiced")].restartCount}'; }
has_restarted() { [ "$(restarts)" -gt "$1" ]; }
