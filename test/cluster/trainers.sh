# shellcheck shell=bash
# Two pods that together hold every VF of a node with two ports: ". trainers.sh" after kube.sh.

trainers=(trainer-1 trainer-2)
# shellcheck disable=SC2034  # For those who source it.
seven_lanes='sluice.dev/gold: 1, sluice.dev/silver: 1, sluice.dev/bronze: 1, sluice.dev/copper: 4'

milliseconds() { date +%s%3N; }
# make_trainers MANIFEST ARGUMENT: made at once, each by "MANIFEST NAME ARGUMENT"; says after how many ms both were ready.
make_trainers() {
  local started name
  started=$(milliseconds)
  { for name in "${trainers[@]}"; do "$1" "$name" "$2"; done | kubectl create -f - && ready "${trainers[@]}"; } >&2 || return 1
  echo $(($(milliseconds) - started))
}
# end_trainers: at once; while they end, others may take their names.
end_trainers() { kubectl delete --grace-period=0 --force --wait=false "${trainers[@]/#/pod/}" && wait_until 30 are_gone; }
are_gone() { [ -z "$(kubectl get --ignore-not-found -o name "${trainers[@]/#/pod/}")" ]; }
