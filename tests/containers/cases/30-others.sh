# Other bases and programs: a folder here with a Dockerfile and a compose service `app`, on the base image named.
# shellcheck shell=bash disable=SC2154

others() {
	local name folder base plain hardened user
	while read -r name folder base; do
		plain=$work/$name/plain hardened=$work/$name/hardened
		mkdir "$work/$name"
		cp -r "$here/cases/$folder" "$plain"
		sed -i "s|^FROM .*|FROM $base|" "$plain/Dockerfile"
		check_harden "$name" "$plain" "$hardened"
		check "$name: the image builds" build "localhost/$name:latest" "$hardened"
		user=$(image '{{.Config.User}}' "localhost/$name:latest") || true
		check "$name: the user is numeric and not root" grep -Ex '[1-9][0-9]*:[1-9][0-9]*' <<<"$user"
		check "$name: the user has a name" podman run --rm "localhost/$name:latest" id -un
		check "$name: starts" compose_up "$name" "localhost/$name:latest" "$hardened/compose.yaml" app
		check "$name: listens" wait_for "$name" listening
		check "$name: answers" get "$name" / 8000
		looks_hardened "$name" "$name" "${user%:*}" "${user#*:}"
		check "$name: ends at SIGTERM" stops_at_once "$name"
	done
}

# Bases without a package of tini, made from the others: it comes out of a stage on debian:12-slim.
derive() { # NAME BASE SHELL-COMMAND
	mkdir -p "$work/derive"
	printf 'FROM %s\nRUN %s\n' "$2" "$3" >"$work/derive/Dockerfile"
	check "base image ${1##*/}" build "$1" "$work/derive"
}
podman tag docker.io/library/python:3.12-slim docker.io/library/debian:12-slim

# bash is sh, and nothing makes users or groups
derive registry.access.redhat.com/ubi9/ubi-minimal:latest python:3.12-slim \
	'ln -sf bash /bin/sh && rm -f /usr/sbin/useradd /usr/sbin/groupadd /usr/sbin/adduser /usr/sbin/addgroup /usr/bin/apt*'
# busybox, and no package manager
derive docker.io/library/busybox:1.36 python:3.12-alpine 'rm /sbin/apk && rm -r /usr/share/apk'

others <<-'END'
	python python python:3.12-slim
	alpine python python:3.12-alpine
	no-user-tool python registry.access.redhat.com/ubi9/ubi-minimal
	busybox python busybox:1.36
END
