package bitbucketserver_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/sandbox/sandboxtest"
)

const (
	atRepository  = "/rest/api/latest/projects/ACME/repos/app"
	atWebhooks    = atRepository + "/webhooks"
	atProject     = "/rest/api/latest/projects/ACME"
	atPermissions = atProject + "/permissions/users"
	atGit         = "/git/scm/ACME/app.git/info/refs"

	theRepository = `{"slug":"app","project":{"key":"ACME"}}`
	noRepository  = `{"errors":[{"context":null,"message":"Repository ACME/app does not exist.","exceptionName":"com.atlassian.bitbucket.repository.NoSuchRepositoryException"}]}`
)

func TestEachProbeReadsItsAnswer(t *testing.T) {
	advertised := func(service string) answer {
		return answer{200, header{"Content-Type": "application/x-" + service + "-advertisement"}, "001e# service=" + service + "\n0000"}
	}
	plain := header{"Content-Type": "text/plain"}
	page := answer{200, header{"Content-Type": "text/html"}, "<html>Sign in"}
	refused := answer{401, known, lacks}
	const pull, push, hooked, permitted = "git-upload-pack of ACME/app: HTTP ", "git-receive-pack of ACME/app: HTTP ", "webhooks of ACME/app: HTTP ", "permissions of ACME: HTTP "
	const hidden = "ACME/app is not visible to this token"
	for _, test := range []struct {
		name     string
		right    providers.Right
		at       map[string]answer
		state    providers.State
		evidence string
		cause    cause.Kind
	}{
		{"clone", providers.Clone, map[string]answer{atGit: advertised("git-upload-pack")}, granted, pull + "200", ""},
		{"push", providers.Push, map[string]answer{atGit: advertised("git-receive-pack")}, granted, push + "200", ""},
		{"push answered as clone", providers.Push, map[string]answer{atGit: advertised("git-upload-pack")}, "", "", cause.NotUnderstood},
		{"no push", providers.Push, map[string]answer{atGit: {403, plain, "You are not permitted"}}, missing, push + "403", ""},
		{"no clone", providers.Clone, map[string]answer{atGit: {401, plain, ""}}, missing, pull + "401", ""},
		{"a page for git", providers.Clone, map[string]answer{atGit: page}, "", "", cause.NotUnderstood},
		{"a redirect for git", providers.Clone, map[string]answer{atGit: {302, header{"Location": "https://acme.example/login"}, ""}}, "", "", cause.Redirected},
		{"a limit for git", providers.Push, map[string]answer{atGit: {429, plain, ""}}, "", "", cause.RateLimited},
		{"git that is broken", providers.Push, map[string]answer{atGit: {502, plain, ""}}, "", "", cause.ServerError},

		{"webhooks", providers.RepositoryAdmin, map[string]answer{atWebhooks: yes(nobody)}, granted, hooked + "200", ""},
		{"webhooks, asked for as such", providers.Webhooks, map[string]answer{atWebhooks: yes(nobody)}, granted, hooked + "200", ""},
		{"webhooks that are refused", providers.RepositoryAdmin, map[string]answer{atWebhooks: refused}, missing, hooked + "401", ""},
		{"webhooks refused with another status", providers.RepositoryAdmin, map[string]answer{atWebhooks: {403, known, lacks}}, missing, hooked + "403", ""},
		{"webhooks that an old host has not", providers.RepositoryAdmin, map[string]answer{atWebhooks: {404, known, noRepository}}, missing, hooked + "404", ""},
		{"webhooks of another shape", providers.RepositoryAdmin, map[string]answer{atWebhooks: yes(`[]`)}, "", "", cause.NotUnderstood},
		{"webhooks without a list", providers.RepositoryAdmin, map[string]answer{atWebhooks: yes(`{}`)}, "", "", cause.NotUnderstood},
		{"webhooks for anybody", providers.RepositoryAdmin, map[string]answer{atWebhooks: {200, header{"X-AREQUESTID": "1"}, nobody}}, "", "", cause.Rejected},
		{"webhooks of a token that died", providers.RepositoryAdmin, map[string]answer{atWebhooks: {401, header{"X-AREQUESTID": "1"}, refuses}}, "", "", cause.Rejected},
		{"webhooks behind a CAPTCHA", providers.RepositoryAdmin, map[string]answer{atWebhooks: {403, nil, captcha}}, "", "", cause.Captcha},
		{"webhooks at the limit", providers.RepositoryAdmin, map[string]answer{atWebhooks: {429, known, ""}}, "", "", cause.RateLimited},
		{"a page for webhooks", providers.RepositoryAdmin, map[string]answer{atWebhooks: page}, "", "", cause.NotUnderstood},
		{"a proxy's own 404 for webhooks", providers.RepositoryAdmin, map[string]answer{atWebhooks: {404, plain, "no"}}, "", "", cause.WrongHost},

		{"permissions", providers.ProjectAdmin, map[string]answer{atPermissions: yes(nobody)}, granted, permitted + "200", ""},
		{"permissions that are refused", providers.ProjectAdmin, map[string]answer{atPermissions: refused}, missing, permitted + "401", ""},
		{"permissions at a broken host", providers.ProjectAdmin, map[string]answer{atPermissions: {500, known, ""}}, "", "", cause.ServerError},

		{"a repository that does not show", providers.Push, map[string]answer{atRepository: refused}, missing, hidden, ""},
		{"a repository that is not there", providers.RepositoryAdmin, map[string]answer{atRepository: {404, known, noRepository}}, missing, hidden, ""},
		{"its project all the same", providers.ProjectAdmin, map[string]answer{atRepository: {404, known, noRepository}, atPermissions: yes(nobody)}, granted, permitted + "200", ""},
		{"a repository for anybody", providers.Clone, map[string]answer{atRepository: {200, header{"X-AREQUESTID": "1"}, theRepository}}, "", "", cause.Rejected},
		{"a repository of another shape", providers.Clone, map[string]answer{atRepository: yes(`[]`)}, "", "", cause.NotUnderstood},
		{"a page for a repository", providers.Clone, map[string]answer{atRepository: page}, "", "", cause.NotUnderstood},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, said := test.at[atRepository]; !said {
				test.at[atRepository] = yes(theRepository)
			}
			s := &server{answers: test.at}
			h, c := s.at(t)
			proofs, err := dc.Prove(t.Context(), c, h, cred(providers.PAT), providers.Question{
				Repository: "ACME/app", Kind: providers.HTTPAccessToken, Rights: []providers.Right{test.right},
			})
			if test.cause != "" {
				if got := causeOf(t, err); got.Kind != test.cause || got.Host != sandboxtest.NameOf(h) {
					t.Errorf("it is %+v, want %s", got, test.cause)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := []providers.Proof{{Repository: "ACME/app", Right: test.right, State: test.state, Evidence: test.evidence}}
			if diff := cmp.Diff(want, proofs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAProofAsksOnceForEachThingAndGivesTheTokenAsBearer(t *testing.T) {
	s := &server{answers: map[string]answer{
		atRepository: yes(theRepository), atWebhooks: {401, known, lacks}, atPermissions: {401, known, lacks}, atGit: {401, header{"Content-Type": "text/plain"}, ""},
	}}
	h, c := s.at(t)
	if _, err := dc.Prove(t.Context(), c, h, cred(providers.PAT), providers.Question{
		Repository: "ACME/app", Kind: providers.HTTPAccessToken,
		Rights: []providers.Right{providers.ProjectAdmin, providers.Clone, providers.Push, providers.RepositoryAdmin},
	}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, path := range []string{
		atRepository, atPermissions + "?limit=1", "/scm/ACME/app.git/info/refs?service=git-upload-pack", "/scm/ACME/app.git/info/refs?service=git-receive-pack", atWebhooks + "?limit=1",
	} {
		want = append(want, "GET /git"+path+" Bearer "+token)
	}
	if diff := cmp.Diff(want, s.requests()); diff != "" {
		t.Error(diff)
	}
}
