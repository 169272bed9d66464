# golang:1.24-trixie as its users meet it, from Debian's packages. What the cases import is compiled here already, as any
# second build finds it.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/golang:1.24-trixie
changes=('WORKDIR /go' 'CMD ["bash"]' 'ENV GOPATH=/go' 'ENV GOTOOLCHAIN=local')

fill() { # ROOTFS
	debian "$1" golang-go ca-certificates
	mkdir -p "$1"/go/{src,bin}
	chmod 1777 "$1"/go/{,src,bin}
	mount -t proc proc "$1/proc" # where go finds itself
	within "$1" env CGO_ENABLED=0 go build net/http html/template
	umount "$1/proc"
}
