#!/bin/sh
# Starts each container as its hardened files say, and proves that it is hardened, runs and ends: made by
# ironhull --emit=smoke-test.
#
# usage: sh smoke-test.sh [NAME[=IMAGE]]...    all containers, or those that are named, from other images where you say so
#
# Build the images first, and run it in the folder in which it was made: paths begin there. Nothing is published, and
# volumes are new ones. What the files take from a .env file comes from the environment: set -a; . ./.env
# More variables:
#   ENGINE        docker, or podman; a command with its options
#   ENGINE_FLAGS  further options of `run`
#   NETWORK       what the containers share; without it one is made, and removed in the end
#   SUDO          sudo, where you are not root and an image has no shell: to try what its program can write to
#   READY         seconds in which it has to be healthy, or to listen on one of its ports: 60
#   STEADY        seconds for which it has to stay up, where it has neither: 5
#   STOP          seconds in which it has to end when it is asked to: 10
# Exit code: 0 all is as it should be; 1 something is not, see FAILED; 2 nothing could be tested.

# shellcheck disable=SC1003,SC2016 # what is in single quotes is meant so
# shellcheck disable=SC2119,SC2120,SC2317 # not every script uses every function, or its arguments

set -uf
engine=${ENGINE:-docker}
prefix=ironhull-smoke-test-$$
wanted=$*
network=${NETWORK-}
started='' failures=0 name='' image='' container='' pid=''

passed() {
	echo "ok: $name: $1"
}

failed() { # WHAT [WHY]
	echo "FAILED: $name: $1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/    /'
	failures=$((failures + 1))
}

equal() { # WHAT WANTED GOT
	if [ "$2" = "$3" ]; then passed "$1"; else failed "$1" "wanted: $2, got: $3"; fi
}

remove() {
	for container in $started; do
		$engine rm --force --volumes "$container" >/dev/null 2>&1
	done
	[ "$network" != "$prefix" ] || $engine network rm "$network" >/dev/null 2>&1
}
trap remove EXIT
trap 'exit 1' HUP INT TERM

# --- starting ---

# Whether a container is to be tested; sets its name and image.
chosen() { # NAME IMAGE
	name=$1 image=$2
	[ -n "$wanted" ] || return 0
	for word in $wanted; do
		case $word in
		"$name") return 0 ;;
		"$name="*)
			image=${word#*=}
			return 0
			;;
		esac
	done
	return 1
}

inspect() { # FORMAT
	$engine inspect --format "$1" "$container" 2>/dev/null
}

is_running() {
	[ "$(inspect '{{.State.Running}}')" = true ]
}

start() { # OPTION... IMAGE [WORD...]
	container=$prefix-$name pid=''
	if [ -z "$network" ]; then
		network=$prefix
		$engine network create "$network" >/dev/null || exit 2
	fi
	set -- --network="$network" "$@"
	case $network in
	host | none) ;;
	*) set -- --network-alias="$name" "$@" ;;
	esac
	started="$container $started"
	# shellcheck disable=SC2086 # options, separated by blanks
	if ! why=$($engine run --detach --name="$container" ${ENGINE_FLAGS-} "$@" 2>&1); then
		failed 'it starts' "$why"
		return
	fi
	pid=$(inspect '{{.State.Pid}}')
	if ! is_running || [ "${pid:-0}" = 0 ]; then
		failed 'it starts' "$($engine logs "$container" 2>&1 | tail -n 20)"
		pid=''
		return
	fi
	passed 'it starts'
}

# --- what the kernel says of process 1 ---

# Whether the engine's processes are on this machine, and can be seen.
is_here() {
	grep -q '^NSpid:.*[[:blank:]]1$' "/proc/$pid/status" 2>/dev/null
}

# A file of /proc/1 in the container: as the host has it, or from within.
proc() { # FILE
	if is_here; then
		cat "/proc/$pid/$1" 2>/dev/null
	else
		$engine exec "$container" cat "/proc/1/$1" 2>/dev/null
	fi
}

field() { # NAME
	proc status | sed -n "s/^$1:[[:blank:]]*//p"
}

# --- what it may do ---

expect_user() { # UID [GID]
	[ -n "$pid" ] || return 0
	equal "process 1 is user $1, whatever id is asked for" "$1 $1 $1 $1" "$(field Uid | tr '\t' ' ')"
	[ -z "${2-}" ] || equal "its group is $2" "$2 $2 $2 $2" "$(field Gid | tr '\t' ' ')"
}

# It can never have more, whatever it starts; what it has is part of that.
expect_capabilities() { # MASK
	[ -n "$pid" ] || return 0
	equal 'CapBnd: the capabilities that it can get' "$(printf '%016x' "$1")" "$(field CapBnd)"
	for set in CapInh CapPrm CapEff CapAmb; do
		got=$(field "$set")
		if [ -n "$got" ] && [ $((0x$got & ~$1)) = 0 ]; then
			passed "$set: no other capability"
		else
			failed "$set: no other capability" "got: $got"
		fi
	done
}

expect_no_new_privileges() {
	[ -n "$pid" ] || return 0
	equal 'NoNewPrivs: it can gain no privileges' 1 "$(field NoNewPrivs)"
}

expect_seccomp() {
	[ -n "$pid" ] || return 0
	equal 'Seccomp: its system calls are filtered' 2 "$(field Seccomp)"
}

expect_init() { # NAME...
	[ -n "$pid" ] || return 0
	got=$(field Name)
	for init in "$@"; do
		if [ "$got" = "$init" ]; then
			passed "process 1 is an init, $init"
			return
		fi
	done
	failed "process 1 is an init, $1" "got: $got"
}

# --- what it may write to ---

# Runs a script with a path of the container, as its program: with its shell, or with ours from outside.
within() { # SCRIPT PATH
	if $engine exec "$container" sh -c : >/dev/null 2>&1; then
		$engine exec "$container" sh -c "$1" sh "$2"
	elif is_here && { [ -n "${SUDO-}" ] || [ "$(id -u)" = 0 ]; } && command -v setpriv >/dev/null; then
		LC_ALL=C ${SUDO-} setpriv --reuid="$(field Uid | cut -f 1)" --regid="$(field Gid | cut -f 1)" --clear-groups \
			sh -c "$1" sh "/proc/$pid/root$2"
	else
		echo untried
	fi
}

# What comes of making a file in a folder: "written", "untried", or why it fails.
write_to() { # FOLDER
	# shellcheck disable=SC2016 # for another shell
	within ': >"$1" && rm -f "$1" && echo written' "${1%/}/.$prefix" 2>&1
}

# How a folder is mounted: "ro" or "rw".
mounted() { # FOLDER
	proc mountinfo | awk -v folder="$1" '$5 == folder { split($6, option, ","); how = option[1] } END { print how }'
}

expect_read_only() {
	[ -n "$pid" ] || return 0
	equal 'its root is mounted read-only' ro "$(mounted /)"
	why=$(write_to /)
	case $why in
	*'Read-only file system'*) passed 'a write to / fails' ;;
	untried) echo "-- $name: not tried: a write to / (it has no shell; SUDO=sudo tries from outside)" ;;
	*) failed 'a write to / fails' "$why" ;;
	esac
}

expect_writable() { # FOLDER
	[ -n "$pid" ] || return 0
	why=$(write_to "$1")
	case $why in
	written) passed "it can write to $1" ;;
	untried) equal "$1 is mounted for it to write to" rw "$(mounted "$1")" ;;
	*) failed "it can write to $1" "$why" ;;
	esac
}

# --- whether it works ---

# The state of its health check; empty where it has none. Podman has no daemon that would run it.
health() {
	$engine healthcheck run "$container" >/dev/null 2>&1
	inspect '{{if .State.Health}}{{.State.Health.Status}}{{end}}'
}

# The first of the ports that something in its network listens on; of UDP any that is bound.
listens_on() { # PORT...
	open=$(for table in tcp tcp6 udp udp6; do proc "net/$table"; done | awk '$4 == "0A" || $4 == "07" { print substr($2, length($2) - 3) }')
	for port in "$@"; do
		case $open in
		*"$(printf '%04X' "$port")"*)
			echo "$port"
			return
			;;
		esac
	done
}

expect_up() { # PORT...
	[ -n "$pid" ] || return 0
	state=$(health) what="it is up for ${STEADY:-5} s" found='' seconds=0
	if [ -n "$state" ]; then
		what='its health check passes'
	elif [ $# -gt 0 ]; then
		what="it listens on port $(echo "$@" | sed 's/ / or /g')"
	fi
	while is_running && [ "$seconds" -lt "${READY:-60}" ] && [ -z "$found" ]; do
		if [ -n "$state" ]; then
			[ "$(health)" != healthy ] || found=yes
		elif [ $# -gt 0 ]; then
			found=$(listens_on "$@")
		elif [ "$seconds" -ge "${STEADY:-5}" ]; then
			found=yes
		fi
		[ -n "$found" ] || sleep 1
		seconds=$((seconds + 1))
	done
	if [ -n "$found" ] && is_running; then
		passed "$what"
	else
		failed "$what" "$($engine logs "$container" 2>&1 | tail -n 20)"
	fi
}

# --- the end ---

expect_stop() {
	name=${container#"$prefix-"}
	is_running || return 0 # said already
	before=$(date +%s)
	$engine stop -t $((${STOP:-10} + 5)) "$container" >/dev/null 2>&1
	took=$(($(date +%s) - before)) code=$(inspect '{{.State.ExitCode}}')
	if [ "$took" -le "${STOP:-10}" ] && [ "$code" != 137 ]; then
		passed "it ends when it is asked to"
	else
		failed "it ends when it is asked to" "after $took s, with exit code $code (137: it was killed)"
	fi
}

finish() {
	for container in $started; do expect_stop; done
	if [ -z "$started" ]; then
		echo "no container is called $wanted" >&2
		exit 2
	fi
	[ "$failures" = 0 ] || echo "$failures FAILED" >&2
	[ "$failures" = 0 ]
	exit
}
