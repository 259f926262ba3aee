# shellcheck shell=bash
# Manifests of claims and of pods with them, and what both are told: ". claims.sh" after kube.sh.

# claim_spec COUNT BANDWIDTH [CONSTRAINT]: so many lanes, each with that floor and ceiling. CONSTRAINT for all of them:
# matchAttribute for one port, distinctAttribute for different ones.
claim_spec() {
  local requests='' constraints='' n
  for ((n = 1; n <= $1; n++)); do
    requests+="${requests:+, }{name: lane-$n, exactly: {deviceClassName: lane.sluice.dev, capacity: {requests: {bandwidth: $2}}}}"
  done
  [ -z "${3:-}" ] || constraints="constraints: [{$3: sluice.dev/port}], "
  echo "{devices: {requests: [$requests], $constraints"
  echo "  config: [{opaque: {driver: sluice.dev, parameters: {apiVersion: sluice.dev/v1alpha1, kind: LaneConfig, ceiling: $2}}}]}}"
}
# lane_claim NAME, and as claim_spec.
lane_claim() {
  printf -- '---\napiVersion: resource.k8s.io/v1\nkind: ResourceClaim\nmetadata: {name: %s}\nspec: %s\n' "$1" "$(claim_spec "${@:2}")"
}
# claim_template NAME, and as claim_spec: of a claim for each pod that names it.
claim_template() {
  printf -- '---\napiVersion: resource.k8s.io/v1\nkind: ResourceClaimTemplate\nmetadata: {name: %s}\nspec: {spec: %s}\n' "$1" \
    "$(claim_spec "${@:2}")"
}

# claiming_pod NAME CLAIMS USES: its only container has what USES names of the CLAIMS.
claiming_pod() {
  cat <<POD
---
apiVersion: v1
kind: Pod
metadata: {name: $1}
spec:
  terminationGracePeriodSeconds: 1
  resourceClaims: [$2]
  containers:
  - {name: main, image: 'sluice.test/busybox:1', imagePullPolicy: Never, command: [sh, -c, 'trap exit TERM; sleep infinity & wait'],
     resources: {claims: [$3]}}
POD
}
# pod_with_claims NAME CLAIM…
pod_with_claims() {
  local claims='' uses='' claim
  for claim in "${@:2}"; do
    claims+="${claims:+, }{name: $claim, resourceClaimName: $claim}"
    uses+="${uses:+, }{name: $claim}"
  done
  claiming_pod "$1" "$claims" "$uses"
}
# on_host_network: the pod of standard input on the host's network.
on_host_network() { kubectl create --dry-run=client -o json -f - | jq '.spec.hostNetwork = true'; }
# pod_by_template NAME TEMPLATE: with a claim of its own.
pod_by_template() { claiming_pod "$1" "{name: lanes, resourceClaimTemplateName: $2}" '{name: lanes}'; }

# claimed_lanes POD: a line "REQUEST VF FLOOR CEILING" for each lane that its container is told of.
claimed_lanes() {
  kubectl exec "$1" -- env | sed -n 's/^SLUICE_LANE_[^=]*=//p' | jq -r '"\(.request) \(.vf) \(.floor) \(.ceiling)"' | sort -V
}
# has_claimed POD COUNT RATE: as many lanes, each with that rate as floor and ceiling.
has_claimed() { equal "$2 $3 $3" "$(claimed_lanes "$1" | cut -d' ' -f3- | sort | uniq -c | xargs)"; }
# published_shares: "BANDWIDTH/VFS" of each port that claims can share.
published_shares() {
  kubectl get resourceslices -o json | jq -r '[.items[].spec.devices[] | .capacity.bandwidth.value + "/" + .capacity.vfs.value] | join(" ")'
}
