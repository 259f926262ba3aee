# From the node and all pods, as one list: a line for each thing that is still to come; none when the node has settled.
def offered: with_entries(select(.key | startswith("sluice.dev/")) | .value |= tonumber);
def asked: [.spec.containers[].resources.limits // {} | to_entries[]];

.items
| (map(select(.kind == "Node"))[0].status.allocatable | offered) as $offered
| map(select(.kind == "Pod")) as $pods
| (reduce ($pods[] | select(.spec.nodeName and .status.phase != "Failed") | asked[]) as $lane
     ($offered; .[$lane.key] = (.[$lane.key] // 0) - ($lane.value | tonumber))) as $free
| ($offered | add // 0 | select(. != $vfs) | "\(.) of \($vfs) VFs are offered"),
  ($pods[]
   | .metadata.name as $name
   | if .metadata.deletionTimestamp then "\($name) is going"
     elif .status.phase == "Failed" then "\($name) was refused: \(.status.reason): \(.status.message)"
     elif any(.status.conditions[]?; .type == "Ready" and .status == "True") then empty
     elif .spec.nodeName then "\($name) does not run: \(.status.phase)"
     elif any(asked[]; (.value | tonumber) > ($free[.key] // 0)) then empty
     else "\($name) waits although there is room" end)
