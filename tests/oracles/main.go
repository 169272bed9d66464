// Oracles: BuildKit, compose-go and Kubernetes judge what ironhull reads and what it writes.
//
//	oracles IRONHULL GOLDEN [CORPUS]
//
// Every golden case, and the folder of public files as one, is hardened as it is, and once more with --unsafe-fixes. Each
// file is looked at before and after by those who will read it. What they see otherwise is printed, a line each, but for
// the entries of known.go; one of these that no longer occurs is a failure too. Ends with a line `N passed, N failed`.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// report counts what was compared; known differences that occur are ticked off.
type report struct {
	passed, failed int
	seen           map[int]bool
}

// compare counts one comparison of a file, which passes without differences that are not known.
func (r *report) compare(file string, differences ...string) {
	isFine := true
	for _, difference := range differences {
		line := file + ": " + difference
		if i := knownIndex(line); i >= 0 {
			r.seen[i] = true
			continue
		}
		fmt.Println(line)
		isFine = false
	}
	if isFine {
		r.passed++
	} else {
		r.failed++
	}
}

// compareKnown fails for every known difference that is gone.
func (r *report) compareKnown(hasCorpus bool) {
	for i, k := range known {
		if !r.seen[i] && (hasCorpus || !strings.HasPrefix(k.where, "corpus/")) {
			fmt.Printf("known.go: no longer so: %s: %s\n", k.where, k.what)
			r.failed++
		}
	}
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracles:", err)
		os.Exit(2)
	}
}

// goldenTrees are the folders `in` of all golden cases.
func goldenTrees(folder string) (trees []tree) {
	cases, err := filepath.Glob(filepath.Join(folder, "*", "*", "*", "in"))
	fatal(err)
	projects, err := filepath.Glob(filepath.Join(folder, "*", "*", "in"))
	fatal(err)
	for _, in := range append(cases, projects...) {
		name, err := filepath.Rel(folder, filepath.Dir(in))
		fatal(err)
		options, _ := os.ReadFile(filepath.Join(filepath.Dir(in), "options"))
		trees = append(trees, tree{name: "golden/" + name, source: in, options: strings.Fields(string(options))})
	}
	return trees
}

func main() {
	if len(os.Args) < 3 {
		fatal(fmt.Errorf("usage: oracles IRONHULL GOLDEN [CORPUS]"))
	}
	paths := make([]string, len(os.Args)-1)
	for i := range paths {
		path, err := filepath.Abs(os.Args[i+1])
		fatal(err)
		paths[i] = path
	}
	trees := goldenTrees(paths[1])
	if len(trees) == 0 {
		fatal(fmt.Errorf("no golden case in %s", paths[1]))
	}
	if len(paths) > 2 {
		trees = append(trees, tree{name: "corpus", source: paths[2]})
	}
	program = paths[0]
	scratch, err := os.MkdirTemp("", "oracles")
	fatal(err)
	r := &report{seen: map[int]bool{}}
	dockerfiles := newDockerfiles()
	for _, t := range trees {
		for _, h := range hardenTree(t, scratch) {
			dockerfiles.judge(r, h)
			judgeCompose(r, h)
			judgeKubernetes(r, h)
		}
	}
	fatal(os.RemoveAll(scratch))
	r.compareKnown(len(paths) > 2)
	fmt.Printf("%d passed, %d failed\n", r.passed, r.failed)
	if r.failed > 0 {
		os.Exit(1)
	}
}
