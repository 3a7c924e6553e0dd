package sandbox_test

import (
	"net/http/httptest"
	"testing"

	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/ghspec"
)

// described are the two GitHubs of the sandbox with their descriptions.
var described = []struct {
	provider, prefix string
	load             func(prefix string) (*ghspec.Spec, error)
	noRates          bool
}{
	{"github", "/github/api", ghspec.GitHub, false},
	{"github-enterprise", "/ghes/api/v3", ghspec.EnterpriseServer, true},
}

// asked is one request and the status that it should get.
type asked struct {
	token, path string
	status      int
}

var answersInTheDescription = []asked{
	{"runtime", "/", 200},
	{"", "/", 200},
	{"", "/meta", 200},
	{"runtime", "/rate_limit", 200},
	{"", "/rate_limit", 200},
	{"runtime", "/user", 200},
	{"user", "/user", 200},
	{"fine-grained", "/user", 200},
	{"app-user", "/user", 200},
	{"hostile-login", "/user", 200},
	{"", "/user", 401},
	{"revoked", "/user", 401},
	{"expired", "/user", 401},
	{"restricted", "/user", 403},
	{"classic-forbidden", "/user", 403},
	{"rate-limit-403", "/user", 403},
	{"secondary-limit", "/user", 403},
	{"hostile-error", "/user", 403},
	{"runtime", "/repos/acme/app", 200},
	{"user", "/repos/acme/readonly", 200},
	{"", "/repos/acme/public", 200},
	{"runtime", "/repos/acme/archived", 200},
	{"runtime", "/repos/acme/renamed", 301},
	{"restricted-repository", "/repos/acme/app", 403},
	{"runtime", "/repos/acme/hidden", 404},
	{"runtime", "/repos/acme/app/contents/", 200},
	{"no-scopes", "/repos/acme/app/contents/", 404},
	{"runtime", "/repos/acme/app/commits?per_page=1", 200},
	{"no-scopes", "/repos/acme/app/commits", 404},
	{"runtime", "/repos/acme/app/hooks?per_page=1", 200},
	{"user", "/repos/acme/app/hooks", 404},
}

func TestTheAnswersOfTheSandboxAreInGitHubsDescription(t *testing.T) {
	for _, kind := range described {
		spec, err := kind.load(kind.prefix)
		if err != nil {
			t.Fatal(err)
		}
		box := sandbox.New(sandbox.Options{}).Handler()
		for _, a := range answersInTheDescription {
			t.Run(kind.provider+" "+a.token+" "+a.path, func(t *testing.T) {
				r := httptest.NewRequestWithContext(t.Context(), "GET", kind.prefix+a.path, nil)
				r.Header.Set("User-Agent", "ghspec")
				if a.token != "" {
					r.Header.Set("Authorization", "Bearer "+sandbox.MustToken(kind.provider, a.token).Text)
				}
				want := a.status
				if kind.noRates && a.path == "/rate_limit" {
					want = 404
				}
				answer := httptest.NewRecorder()
				spec.Hold(box, func(err error) { t.Error(err) }).ServeHTTP(answer, r)
				if answer.Code != want {
					t.Errorf("status %d, want %d", answer.Code, want)
				}
			})
		}
	}
}
