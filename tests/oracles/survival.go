package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-shellwords"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// lostInstructions looks for every instruction of before in after, in order. It must be the same, but for what rules do
// to instructions: see becomes.
func lostInstructions(before, after []*parser.Node) (differences []string) {
	var numbers []int // of each stage of before in after
	stage := -1
	i := 0
	for _, node := range before {
		j := i
		for ; j < len(after) && !becomes(node, after[j], numbers); j++ {
		}
		if j == len(after) {
			differences = append(differences, fmt.Sprintf("line %d is lost: %s", node.StartLine, dumpNode(node)))
			continue
		}
		for ; i <= j; i++ {
			if isKind(after[i], "from") {
				stage++
			}
		}
		if isKind(node, "from") {
			numbers = append(numbers, stage)
		}
	}
	for _, name := range stageNames(before) {
		if !slices.Contains(stageNames(after), name) {
			differences = append(differences, fmt.Sprintf("stage %s is lost", name))
		}
	}
	return differences
}

func isKind(node *parser.Node, kinds ...string) bool {
	return slices.Contains(kinds, strings.ToLower(node.Value))
}

func stageNames(nodes []*parser.Node) (names []string) {
	for _, node := range nodes {
		if list := words(node); isKind(node, "from") && len(list) == 3 {
			names = append(names, list[2])
		}
	}
	return names
}

func words(node *parser.Node) (texts []string) {
	for n := node.Next; n != nil; n = n.Next {
		texts = append(texts, n.Value)
	}
	return texts
}

// becomes tells whether rules may have made b of a:
//   - builder-stage and init-process put stages in front of others, which changes the numbers of these; builder-stage gives
//     the new one the old one's instructions, and names it
//   - non-root-user adds --chown, and ids to cache mounts, and takes the distroless image that runs as nonroot
//   - init-process puts an init in front of ENTRYPOINT, and writes CMD and ENTRYPOINT in exec form
func becomes(a, b *parser.Node, numbers []int) bool {
	if dumpNode(a) == dumpNode(b) && isExec(a) == isExec(b) && slices.Equal(a.Heredocs, b.Heredocs) {
		return true
	}
	if !strings.EqualFold(a.Value, b.Value) || !slices.Equal(a.Heredocs, b.Heredocs) {
		return false
	}
	old, new := words(a), words(b)
	switch {
	case isKind(a, "from"):
		return slices.Equal(a.Flags, b.Flags) && isSameBase(old, new)
	case isKind(a, "onbuild") && a.Next != nil && b.Next != nil:
		return becomes(a.Next.Children[0], b.Next.Children[0], nil)
	case isKind(a, "copy", "add", "run"):
		return isExec(a) == isExec(b) && slices.Equal(old, new) && hasFlags(a, b, numbers)
	case isKind(a, "entrypoint") && len(new) >= 2 && strings.HasSuffix(new[0], "/tini") && new[1] == "--":
		return isExec(b) && (isExec(a) && slices.Equal(old, new[2:]) || !isExec(a) && isExecForm(old[0], new[2:]))
	case isKind(a, "cmd", "entrypoint"):
		return !isExec(a) && isExec(b) && isExecForm(old[0], new)
	}
	return false
}

func isSameBase(old, new []string) bool {
	if len(old) == 0 || len(new) == 0 {
		return false
	}
	isNamed := slices.Equal(old[1:], new[1:]) || len(new) == 3 && strings.EqualFold(new[1], "as") && strings.HasPrefix(new[2], "builder")
	image, tag, _ := strings.Cut(old[0], ":")
	nonroot := image + ":nonroot"
	if tag == "debug" {
		nonroot = image + ":debug-nonroot"
	} else if tag != "" && tag != "latest" {
		nonroot = ""
	}
	isDistroless := strings.HasPrefix(image, "gcr.io/distroless/") && new[0] == nonroot
	return isNamed && (old[0] == new[0] || isDistroless)
}

// hasFlags tells whether b has the flags of a, in order, and else only --chown.
func hasFlags(a, b *parser.Node, numbers []int) bool {
	i := 0
	for _, flag := range b.Flags {
		switch {
		case i < len(a.Flags) && isSameFlag(a.Flags[i], flag, numbers):
			i++
		case !strings.HasPrefix(flag, "--chown=") || isKind(b, "run"):
			return false
		}
	}
	return i == len(a.Flags)
}

func isSameFlag(old, new string, numbers []int) bool {
	if number, err := strconv.Atoi(strings.TrimPrefix(old, "--from=")); err == nil && number >= 0 && number < len(numbers)-1 {
		return new == fmt.Sprintf("--from=%d", numbers[number])
	}
	if !strings.HasPrefix(old, "--mount=") {
		return old == new
	}
	options, renewed := strings.Split(old, ","), strings.Split(new, ",")
	for i, option := range options {
		number, err := strconv.Atoi(strings.TrimPrefix(option, "from="))
		if err == nil && strings.HasPrefix(option, "from=") && number < len(numbers)-1 {
			options[i] = fmt.Sprintf("from=%d", numbers[number])
		}
	}
	if len(renewed) < len(options) || !slices.Equal(options, renewed[:len(options)]) {
		return false
	}
	for _, option := range renewed[len(options):] {
		if !strings.HasPrefix(option, "uid=") && !strings.HasPrefix(option, "gid=") {
			return false
		}
	}
	return true
}

// isExecForm tells whether a list of words starts what a shell does with the line.
func isExecForm(line string, list []string) bool {
	if len(list) == 3 && list[0] == "/bin/sh" && list[1] == "-c" {
		return list[2] == line || list[2] == "exec "+line
	}
	read, err := shellwords.Parse(line)
	if len(read) > 0 && read[0] == "exec" {
		read = read[1:]
	}
	return err == nil && slices.Equal(read, list)
}
