# shellcheck shell=bash disable=SC2034,SC2154  # Its variables are those of soak.test.
# What happens to the node, one action a call. What an action does follows from the seed and from the actions before alone,
# never from what they came to: the same seed plays the same.

# A pod's name begins with its kind, which says what lanes it asks for.
declare -A lanes_of_kind=(
  [gold]='sluice.dev/gold: 1' [silver]='sluice.dev/silver: 1' [bronze]='sluice.dev/bronze: 1' [copper]='sluice.dev/copper: 1'
  [pair]='sluice.dev/gold: 1, sluice.dev/copper: 2')
kinds=(gold silver bronze copper pair)
# VFs of gold, silver, bronze and copper; of each the node's fourteen in all.
divisions=('[3,3,4,4]' '[5,2,2,5]' '[1,1,6,6]' '[4,6,2,2]')
# Weights by repetition.
deck=(come come come come burst burst burst go go go force force swap swap swap empty kubelet agent containerd configure pull)
# More pods than VFs, so that some wait.
most_pods=20

# draw N: a number below N in $drawn. Bash's own generator differs from version to version, and between subshells.
draw() {
  dice=$(((dice * 1103515245 + 12345) & 0x7fffffff))
  drawn=$(((dice >> 8) % $1))
}

action() { echo "# $SECONDS s: $*"; }
quietly() { "$@" >>"$WORK/logs/soak.log" 2>&1; }

manifest_of() {
  local name
  for name; do pod "$name" "${lanes_of_kind[${name%%-*}]}"; done
}
create_pods() { manifest_of "$@" | quietly kubectl create -f -; }

# come N
come() {
  local i fresh=()
  for ((i = 0; i < $1 && ${#living[@]} + i < most_pods; i++)); do
    draw ${#kinds[@]}
    fresh+=("${kinds[drawn]}-$((++made))")
  done
  [ ${#fresh[@]} -gt 0 ] || return 0
  action "pods come: ${fresh[*]}"
  living+=("${fresh[@]}")
  create_pods "${fresh[@]}"
}

# pick N: so many of the living, or all there are, in $picked; they live no more.
pick() {
  picked=()
  while [ ${#picked[@]} -lt "$1" ] && [ ${#living[@]} -gt 0 ]; do
    draw ${#living[@]}
    picked+=("${living[drawn]}")
    living=("${living[@]:0:drawn}" "${living[@]:drawn+1}")
  done
  [ ${#picked[@]} -gt 0 ]
}

go() {
  pick "$1" || return 0
  action "pods go: ${picked[*]}"
  quietly kubectl delete --wait=false "${picked[@]/#/pod/}"
}
force() {
  pick "$1" || return 0
  action "pods are deleted by force: ${picked[*]}"
  quietly kubectl delete --wait=false --grace-period=0 --force "${picked[@]/#/pod/}"
}
# swap N: by force, and others of their kinds at once.
swap() {
  local name fresh=()
  pick "$1" || return 0
  for name in "${picked[@]}"; do fresh+=("${name%%-*}-$((++made))"); done
  action "pods are replaced by force: ${picked[*]} by ${fresh[*]}"
  quietly kubectl delete --wait=false --grace-period=0 --force "${picked[@]/#/pod/}"
  living+=("${fresh[@]}")
  create_pods "${fresh[@]}"
}

# kill_program WHAT PATTERN
kill_program() {
  action "$1 is killed"
  killed=yes
  quietly on_node pkill -KILL -f "$2"
}

divide() {
  draw ${#divisions[@]}
  division=${divisions[drawn]}
  action "the configuration becomes $division"
  divided=yes
  quietly configure <<<"$(jq -n --argjson counts "$division" -f "$soak/config.jq")"
}

# pull: a port's wire, until a later action or the round's end puts it back.
pull() {
  [ ! "$pulled" ] || return 0
  draw 2
  pulled=$((drawn + 1)) dark=yes
  action "port $pulled loses its carrier"
  set_port "$pulled" down
}
put_back() {
  [ "$pulled" ] || return 0
  action "port $pulled has its carrier again"
  set_port "$pulled" up
  pulled=''
}
# set_port INDEX STATE
set_port() {
  # shellcheck disable=SC2016  # The node expands it.
  quietly on_node bash -c 'ip link set "$(ls "/sys/bus/pci/devices/$(cut -d" " -f"$1" <<<"$LAB_PORTS")/net")" "$2"' - "$1" "$2"
}

# act: the next action.
act() {
  local card
  if [ "$pulled" ]; then draw 2 && [ "$drawn" -eq 0 ] && put_back; fi
  draw ${#deck[@]} && card=${deck[drawn]}
  draw 3
  case $card in
    come) come $((drawn + 1)) ;;
    burst) come $((drawn + 6)) ;;
    go | force | swap) "$card" $((drawn + 1)) ;;
    empty) force $((drawn + 8)) ;;
    kubelet) kill_program kubelet '^kubelet ' ;;
    agent) kill_program 'the agent' '^sluiced run' ;;
    containerd) kill_program containerd '^containerd$' ;;
    configure) divide ;;
    pull) pull ;;
  esac
}
