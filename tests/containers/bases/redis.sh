# redis:8 as its users meet it, from Debian's packages: the entrypoint changes to the user redis only where it has the
# capabilities for that, and else goes on as who it is.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/redis:8
changes=('WORKDIR /data' 'EXPOSE 6379' 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["redis-server"]')

fill() { # ROOTFS
	debian "$1"
	within "$1" groupadd --system --gid 999 redis
	within "$1" useradd --system --gid redis --uid 999 redis
	packages "$1" redis-tools
	install -d -o 999 -g 999 "$1/data"
	cp "$1/usr/bin/redis-check-rdb" "$1/usr/local/bin/redis-server" # one program, by its name

	install -m 755 /dev/stdin "$1/usr/local/bin/docker-entrypoint.sh" <<-'END'
		#!/bin/sh
		set -e
		can() { setpriv --dump | grep -q "Capability bounding set:.*\b$1\b"; }

		case $1 in -* | *.conf) set -- redis-server "$@" ;; esac
		if [ "$1" = redis-server ] && [ -z "$SKIP_DROP_PRIVS" ] && [ "$(id -u)" = 0 ] && can setuid && can setgid; then
		    # data of someone else's stays as it is
		    if [ -z "$SKIP_FIX_PERMS" ] && [ -z "$(find . -mindepth 1 -maxdepth 1 ! -name '*.rdb' ! -name appendonlydir)" ]; then
		        find . ! -user redis -exec chown redis '{}' + || echo 'the owner of the data stays as it is'
		    fi
		    exec setpriv --reuid redis --regid redis --clear-groups --nnp --inh-caps=-all --ambient-caps=-all \
		        --bounding-set=-all "$0" "$@"
		fi
		[ "$(umask)" != 0022 ] || umask 0077
		# redis.io's is built so
		[ "$1" != redis-server ] || set -- "$@" --protected-mode no
		exec "$@"
	END
}
