# nginx:1.26 as its users meet it, from Debian's packages: nginx.org's folders and user, and the entrypoint with its scripts.
# shellcheck shell=bash disable=SC2034

name=docker.io/library/nginx:1.26
changes=('ENTRYPOINT ["/docker-entrypoint.sh"]' 'EXPOSE 80' 'STOPSIGNAL SIGQUIT' 'CMD ["nginx", "-g", "daemon off;"]')

fill() { # ROOTFS
	debian "$1"
	within "$1" groupadd --system --gid 101 nginx
	within "$1" useradd --system --gid nginx --no-create-home --home /nonexistent --shell /bin/false --uid 101 nginx
	packages "$1" nginx curl gettext-base
	ln -sf /dev/stdout "$1/var/log/nginx/access.log"
	ln -sf /dev/stderr "$1/var/log/nginx/error.log"
	chown 0:0 "$1/var/log/nginx"

	# The folders that nginx.org's nginx has its temporary files in.
	install -d "$1/var/cache/nginx"
	rm -r "$1/var/lib/nginx"
	ln -s /var/cache/nginx "$1/var/lib/nginx"

	rm -r "$1"/etc/nginx/{nginx.conf,conf.d,modules-enabled,sites-*} "$1/var/www"
	install -d "$1"/etc/nginx/conf.d "$1/docker-entrypoint.d"
	cat >"$1/etc/nginx/nginx.conf" <<-'END'
		user nginx;
		worker_processes auto;
		error_log /var/log/nginx/error.log notice;
		pid /run/nginx.pid;
		events {
		    worker_connections 1024;
		}
		http {
		    include /etc/nginx/mime.types;
		    default_type application/octet-stream;
		    access_log /var/log/nginx/access.log;
		    sendfile on;
		    keepalive_timeout 65;
		    include /etc/nginx/conf.d/*.conf;
		}
	END
	cat >"$1/etc/nginx/conf.d/default.conf" <<-'END'
		server {
		    listen       80;
		    server_name  localhost;
		    location / {
		        root   /usr/share/nginx/html;
		        index  index.html;
		    }
		}
	END

	install -m 755 /dev/stdin "$1/docker-entrypoint.sh" <<-'END'
		#!/bin/sh
		# What lies in /docker-entrypoint.d runs before nginx, and only before nginx.
		set -e
		if [ "$1" = nginx ]; then
		    for script in /docker-entrypoint.d/*; do
		        [ -x "$script" ] || continue
		        case $script in
		        *.envsh) . "$script" ;;
		        *.sh) "$script" ;;
		        esac
		    done
		fi
		exec "$@"
	END
	install -m 755 /dev/stdin "$1/docker-entrypoint.d/10-listen-on-ipv6-by-default.sh" <<-'END'
		#!/bin/sh
		# The server that is there by default listens to IPv6 too, where there is that and the file may be changed.
		file=/etc/nginx/conf.d/default.conf
		[ -e /proc/net/if_inet6 ] && [ -f $file ] && ! grep -q '\[::\]' $file || exit 0
		touch $file 2>/dev/null || { echo "can not modify $file" && exit 0; }
		sed -i 's/^ *listen  *80;/&\n    listen  [::]:80;/' $file
	END
	install -m 755 /dev/stdin "$1/docker-entrypoint.d/20-envsubst-on-templates.sh" <<-'END'
		#!/bin/sh
		# What lies in /etc/nginx/templates becomes configuration.
		set -e
		[ -d /etc/nginx/templates ] || exit 0
		[ -w /etc/nginx/conf.d ] || { echo '/etc/nginx/conf.d is not writable' && exit 0; }
		names=$(env | sed 's/=.*//; s/.*/${&}/' | tr '\n' ' ')
		for template in /etc/nginx/templates/*.template; do
		    envsubst "$names" <"$template" >"/etc/nginx/conf.d/$(basename "$template" .template)"
		done
	END
}
