package main_test

import (
	"os"
	"strings"
	"testing"

	"gitgrant/providers"
)

// guides are the pages that say what to tick, by kind of host.
var guides = map[providers.Kind]string{
	providers.GitHub: "github.md", providers.GitHubEnterprise: "github.md",
	providers.GitLab: "gitlab.md", providers.GitLabServer: "gitlab.md",
	providers.Bitbucket: "bitbucket.md", providers.BitbucketServer: "bitbucket-data-center.md",
}

func TestTheGuidesNameEverythingThatHasToBeTicked(t *testing.T) {
	for _, kind := range providers.Kinds {
		page, err := os.ReadFile("docs/guides/" + guides[kind])
		if err != nil {
			t.Fatal(err)
		}
		for _, purpose := range providers.Purposes {
			for _, r := range providers.PolicyOf(kind).Requirements(purpose) {
				names := []string{r.Label}
				for _, need := range r.Needs {
					if kind == providers.BitbucketServer && len(need.Scopes) > 0 {
						continue // the scopes of an application link are told by its form
					}
					names = append(names, need.Names()...)
				}
				for _, name := range names {
					if !strings.Contains(string(page), name) {
						t.Errorf("%s: %s of %s does not tell of %q", guides[kind], r.Name, kind, name)
					}
				}
			}
		}
	}
}
