package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
)

// hardenedKeys of a service are those that rules may change.
var hardenedKeys = []string{"user", "cap_drop", "cap_add", "read_only", "tmpfs", "security_opt"}

// environment has what files need to load.
var environment = []string{"ADDRESS=127.0.0.1", "DATA=/srv/data", "HOME=/home/user", "IMAGE_OF_NAMED=registry.example.com/named",
	"PLEX_MEDIA_PATH=/srv/media", "PORTS=9000:9000", "SOCKET=/run/docker.sock"}

func init() { logrus.SetOutput(io.Discard) }

func isCompose(path string) bool {
	name, extension := filepath.Base(path), filepath.Ext(path)
	return (extension == ".yaml" || extension == ".yml") && (strings.HasPrefix(name, "compose.") || strings.HasPrefix(name, "docker-compose"))
}

// judgeCompose loads the project of each folder, and each compose file that is not a part of that alone.
func judgeCompose(r *report, h *hardened) {
	folders := map[string][]file{}
	for _, f := range h.files {
		if isCompose(f.path) {
			folders[filepath.Dir(f.path)] = append(folders[filepath.Dir(f.path)], f)
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		loaded := compareProjects(r, h, folder, folders[folder])
		for _, f := range folders[folder] {
			if !slices.Contains(loaded, filepath.Join(h.before, f.path)) {
				names := []string{filepath.Base(f.path)}
				if _, _, err := load(filepath.Join(h.before, folder), names...); err != nil && len(loaded) > 0 {
					names = []string{filepath.Base(loaded[0]), names[0]} // a file that changes another
				}
				compareProjects(r, h, folder, []file{f}, names...)
			}
		}
	}
}

// load has the project of a folder, or of some of its files, and the files that it was read from.
func load(folder string, names ...string) (*types.Project, []string, error) {
	fatal(os.Chdir(folder))
	options, err := cli.NewProjectOptions(names, cli.WithWorkingDirectory(folder), cli.WithName("project"),
		cli.WithEnv(environment), cli.WithDotEnv, cli.WithConfigFileEnv, cli.WithDefaultConfigPath,
		cli.WithProfiles([]string{"*"}), cli.WithResolvedPaths(true))
	if err != nil {
		return nil, nil, err
	}
	project, err := options.LoadProject(context.Background())
	return project, options.ConfigPaths, err
}

func compareProjects(r *report, h *hardened, folder string, files []file, names ...string) []string {
	label := h.label(files[0].path)
	before, loaded, err := load(filepath.Join(h.before, folder), names...)
	after, _, errAfter := load(filepath.Join(h.after, folder), names...)
	switch {
	case err != nil:
		r.compare(label, refusedProject(h, files, err, errAfter)...)
	case errAfter != nil:
		r.compare(label, "does not load once hardened: "+oneLine(h, errAfter))
	default:
		r.compare(label, projectDifferences(h, before, after)...)
	}
	return loaded
}

// refusedProject is about one that does not load: ironhull is to refuse its files too.
func refusedProject(h *hardened, files []file, err, errAfter error) (differences []string) {
	for _, f := range files {
		_, isRefused := h.said.refused[f.path]
		switch {
		case isRefused && bytes.Equal(f.before, f.after):
			continue
		case bytes.Equal(f.before, f.after):
			differences = append(differences, filepath.Base(f.path)+" does not load, and ironhull takes it: "+oneLine(h, err))
		case errAfter != nil:
			differences = append(differences, filepath.Base(f.path)+" does not load, and is changed: "+oneLine(h, err))
		default:
			differences = append(differences, filepath.Base(f.path)+" does not load, and does once hardened: "+oneLine(h, err))
		}
	}
	return differences
}

func oneLine(h *hardened, err error) string {
	return strings.NewReplacer(h.before+"/", "", h.after+"/", "", filepath.Dir(h.before)+"/", "../", "\n", " ").Replace(err.Error())
}

// plain is a project as JSON has it, with the same paths before and after.
func plain(project *types.Project, root string) (tree map[string]any) {
	text, err := json.Marshal(project)
	fatal(err)
	fatal(json.Unmarshal(bytes.ReplaceAll(text, []byte(filepath.Dir(root)), nil), &tree))
	return tree
}

// projectDifferences are those of two projects but for the hardened keys, and what these lose.
func projectDifferences(h *hardened, before, after *types.Project) (differences []string) {
	old, new := plain(before, h.before), plain(after, h.after)
	oldServices, _ := old["services"].(map[string]any)
	newServices, _ := new["services"].(map[string]any)
	for name, service := range oldServices {
		a := service.(map[string]any)
		b, _ := newServices[name].(map[string]any)
		for _, key := range hardenedKeys {
			if !h.isUnsafe() && !keeps(a[key], b[key]) {
				differences = append(differences, fmt.Sprintf("services.%s.%s was %v and is %v", name, key, a[key], b[key]))
			}
			delete(a, key)
			delete(b, key)
		}
	}
	for name, service := range after.Services {
		for _, option := range service.SecurityOpt {
			profile, isProfile := strings.CutPrefix(strings.Replace(option, "=", ":", 1), "seccomp:")
			if _, err := os.Stat(filepath.Join(after.WorkingDir, profile)); isProfile && strings.HasSuffix(profile, "-seccomp.json") && err != nil {
				differences = append(differences, fmt.Sprintf("services.%s: there is no %s", name, profile))
			}
		}
	}
	return append(differences, treeDifferences("", old, new)...)
}

// keeps tells whether a hardened key has what it had: all entries of a list, or the same value.
func keeps(old, new any) bool {
	list, isList := old.([]any)
	renewed, _ := new.([]any)
	for _, item := range list {
		if !slices.Contains(renewed, item) {
			return false
		}
	}
	return isList || old == nil || old == new
}

func treeDifferences(path string, old, new any) (differences []string) {
	a, isMap := old.(map[string]any)
	b, isMapToo := new.(map[string]any)
	if !isMap || !isMapToo {
		if !reflect.DeepEqual(old, new) {
			differences = append(differences, fmt.Sprintf("%s was %v and is %v", path, old, new))
		}
		return differences
	}
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		differences = append(differences, treeDifferences(strings.TrimPrefix(path+"."+key, "."), a[key], b[key])...)
	}
	return differences
}
