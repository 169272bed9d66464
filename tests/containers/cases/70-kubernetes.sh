# Pods of public images and of one that is built here, with `podman kube play`: plain; hardened in place, on the data that is
# there; hardened from the beginning, and once more.
# shellcheck shell=bash disable=SC2154

visit_redis() { podman exec "$1" redis-cli incr visits && podman exec "$1" redis-cli save; }
visit_cache() { visit_redis cache-redis; }
visit_queue() { visit_redis queue-redis; }
visit_basket() { visit_redis basket-redis; }
visit_ledger() {
	podman exec ledger-postgres psql --host 127.0.0.1 --username postgres --quiet --tuples-only --no-align --command \
		'CREATE TABLE IF NOT EXISTS entry (id serial)' --command 'INSERT INTO entry DEFAULT VALUES RETURNING id'
}
visit_page() { get page-nginx /cached 80; }
visit_shop() { get shop-app /order 80 && wait_for shop-log /order >/dev/null; }
visit_report() { wait_for report-sum sum && podman logs report-sum | grep ^sum | tail -n 1; }

# Asks until there is an answer, whose lines become one; the pod is called as its folder.
answer_of_pod() { # NAME
	local try answer
	for try in {1..60}; do
		answer=$("visit_$1" 2>"$work/visit") && xargs <<<"$answer" && return
		sleep 0.25
	done
	echo "no answer after $try tries: $answer $(cat "$work/visit")"
	podman pod logs --tail 10 "$1"
	return 1
}

# Makes the pod of a folder anew, as a cluster does: its folders are new, its claims are not.
pod_anew() { # FOLDER
	local name=${1##*/}
	pod_gone "$1"
	"$here/kube" pods "$1/$name.yaml" "$1.state" >"$1.pod.yaml"
	podman_inside kube play --network podman --start=false "$1.pod.yaml"
	pod_starts "$1"
}

# podman 4.3 leaves a pod's sysctls out: they are set between the pod's network and its containers.
pod_starts() { # FOLDER
	local name=${1##*/} infra setting
	infra=$(podman pod inspect --format '{{.InfraContainerID}}' "$name")
	podman_inside start "$infra"
	for setting in $("$here/kube" sysctls "$1/$name.yaml"); do
		nsenter --net --target "$(pid_of "$infra")" -- sysctl --write "$setting"
	done
	podman_inside pod start "$name"
}

pod_gone() { # FOLDER
	local name=${1##*/}
	! podman pod exists "$name" || podman_inside pod rm --force --time 3 "$name"
	! [ -e "$1.state/$name" ] || umount --quiet "$1.state/$name"/* || true
	rm -rf "$1.state/$name"
}

serves_pod() { # TITLE NAME ANSWER
	check "$1: answers $3" equal "$3" "$(answer_of_pod "$2")"
}

# All containers of a pod end by themselves at their images' signal.
stops_pod() { # NAME
	local before=$SECONDS id status
	podman_inside pod stop --time 10 "$1"
	for id in $(podman ps --all --quiet --filter "pod=$1"); do
		status=$(podman container inspect --format '{{.State.ExitCode}}' "$id")
		podman container inspect --format "{{.Name}}: exit $status" "$id"
		[[ $status =~ ^(0|143)$ ]]
	done
	[ $((SECONDS - before)) -lt 9 ]
}

build_pod() { # FOLDER
	[ ! -e "$1/Dockerfile" ] || build "localhost/${1##*/}:latest" "$1"
}

# Makes a file as the process would.
may_write() { # PROC FOLDER
	setpriv --reuid "$(field_of "$1" Uid)" --regid "$(field_of "$1" Gid)" --clear-groups touch "$1/root$2/probe"
	rm "$1/root$2/probe"
}

# What a pod's processes have is what the hardened file says, whatever that is; what it does not say is not looked at. A
# container that has ended wrote down what /proc showed it.
pod_looks_as_written() { # TITLE FOLDER
	local pod name runs uid gid non_root caps nnp seccomp ro dirs memory proc title folder got effective
	while IFS='|' read -r pod name runs uid gid non_root caps nnp seccomp ro dirs memory; do
		title="$1: $name"
		if [ "$runs" = app ]; then
			proc=/proc/$(pid_of "$pod-$name" || echo none)
		else
			proc=$work/proc/$pod-$name
			mkdir -p "$proc"
			podman logs "$pod-$name" | tee "$proc/status" >"$proc/mountinfo"
		fi
		got=$(field_of "$proc" Uid) || got=
		check "$title: ran or runs" [ -n "$got" ]
		[ -z "$uid" ] || check "$title: uid $uid" equal "$uid" "$got"
		[ -z "$gid" ] || check "$title: gid $gid" equal "$gid" "$(field_of "$proc" Gid)"
		[ -z "$non_root" ] || check "$title: not root" [ "${got:-0}" != 0 ]
		if [ -n "$caps" ]; then
			effective=$caps
			[ "$got" = 0 ] || effective=0000000000000000
			check "$title: can get capabilities $caps" equal "$caps" "$(field_of "$proc" CapBnd)"
			check "$title: has capabilities $effective" equal "$effective" "$(field_of "$proc" CapEff)"
		fi
		[ -z "$nnp" ] || check "$title: can gain no privilege" equal 1 "$(field_of "$proc" NoNewPrivs)"
		[ -z "$seccomp" ] || check "$title: runs under a seccomp filter" equal 2 "$(field_of "$proc" Seccomp)"
		[ -z "$ro" ] || check "$title: / is read-only" grep '^ro[ ,]' <(mounts "$proc" /)
		for folder in $dirs; do
			check "$title: $folder is mounted" grep '^rw[ ,]' <(mounts "$proc" "$folder")
			[ "$runs" != app ] || check "$title: may write to $folder" may_write "$proc" "$folder"
		done
		for folder in $memory; do
			check "$title: $folder is in memory" grep ' tmpfs$' <(mounts "$proc" "$folder")
		done
	done < <("$here/kube" facts "$2/$(basename "$2").yaml")
}

# The answers of the plain pod, of the hardened one on its data, and of the hardened one from the beginning, twice.
check_pod() { # NAME PLAIN IN-PLACE FIRST SECOND
	local used=$work/used-pods/$1 fresh=$work/fresh-pods/$1
	mkdir -p "$work"/{used,fresh}-pods
	cp -r "$here/cases/70-kubernetes/$1" "$used"
	cp -r "$used" "$fresh"

	check "$1, plain: its image builds" build_pod "$used"
	check "$1, plain: starts" pod_anew "$used"
	serves_pod "$1, plain" "$1" "$2"

	check "$1: is hardened in place" "$ironhull" -w "$used"
	check "$1: is hardened before it ever ran" "$ironhull" -w "$fresh"
	check "$1: the same" diff -r "$used" "$fresh"
	check "$1: is hardened as is known" diff "$here/cases/70-kubernetes/$1.facts" <("$here/kube" facts "$used/$1.yaml")
	check "$1: --check exits 0" exits 0 "$ironhull" --check "$used"
	check "$1: its image builds" build_pod "$used"
	check "$1, on what was there: starts" pod_anew "$used"
	serves_pod "$1, on what was there" "$1" "$3"
	pod_looks_as_written "$1, on what was there" "$used"
	check "$1, on what was there: stops" stops_pod "$1"
	check "$1, on what was there: is removed" pod_gone "$used"

	check "$1, new: starts" pod_anew "$fresh"
	serves_pod "$1, new" "$1" "$4"
	pod_looks_as_written "$1, new" "$fresh"
	check "$1, new: stops" stops_pod "$1"
	check "$1, again: starts" pod_starts "$fresh"
	serves_pod "$1, again" "$1" "$5"
	check "$1, again: stops" stops_pod "$1"
	check "$1, again: is removed" pod_gone "$fresh"
}

check_pod cache '1 OK' '1 OK' '1 OK' '2 OK'
check_pod queue '1 OK' '2 OK' '1 OK' '2 OK'
check_pod basket '1 OK' '2 OK' '1 OK' '2 OK'
check_pod ledger 1 2 1 2
check_pod page page page page page
check_pod shop welcome welcome welcome welcome
check_pod report 'sum 10' 'sum 10' 'sum 10' 'sum 10'
