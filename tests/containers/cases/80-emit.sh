# What --emit makes, used as its users use it: the smoke test passes on what is hardened, fails on what is plain and
# wherever a measure is taken away; docker-run starts the same container.
# shellcheck shell=bash disable=SC2154

emitted=$work/emit
mkdir "$emitted"
smoke_engine="nsenter --net=$work/net -- podman ${storage[*]}"

# A folder of the tests' with its base, hardened, built, with its smoke test beside it.
emit_of() { # NAME FOLDER BASE
	mkdir "$emitted/$1"
	cp -r "$2/." "$emitted/$1"
	[ -z "$3" ] || sed -i "s|^FROM .*|FROM $3|" "$emitted/$1/Dockerfile"
	(cd "$emitted/$1" && "$ironhull" -w .) || return
	build "localhost/$1:latest" "$emitted/$1" || return
	(cd "$emitted/$1" && "$ironhull" --emit=smoke-test . >smoke-test.sh)
}

smoke() { # NAME [SCRIPT [ARGUMENT...]]
	(cd "$emitted/$1" && READY=${ready:-20} STOP=5 NETWORK=host ENGINE=$smoke_engine \
		ENGINE_FLAGS=--read-only-tmpfs=false sh "${2:-smoke-test.sh}" "${@:3}")
}

proves() { # NAME WHAT...
	local out what
	out=$(smoke "$1" smoke-test.sh "app=localhost/$1:latest") || { echo "$out" && return 1; }
	echo "$out"
	for what in FAILED: 'not tried'; do [[ $out != *"$what"* ]] || return; done
	for what in "${@:2}"; do [[ $out == *"ok: app: $what"* ]] || { echo "no: $what" && return 1; }; done
}

fails_for() { # NAME SCRIPT WHAT [ARGUMENT...]
	local out status=0
	out=$(smoke "$1" "$2" "app=localhost/$1:latest" "${@:4}") || status=$?
	echo "$out"
	equal 'exit 1' "exit $status" && [[ $out == *"FAILED: app: $3"* ]]
}

all=('it starts' 'CapBnd' 'CapInh' 'CapPrm' 'CapEff' 'CapAmb' 'NoNewPrivs' 'Seccomp' 'its root is mounted read-only'
	'a write to / fails' 'it can write to /tmp' 'it ends when it is asked to')

# --- the sample, hardened and plain ---

check 'emit: the sample is hardened and built' emit_of emit-sample "$sample" ''
check 'emit: a second run makes the same' equal "$(cd "$emitted/emit-sample" && "$ironhull" --emit=smoke-test .)" \
	"$(cat "$emitted/emit-sample/smoke-test.sh")"
check 'emit: the smoke test passes on the hardened sample' proves emit-sample "${all[@]}" \
	'process 1 is user 1000' 'its group is 1000' 'process 1 is an init, tini' 'it listens on port 3000'

check 'emit: the plain sample is built' build localhost/emit-plain:latest "$sample"
plain_fails() {
	local out status=0
	out=$(smoke emit-sample smoke-test.sh app=localhost/emit-plain:latest) || status=$?
	echo "$out"
	equal 'exit 1' "exit $status" && [[ $out == *'FAILED: app: process 1 is an init'* ]]
}
check 'emit: the smoke test fails on the plain sample' plain_fails

# The plain image, as its plain compose file starts it.
grep -vE '^		--(user|cap-drop|security-opt|read-only|tmpfs)' "$emitted/emit-sample/smoke-test.sh" >"$emitted/emit-sample/plain.sh"
plain_has_nothing() {
	local out status=0 what
	out=$(smoke emit-sample plain.sh app=localhost/emit-plain:latest) || status=$?
	echo "$out"
	equal 'exit 1' "exit $status" || return
	for what in 'process 1 is user 1000' 'its group is 1000' CapBnd CapPrm CapEff NoNewPrivs 'process 1 is an init' \
		'its root is mounted read-only' 'a write to / fails'; do
		[[ $out == *"FAILED: app: $what"* ]] || { echo "not: $what" && return 1; }
	done
}
check 'emit: the plain sample has none of it' plain_has_nothing

# Each measure taken away, one at a time.
without() {
	local script what
	while IFS='|' read -r script what; do
		sed "$script" "$emitted/emit-sample/smoke-test.sh" >"$emitted/emit-sample/changed.sh"
		check "emit: the smoke test sees what $script changes" fails_for emit-sample changed.sh "$what"
	done
}
ready=4
without <<-'END2'
	s/--user=1000:1000/--user=0:0/|process 1 is user 1000
	s/--user=1000:1000/--user=1000:7/|its group is 1000
	/--cap-drop=ALL/d|CapBnd
	s/--cap-drop=ALL/--cap-drop=ALL --cap-add=KILL/|CapBnd
	s/--user=.*/--user=0:0 --cap-add=CHOWN \\/|CapEff
	/no-new-privileges/d|NoNewPrivs
	s/seccomp=.*json/seccomp=unconfined/|Seccomp
	/--read-only/d|its root is mounted read-only
	/--read-only/d|a write to / fails
	/--tmpfs/d|it can write to /tmp
	s/^		"$image"/		--entrypoint=node "$image" server.js/|process 1 is an init
	s/^		"$image"/		"$image" sleep 60/|it listens on port 3000
	s/^		"$image"/		"$image" false/|it
	s/^		"$image"/		"$image" sh -c 'trap : TERM; while :; do sleep 1; done'/|it ends when it is asked to
	s/^		"$image"/		--no-such-option "$image"/|it starts
END2
ready=''

# --- docker-run ---

mkdir "$emitted/bin"
cat >"$emitted/bin/docker" <<-END2
	#!/bin/sh
	[ "\$1" = run ] && shift
	exec $smoke_engine run --read-only-tmpfs=false --network=host "\$@"
END2
chmod +x "$emitted/bin/docker"
docker_run() { # FOLDER
	podman tag localhost/emit-sample:latest localhost/app:latest
	(cd "$1" && "$ironhull" --emit=docker-run -o made . && PATH=$emitted/bin:$PATH made/docker-run.sh)
}
podman rm --force app >/dev/null 2>&1 || true # of an earlier case
check 'docker-run: starts the sample' docker_run "$emitted/emit-sample"
check 'docker-run: it answers' wait_for app listening
looks_hardened docker-run app 1000 1000
check 'docker-run: ends at SIGTERM' stops_at_once app
podman rm --force app >/dev/null 2>&1 || true

# --- others: without a shell, without a compose file, with a start as root ---

derive gcr.io/distroless/static-debian12:nonroot gcr.io/distroless/static-debian12:latest \
	"$(printf 'USER 65532\nWORKDIR /home/nonroot')"
cp -r "$here/cases/go-static" "$emitted/go.plain"
check 'emit: a static Go program is hardened and built' emit_of emit-static "$emitted/go.plain" golang:1.24-trixie
check 'emit: there is no shell in it' fails_with 'sh' podman run --rm --entrypoint sh localhost/emit-static:latest -c :
check 'emit: the smoke test proves it from outside' proves emit-static "${all[@]}" 'process 1 is an init'

check 'emit: Python on Alpine, without a compose file, is hardened and built' \
	emit_of emit-alpine "$here/cases/python" python:3.12-alpine
check 'emit: the smoke test passes on it' proves emit-alpine "${all[@]}" 'process 1 is user' 'process 1 is an init, tini'


mkdir "$emitted/emit-nginx"
printf 'services:\n  app:\n    image: nginx:1.26\n' >"$emitted/emit-nginx/compose.yaml"
nginx_test() {
	(cd "$emitted/emit-nginx" && "$ironhull" --emit=smoke-test . >smoke-test.sh)
}
check 'emit: nginx, whose master stays root, gets a test' nginx_test
podman tag nginx:1.26 localhost/emit-nginx:latest
check 'emit: it proves what nginx keeps of root' proves emit-nginx "${all[@]}" 'it can write to /var/cache/nginx' \
	'it listens on port 80'
