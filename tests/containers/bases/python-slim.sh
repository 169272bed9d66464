# python:3.12-slim as its users meet it, from Debian's packages: no user but the system's, no entrypoint, a pip that installs
# for all. What pip builds packages with comes from a folder; there is no index.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/python:3.12-slim
changes=('CMD ["python3"]')

fill() { # ROOTFS
	debian "$1" python3 python3-pip python3-venv ca-certificates
	ln -s /usr/bin/python3 "$1/usr/local/bin/python3"
	ln -s python3 "$1/usr/local/bin/python"
	rm "$1"/usr/lib/python3*/EXTERNALLY-MANAGED
	printf '%s\n' '[global]' 'no-index = true' 'find-links = /usr/share/python-wheels' >"$1/etc/pip.conf"
}
