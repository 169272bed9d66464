# The Debian package: made here, installed in a clean system of the same release, used, and purged.
# shellcheck shell=bash disable=SC2154,SC2034,SC2016

make_package() {
	mkdir -p "$work/deb/ironhull"
	tar --create --directory="$here/../.." --exclude='./build*' --exclude=./.git . | tar --extract --directory="$work/deb/ironhull"
	(cd "$work/deb/ironhull" && DEB_BUILD_OPTIONS='noautodbgsym terse' dpkg-buildpackage --build=binary --no-sign)
	cp "$work/deb"/ironhull_*.deb "$work/ironhull.deb"
}

clean_system() { # ROOTFS
	local release mirror tar # for `debian`
	release=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
	debian "$1" man-db
	# manual pages are wanted here
	rm "$1/etc/dpkg/dpkg.cfg.d/slim"
}

# What is on the disk, and what dpkg has; not what apt and man-db note down for themselves.
everything() { # ROOTFS
	(cd "$1" && find . -path ./var/cache -prune -o -path ./var/log -prune -o -path ./var/lib/apt -prune -o \
		-path './var/lib/dpkg/*-old' -o -print | sort)
	within "$1" dpkg-query --show --showformat '${Package} ${db:Status-Abbrev}\n'
}

install_package() {
	cp "$work/ironhull.deb" "$rootfs/tmp"
	within "$rootfs" apt-get update --quiet
	within "$rootfs" apt-get install --quiet --yes --no-install-recommends /tmp/ironhull.deb
	rm "$rootfs/tmp/ironhull.deb"
}

rootfs=$work/clean
check 'deb: the package is made' make_package
check 'deb: lintian finds no fault' equal '' "$(lintian --allow-root "$work/ironhull.deb" 2>&1)"
check 'deb: has the version of the program' equal "$("$ironhull" --version)" "ironhull $(dpkg-deb --field "$work/ironhull.deb" Version)"
check 'deb: a clean system is made' clean_system "$rootfs"
check 'deb: installs' install_package
check 'deb: its files are there' grep -qx ./usr/bin/ironhull <(everything "$rootfs")
check 'deb: ironhull --version' equal "$("$ironhull" --version)" "$(within "$rootfs" ironhull --version)"
check 'deb: man ironhull' grep -q -- '--pod-security' <(within "$rootfs" man ironhull)
cp -r "$sample" "$rootfs/tmp/sample"
harden "$sample" "$work/deb-hardened" 2>/dev/null
check 'deb: hardens the sample' within "$rootfs" ironhull -w /tmp/sample
check 'deb: the same as without the package' diff -r "$work/deb-hardened" "$rootfs/tmp/sample"
rm -r "$rootfs/tmp/sample"
check 'deb: is purged' within "$rootfs" apt-get purge --quiet --yes ironhull
check 'deb: nothing of it is left' fails_with '' grep -r ironhull <(everything "$rootfs")
