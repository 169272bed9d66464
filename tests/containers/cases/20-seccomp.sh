# The seccomp profile for Node: all that a server does works under it, all that it does not allow is refused.
# shellcheck shell=bash disable=SC2154

profile=$here/../../templates/seccomp/node.json

cat >"$work/tini.Dockerfile" <<'END'
FROM node:20-slim
RUN apt-get update && apt-get install -y --no-install-recommends tini procps && rm -rf /var/lib/apt/lists/*
USER 1000:1000
ENTRYPOINT ["/usr/bin/tini", "--", "docker-entrypoint.sh"]
END
check 'seccomp: the image builds' build localhost/seccomp:latest "$here/seccomp" "$work/tini.Dockerfile"

# As a hardened service, and with the tests' files beside it.
under_profile() { # FLAG... IMAGE COMMAND...
	podman_inside run --rm --volume "$here/seccomp:/seccomp:ro" --volume "$profile:/profile.json:ro" \
		--security-opt "seccomp=$profile" "$@"
}

check_lines 'seccomp: the workload' under_profile --read-only --tmpfs /tmp --cap-drop ALL \
	--security-opt no-new-privileges localhost/seccomp:latest node /seccomp/workload.js

# As root with every capability: what refuses a call here can only be the profile.
probe=(--user 0:0 --cap-add ALL --entrypoint /seccomp/probe.py localhost/seccomp:latest /profile.json)
check_lines 'seccomp: the probe' under_profile "${probe[@]}"
check_lines 'seccomp: the probe without the profile' under_profile --security-opt seccomp=unconfined "${probe[@]}" --open
