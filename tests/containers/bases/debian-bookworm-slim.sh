# debian:bookworm-slim.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/debian:bookworm-slim
also=docker.io/library/debian:12-slim
release=bookworm
changes=('CMD ["bash"]')

fill() { # ROOTFS
	debian "$1"
}
