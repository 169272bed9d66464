# Images that start as root on purpose and drop its rights themselves: ironhull leaves their user alone and says why. Who
# their program runs as then, and how it tells that it is ready.
# shellcheck shell=bash disable=SC2154

drop_privileges() {
	local name folders base ids ready ask reason
	while read -r name folders base ids ready ask reason; do
		check_application "$name" "$folders" "$base" "$ready" "$ask" "runs as root, which is left so: $reason"
		check "$name: the image's user is still root" equal '' "$(image '{{.Config.User}}' "localhost/$name:latest")"
		check "$name: drops to uid and gid" equal "$ids" "$(status "$name" Uid):$(status "$name" Gid)"
		check "$name: process 1 is tini" equal tini "$(init_of "$name")"
		check "$name: ends at SIGTERM" stops_at_once "$name"
	done
}

drop_privileges <<-'END'
	redis  redis        redis:7-bookworm      999:999    Ready      redis  the base image starts as root by design (gosu redis)
	gosu   python+gosu  debian:bookworm-slim  1500:1500  listening  http   it installs gosu to change the user at run time
END
