# Sourced by `run`: makes the base images, each from a file in bases/ that gives `name`, `changes` and `fill ROOTFS`.
# shellcheck shell=bash disable=SC2154

mirror=${IRONHULL_TESTS_MIRROR:-http://deb.debian.org/debian}

# A slim Debian with the packages given: no manuals, no translations, as in the official slim images.
debian() { # ROOTFS PACKAGE...
	local rootfs=$1
	shift
	debootstrap --variant=minbase trixie "$rootfs" "$mirror"
	printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/'{doc,man,locale,info}'/*' >"$rootfs/etc/dpkg/dpkg.cfg.d/slim"
	rm -rf "$rootfs"/usr/share/{doc,man,locale,info}/*
	apt-config dump | grep -E '^Acquire::(https?::)?Proxy' >"$rootfs/etc/apt/apt.conf.d/proxy" || true
	within "$rootfs" apt-get update --quiet
	within "$rootfs" apt-get install --quiet --yes --no-install-recommends "$@"
	within "$rootfs" apt-get clean
	rm -rf "$rootfs"/var/lib/apt/lists/*
}

within() { # ROOTFS COMMAND...
	local rootfs=$1
	shift
	DEBIAN_FRONTEND=noninteractive chroot "$rootfs" "$@"
}

# What `fill` made is kept for the next run, until one of the files that it was made from changes.
base() { # FILE
	local name changes kind tar
	# shellcheck source=/dev/null
	. "$1"
	kind=$(basename "$1" .sh)
	tar=$cache/$kind-$(cat "$1" "$here/bases.sh" "$here"/bases/*.tgz | sha256sum | cut -c 1-16).tar
	if ! [ -e "$tar" ]; then
		mkdir -p "$cache" "$work/rootfs"
		fill "$work/rootfs"
		rm -f "$cache/$kind"-*
		tar --create --file "$tar.new" --directory "$work/rootfs" .
		mv "$tar.new" "$tar"
		rm -rf "$work/rootfs"
	fi
	changes+=('ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
	podman import "${changes[@]/#/--change=}" "$tar" "$name"
}
