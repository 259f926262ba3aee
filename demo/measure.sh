# shellcheck shell=bash disable=SC2154  # Assigned by who sources it.
# How demo/soft-story sends and measures. Uses its pods, number[], uplink and class_of.

time_for_repeats=60
declare -A rate=() # What each pod's lane sent in the last measurement, tenths of Mbit/s.

port_of() { echo $((5201 + ${number[$1]})); }

# send POD SECONDS: for the background. Tried again while its server is not there yet, or still busy with the last one.
send() {
  local tries
  for tries in 1 2 3 4 5; do
    ip netns exec "$1" timeout $(($2 + 5)) \
      iperf3 --client 10.9.0.1 --port "$(port_of "$1")" --time "$2" >/dev/null 2>&1 && return
    [ "$tries" -eq 5 ] || sleep 0.2
  done
  return 1
}

# sample: "microseconds CLASS BYTES CLASS BYTES …" of this moment; asks again when the machine was too busy to say which.
sample() {
  local before counters after tries=5
  while :; do
    before=${EPOCHREALTIME/./}
    counters=$(tc -s class show dev "$uplink" | awk '$1 == "class" { class = $3 } $1 == "Sent" { printf " %s %s", class, $2 }')
    after=${EPOCHREALTIME/./}
    tries=$((tries - 1))
    if [ $((after - before)) -lt 20000 ] || [ "$tries" -eq 0 ]; then break; fi
  done
  echo "$after$counters"
}

# bytes_of POD SAMPLE
bytes_of() { awk -v class="$(class_of "$1")" '{ for (i = 2; i < NF; i += 2) if ($i == class) print $(i + 1) }' <<<"$2"; }

# set_rates FROM TO: rate[] becomes what each lane sent from one sample to the other.
set_rates() {
  local pod
  for pod in "${pods[@]}"; do
    rate[$pod]=$((($(bytes_of "$pod" "$2") - $(bytes_of "$pod" "$1")) * 80 / (${2%% *} - ${1%% *})))
  done
}

mbit() { printf '%d.%d' $(($1 / 10)) $(($1 % 10)); }

# rates_of POD…
rates_of() {
  local pod text=''
  for pod in "$@"; do text+="  $pod $(mbit "${rate[$pod]}")"; done
  echo "$text Mbit/s"
}

# measure WHAT SECONDS POD…: sets rate[] to the mean of that time, on a terminal with each second's rates meanwhile.
measure() {
  local what=$1 seconds=$2 first last now
  shift 2
  first=$(sample) last=$first
  for ((; seconds > 0; seconds--)); do
    sleep 1
    now=$(sample)
    set_rates "$last" "$now"
    progress "  $what:$(rates_of "$@")"
    last=$now
  done
  progress
  set_rates "$first" "$last"
}

# run WHAT SECONDS LEAST POD…: the pods send; the middle of it, without the first second and the end, is measured. Less
# than LEAST tenths of Mbit/s in all is a machine too busy to fill the line, which says nothing about lanes: once more,
# while there is time.
run() {
  local what=$1 seconds=$2 least=$3 attempts=3
  shift 3
  run_once "$what" "$seconds" "$@"
  while [ "$(sum_of_rates)" -lt "$least" ]; do
    attempts=$((attempts - 1))
    if [ "$attempts" -eq 0 ] || [ "$SECONDS" -gt "$time_for_repeats" ]; then
      story "  only $(mbit "$(sum_of_rates)") in all: the machine is too busy to fill the line"
      break
    fi
    story "  only $(mbit "$(sum_of_rates)") in all: the machine is busy, once more"
    run_once "$what" "$seconds" "$@"
  done
}

run_once() {
  local what=$1 seconds=$2 senders=() pod
  shift 2
  for pod in "$@"; do
    send "$pod" $((seconds + 3)) &
    senders+=("$!")
  done
  sleep 1.5
  measure "$what" "$seconds" "$@"
  wait "${senders[@]}" || die "iperf3 failed"
  story "  $what:$(rates_of "$@")"
}

sum_of_rates() {
  local pod sum=0
  for pod in "${pods[@]}"; do sum=$((sum + rate[$pod])); done
  echo "$sum"
}

