# An image with nothing in it but a static program: tini comes out of a stage of its own.
# shellcheck shell=bash disable=SC2154

mkdir "$work/static"
plain=$work/static/plain hardened=$work/static/hardened
cp -r "$here/cases/static" "$plain"

check 'scratch: the program builds' cc -static -Os -o "$plain/server" "$plain/server.c"
check_harden scratch "$plain" "$hardened" "port 8000:8000 can be reached from every network"
check 'scratch: the image builds' build localhost/scratch:latest "$hardened"
check 'scratch: the user is numeric' equal 10001:10001 "$(image '{{.Config.User}}' localhost/scratch:latest)"
check 'scratch: starts' compose_up scratch localhost/scratch:latest "$hardened/compose.yaml" app
check 'scratch: listens' wait_for scratch listening
check 'scratch: answers' equal 1 "$(get scratch / 8000)"
looks_hardened scratch scratch 10001 10001

# Nobody but process 1 waits for what the program leaves behind.
zombies() { # CONTAINER
	pgrep --parent "$(pid_of "$1")" --runstates Z || true
}
check 'scratch: answers again' equal 2 "$(get scratch / 8000)"
sleep 1.5
check 'scratch: orphans are reaped' equal '' "$(zombies scratch)"
check 'scratch: ends at SIGTERM' stops_at_once scratch

# The plain image, for comparison.
check 'scratch, plain: the image builds' build localhost/scratch-plain:latest "$plain"
check 'scratch, plain: starts' podman_inside run --detach --name scratch-plain localhost/scratch-plain:latest
check 'scratch, plain: listens' wait_for scratch-plain listening
check 'scratch, plain: answers' equal 1 "$(get scratch-plain / 8000)"
check 'scratch, plain: orphans stay' [ -n "$(zombies scratch-plain)" ]
podman rm --force --time 0 scratch-plain >/dev/null 2>&1 || true
