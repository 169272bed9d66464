# The sample application on node:20-slim: plain, hardened, as a compose service and as a Pod.
# shellcheck shell=bash disable=SC2154

mkdir "$work/node"
plain=$work/node/plain hardened=$work/node/hardened
cp -r "$sample" "$plain"

# --- the plain one ---

check 'plain: the image builds' build localhost/plain:latest "$plain"
check 'plain: starts as its compose file says' compose_up plain localhost/plain:latest "$plain/compose.yaml" app
check 'plain: listens' wait_for plain listening
check 'plain: answers' get plain /
check 'plain: runs as root' equal 0 "$(status plain Uid)"
check 'plain: may write to /' make_file plain root/probe
check 'plain: may make a special file' podman exec plain mkfifo /tmp/fifo
podman rm --force plain >/dev/null 2>&1 || true

# --- the article's own hardening does not build: the base image is an honest one ---

check "article: its group 1000 is node's" fails_with "GID '1000' already exists" \
	build localhost/article:latest "$plain" "$here/cases/article.Dockerfile"
sed '/^RUN groupadd/,/appuser$/d; s/appuser/node/g' "$here/cases/article.Dockerfile" >"$work/node/apt.Dockerfile"
check 'article: apt-get after USER is not root' fails_with 'Permission denied' \
	build localhost/article:latest "$plain" "$work/node/apt.Dockerfile"

# --- what ironhull makes of it ---

check_harden node "$plain" "$hardened" "port 3000:3000 can be reached from every network"

# A node_modules of the host's, made for another machine: it must not reach the image.
mkdir -p "$hardened/node_modules/ms"
echo 'throw new Error("made for another machine")' >"$hardened/node_modules/ms/index.js"
touch "$hardened/node_modules/of-the-host"

check 'node: the image builds' build localhost/my-app:latest "$hardened"
check "node: the host's node_modules stay out" podman run --rm localhost/my-app:latest \
	test ! -e node_modules/of-the-host -a -e node_modules/ms/package.json
check 'node: the user is numeric' equal 1000:1000 "$(image '{{.Config.User}}' localhost/my-app:latest)"
check 'node: the command is kept' equal '[node server.js]' "$(image '{{.Config.Cmd}}' localhost/my-app:latest)"

# The application as it sees itself, beside what is seen from outside.
serves() { # TITLE CONTAINER
	local self
	check "$1: listens" wait_for "$2" listening
	check "$1: answers" equal hello, "$(get "$2" / | cut -d ' ' -f 1)"
	check "$1: writes its temporary file" get "$2" /note
	looks_hardened "$1" "$2" 1000 1000
	self=$(get "$2" /self) || true
	check "$1: a write to / fails with EROFS" equal EROFS "$(field root <<<"$self")"
	check "$1: a write to /tmp works" equal ok "$(field tmp <<<"$self")"
	check "$1: ends at SIGTERM" stops_at_once "$2"
}

check 'compose: starts' compose_up app localhost/my-app:latest "$hardened/compose.yaml" app
check "compose: its filter is the profile beside it, not the engine's" \
	fails_with 'Operation not permitted' podman exec app mkfifo /tmp/fifo
serves compose app

# Without an init a program with no handler of its own would not even see the signal.
sleeper=(node -e 'setInterval(() => {}, 1000); console.log("listening")')
check 'compose: starts a program without a signal handler' \
	compose_up sleeper localhost/my-app:latest "$hardened/compose.yaml" app "${sleeper[@]}"
check 'compose: it runs' wait_for sleeper listening
check 'compose: it ends at SIGTERM' stops_at_once sleeper

check 'pod: starts' pod_up "$hardened/pod.yaml"
serves pod my-app-app
