# shellcheck shell=bash
# What both demos share: how they speak, and how they call the programs.

demo_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "$demo_dir/.." && pwd)/build/release/bin
failures=0
bold='' dim='' red='' green='' blue='' reset=''

# usage NAME: the comment block at the top of the script NAME is its manual.
usage() { sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$1"; }

# choose_style: fancy where a person looks on, plain in pipes and logs.
style=plain
choose_style() {
  if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then style=fancy; fi
}

# use_style fancy|plain: before anything is said.
use_style() {
  style=$1
  [ "$style" = fancy ] || return 0
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' blue=$'\e[36m' reset=$'\e[0m'
}

title() { printf '\n%s== %s ==%s\n' "$bold$blue" "$*" "$reset"; }
story() { printf '%s\n' "$*"; }
quote() { sed -u "s/^/    $dim| /; s/\$/$reset/"; }

# progress TEXT: in place of the last one, on a terminal only; without TEXT takes it away.
progress() { [ "$style" = plain ] || printf '\r\e[K%s%s%s' "$dim" "$*" "$reset"; }

die() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

# need PROGRAM…
need() {
  local program
  for program in "$@"; do command -v "$program" >/dev/null || die "there is no '$program' here: run \`make setup\`"; done
}

# need_built PROGRAM…
need_built() {
  local program
  for program in "$@"; do [ -x "$bin/$program" ] || die "there is no $bin/$program: run \`make build\`"; done
}

# expect TEXT COMMAND…: says TEXT with a mark for whether COMMAND succeeded.
expect() {
  local text=$1
  shift
  if "$@"; then
    printf '  %sok%s      %s\n' "$green" "$reset" "$text"
  else
    printf '  %sFAILED%s  %s\n' "$red" "$reset" "$text"
    failures=$((failures + 1))
  fi
}
is() { [ "$1" = "$2" ] || { printf "  wanted '%s', found '%s'\n" "$1" "$2" && return 1; }; }

# plugin VERB POD <configuration: runs the CNI plugin as a container runtime does.
plugin() {
  CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_NETNS=/run/netns/$2 CNI_IFNAME=net1 CNI_PATH=/opt/cni/bin "$bin/sluice"
}

# attach POD CONFIGURATION: ends the demo when the plugin refuses.
attach() { plugin ADD "$1" <<<"$2" >/dev/null || die "the plugin refused pod '$1', see above"; }
detach() { plugin DEL "$1" <<<"$2" || die "the plugin could not take pod '$1' back, see above"; }

# refusal POD CONFIGURATION: the plugin's message; fails when it did not refuse.
refusal() {
  local answer
  ! answer=$(plugin ADD "$1" <<<"$2" 2>/dev/null) || return 1
  jq -er '"  \"\(.msg)\", code \(.code)"' <<<"$answer"
}

lanes_in_ledger() {
  find "$SLUICE_RUN_DIR/ports" -name '*.json' -exec jq '.lanes | length' {} + | awk '{ n += $1 } END { print n + 0 }'
}

# tabbed CELL…: a row for table.
tabbed() {
  local IFS=$'\t'
  printf '%s\n' "$*"
}

# table <TAB-SEPARATED: the first line is the header; verdicts have their colours.
table() {
  local -a rows width=()
  local row i cell rule=''
  mapfile -t rows
  for row in "${rows[@]}"; do
    i=0
    while IFS= read -r -d $'\t' cell; do
      [ "${#cell}" -le "${width[i]:-0}" ] || width[i]=${#cell}
      i=$((i + 1))
    done <<<"$row"$'\t'
  done
  for cell in "${width[@]}"; do rule+=$(printf '%*s' $((cell + 2)) '')+; done
  rule=${rule// /-}
  [ "$style" = plain ] || box_line ┌ ┬ ┐ "$rule"
  for i in "${!rows[@]}"; do
    table_row "${rows[i]}" "$i" "${width[@]}"
    [ "$i" -ne 0 ] || [ "$style" = plain ] || box_line ├ ┼ ┤ "$rule"
  done
  [ "$style" = plain ] || box_line └ ┴ ┘ "$rule"
}

# box_line LEFT CROSSING RIGHT RULE
box_line() {
  local line=${4%+}
  line=${line//-/─}
  printf '%s%s%s%s%s\n' "$dim" "$1" "${line//+/$2}" "$3" "$reset"
}

# table_row ROW NUMBER WIDTH…
table_row() {
  local row=$1 number=$2 cell colour edge='' line='' i=0
  shift 2
  [ "$style" = plain ] || edge="$dim│$reset"
  while IFS= read -r -d $'\t' cell; do
    i=$((i + 1))
    colour=''
    [ "$number" -ne 0 ] || colour=$bold
    case $cell in ok*) colour=$green ;; FAILED*) colour=$red ;; esac
    line+="$edge $colour$(printf '%-*s' "${!i}" "$cell")${colour:+$reset} "
  done <<<"$row"$'\t'
  line=$line$edge
  [ "$style" = fancy ] || line=" ${line%"${line##*[! ]}"}"
  printf '%s\n' "$line"
}

# verdict_line WHAT: the last word; the exit status is honest.
verdict_line() {
  if [ "$failures" -eq 0 ]; then
    printf '\n%s%s: all promises kept, nothing left behind%s; took %d s\n' "$bold$green" "$1" "$reset" "$SECONDS"
  else
    printf '\n%s%s: %d FAILED%s; took %d s\n' "$bold$red" "$1" "$failures" "$reset" "$SECONDS"
    return 1
  fi
}
