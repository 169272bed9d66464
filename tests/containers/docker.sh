# Sourced by the cases that want Docker itself: a daemon of the tests' own, and compose projects.
# shellcheck shell=bash disable=SC2154

export DOCKER_HOST=unix://$work/docker/socket DOCKER_CONFIG=$work/docker/client

# Debian 12 has Compose as a program, Ubuntu 24.04 as a plugin.
if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi

# Its files are the tests', its network the one that `run` made, and so are the bridges and filters that it makes there.
start_docker() {
	local try
	mkdir "$work/docker"
	# The machine's containerd would be taken, had it a socket here.
	mkdir -p /run/containerd
	mount -t tmpfs none /run/containerd
	nsenter --net="$work/net" -- dockerd --host "$DOCKER_HOST" --data-root "$work/docker/data" \
		--exec-root "$work/docker/run" --pidfile "$work/docker/pid" --storage-driver "${driver/%overlay/overlay2}" \
		--exec-opt native.cgroupdriver=cgroupfs >"$work/docker/log" 2>&1 &
	for try in {1..100}; do
		docker version >/dev/null 2>&1 && return
		sleep 0.1
	done
	echo "no daemon after $try tries:"
	tail "$work/docker/log"
	return 1
}

stop_docker() {
	local pid
	pid=$(cat "$work/docker/pid") || return
	docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
	kill "$pid"
	tail --pid "$pid" --follow /dev/null
}

# Gives Docker an image of podman's, under more names.
give() { # IMAGE [NAME...]
	local name
	podman save --quiet "$1" | docker load --quiet
	for name in "${@:2}"; do docker tag "$1" "$name"; done
}

# --- projects --------------------------------------------------------------------------------------------------------

# As its user would, in the folder: docker-compose 1.29 looks for a seccomp profile in the folder that it runs in.
project() { # FOLDER ARGUMENT...
	(cd "$1" && "${compose[@]}" --project-name "${1##*/}" "${@:2}")
}

container() { # FOLDER SERVICE
	project "$1" ps --quiet "$2"
}

# Docker has no network to build in: buildah builds, and both names that Compose could look for are the image's.
build_project() { # FOLDER
	local name=${1##*/} service folder
	while IFS='|' read -r service folder _; do
		[ -n "$folder" ] || continue
		build "localhost/$name:$service" "$1/$folder"
		give "localhost/$name:$service" "${name}_$service" "$name-$service"
	done < <("$here/compose-facts" "$1/compose.yaml")
}

# Asks until there is an answer; the project has one port, or its database is asked.
answer_of() { # FOLDER
	local try
	for try in {1..100}; do
		"visit_${1##*/}" "$1" 2>"$work/visit" && return
		sleep 0.2
	done
	echo "no answer after $try tries: $(cat "$work/visit")"
	project "$1" logs --tail 20
	return 1
}

# Brings a project up and asks it; its answer is what is wanted. Then it is still up.
serves_project() { # TITLE FOLDER ANSWER
	check "$1: starts" project "$2" up --detach --no-build
	check "$1: answers $3" equal "$3" "$(answer_of "$2")"
}

# All containers of a project end by themselves at their images' signal.
stops_project() { # FOLDER
	local before=$SECONDS id status
	project "$1" stop --timeout 10
	for id in $(project "$1" ps --all --quiet); do
		status=$(docker inspect --format '{{.State.ExitCode}}' "$id")
		docker inspect --format "{{.Name}}: exit $status" "$id"
		[[ $status =~ ^(0|143)$ ]] || { docker logs --tail 20 "$id" && return 1; }
	done
	[ $((SECONDS - before)) -lt 9 ]
}

# What a service's processes have is what the hardened file says, whatever that is; what it does not say is not looked at.
looks_as_written() { # TITLE FOLDER
	local service uid gid caps nnp seccomp ro tmpfs pid folder
	while IFS='|' read -r service _ uid gid caps nnp seccomp ro tmpfs; do
		pid=$(docker inspect --format '{{.State.Pid}}' "$(container "$2" "$service")") || pid=0
		check "$1: $service runs" [ "$pid" -gt 0 ]
		[ -z "$uid" ] || check "$1: $service runs as uid $uid" equal "$uid" "$(field_of "/proc/$pid" Uid)"
		[ -z "$gid" ] || check "$1: $service runs as gid $gid" equal "$gid" "$(field_of "/proc/$pid" Gid)"
		[ -z "$caps" ] || check "$1: $service can get capabilities $caps" equal "$caps" "$(field_of "/proc/$pid" CapBnd)"
		[ -z "$nnp" ] || check "$1: $service can gain no privilege" equal 1 "$(field_of "/proc/$pid" NoNewPrivs)"
		[ -z "$seccomp" ] || check "$1: $service runs under a seccomp filter" equal 2 "$(field_of "/proc/$pid" Seccomp)"
		[ -z "$ro" ] || check "$1: $service has / read-only" grep '^ro[ ,]' <(mounts "/proc/$pid" /)
		for folder in $tmpfs; do
			check "$1: $service has a tmpfs at $folder" grep ' tmpfs$' <(mounts "/proc/$pid" "${folder/#\/var\/run//run}")
		done
	done < <("$here/compose-facts" "$2/compose.yaml")
}
