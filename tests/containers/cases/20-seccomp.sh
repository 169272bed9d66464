# The seccomp profiles: all that programs of their runtimes do works under them, all that they do not allow is refused.
# shellcheck shell=bash disable=SC2154

cat >"$work/tini.Dockerfile" <<'END'
FROM node:20-slim
RUN apt-get update && apt-get install -y --no-install-recommends tini procps && rm -rf /var/lib/apt/lists/*
USER 1000:1000
ENTRYPOINT ["/usr/bin/tini", "--", "docker-entrypoint.sh"]
END
check 'seccomp: the image builds' build localhost/seccomp:latest "$here/seccomp" "$work/tini.Dockerfile"
cat >"$work/go.Dockerfile" <<'END'
FROM golang:1.24-trixie AS builder
COPY go /src
RUN cd /src && CGO_ENABLED=0 go build -o /workload .
FROM gcr.io/distroless/static-debian12
COPY --from=builder /workload /workload
END
check 'seccomp: a static Go program builds' build localhost/seccomp-go:latest "$here/seccomp" "$work/go.Dockerfile"

# With the tests' files beside it.
under_profile() { # FLAG... IMAGE COMMAND...
	podman_inside run --rm --volume "$here/seccomp:/seccomp:ro" --volume "$profile:/profile.json:ro" \
		--security-opt "seccomp=$profile" "$@"
}

# The same, with lines that say what of.
lines_of() { # TITLE FLAG... IMAGE COMMAND...
	set -o pipefail
	under_profile "${@:2}" 2>&1 | sed "s/ - seccomp: / - seccomp, $1: /"
}

# As a hardened service. Without no-new-privileges engines load the filter earlier, before they have given up root's rights.
does_its_work() { # TITLE IMAGE COMMAND...
	local hardened=(--user 1000:1000 --read-only --tmpfs /tmp:mode=1777 --cap-drop ALL)
	check_lines "seccomp: the workload of $1" lines_of "$1" "${hardened[@]}" --security-opt no-new-privileges "${@:2}"
	check "seccomp: so does $1 without no-new-privileges" under_profile "${hardened[@]}" --init "${@:2}"
}

# As root with every capability: what refuses a call here can only be the profile.
probe=(--user 0:0 --cap-add ALL --entrypoint /seccomp/probe.py localhost/seccomp:latest /profile.json)

while read -r title file image command; do
	profile=$here/../../templates/$file
	# shellcheck disable=SC2086 # words
	does_its_work "$title" "$image" $command
done <<-'END'
	node           seccomp/node.json               localhost/seccomp:latest     node /seccomp/workload.js
	python         seccomp_on_request/python.json  python:3.12-slim             python3 /seccomp/workload.py
	python-alpine  seccomp_on_request/python.json  python:3.12-alpine           python3 /seccomp/workload.py
	java           seccomp_on_request/java.json    docker.io/library/eclipse-temurin:21-jdk  java -Xmx256m -XX:+UseG1GC /seccomp/Workload.java
	java-zgc       seccomp_on_request/java.json    docker.io/library/eclipse-temurin:21-jdk  java -Xmx256m -XX:+UseZGC -XX:+UseNUMA /seccomp/Workload.java
	go             seccomp_on_request/go.json      localhost/seccomp-go:latest  /workload
END

for profile in "$here"/../../templates/seccomp*/*.json; do
	check_lines "seccomp: the probe of $(basename "$profile")" lines_of "$(basename "$profile" .json)" "${probe[@]}"
done
check_lines 'seccomp: the probe without the profile' under_profile --security-opt seccomp=unconfined "${probe[@]}" --open
