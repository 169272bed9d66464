# shellcheck shell=sh
# Sourced by tests/try and tests/all: `install PACKAGE...` sees to it that Debian or Ubuntu has the packages.

install() {
	missing=$(for package in "$@"; do
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package"
	done)
	[ -n "$missing" ] || return 0
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	$sudo apt-get update -qq
	# shellcheck disable=SC2086  # one word per package
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# What the program is built from.
# shellcheck disable=SC2034
to_build='gcc libc6-dev meson ninja-build pkg-config libyaml-dev libpcre2-dev libjansson-dev'
