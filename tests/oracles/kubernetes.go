package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	appsv1beta1 "k8s.io/api/apps/v1beta1"
	appsv1beta2 "k8s.io/api/apps/v1beta2"
	batchv1 "k8s.io/api/batch/v1"
	batchv1beta1 "k8s.io/api/batch/v1beta1"
	corev1 "k8s.io/api/core/v1"
	extensionsv1beta1 "k8s.io/api/extensions/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

var (
	scheme  = runtime.NewScheme()
	decoder = serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, scheme, scheme,
		serializer.SerializerOptions{Yaml: true, Strict: true})
	lineNumber = regexp.MustCompile(`line \d+: `)
)

func init() {
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, appsv1beta1.AddToScheme,
		appsv1beta2.AddToScheme, batchv1.AddToScheme, batchv1beta1.AddToScheme, extensionsv1beta1.AddToScheme} {
		fatal(add(scheme))
	}
}

func isManifest(path string) bool {
	extension := filepath.Ext(path)
	return (extension == ".yaml" || extension == ".yml" || extension == ".json") && !isCompose(path)
}

// manifest is what Kubernetes reads in a file.
type manifest struct {
	errors    []string
	documents []any // objects
	pods      []pod
}

// note adds what is wrong, an entry each, without the place, which differs.
func (m *manifest) note(err error) {
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "yaml: unmarshal errors:\n")
		m.errors = append(m.errors, strings.Split(lineNumber.ReplaceAllString(text, ""), "\n")...)
	}
}

// manifests are those that were read, by their text.
var manifests = map[string]manifest{}

func readManifest(text []byte) manifest {
	m, isRead := manifests[string(text)]
	if !isRead {
		m.read(text)
		manifests[string(text)] = m
	}
	return m
}

// read decodes all documents of a file strictly.
func (m *manifest) read(text []byte) {
	reader := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := reader.Read()
		if err == io.EOF {
			return
		}
		m.note(err)
		if err != nil {
			return
		}
		m.add(document)
	}
}

// add decodes a document as kubectl does, which lets keys be there twice; strictly, they are noted.
func (m *manifest) add(document []byte) {
	_, err := yaml.YAMLToJSONStrict(document)
	m.note(err)
	var object map[string]any
	if text, err := yaml.YAMLToJSON(document); err == nil && json.Unmarshal(text, &object) == nil && object["kind"] != nil {
		m.decode(text)
		m.documents = append(m.documents, object)
		m.addPods(object, "")
	}
}

// decode notes what is wrong with an object of a kind that is known.
func (m *manifest) decode(text []byte) {
	_, _, err := decoder.Decode(text, nil, nil)
	if !runtime.IsNotRegisteredError(err) && !runtime.IsMissingKind(err) && !runtime.IsMissingVersion(err) {
		m.note(err)
	}
}

// judgeKubernetes decodes every manifest before and after, and has its pods judged by several versions, each hardened for
// it.
func judgeKubernetes(r *report, h *hardened) {
	before := map[string]manifest{}
	for _, f := range h.files {
		if !isManifest(f.path) || len(h.said.verdicts[f.path]) == 0 && bytes.Equal(f.before, f.after) {
			continue
		}
		before[f.path] = readManifest(f.before)
		after := readManifest(f.after)
		differences := newErrors(before[f.path], after)
		if !h.isUnsafe() && f.before != nil && !isWithin(before[f.path].documents, after.documents) {
			differences = append(differences, "loses something")
		}
		r.compare(h.label(f.path), differences...)
	}
	if len(h.said.verdicts) == 0 {
		return
	}
	options := slices.DeleteFunc(slices.Clone(h.options), func(o string) bool { return strings.HasPrefix(o, "--pod-security=") })
	for _, version := range versions {
		output := filepath.Join(filepath.Dir(h.after), version.name)
		_, stderr := ironhull(h.before, nil, append([]string{".", "-o", output, "--pod-security=restricted:" + version.name}, options...)...)
		said := readReport(stderr).verdicts
		for path, old := range before {
			new := old
			if text, err := os.ReadFile(filepath.Join(output, path)); err == nil {
				new = readManifest(text)
			}
			r.compare(h.label(path)+" "+version.name, version.compare(said[path], old.pods, new.pods)...)
		}
	}
}

func newErrors(before, after manifest) (differences []string) {
	for _, wrong := range after.errors {
		if !slices.Contains(before.errors, wrong) {
			differences = append(differences, "does not decode: "+wrong)
		}
	}
	return differences
}

// isWithin tells whether all of a value is still there: keys, items in their order; what was nothing may be something.
func isWithin(old, new any) bool {
	switch a := old.(type) {
	case nil:
		return true
	case map[string]any:
		b, isMap := new.(map[string]any)
		for key, value := range a {
			if !isMap || !isWithin(value, b[key]) {
				return false
			}
		}
		return isMap
	case []any:
		b, isList := new.([]any)
		for _, item := range b {
			if len(a) > 0 && isWithin(a[0], item) {
				a = a[1:]
			}
		}
		return isList && len(a) == 0
	}
	return old == new
}
