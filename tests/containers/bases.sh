# Sourced by `run`: makes the base images, each from a file in bases/ that gives `name`, `changes`, `fill ROOTFS`, where it
# has one another name, `also`, and where its Debian is not the default one, `release`.
# shellcheck shell=bash disable=SC2154

mirror=${IRONHULL_TESTS_MIRROR:-http://deb.debian.org/debian}

# A slim Debian with the packages given: no manuals, no translations, as in the official slim images.
debian() { # ROOTFS PACKAGE...
	local tar
	kept "release-$release" /dev/null bootstrap
	mkdir -p "$1"
	tar --extract --file "$tar" --directory "$1"
	[ $# = 1 ] || packages "$@"
}

packages() { # ROOTFS PACKAGE...
	local rootfs=$1
	shift
	within "$rootfs" apt-get update --quiet
	within "$rootfs" apt-get install --quiet --yes --no-install-recommends "$@"
	within "$rootfs" apt-get clean
	rm -rf "$rootfs"/var/lib/apt/lists/*
}

bootstrap() { # ROOTFS
	debootstrap --variant=minbase "$release" "$1" "$mirror"
	printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/'{doc,man,locale,info}'/*' >"$1/etc/dpkg/dpkg.cfg.d/slim"
	rm -rf "$1"/usr/share/{doc,man,locale,info}/* "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/archives/*.deb
	apt-config dump | grep -E '^Acquire::(https?::)?Proxy' >"$1/etc/apt/apt.conf.d/proxy" || true
}

within() { # ROOTFS COMMAND...
	local rootfs=$1
	shift
	env --unset=TMPDIR --unset=XDG_CACHE_HOME HOME=/root DEBIAN_FRONTEND=noninteractive chroot "$rootfs" "$@"
}

# Sets `tar` to what a function makes in a folder. It is kept for the next run, until one of the files changes that it was
# made from.
kept() { # NAME FILE FUNCTION
	local rootfs=$work/rootfs-$1
	tar=$cache/$1-$(cat "$2" "$here/bases.sh" "$here"/bases/*.tgz | sha256sum | cut -c 1-16).tar
	[ ! -e "$tar" ] || return 0
	mkdir -p "$cache" "$rootfs"
	"$3" "$rootfs"
	rm -f "$cache/$1"-????????????????.tar
	tar --create --file "$tar.new" --directory "$rootfs" .
	mv "$tar.new" "$tar"
	rm -rf "$rootfs"
}

base() { # FILE
	local name also='' changes tar release=trixie
	# shellcheck source=/dev/null
	. "$1"
	kept "$(basename "$1" .sh)" "$1" fill
	changes+=('ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
	podman import "${changes[@]/#/--change=}" "$tar" "$name"
	[ -z "$also" ] || podman tag "$name" "$also"
}
