package github_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/github"
	"gitgrant/providers/wire"
)

// repository is a host with one repository, whose three addresses answer as
// they are told.
type repository struct{ page, hooks, git answer }

func (r repository) ServeHTTP(w http.ResponseWriter, asked *http.Request) {
	a := r.page
	switch {
	case strings.HasSuffix(asked.URL.Path, "/hooks"):
		a = r.hooks
	case strings.HasSuffix(asked.URL.Path, "/info/refs"):
		a = r.git
	}
	w.Header().Set("Content-Type", "application/json")
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write([]byte(a.body))
}

func (r repository) prove(t *testing.T, kind providers.TokenKind, right providers.Right) ([]providers.Proof, error) {
	t.Helper()
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	h, err := github.Enterprise().Locate(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.New(wire.Options{Bases: []string{h.WebURL}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return github.Enterprise().Prove(t.Context(), c, h, cred(token, providers.PAT), providers.Question{
		Repository: "acme/app", Kind: kind, Rights: []providers.Right{right},
	})
}

func TestEachProbeReadsItsAnswer(t *testing.T) {
	type header = map[string]string
	plain := answer{200, nil, `{"archived":false}`}
	advertised := func(service string) answer {
		return answer{200, header{"Content-Type": "application/x-" + service + "-advertisement"}, "001e# service=" + service + "\n0000"}
	}
	limit := answer{403, header{"Retry-After": "60"}, `{"message":"secondary"}`}
	policy := answer{403, nil, "{\"message\":\"`acme` forbids access via a personal access token (classic).\"}"}
	noPermission := answer{403, nil, `{"message":"Resource not accessible by personal access token"}`}
	gone := answer{404, nil, `{"message":"Not Found"}`}
	page := answer{200, header{"Content-Type": "text/html"}, "<html>Sign in"}
	const granted, missing, open = providers.Granted, providers.Missing, providers.Unverifiable
	for _, test := range []struct {
		name     string
		at       repository
		kind     providers.TokenKind
		right    providers.Right
		state    providers.State
		evidence string
		cause    cause.Kind
	}{
		{"clone", repository{plain, gone, advertised("git-upload-pack")}, providers.ClassicPAT, providers.Clone, granted, "git-upload-pack of acme/app: HTTP 200", ""},
		{"push", repository{plain, gone, advertised("git-receive-pack")}, providers.ClassicPAT, providers.Push, granted, "git-receive-pack of acme/app: HTTP 200", ""},
		{"push answered as clone", repository{plain, gone, advertised("git-upload-pack")}, providers.ClassicPAT, providers.Push, "", "", cause.NotUnderstood},
		{"no push", repository{plain, gone, answer{403, nil, "denied"}}, providers.ClassicPAT, providers.Push, missing, "git-receive-pack of acme/app: HTTP 403", ""},
		{"no push to a repository at rest", repository{answer{200, nil, `{"disabled":true}`}, gone, advertised("git-receive-pack")}, providers.ClassicPAT, providers.Push, missing, "acme/app is archived or disabled", ""},
		{"no clone", repository{plain, gone, answer{401, nil, ""}}, providers.ClassicPAT, providers.Clone, missing, "git-upload-pack of acme/app: HTTP 401", ""},
		{"a page for git", repository{plain, gone, page}, providers.ClassicPAT, providers.Clone, "", "", cause.NotUnderstood},
		{"a broken host for git", repository{plain, gone, answer{502, nil, ""}}, providers.ClassicPAT, providers.Clone, "", "", cause.ServerError},
		{"a limit for git", repository{plain, gone, answer{429, nil, ""}}, providers.ClassicPAT, providers.Clone, "", "", cause.RateLimited},
		{"a redirect for git", repository{plain, gone, answer{301, header{"Location": "https://evil.example"}, ""}}, providers.ClassicPAT, providers.Clone, "", "", cause.Redirected},

		{"webhooks", repository{plain, answer{200, nil, `[]`}, gone}, providers.ClassicPAT, providers.Webhooks, granted, "webhooks of acme/app: HTTP 200", ""},
		{"webhooks by OAuth", repository{plain, answer{200, nil, `[]`}, gone}, providers.OAuthToken, providers.Webhooks, granted, "webhooks of acme/app: HTTP 200", ""},
		{"webhooks that may only be read", repository{plain, answer{200, nil, `[]`}, gone}, providers.FineGrainedPAT, providers.Webhooks, open, "webhooks of acme/app: HTTP 200", ""},
		{"webhooks of others", repository{plain, gone, gone}, providers.ClassicPAT, providers.Webhooks, missing, "webhooks of acme/app: HTTP 404", ""},
		{"webhooks without permission", repository{plain, noPermission, gone}, providers.FineGrainedPAT, providers.Webhooks, missing, "webhooks of acme/app: HTTP 403", ""},
		{"webhooks against a policy", repository{plain, policy, gone}, providers.ClassicPAT, providers.Webhooks, missing, "webhooks of acme/app: HTTP 403", ""},
		{"webhooks at the limit", repository{plain, limit, gone}, providers.ClassicPAT, providers.Webhooks, "", "", cause.RateLimited},
		{"webhooks at a broken host", repository{plain, answer{500, nil, ""}, gone}, providers.ClassicPAT, providers.Webhooks, "", "", cause.ServerError},

		{"a repository out of sight", repository{gone, gone, gone}, providers.ClassicPAT, providers.Push, missing, "acme/app is not visible to this token", ""},
		{"a repository without permission", repository{noPermission, gone, gone}, providers.FineGrainedPAT, providers.Push, missing, "acme/app is not visible to this token", ""},
		{"a repository against a policy", repository{policy, gone, gone}, providers.ClassicPAT, providers.Push, "", "", cause.Restricted},
		{"a repository at the limit", repository{limit, gone, gone}, providers.ClassicPAT, providers.Push, "", "", cause.RateLimited},
		{"a repository with a token that died", repository{answer{401, nil, `{"message":"Bad credentials"}`}, gone, gone}, providers.ClassicPAT, providers.Push, "", "", cause.Rejected},
		{"a page for a repository", repository{page, gone, gone}, providers.ClassicPAT, providers.Push, "", "", cause.NotUnderstood},
	} {
		t.Run(test.name, func(t *testing.T) {
			proofs, err := test.at.prove(t, test.kind, test.right)
			if test.cause != "" {
				var why cause.Cause
				if !errors.As(err, &why) || why.Kind != test.cause || why.Host == "" || why.Until.After(now.Add(time.Hour)) {
					t.Errorf("error is %v, want %s", err, test.cause)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := []providers.Proof{{Repository: "acme/app", Right: test.right, State: test.state, Evidence: test.evidence}}
			if diff := cmp.Diff(want, proofs); diff != "" {
				t.Error(diff)
			}
		})
	}
}
