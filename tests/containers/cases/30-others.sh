# Other bases and programs, each a folder here with a Dockerfile and a compose service `app`: hardened, built, started.
# shellcheck shell=bash disable=SC2154

others() {
	local name port plain hardened user
	while read -r name port; do
		plain=$work/$name/plain hardened=$work/$name/hardened
		mkdir "$work/$name"
		cp -r "$here/cases/$name" "$plain"
		check_harden "$name" "$plain" "$hardened"
		check "$name: the image builds" build "localhost/$name:latest" "$hardened"
		user=$(image '{{.Config.User}}' "localhost/$name:latest") || true
		check "$name: the user is numeric and not root" grep -Ex '[1-9][0-9]*:[1-9][0-9]*' <<<"$user"
		check "$name: the user has a name" podman run --rm "localhost/$name:latest" id -un
		check "$name: starts" compose_up "$name" "localhost/$name:latest" "$hardened/compose.yaml" app
		check "$name: answers" answers "$name" "$port"
		looks_hardened "$name" "$name" "${user%:*}" "${user#*:}"
		check "$name: ends at SIGTERM" stops_at_once "$name"
	done
}

answers() { # CONTAINER PORT
	local try
	for try in {1..50}; do
		get "$1" / "$2" && return
		sleep 0.1
	done
	echo "no answer after $try tries"
	podman logs "$1"
	return 1
}

others <<-'END'
	python 8000
	alpine 8080
END
