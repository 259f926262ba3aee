# shellcheck shell=bash
# Debian packages for the lab: installed where the host needs them, unpacked where only the guest does.
# The machine's own apt sources say which mirror to use.

lab_sources=/etc/apt/sources.list.d/sluice-lab.sources
lab_pins=/etc/apt/preferences.d/sluice-lab

# missing_packages NAME…: those that are not installed.
missing_packages() {
  local name
  for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || echo "$name"
  done
}

install_packages() {
  as_root
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -qy --no-install-recommends "$@" && return
  # The package lists may be absent or older than the archive.
  refresh_lists
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -qy --no-install-recommends "$@"
}

refresh_lists() { apt-get -o DPkg::Lock::Timeout=600 update -q; }

# from_archive TITLE COMMAND…: a step that downloads. Tried once more with new package lists: an archive moves on from those
# at hand, and networks fail.
from_archive() {
  attempt "$@"
  # shellcheck disable=SC2154  # Of attempt().
  [ "$attempt_status" -ne 0 ] || return 0
  say "trying once more, with new package lists"
  attempt "package lists" refresh_lists
  step "$@"
}

as_root() { [ "$(id -u)" -eq 0 ] || die "preparing the lab installs packages: run it as root once"; }

# download_packages DIR NAME…
download_packages() {
  local dir=$1
  shift
  [ $# -gt 0 ] || return 1
  # apt's unprivileged download user need not be able to write into our cache.
  (cd "$dir" && apt-get -o APT::Sandbox::User=root download "$@")
}

# unpack_packages FROM INTO: never into a tree in use, because kernel packages bring a /lib of their own.
unpack_packages() {
  local package
  for package in "$1"/*.deb; do dpkg -x "$package" "$2"; done
}

# Makes backports known to apt, at priorities that install nothing from there unasked.
need_suites() {
  apt-cache policy | grep -q 'n=trixie-backports' && apt-cache policy | grep -q 'n=bookworm-backports' && return
  as_root
  backports_sources >"$lab_sources"
  cat >"$lab_pins" <<'PINS'
Package: *
Pin: release n=bookworm-backports
Pin-Priority: 100

Package: *
Pin: release n=trixie-backports
Pin-Priority: 50
PINS
  step "package lists" refresh_lists
}

backports_sources() {
  cat <<SOURCES
Types: deb
URIs: $(mirror)
Suites: bookworm-backports trixie-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
}

# The mirror that this machine already uses for bookworm, from either format of sources.
mirror() {
  local url
  url=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v RS= '
    /(^|\n)Suites:[^\n]*bookworm( |\n|$)/ && match($0, /(^|\n)URIs: *[^ \n]+/) {
      url = substr($0, RSTART, RLENGTH); sub(/.* /, "", url); print url; exit }')
  [ -n "$url" ] || url=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
    sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+) +bookworm .*/\2/p' | head -n 1)
  [ -n "$url" ] || die "apt knows no bookworm mirror on this machine"
  echo "$url"
}

# debootstrap does not read apt's configuration.
use_apt_proxy() {
  local proxy
  proxy=$(apt-config dump --format '%v%n' Acquire::http::Proxy)
  [ -z "$proxy" ] || export http_proxy="$proxy"
}

# kernel_packages SERIES: the newest build of the plain amd64 flavour (cloud has neither igb nor 9p).
kernel_packages() {
  local release
  case $1 in
    6.12)
      newest '^linux-image-6\.12\.[0-9]+\+deb12-amd64$'
      ;;
    7.3)
      release=$(newest '^linux-modules-7\.3\.[0-9]+\+deb13-amd64$')
      release=${release#linux-modules-}
      echo "linux-base-$release linux-modules-$release linux-binary-unsigned-$release"
      ;;
  esac
}

# newest PATTERN: the highest package name that matches.
newest() {
  local name
  name=$(apt-cache pkgnames | grep -E "$1" | sort -V | tail -n 1)
  [ -n "$name" ] || die "no package matches $1; are the package lists up to date?"
  echo "$name"
}
