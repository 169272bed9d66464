package main

import (
	"context"
	"strings"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	digest "github.com/opencontainers/go-digest"
)

// images says of every image that it is one for Linux, without asking a registry.
type images struct{}

func (images) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := []byte(`{"architecture":"amd64","os":"linux","config":{"Env":["PATH=/usr/bin:/bin"]},"rootfs":{"type":"layers"}}`)
	return ref, digest.FromBytes(config), config, nil
}

// repeated are warnings that a rule may have once more, with what it repeats.
var repeated = map[string]string{
	"LegacyKeyValueFormat":            "builder-stage: ENV and LABEL hold in both stages",
	"JSONArgsRecommended":             "init-process: an ENTRYPOINT clears the inherited CMD, which is repeated as it is",
	"FromPlatformFlagConstDisallowed": "a stage that is put in front of another is for the same platform",
}

// newWarnings are those of `docker build --check`, and the errors of a build's plan, that a text had not before.
func newWarnings(before, after []byte) (differences []string) {
	old := warnings(before)
	for warning, n := range warnings(after) {
		rule, _, _ := strings.Cut(warning, ":")
		if n > old[warning] && (old[warning] == 0 || repeated[rule] == "") {
			differences = append(differences, "a new warning: "+warning)
		}
	}
	return differences
}

func warnings(text []byte) map[string]int {
	found := map[string]int{}
	source := llb.NewSourceMap(nil, "Dockerfile", "Dockerfile", text)
	source.Definition = &llb.Definition{}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), text, dockerfile2llb.ConvertOpt{
		MetaResolver: images{},
		SourceMap:    source,
	})
	fatal(err)
	for _, warning := range results.Warnings {
		found[warning.RuleName+": "+warning.Detail]++
	}
	if results.Error != nil {
		found["error: "+results.Error.Message]++
	}
	return found
}
