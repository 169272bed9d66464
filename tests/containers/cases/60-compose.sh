# Compose projects of public images, with Docker: plain; hardened in place, on the data that is there; hardened from the
# beginning, and once more.
# shellcheck shell=bash disable=SC2154

# shellcheck source-path=SCRIPTDIR/..
. "$here/docker.sh"

visit() { nsenter --net="$work/net" -- curl --silent --show-error --fail --max-time 5 http://127.0.0.1:8000/; }
visit_visits() { visit; }
visit_notes() { visit; }
visit_page() { visit; }
visit_ledger() {
	docker exec "$(container "$1" db)" psql --host 127.0.0.1 --username clerk --dbname ledger --quiet --tuples-only \
		--no-align --command "INSERT INTO entry DEFAULT VALUES RETURNING 'visit ' || id"
}

# The answers of the plain project, of the hardened one on its data, and of the hardened one from the beginning, twice.
check_project() { # NAME PLAIN IN-PLACE FIRST SECOND
	local used=$work/used/$1 fresh=$work/fresh/$1
	cp -r "$here/cases/60-compose/$1" "$used"
	cp -r "$used" "$fresh"

	check "$1, plain: the images build" build_project "$used"
	serves_project "$1, plain" "$used" "$2"
	check "$1, plain: goes down" project "$used" down --timeout 3 # a program that is process 1 may not see the signal

	check "$1: is hardened in place" "$ironhull" -w "$used"
	check "$1: comes out the same without its data" "$ironhull" -w "$fresh"
	check "$1: the same" cmp "$used/compose.yaml" "$fresh/compose.yaml"
	check "$1: --check exits 0" exits 0 "$ironhull" --check "$used"
	check "$1: the images build" build_project "$used"
	serves_project "$1, on what was there" "$used" "$3"
	looks_as_written "$1, on what was there" "$used"
	check "$1, on what was there: stops" stops_project "$used"
	check "$1, on what was there: goes down with its volumes" project "$used" down --volumes

	serves_project "$1, new" "$fresh" "$4"
	looks_as_written "$1, new" "$fresh"
	check "$1, new: stops" stops_project "$fresh"
	check "$1, new: goes down" project "$fresh" down
	serves_project "$1, again" "$fresh" "$5"
	check "$1, again: stops" stops_project "$fresh"
	check "$1, again: goes down with its volumes" project "$fresh" down --volumes
}

check 'docker: the daemon starts' start_docker
for image in nginx:1.26 postgres:17 redis:8; do
	check "docker: has $image" give "docker.io/library/$image"
done

mkdir "$work"/{used,fresh}
check_project visits 'visit 1' 'visit 1' 'visit 1' 'visit 1'
check_project notes 'visit 1' 'visit 2' 'visit 1' 'visit 2'
check_project ledger 'visit 1' 'visit 2' 'visit 1' 'visit 2'
check_project page page page page page
check 'docker: the daemon ends' stop_docker

# podman reads that too
unset DOCKER_HOST DOCKER_CONFIG
