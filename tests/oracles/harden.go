package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// program is the path of ironhull.
var program string

// tree is a folder that is hardened as a whole.
type tree struct {
	name    string // as the report has it
	source  string
	options []string
}

// file is one of a tree. Paths are relative to it.
type file struct {
	path          string
	before, after []byte // before is nil for a new file
}

// hardened is a tree with what became of it.
type hardened struct {
	name, mode    string // mode: "" or " --unsafe-fixes"
	before, after string // folders
	options       []string
	files         []file
	said          said
}

func (h *hardened) label(path string) string { return filepath.Join(h.name, path) + h.mode }

func (h *hardened) isUnsafe() bool { return slices.Contains(h.options, "--unsafe-fixes") }

// verdict is what ironhull says of the level of a pod.
type verdict struct{ name, before, after string }

// said is what a run says, by file.
type said struct {
	refused  map[string][]int // the lines of errors; 0 for one without a place
	verdicts map[string][]verdict
}

var (
	errorLine   = regexp.MustCompile(`^(.+?):(?:(\d+):\d+:)? error: `)
	verdictLine = regexp.MustCompile(`^(.+?):\d+:\d+: (.+) meets (\w+)(?:, and (\w+) once hardened)?`)
)

func readReport(text string) said {
	s := said{map[string][]int{}, map[string][]verdict{}}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if !strings.Contains(line, ": error: ") && !strings.Contains(line, " meets ") {
			continue
		}
		if m := errorLine.FindStringSubmatch(line); m != nil {
			at, _ := strconv.Atoi(m[2])
			s.refused[m[1]] = append(s.refused[m[1]], at)
		} else if m := verdictLine.FindStringSubmatch(line); m != nil {
			if m[4] == "" {
				m[4] = m[3]
			}
			s.verdicts[m[1]] = append(s.verdicts[m[1]], verdict{m[2], m[3], m[4]})
		}
	}
	return s
}

// ironhull runs in a folder.
func ironhull(folder string, input []byte, arguments ...string) (stdout, stderr string) {
	var out, err bytes.Buffer
	command := exec.Command(program, arguments...)
	command.Dir, command.Stdin, command.Stdout, command.Stderr = folder, bytes.NewReader(input), &out, &err
	status := command.Run()
	var exit *exec.ExitError
	if status != nil && (!errors.As(status, &exit) || exit.ExitCode() < 0) {
		fatal(status)
	}
	return out.String(), err.String()
}

// copyTree copies the bytes of a tree's files; what does not belong to the user who runs this may be read-only.
func copyTree(from, to string) {
	fatal(filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		switch {
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case entry.Type()&fs.ModeSymlink != 0:
			link, err := os.Readlink(path)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o644)
	}))
}

func readFiles(before, after string) (files []file) {
	fatal(filepath.WalkDir(after, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		f := file{path: strings.TrimPrefix(path, after+"/")}
		f.before, _ = os.ReadFile(filepath.Join(before, f.path))
		f.after, err = os.ReadFile(path)
		files = append(files, f)
		return err
	}))
	return files
}

func isSameResult(a, b file) bool { return a.path == b.path && bytes.Equal(a.after, b.after) }

// hardenTree hardens a tree, and once more with --unsafe-fixes, where that makes a difference. The folders are below
// scratch, each time anew, with names of the same length.
func hardenTree(t tree, scratch string) (results []*hardened) {
	for _, mode := range []string{"", " --unsafe-fixes"} {
		if mode != "" && slices.Contains(t.options, strings.TrimSpace(mode)) {
			break
		}
		root, err := os.MkdirTemp(scratch, "")
		fatal(err)
		h := &hardened{name: t.name, mode: mode, before: filepath.Join(root, "0", "tree"), after: filepath.Join(root, "1", "tree")}
		h.options = append(slices.Clone(t.options), strings.Fields(mode)...)
		copyTree(t.source, h.before)
		copyTree(t.source, h.after)
		_, stderr := ironhull(h.after, nil, append([]string{"-w", "."}, h.options...)...)
		h.said = readReport(stderr)
		h.files = readFiles(h.before, h.after)
		if mode != "" && len(h.said.verdicts) == 0 && slices.EqualFunc(h.files, results[0].files, isSameResult) {
			break
		}
		results = append(results, h)
	}
	return results
}
