package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// dockerfiles remembers the texts that were parsed.
type dockerfiles struct{ parsed map[string]bool }

func newDockerfiles() *dockerfiles { return &dockerfiles{map[string]bool{}} }

func isDockerfile(path string) bool {
	name := strings.ToLower(filepath.Base(path))
	for _, word := range []string{"dockerfile", "containerfile"} {
		if name == word || strings.HasPrefix(name, word+".") || strings.HasSuffix(name, "."+word) {
			return !strings.HasSuffix(name, ".dockerignore")
		}
	}
	return strings.HasSuffix(name, ".df")
}

func (d *dockerfiles) judge(r *report, h *hardened) {
	for _, f := range h.files {
		if !isDockerfile(f.path) {
			continue
		}
		label := h.label(f.path)
		d.compareParse(r, label, f.before)
		if bytes.Equal(f.before, f.after) {
			continue
		}
		d.compareParse(r, label+" hardened", f.after)
		before, err := parser.Parse(bytes.NewReader(f.before))
		if err != nil {
			r.compare(label, "is changed, and BuildKit does not parse it: "+err.Error())
			continue
		}
		after, err := parser.Parse(bytes.NewReader(f.after))
		if err != nil {
			r.compare(label, "does not parse once hardened: "+err.Error())
			continue
		}
		r.compare(label, lostInstructions(before.AST.Children, after.AST.Children)...)
		r.compare(label, newWarnings(f.before, f.after)...)
	}
}

// compareParse has a text parsed by both, each text once.
func (d *dockerfiles) compareParse(r *report, label string, text []byte) {
	if d.parsed[string(text)] {
		return
	}
	d.parsed[string(text)] = true
	result, err := parser.Parse(bytes.NewReader(text))
	stdout, stderr := ironhull("/", text, "--dump-ast=-")
	lines := readReport(stderr).refused["-"]
	switch {
	case err != nil || lines != nil:
		r.compare(label, refusals("the parser", err, lines)...)
		return
	case stdout != dump(result):
		r.compare(label, "is parsed otherwise: "+firstDifference(dump(result), stdout))
	default:
		r.compare(label)
	}
	stages, _, err := instructions.Parse(result.AST, nil)
	if err == nil && len(stages) == 0 {
		err = errors.New("no stages")
	}
	_, stderr = ironhull("/", text, "--check", "--stdin-filename=Dockerfile", "-")
	r.compare(label, refusals("the build", err, readReport(stderr).refused["Dockerfile"])...)
}

// refusals compares an error with those of ironhull: both have one or none, one of them where BuildKit has it.
func refusals(who string, err error, lines []int) (differences []string) {
	if (err != nil) != (lines != nil) {
		return []string{fmt.Sprintf("%s says %v, and ironhull has errors in lines %v", who, err, lines)}
	}
	var at *parser.LocationError
	if err == nil || !errors.As(err, &at) || len(at.Locations) == 0 || len(at.Locations[0]) == 0 {
		return nil
	}
	first, last := at.Locations[0][0].Start.Line, at.Locations[0][len(at.Locations[0])-1].End.Line
	if !slices.ContainsFunc(lines, func(line int) bool { return first <= line && line <= last }) {
		differences = append(differences, fmt.Sprintf("%s has an error in line %d-%d, and ironhull in %v: %v", who, first, last, lines, err))
	}
	return differences
}

// dump is what --dump-ast prints: the instructions, heredocs, warnings, and places.
func dump(result *parser.Result) string {
	var nodes, heredocs, warnings, places strings.Builder
	for _, node := range result.AST.Children {
		fmt.Fprintf(&nodes, "(%s)\n", dumpNode(node))
		place := fmt.Sprintf("  ;; %s L%d-%d", upper(node.Value), node.StartLine, node.EndLine)
		for _, h := range node.Heredocs {
			fmt.Fprintf(&heredocs, "%s heredoc name=%q fd=%d expand=%t chomp=%t content=%q\n", place, h.Name, h.FileDescriptor,
				h.Expand, h.Chomp, h.Content)
		}
		places.WriteString(place)
		if isExec(node) {
			places.WriteString(" exec")
		}
		places.WriteByte('\n')
	}
	for _, warning := range result.Warnings {
		fmt.Fprintf(&warnings, "  ;; WARN %s\n", warning.Short)
	}
	return nodes.String() + heredocs.String() + warnings.String() + places.String()
}

func dumpNode(node *parser.Node) string {
	var text strings.Builder
	text.WriteString(strings.ToLower(node.Value))
	if len(node.Flags) > 0 {
		fmt.Fprintf(&text, " %q", node.Flags)
	}
	for n := node.Next; n != nil; n = n.Next {
		if len(n.Children) > 0 {
			fmt.Fprintf(&text, " (%s)", dumpNode(n.Children[0]))
		} else {
			fmt.Fprintf(&text, " %q", n.Value)
		}
	}
	return strings.TrimSpace(text.String())
}

// upper changes ASCII letters alone.
func upper(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}, strings.ToLower(text))
}

func isExec(node *parser.Node) bool {
	if node.Next != nil && len(node.Next.Children) > 0 {
		return isExec(node.Next.Children[0])
	}
	return node.Attributes["json"]
}

func firstDifference(theirs, ours string) string {
	a, b := strings.Split(theirs, "\n"), strings.Split(ours, "\n")
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("%q, and ironhull has %q", a[i], append(b, "nothing")[min(i, len(b))])
		}
	}
	return fmt.Sprintf("ironhull has %q more", b[len(a)])
}
