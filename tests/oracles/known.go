package main

import "strings"

const (
	nullList   = "compose takes no null where a list belongs; ironhull puts the list there, after which it loads"
	overridden = "the strict mode of sigs.k8s.io/yaml takes a key beside a merge key for the merged one again; kubectl reads without it"
	fromZero   = "BuildKit counts the lines of wrong directives from 0"
	notText    = "ironhull refuses files with NUL bytes or other encodings than UTF-8, which no editor shows as they are"
	wellNamed  = "names of capabilities become those that the API knows: chown, CHOWN"
)

// known differences: the line that is printed starts with where and has what in it.
var known = []struct{ where, what, why string }{
	{"corpus/dockerfile-quirks/dir-bad.df", "error in line 0-0, and ironhull in [1]", fromZero},
	{"corpus/dockerfile-quirks/dir-dup.df", "error in line 1-1, and ironhull in [2]", fromZero},
	{"golden/project/bad-input/not-utf8/Dockerfile", "the parser says <nil>, and ironhull has errors in lines [2]", notText},
	{"golden/project/bad-input/nul/Dockerfile", "the parser says <nil>, and ironhull has errors in lines [2]", notText},

	{"golden/compose/drop-capabilities/null-values", "does once hardened: validating ", nullList},
	{"golden/compose/editing/alias-values", "does once hardened: validating ", nullList},
	{"golden/compose/editing/byte-order-mark", "does once hardened: validating ", nullList},
	{"golden/compose/editing/comments", "does once hardened: validating ", nullList},
	{"golden/compose/editing/empty-values", "does once hardened: validating ", nullList},
	{"golden/compose/editing/json-tabs", "does once hardened: validating ", nullList},
	{"golden/compose/editing/merge-keys", "does once hardened: validating ", nullList},
	{"golden/compose/editing/documents", "compose.yaml does not load, and is changed: ",
		"compose takes no document without anything in it; ironhull passes over it, as other readers of YAML do"},
	{"golden/compose/drop-capabilities/anchored-services", "is changed: validating ",
		"an alias that stands where compose takes no mapping, to show that the anchor has another user"},
	{"golden/compose/host-access/options-shared", `service "nothing-else" has neither an image`,
		"a service that has nothing but options, which all go, to show what is left"},
	{"golden/compose/non-root-user/command-variable", "required variable CACHE_PASSWORD is missing a value",
		"a setting that compose asks for, and that is not in the repository, as of passwords"},
	{"golden/compose/non-root-user/extends-not-there", "ironhull takes it: ", "files and services that are not there: a note says so"},
	{"golden/compose/non-root-user/included", "is changed: open ../missing.yaml", "a file that is not there: a note says so"},
	{"golden/compose/non-root-user/public-settings", "is changed: env file .env.hidden not found",
		"settings that are not in the repository, as of passwords; nothing is taken for granted of them"},

	{"golden/lsp/positions-", "services additional properties '🐘é' not allowed",
		"a service with characters of every width, which compose does not take for a name, to count columns with"},

	{"golden/kubernetes/drop-capabilities/names/app.yaml", "loses something", wellNamed},
	{"golden/project/overrides/deploy/jobs.old.yaml", "loses something", "its configuration asks for unsafe fixes"},
	{"corpus/pod-security-baseline/test/testdata/baseline/v1.37/fail/capabilities_baseline2.yaml", "loses something", wellNamed},
	{"golden/kubernetes/editing/documents/k8s/app.yaml", "has 1 pods, then 1, and the report 2",
		"Kubernetes takes nothing but a comment behind ---, and reads no further"},
	{"golden/compose/non-root-user/service-list/compose.yaml", "does not load, and ironhull takes it", "a note says so, and nothing is changed"},
	{"golden/kubernetes/editing/merge-lists/pods.yaml", `" already set in map`, overridden},
	{"golden/kubernetes/editing/shared-levels/k8s/app.yaml", `" already set in map`, overridden},
	{"golden/kubernetes/no-new-privileges/written-anchors/pod.yaml", `" already set in map`, overridden},
}

func knownIndex(line string) int {
	for i, k := range known {
		if strings.HasPrefix(line, k.where) && strings.Contains(line, k.what) {
			return i
		}
	}
	return -1
}
