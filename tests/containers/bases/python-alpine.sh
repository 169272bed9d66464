# python:3.12-alpine as its users meet it: Alpine's users and busybox, built from Debian's copy of its source, with its own
# adduser and addgroup. Python and its libraries are Debian's. In the place of Alpine's packages stands an `apk` that can
# add one of them, tini.
# shellcheck shell=bash disable=SC2034,SC2154

name=docker.io/library/python:3.12-alpine
changes=('CMD ["python3"]')

busybox_url=$mirror/pool/main/b/busybox/busybox_1.37.0.orig.tar.bz2
busybox_sha256=3311dff32e746499f4df0d5df04d7eb396382d7e108bb9250e7b519b837043a4

fill() { # ROOTFS
	debian "$work/debian" python3 tini
	mkdir -p "$1"/{bin,sbin,etc,tmp,root,usr/{bin,sbin,local/bin,share/apk},proc,sys,dev,run,home}
	chmod 1777 "$1/tmp"
	cp -a "$work/debian/usr/lib" "$1/usr"
	cp -a "$work/debian"/lib* "$1"
	[ ! -e "$work/debian/usr/lib64" ] || cp -a "$work/debian/usr/lib64" "$1/usr"
	cp -a "$work/debian"/usr/bin/python3* "$1/usr/local/bin"
	ln -s python3 "$1/usr/local/bin/python"
	install "$work/debian/usr/bin/tini-static" "$1/usr/share/apk/tini"

	curl --fail --silent --show-error --output "$work/busybox.tar" "$busybox_url"
	echo "$busybox_sha256  $work/busybox.tar" | sha256sum --check --quiet
	mkdir "$work/busybox"
	tar --extract --file "$work/busybox.tar" --directory "$work/busybox" --strip-components 1
	make -C "$work/busybox" defconfig
	sed -i 's/.*CONFIG_STATIC[ =].*/CONFIG_STATIC=y/; s/^CONFIG_TC=.*/CONFIG_TC=n/' "$work/busybox/.config"
	make -C "$work/busybox" -j "$(nproc)" busybox
	install "$work/busybox/busybox" "$1/bin/busybox"
	chroot "$1" /bin/busybox --install -s

	install -m 755 /dev/stdin "$1/sbin/apk" <<-'END'
		#!/bin/sh
		for word; do :; done
		[ "$1 $word" = 'add tini' ] && cp /usr/share/apk/tini /sbin/tini
	END

	cat >"$1/etc/passwd" <<-'END'
		root:x:0:0:root:/root:/bin/sh
		bin:x:1:1:bin:/bin:/sbin/nologin
		daemon:x:2:2:daemon:/sbin:/sbin/nologin
		mail:x:8:12:mail:/var/mail:/sbin/nologin
		guest:x:405:100:guest:/dev/null:/sbin/nologin
		nobody:x:65534:65534:nobody:/:/sbin/nologin
	END
	cat >"$1/etc/group" <<-'END'
		root:x:0:root
		bin:x:1:root,bin,daemon
		daemon:x:2:root,bin,daemon
		mail:x:12:mail
		users:x:100:games
		ping:x:999:
		nobody:x:65534:
	END
	rm -rf "$work/debian" "$work/busybox"
	sed 's/:.*/:!::0:::::/' "$1/etc/passwd" >"$1/etc/shadow"
}
