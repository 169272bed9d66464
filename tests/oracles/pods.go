package main

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
	sjson "sigs.k8s.io/json"
)

// version is one that levels are judged by.
type version struct {
	name string
	api.Version
}

var versions = []version{
	{"latest", api.LatestVersion()},
	{"v1.18", api.MajorMinorVersion(1, 18)}, // no seccomp, no Windows
	{"v1.19", api.MajorMinorVersion(1, 19)}, // seccomp
	{"v1.22", api.MajorMinorVersion(1, 22)}, // capabilities
	{"v1.25", api.MajorMinorVersion(1, 25)}, // Windows
	{"v1.31", api.MajorMinorVersion(1, 31)}, // SELinux
	{"v1.34", api.MajorMinorVersion(1, 34)}, // probes and lifecycle
}

var evaluator = func() policy.Evaluator {
	e, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	fatal(err)
	return e
}()

// pod is what a workload makes pods of.
type pod struct {
	name     string
	template corev1.PodTemplateSpec
}

// level is the highest one that a pod meets.
func (v version) level(p *pod) string {
	for _, level := range []api.Level{api.LevelRestricted, api.LevelBaseline} {
		results := evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: v.Version}, &p.template.ObjectMeta, &p.template.Spec)
		if policy.AggregateCheckResults(results).Allowed {
			return string(level)
		}
	}
	return string(api.LevelPrivileged)
}

// compare looks whether pods meet what is said of them.
func (v version) compare(said []verdict, before, after []pod) (differences []string) {
	if len(said) != len(before) || len(said) != len(after) {
		return []string{fmt.Sprintf("has %d pods, then %d, and the report %d: %v", len(before), len(after), len(said), said)}
	}
	for i := range said {
		was, is := v.level(&before[i]), v.level(&after[i])
		if was != said[i].before || is != said[i].after {
			differences = append(differences, fmt.Sprintf("%s meets %s, then %s; the report: %v", before[i].name, was, is, said[i]))
		}
	}
	return differences
}

// podPaths are where workloads have their pod template.
var podPaths = map[string]string{
	"Pod": "", "PodTemplate": "template", "CronJob": "spec jobTemplate spec template", "ScheduledJob": "spec jobTemplate spec template",
	"Deployment": "spec template", "DaemonSet": "spec template", "StatefulSet": "spec template", "PetSet": "spec template",
	"ReplicaSet": "spec template", "ReplicationController": "spec template", "Job": "spec template", "DeploymentConfig": "spec template",
	"Rollout": "spec template", "Service": "spec template", "Configuration": "spec template", "Revision": "",
}

// addPods takes the pods of an object, of the items of a list, and of the objects of a template.
func (m *manifest) addPods(object map[string]any, listed string) {
	kind, _ := object["kind"].(string)
	if kind == "" {
		kind = listed
	}
	listed, isList := strings.CutSuffix(kind, "List")
	items, _ := object["items"].([]any)
	if kind == "Template" { // OpenShift's
		items, isList = object["objects"].([]any)
	}
	for _, item := range items {
		if one, isObject := item.(map[string]any); isObject && isList {
			text, err := json.Marshal(one)
			fatal(err)
			m.decode(text)
			m.addPods(one, listed)
		}
	}
	path, isKnown := podPaths[kind]
	for _, key := range strings.Fields(path) {
		object, _ = object[key].(map[string]any)
	}
	if spec, is := object["spec"].(map[string]any); isKnown && is && spec["containers"] != nil {
		m.addPod(kind, object)
	}
}

func (m *manifest) addPod(kind string, template map[string]any) {
	text, err := json.Marshal(map[string]any{"metadata": template["metadata"], "spec": template["spec"]})
	fatal(err)
	p := pod{name: kind}
	strict, err := sjson.UnmarshalStrict(text, &p.template)
	for _, wrong := range append(strict, err) {
		m.note(wrong)
	}
	for i := range p.template.Spec.Volumes { // as the API server's SetDefaults_Volume
		if p.template.Spec.Volumes[i].VolumeSource == (corev1.VolumeSource{}) {
			p.template.Spec.Volumes[i].EmptyDir = &corev1.EmptyDirVolumeSource{}
		}
	}
	m.pods = append(m.pods, p)
}
