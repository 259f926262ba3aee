# shellcheck shell=bash
# How a lab script reports, as TAP lines: ". /repo/test/lab/checks.sh", then one call a behaviour.

failed_checks=0

# check NAME COMMAND…: passes when COMMAND succeeds; its output is shown when it does not.
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    echo "ok - $name"
  else
    failed_checks=$((failed_checks + 1))
    printf 'not ok - %s\n' "$name"
    printf '#   %s -> %s\n' "$*" "${output//$'\n'/$'\n#   '}"
  fi
}

# skip NAME REASON
skip() { echo "ok - $1 # SKIP $2"; }

# wait_until SECONDS COMMAND…
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

has_carrier() { [ "$(cat "/sys/bus/pci/devices/$1/net"/*/carrier 2>/dev/null)" = 1 ]; }
# await_carriers PORT…: a port loses its carrier for seconds whenever its VFs are made or removed.
await_carriers() {
  local port
  for port in "$@"; do
    wait_until 60 has_carrier "$port" || { echo "port $port has no carrier after 60 s" && return 1; }
  done
}

# equal EXPECTED ACTUAL: for check; says both when they differ.
equal() { [ "$1" = "$2" ] || { echo "expected '$1', got '$2'" && return 1; }; }

# Last line of a script.
finish_checks() { [ "$failed_checks" -eq 0 ]; }
