# postgres:17 as its users meet it, from Debian's packages: its user, its folders and their modes, and what its entrypoint
# does: the data is given to postgres, whose rights it goes on with, and made on the first start.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/postgres:17
changes=('ENV LANG=C.UTF-8' 'ENV PGDATA=/var/lib/postgresql/data' 'VOLUME /var/lib/postgresql/data' 'EXPOSE 5432'
	'ENTRYPOINT ["docker-entrypoint.sh"]' 'STOPSIGNAL SIGINT' 'CMD ["postgres"]')

fill() { # ROOTFS
	debian "$1"
	within "$1" groupadd --system --gid 999 postgres
	within "$1" useradd --system --gid postgres --uid 999 --home-dir /var/lib/postgresql --shell /bin/bash postgres
	install -d "$1/etc/postgresql-common"
	echo 'create_main_cluster = false' >"$1/etc/postgresql-common/createcluster.conf"
	packages "$1" postgresql-17 gosu libnss-wrapper
	rm -r "$1"/usr/lib/postgresql/17/lib/{bitcode,llvmjit*} "$1"/usr/lib/*/libLLVM* # half of the image
	within "$1" sh -c 'ln -s /usr/lib/postgresql/17/bin/* /usr/local/bin'
	sed -i "s/^#listen_addresses = 'localhost'/listen_addresses = '*'/" "$1/usr/share/postgresql/17/postgresql.conf.sample"
	install -d "$1/docker-entrypoint-initdb.d"
	install -d -o 999 -g 999 -m 1777 "$1"/var/lib/postgresql{,/data}
	install -d -o 999 -g 999 -m 3777 "$1/run/postgresql"

	install -m 755 /dev/stdin "$1/usr/local/bin/docker-entrypoint.sh" <<-'END'
		#!/bin/bash
		set -eo pipefail

		# Sets a variable from the file that its namesake in _FILE names, or to a default.
		from_file() { # NAME DEFAULT
		    local file=${1}_FILE
		    [ -z "${!1}" ] || [ -z "${!file}" ] || { echo "error: both $1 and $file are set" >&2 && exit 1; }
		    [ -z "${!file}" ] || printf -v "$1" %s "$(<"${!file}")"
		    export "$1=${!1:-$2}"
		    unset "$file"
		}

		sql() {
		    psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc "$@"
		}

		[ "${1:0:1}" != - ] || set -- postgres "$@"
		[ "$1" = postgres ] || exec "$@"

		from_file POSTGRES_PASSWORD ''
		from_file POSTGRES_USER postgres
		from_file POSTGRES_DB "$POSTGRES_USER"
		from_file POSTGRES_INITDB_ARGS ''

		if [ -s "$PGDATA/PG_VERSION" ]; then made=yes; else made=; fi
		mkdir -p "$PGDATA"
		chmod 00700 "$PGDATA" || :
		mkdir -p /var/run/postgresql || :
		chmod 03775 /var/run/postgresql || :
		if [ "$(id -u)" = 0 ]; then
		    find "$PGDATA" ! -user postgres -exec chown postgres '{}' +
		    find /var/run/postgresql ! -user postgres -exec chown postgres '{}' +
		    exec gosu postgres "$0" "$@"
		fi

		if [ -z "$made" ]; then
		    [ -n "$POSTGRES_PASSWORD" ] || [ "$POSTGRES_HOST_AUTH_METHOD" = trust ] ||
		        { echo 'Error: Database is uninitialized and superuser password is not specified.' >&2 && exit 1; }
		    if ! getent passwd "$(id -u)" >/dev/null; then
		        # initdb wants its user to have a name
		        export LD_PRELOAD=libnss_wrapper.so NSS_WRAPPER_PASSWD=/tmp/passwd NSS_WRAPPER_GROUP=/tmp/group
		        LD_PRELOAD='' id -u | sed 's/.*/postgres:x:&:0:::/' >$NSS_WRAPPER_PASSWD
		        echo 'postgres:x:0:' >$NSS_WRAPPER_GROUP
		    fi
		    eval "initdb --username=\"\$POSTGRES_USER\" --pwfile=<(echo \"\$POSTGRES_PASSWORD\") $POSTGRES_INITDB_ARGS"
		    unset LD_PRELOAD
		    echo "host all all all ${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >>"$PGDATA/pg_hba.conf"

		    export PGPASSWORD=$POSTGRES_PASSWORD
		    pg_ctl -D "$PGDATA" -o "-c listen_addresses=''" -w start
		    [ "$POSTGRES_DB" = postgres ] || sql --dbname postgres -c "CREATE DATABASE \"$POSTGRES_DB\""
		    for file in /docker-entrypoint-initdb.d/*; do
		        case $file in
		        *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
		        *.sql) sql --dbname "$POSTGRES_DB" -f "$file" ;;
		        esac
		    done
		    pg_ctl -D "$PGDATA" -m fast -w stop
		    unset PGPASSWORD
		    echo 'PostgreSQL init process complete; ready for start up.'
		fi
		exec "$@"
	END
}
