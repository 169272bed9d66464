# Sourced by `run`: the engine, and what the cases share.
# shellcheck shell=bash disable=SC2154

# shellcheck source-path=SCRIPTDIR
. "$here/../check.sh"

# --- hardening -------------------------------------------------------------------------------------------------------

# Copies a folder and lays over it what ironhull makes of it.
harden() { # FOLDER HARDENED
	(cd "$1" && "$ironhull" -o "$2.made" .)
	cp -r "$1" "$2"
	cp -r "$2.made/." "$2"
}

# What `ironhull --check` says of a folder has this text; without a text it says nothing.
says() { # TEXT FOLDER
	local out
	out=$("$ironhull" --check "$2" 2>&1)
	printf '%s\n' "$out"
	if [ -n "$1" ]; then [[ $out == *"$1"* ]]; else [ -z "$out" ]; fi
}

# Before and after, as `ironhull` itself sees them; a note is what it leaves to the user.
check_harden() { # TITLE FOLDER HARDENED [NOTE]
	cp -r "$2" "$3.before"
	check "$1: --check exits 1 on the plain files" exits 1 "$ironhull" --check "$2"
	check "$1: -o makes the hardened files" harden "$2" "$3"
	check "$1: the plain files stay as they were" diff -r "$3.before" "$2"
	check "$1: --check exits 0 on the hardened files" exits 0 "$ironhull" --check "$3"
	check "$1: --check says of them: ${4:-nothing}" says "${4:-}" "$3"
}

# --- the engine ------------------------------------------------------------------------------------------------------

storage=(--root "$work/storage" --runroot "$work/run" --storage-driver "$driver")

podman() { command podman "${storage[@]}" "$@"; }
buildah() { command buildah "${storage[@]}" "$@"; }

# Containers run in a network of the tests' own: the host's ports and bridges are not touched.
podman_inside() { nsenter --net="$work/net" -- podman "${storage[@]}" "$@"; }

build() { # IMAGE CONTEXT [DOCKERFILE]
	buildah build --isolation chroot --tag "$1" --file "${3:-$2/Dockerfile}" "$2"
}

# A base image that is made from another one.
derive() { # IMAGE BASE LINE
	mkdir -p "$work/derive"
	printf 'FROM %s\n%s\n' "$2" "$3" >"$work/derive/Dockerfile"
	check "base image ${1##*/}" build "$1" "$work/derive"
}

image() { # FORMAT IMAGE
	podman image inspect --format "$1" "$2"
}

# Waits for a line in the container's log.
wait_for() { # CONTAINER TEXT
	local try
	podman container exists "$1" || return
	for try in {1..100}; do
		[[ $(podman logs "$1" 2>&1) == *"$2"* ]] && return
		sleep 0.1
	done
	echo "no '$2' after $try tries:"
	podman logs "$1"
	return 1
}

# Asks a container over HTTP, from within its network.
get() { # CONTAINER PATH [PORT]
	local pid
	pid=$(pid_of "$1") || return
	nsenter --net --target "$pid" -- \
		curl --silent --show-error --fail --max-time 5 "http://127.0.0.1:${3:-3000}$2"
}

# One field of a JSON object.
field() { # NAME
	/usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"
}

pid_of() { # CONTAINER
	podman container inspect --format '{{.State.Pid}}' "$1"
}

# What /proc/PID says of a process: a field of its status, and how a folder of its is mounted (options and type).
field_of() { # PROC FIELD
	awk -v field="$2:" '$1 == field { print $2 }' "$1/status"
}
mounts() { # PROC FOLDER
	awk -v folder="$2" '$5 == folder { split($0, half, " - "); split(half[2], type, " "); print $6, type[1] }' "$1/mountinfo"
}

# A field of /proc/PID/status: of the program that the init started, or of process 1 where there is no init.
status() { # CONTAINER FIELD
	local pid
	pid=$(pid_of "$1") || return
	pid=$(pgrep --parent "$pid" || echo "$pid")
	field_of "/proc/$pid" "$2"
}

init_of() { # CONTAINER
	cat "/proc/$(pid_of "$1" || echo none)/comm"
}

in_container() { # CONTAINER SHELL-COMMAND
	podman exec "$1" sh -c "$2"
}

# A folder of a container as a path of the host's: its `root`, or `cwd`, where process 1 is. There need not be a shell within.
folder_of() { # CONTAINER FOLDER
	echo "/proc/$(pid_of "$1" || echo none)/$2"
}

# Makes a file as the program in a container would.
make_file() { # CONTAINER PATH
	setpriv --reuid "$(status "$1" Uid)" --regid "$(status "$1" Gid)" --clear-groups touch "$(folder_of "$1" "$2")"
}

# What holds for every hardened container, whatever started it and whatever runs in it.
looks_hardened() { # TITLE CONTAINER UID GID [PROCESS-1]
	check "$1: runs as uid $3" equal "$3" "$(status "$2" Uid)"
	check "$1: runs as gid $4" equal "$4" "$(status "$2" Gid)"
	check "$1: has no capability" equal 0000000000000000 "$(status "$2" CapEff)"
	check "$1: can get no capability" equal 0000000000000000 "$(status "$2" CapBnd)"
	check "$1: can gain no privilege" equal 1 "$(status "$2" NoNewPrivs)"
	check "$1: runs under a seccomp filter" equal 2 "$(status "$2" Seccomp)"
	check "$1: / is read-only" fails_with 'Read-only file system' make_file "$2" root/probe
	check "$1: the working folder is read-only" fails_with 'Read-only file system' make_file "$2" cwd/probe
	check "$1: /tmp is writable" make_file "$2" root/tmp/probe
	check "$1: process 1 is ${5:-tini}" equal "${5:-tini}" "$(init_of "$2")"
}

# Ends at SIGTERM, long before the engine would kill it.
stops_at_once() { # CONTAINER
	local before=$SECONDS status took
	equal true "$(podman container inspect --format '{{.State.Running}}' "$1")"
	podman stop --time 10 "$1"
	took=$((SECONDS - before))
	status=$(podman container inspect --format '{{.State.ExitCode}}' "$1")
	echo "exit $status after $took s"
	[[ $status =~ ^(0|143)$ ]] && [ "$took" -lt 5 ]
}

# Starts a service as its compose file says.
compose_up() { # CONTAINER IMAGE COMPOSE-FILE SERVICE [COMMAND...]
	local flags
	flags=$("$here/compose-flags" "$3" "$4") || return
	mapfile -t flags < <(printf %s "$flags")
	podman_inside run --detach --name "$1" "${flags[@]}" "$2" "${@:5}"
}

# Starts a Pod as its manifest says. A bridge, for podman 4.3 publishes every containerPort and cannot on the host's network.
pod_up() { # POD-FILE
	podman_inside kube play --network podman "$1"
}

# --- applications ----------------------------------------------------------------------------------------------------

ask_http() { get "$1" / 8000; }
ask_redis() { podman exec "$1" redis-cli incr visits; }
answer() { "ask_$2" "$1" >"$3"; } # CONTAINER ASK FILE

# Builds a folder, starts its service as the compose file says, and asks it; the answer lies beside the folder.
check_service() { # NAME FOLDER READY ASK
	check "$1: the image builds" build "localhost/$1:latest" "$2"
	check "$1: starts" compose_up "$1" "localhost/$1:latest" "$2/compose.yaml" app
	check "$1: is ready" wait_for "$1" "$3"
	check "$1: answers" answer "$1" "$4" "$2.answer"
}

# Makes an application of folders in cases/, laid over each other, on a base image, and runs it plain and hardened. The
# hardened one stays.
check_application() { # NAME FOLDER[+FOLDER] BASE READY ASK NOTE
	local plain=$work/$1/plain hardened=$work/$1/hardened folder
	mkdir -p "$plain"
	cp "$here/cases/compose.yaml" "$plain"
	for folder in ${2//+/ }; do cp -r "$here/cases/$folder/." "$plain"; done
	sed -i "s|^FROM .*|FROM $3|" "$plain/Dockerfile"
	check_service "$1-plain" "$plain" "$4" "$5"
	podman rm --force --time 0 --volumes "$1-plain" >/dev/null 2>&1 || true
	check_harden "$1" "$plain" "$hardened" "$6"
	check_service "$1" "$hardened" "$4" "$5"
	check "$1: answers as before" cmp "$plain.answer" "$hardened.answer"
}
