# The image of ironhull's own Dockerfile: hardened by ironhull, built, and used on the sample as its README says.
# shellcheck shell=bash disable=SC2154

own=$here/../..
check 'own image: its Dockerfile is hardened' exits 0 "$ironhull" --check "$own/Dockerfile"
check 'own image: builds' build localhost/ironhull:latest "$own"
check 'own image: its user is numeric' equal 10001:10001 "$(image '{{.Config.User}}' localhost/ironhull:latest)"

# With nothing but the folder: no capability, no network, a read-only root.
own_image() { # FOLDER ARGUMENT...
	local folder=$1
	shift
	podman_inside run --rm --user 1000:1000 --cap-drop ALL --security-opt no-new-privileges --read-only --network none \
		--volume "$folder:/work" localhost/ironhull:latest "$@"
}

harden "$sample" "$work/own-wanted" 2>/dev/null
cp -r "$sample" "$work/own"
chown -R 1000:1000 "$work/own"
check 'own image: --version' equal "$("$ironhull" --version)" "$(own_image "$work/own" --version)"
check 'own image: --check exits 1 on the plain files' exits 1 own_image "$work/own" --check .
check 'own image: hardens the sample' own_image "$work/own" -w .
check 'own image: the same as without the image' diff -r "$work/own-wanted" "$work/own"
check 'own image: --check exits 0 on the hardened files' exits 0 own_image "$work/own" --check .
check 'own image: is a filter' equal 'USER 1000:1000' \
	"$(podman_inside run --rm --interactive --read-only localhost/ironhull:latest - --stdin-filename=Dockerfile \
		<"$sample/Dockerfile" 2>/dev/null | grep ^USER)"
