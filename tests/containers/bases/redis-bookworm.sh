# redis:7-bookworm as its users meet it, from Debian's packages: it starts as root, and its entrypoint gives the data to the
# user redis and goes on as that one.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/redis:7-bookworm
release=bookworm
changes=('WORKDIR /data' 'VOLUME /data' 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["redis-server"]')

fill() { # ROOTFS
	debian "$1" redis-tools gosu
	within "$1" groupmod --gid 999 redis
	within "$1" usermod --uid 999 --gid 999 redis
	install -d -o 999 -g 999 "$1/data"
	ln -s /usr/bin/redis-check-rdb "$1/usr/local/bin/redis-server" # one program, by its name

	install -m 755 /dev/stdin "$1/usr/local/bin/docker-entrypoint.sh" <<-'END'
		#!/bin/sh
		set -e
		case $1 in -* | *.conf) set -- redis-server "$@" ;; esac
		if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
			find . ! -user redis -exec chown redis '{}' +
			exec gosu redis "$0" "$@"
		fi
		exec "$@"
	END
}
