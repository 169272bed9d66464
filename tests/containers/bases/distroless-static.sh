# gcr.io/distroless/static-debian12: files of Debian's that a static program looks at, and no program.
# shellcheck shell=bash disable=SC2034,SC2154

name=gcr.io/distroless/static-debian12:latest
release=bookworm
changes=('ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt')

fill() { # ROOTFS
	local from=$work/debian
	debian "$from" ca-certificates netbase tzdata
	mkdir -p "$1"/{bin,boot,dev,etc/ssl/certs,home,lib,proc,root,run,sbin,sys,tmp,usr/share,var/tmp}
	chmod 1777 "$1"/{tmp,var/tmp}
	chmod 700 "$1/root"
	install -d -m 700 -o 65532 -g 65532 "$1/home/nonroot"
	cp "$from"/etc/{debian_version,host.conf,protocols,services} "$1/etc"
	cp -L "$from/etc/os-release" "$1/etc"
	cp "$from/etc/ssl/certs/ca-certificates.crt" "$1/etc/ssl/certs"
	cp -a "$from/usr/share/zoneinfo" "$1/usr/share"
	rm -rf "$from"
	cat >"$1/etc/passwd" <<-'END'
		root:x:0:0:root:/root:/sbin/nologin
		nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
		nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
	END
	cat >"$1/etc/group" <<-'END'
		root:x:0:
		nobody:x:65534:
		tty:x:5:
		staff:x:50:
		nonroot:x:65532:
	END
}
