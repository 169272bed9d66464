# python:3.12-slim as its users meet it, from Debian's packages: no user but the system's, no entrypoint.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/python:3.12-slim
changes=('CMD ["python3"]')

fill() { # ROOTFS
	debian "$1" python3 ca-certificates
	ln -s /usr/bin/python3 "$1/usr/local/bin/python3"
	ln -s python3 "$1/usr/local/bin/python"
}
