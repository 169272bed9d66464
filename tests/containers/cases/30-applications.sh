# Applications that come out hardened whole: on what base they run, what is process 1, and what is left to the user to do.
# shellcheck shell=bash disable=SC2154

applications() {
	local name folders base init note user
	while read -r name folders base init note; do
		check_application "$name" "$folders" "$base" listening http "$note"
		user=$(image '{{.Config.User}}' "localhost/$name:latest") || user=unknown
		check "$name: the user is numeric and not root" grep -Ex '[1-9][0-9]*(:[1-9][0-9]*)?' <<<"$user"
		check "$name: the user has a name" grep ":$user:" "$(folder_of "$name" root)/etc/passwd"
		looks_hardened "$name" "$name" "${user%:*}" "${user#*:}" "$init"
		check "$name: ends at SIGTERM" stops_at_once "$name"
	done
}

# bash is sh, and nothing makes users or groups
derive registry.access.redhat.com/ubi9/ubi-minimal:latest python:3.12-slim \
	'RUN ln -sf bash /bin/sh && rm -f /usr/sbin/useradd /usr/sbin/groupadd /usr/sbin/adduser /usr/sbin/addgroup /usr/bin/apt*'
derive gcr.io/distroless/static-debian12:nonroot gcr.io/distroless/static-debian12:latest \
	"$(printf 'USER 65532\nWORKDIR /home/nonroot')"

applications <<-'END'
	build-step    build-step  node:20-slim          tini
	python        python      python:3.12-slim      tini
	pip           pip         python:3.12-slim      tini
	alpine        python      python:3.12-alpine    tini
	perl          perl        debian:bookworm-slim  tini
	go            go          golang:1.24-trixie    tini
	go-static     go-static   golang:1.24-trixie    podman-init
	no-user-tool  python      registry.access.redhat.com/ubi9/ubi-minimal  tini
	busybox       python      busybox:1.36          tini
END
