# The hooks, run by pre-commit in a repository of its user's.
# shellcheck shell=bash disable=SC2154

has pre-commit 'the hooks' || return 0

git config --global user.name somebody
git config --global user.email somebody@example.org
git config --global init.defaultBranch main

# What a repository with hooks is to pre-commit: their manifest, at a tag.
hooks() {
	git init --quiet "$work/hooks"
	cp "$source/.pre-commit-hooks.yaml" "$work/hooks"
	git -C "$work/hooks" add .
	git -C "$work/hooks" commit --quiet --message hooks
	git -C "$work/hooks" tag v1
}
repository() { # FOLDER HOOK
	git init --quiet "$1"
	cd "$1" || return
	printf 'repos:\n  - repo: %s\n    rev: v1\n    hooks:\n      - id: %s\n' "$work/hooks" "$2" >.pre-commit-config.yaml
	pre-commit install
	git add .
	git commit --quiet --message begin
}
add() ( # FOLDER FILE...
	mkdir -p "$1"
	cd "$1" || return
	mkdir -p k8s
	cp "$source/tests/sample/"{package.json,package-lock.json,server.js} .
	cp "$source/tests/sample/"{Dockerfile,compose.yaml} .
	cp "$source/tests/sample/pod.yaml" k8s
	printf 'on: push\njobs: {}\n' >workflow.yaml
	shift
	[ $# = 0 ] || git add "$@"
)
commit() { # FOLDER
	git -C "$1" commit --message change
}
clean_but() { # FOLDER PATH...
	local folder=$1
	shift
	equal "$(printf '%s\n' "$@")" "$(git -C "$folder" diff --name-only)"
}

check 'the manifest is valid' pre-commit validate-manifest "$source/.pre-commit-hooks.yaml"
check 'the repository of the hooks' hooks

used=$work/with-fixes
wanted=$work/with-fixes.wanted
check 'ironhull: is installed' repository "$used" ironhull
check 'ironhull: a commit of other files passes' add "$used" package.json workflow.yaml
check 'ironhull: it is made' commit "$used"
add "$used" .
check 'ironhull: a commit of plain files fails' fails_with 'files were modified by this hook' commit "$used"
check 'ironhull: they are hardened' clean_but "$used" Dockerfile compose.yaml k8s/pod.yaml
add "$wanted"
(cd "$wanted" && ironhull -w . 2>/dev/null)
check 'ironhull: as without the hook' diff -r --exclude=.git --exclude=.pre-commit-config.yaml "$wanted" "$used"
git -C "$used" add .
check 'ironhull: the second commit passes' commit "$used"

# One file of a project: what others say counts, and they stay as they are.
used=$work/one-file
check 'one file: the repository' repository "$used" ironhull
add "$used" .
git -C "$used" commit --quiet --no-verify --message 'as it was'
cp "$wanted/Dockerfile" "$used"
git -C "$used" add .
check 'one file: a hardened Dockerfile passes' commit "$used"
sed -i 's/imagePullPolicy: .*/imagePullPolicy: Always/' "$used/k8s/pod.yaml"
git -C "$used" add .
check 'one file: a plain manifest fails' fails_with 'files were modified by this hook' commit "$used"
check 'one file: it alone is hardened' clean_but "$used" k8s/pod.yaml
check 'one file: by what the Dockerfile says' grep -q 'runAsUser: 1000' "$used/k8s/pod.yaml"

used=$work/check
check 'ironhull-check: is installed' repository "$used" ironhull-check
add "$used" .
check 'ironhull-check: a commit of plain files fails' fails_with 'Dockerfile:14:1: fix: runs as root' commit "$used"
check 'ironhull-check: nothing is changed' clean_but "$used"
cp "$wanted/"{Dockerfile,compose.yaml,node-seccomp.json,.dockerignore} "$used"
cp "$wanted/k8s/pod.yaml" "$used/k8s"
git -C "$used" add .
check 'ironhull-check: a commit of hardened files passes' commit "$used"
