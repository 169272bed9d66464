# The GitHub action and the snippets for GitHub and GitLab: valid, and their shell parts run on the sample.
# shellcheck shell=bash disable=SC2154

plain=$work/ci/plain hardened=$work/ci/hardened
mkdir -p "$work/ci/scripts" "$work/ci/.github/workflows"
cp -r "$source/tests/sample" "$plain"
(cd "$plain" && ironhull -o "$hardened" . 2>/dev/null)

snippet() { # NAME FILE
	readme_block "$1" >"$2"
	[ -s "$2" ]
}
check 'the README has a workflow for GitHub' snippet .github/workflows/ironhull.yaml "$work/ci/.github/workflows/ironhull.yaml"
check 'the README has a job for GitLab' snippet .gitlab-ci.yml "$work/ci/.gitlab-ci.yml"
check 'the README has a configuration for pre-commit' snippet .pre-commit-config.yaml "$work/ci/.pre-commit-config.yaml"

# --- valid ---

valid() { # SCHEMA FILE
	check "$(basename "$2") is valid" check-jsonschema --builtin-schema "vendor.$1" "$2"
}
if has check-jsonschema 'the schemas of GitHub and GitLab'; then
	valid github-actions "$source/action.yml"
	valid github-workflows "$work/ci/.github/workflows/ironhull.yaml"
	valid gitlab-ci "$work/ci/.gitlab-ci.yml"
fi
if has actionlint "actionlint's look at the workflow and the action"; then
	# it looks at actions of the same repository only
	cp "$source/action.yml" "$work/ci"
	sed -i 's|uses: .*/ironhull@.*|uses: ./|' "$work/ci/.github/workflows/ironhull.yaml"
	git init --quiet "$work/ci"
	check 'actionlint finds no mistake' env --chdir="$work/ci" actionlint
fi
if has pre-commit 'the configuration for pre-commit'; then
	check 'the configuration for pre-commit is valid' pre-commit validate-config "$work/ci/.pre-commit-config.yaml"
fi
check 'the action has scripts' "$here/workflow" shell "$source/action.yml" "$work/ci/scripts"
if has shellcheck "the action's scripts"; then
	check "the action's scripts are sound" shellcheck --exclude=SC1091 "$work/ci/scripts/"*.sh
fi

# --- run ---

action() { # FOLDER INPUT=VALUE...
	local folder=$1
	shift
	mkdir -p "$work/ci/temporary"
	(cd "$folder" && "$here/workflow" action "$source/action.yml" "$work/ci/temporary" "$@")
}
# The program that the action builds, not the one at hand.
without_ours() { PATH=${PATH#*:} "$@"; }
check 'the action fails on plain files' without_ours exits 1 action "$plain"
check 'the action marks them' without_ours fails_with '::error file=Dockerfile,line=' action "$plain"
check 'the action passes on hardened files' without_ours action "$hardened"
check 'the action writes a SARIF report' without_ours exits 1 action "$plain" sarif-file=report.sarif
check 'the SARIF report has findings' /usr/bin/python3 -c \
	'import json, sys; assert json.load(open(sys.argv[1]))["runs"][0]["results"]' "$plain/report.sarif"
rm -f "$plain/report.sarif"
check 'the action hardens' without_ours action "$plain" args=-w
check 'the action hardens as ironhull does' diff -r "$hardened/Dockerfile" "$plain/Dockerfile"

rm -r "$plain"
cp -r "$source/tests/sample" "$plain"
gitlab() { (cd "$1" && "$here/workflow" gitlab "$work/ci/.gitlab-ci.yml" ironhull); }
check 'the job fails on plain files' exits 1 gitlab "$plain"
check 'its report for the merge request has them' /usr/bin/python3 -c \
	'import json, sys; assert all(row["fingerprint"] and row["location"]["path"] for row in json.load(open(sys.argv[1])))' \
	"$plain/gl-code-quality-report.json"
check 'the job passes on hardened files' gitlab "$hardened"
