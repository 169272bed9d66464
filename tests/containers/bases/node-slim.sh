# node:20-slim as its users meet it, from Debian's packages: the user node, the entrypoint, npm.
# shellcheck shell=bash disable=SC2034,SC2154

name=docker.io/library/node:20-slim
changes=('ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["node"]')

fill() { # ROOTFS
	debian "$1" nodejs npm ca-certificates
	within "$1" groupadd --gid 1000 node
	within "$1" useradd --uid 1000 --gid node --shell /bin/bash --create-home node

	# A word that is no program is for node, and so is an option or a script.
	install -m 755 /dev/stdin "$1/usr/local/bin/docker-entrypoint.sh" <<-'END'
		#!/bin/sh
		set -e
		case $1 in
		-*) set -- node "$@" ;;
		*) if ! command -v "$1" >/dev/null || { [ -f "$1" ] && ! [ -x "$1" ]; }; then set -- node "$@"; fi ;;
		esac
		exec "$@"
	END

	# The one package that the sample needs lies in npm's cache, under the digest that the lock file names:
	# `npm ci` finds it there without a registry.
	cp "$here/bases/ms-2.1.3.tgz" "$1/tmp"
	within "$1" npm cache add /tmp/ms-2.1.3.tgz
	rm "$1/tmp/ms-2.1.3.tgz"
	printf '%s\n' offline=true audit=false fund=false update-notifier=false >"$1/etc/npmrc"
}
