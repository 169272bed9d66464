# eclipse-temurin:21-jdk as its users meet it, from Debian's packages: no user but the system's.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/eclipse-temurin:21-jdk
changes=('ENV JAVA_HOME=/opt/java/openjdk' 'ENV LANG=en_US.UTF-8' 'CMD ["jshell"]')

fill() { # ROOTFS
	debian "$1"
	mkdir -p "$1/usr/share/man/man1" # its package puts links there
	mount -t proc proc "$1/proc"     # where java finds itself
	packages "$1" openjdk-21-jdk-headless
	umount "$1/proc"
	mkdir -p "$1/opt/java"
	within "$1" sh -c 'ln -s /usr/lib/jvm/java-21-openjdk-* /opt/java/openjdk'
}
