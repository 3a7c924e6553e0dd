package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gitgrant/flows"
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

var picture = regexp.MustCompile(`[a-z./]*pictures/([a-z-]+)-(light|dark)\.svg`)

// Every picture that a page shows is there, on light and on dark, and a guide
// shows the screens of its own host.
func TestThePagesShowPicturesThatAreThere(t *testing.T) {
	pages, err := filepath.Glob("docs/guides/*.md")
	if err != nil || len(pages) != 4 {
		t.Fatalf("the guides are %q, %v", pages, err)
	}
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		guide, own := strings.TrimSuffix(filepath.Base(page), ".md"), map[string]bool{}
		for _, found := range picture.FindAllSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), string(found[0]))); err != nil {
				t.Errorf("%s: %v", page, err)
			}
			for _, screen := range []string{"token", "scopes"} {
				own[screen+" "+string(found[2])] = own[screen+" "+string(found[2])] || string(found[1]) == guide+"-"+screen
			}
		}
		for _, want := range []string{"token light", "token dark", "scopes light", "scopes dark"} {
			if page != "README.md" && !own[want] {
				t.Errorf("%s shows no screen of its own host: %s", page, want)
			}
		}
		if len(own) == 0 {
			t.Errorf("%s shows no picture", page)
		}
	}
}

// reported is the name of a field in a report.
var reported = regexp.MustCompile(`json:"([a-z_]+)`)

func TestThePageOfReportsNamesWhatIsInThem(t *testing.T) {
	page := read(t, "docs/reports.md")
	var names []string
	for _, status := range flows.Statuses {
		names = append(names, string(status))
	}
	for _, report := range []string{"report.go", "doctor.go"} {
		for _, found := range reported.FindAllStringSubmatch(read(t, "ui/command/"+report), -1) {
			names = append(names, found[1])
		}
	}
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") && !strings.Contains(page, `"`+name+`"`) {
			t.Errorf("it does not tell of %q", name)
		}
	}
}
