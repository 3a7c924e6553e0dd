package main_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// workflow is what the continuous integration runs.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Run string            `yaml:"run"`
			Env map[string]string `yaml:"env"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

func readWorkflow(t *testing.T) (w workflow) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, ".github/workflows/ci.yml")), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

var variable = regexp.MustCompile(`envOrDefault "([A-Z_]+)"`)

// Every variable that a release reads reaches it, but those that a runner or the
// Makefile sets by itself.
func TestTheReleaseIsGivenWhatItReads(t *testing.T) {
	given := map[string]string{"GITHUB_REPOSITORY": "runner", "GITHUB_REPOSITORY_OWNER": "runner", "CYCLONEDX_GOMOD": "make"}
	released := false
	for _, step := range readWorkflow(t).Jobs["release"].Steps {
		if step.Run != "make release" {
			continue
		}
		released = true
		for name, value := range step.Env {
			given[name] = value
		}
	}
	if !released {
		t.Fatal("no step releases anything")
	}
	names := variable.FindAllStringSubmatch(read(t, ".goreleaser.yaml"), -1)
	if len(names) == 0 {
		t.Error("the release reads no variable")
	}
	for _, name := range append(names, []string{"", "GITHUB_TOKEN"}) {
		if given[name[1]] == "" {
			t.Errorf("%s does not reach it", name[1])
		}
	}
}

var part = regexp.MustCompile(`(?m)^[a-z-]+ +([a-z0-9-]+)$`)

// What the tests run against is there where they run for everybody.
func TestTheTestJobInstallsTheTestParts(t *testing.T) {
	installed := " git npm chromium " // which runners bring
	for _, step := range readWorkflow(t).Jobs["test"].Steps {
		if strings.Contains(step.Run, "apt-get install") {
			installed += step.Run + " "
		}
	}
	parts := part.FindAllStringSubmatch(read(t, "scripts/test-parts.sh"), -1)
	if len(parts) < 5 {
		t.Fatalf("the parts are %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(installed, " "+p[1]+" ") {
			t.Errorf("%s is not installed", p[1])
		}
	}
}
