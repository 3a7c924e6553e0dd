package gitlab_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox/sandboxtest"
)

const (
	atProject, atHooks, atGit = "/projects/acme%2Fapp", "/projects/acme%2Fapp/hooks", "/acme/app.git/info/refs"

	noProject = `{"message":"404 Project Not Found"}`
	noRoute   = `{"error":"404 Not Found"}`
	forbidden = `{"message":"403 Forbidden"}`
	lacksRead = `{"error":"insufficient_granular_scope","error_description":"Access denied: This operation requires a fine-grained personal access token with the following project permissions: [Project: Read]."}`
)

// member is a project as a member with these two access levels sees it.
func member(project, group string) answer {
	return ok(`{"id":2001,"path_with_namespace":"acme/app","archived":false,"permissions":{"project_access":` + project + `,"group_access":` + group + `}}`)
}

func level(n string) string { return `{"access_level":` + n + `,"notification_level":3}` }

func TestEachProbeReadsItsAnswer(t *testing.T) {
	advertised := func(service string) answer {
		return answer{200, header{"Content-Type": "application/x-" + service + "-advertisement"}, "001e# service=" + service + "\n0000"}
	}
	plain := header{"Content-Type": "text/plain"}
	page := answer{200, header{"Content-Type": "text/html"}, "<html>Sign in"}
	at := func(project, hooks, git answer) map[string]answer {
		return map[string]answer{atProject: project, atHooks: hooks, atGit: git}
	}
	none := answer{404, nil, noRoute}
	maintainer, developer := member(level("40"), "null"), member(level("30"), level("10"))
	untold := member("null", "null")
	const granted, missing, open = providers.Granted, providers.Missing, providers.Unverifiable
	const pat, fine, unknown = providers.PersonalAccessToken, providers.FineGrainedPAT, providers.UnknownKind
	const pull, push, hooked = "git-upload-pack of acme/app: HTTP ", "git-receive-pack of acme/app: HTTP ", "webhooks of acme/app: HTTP "
	for _, test := range []struct {
		name     string
		at       map[string]answer
		kind     providers.TokenKind
		right    providers.Right
		state    providers.State
		evidence string
		cause    cause.Kind
	}{
		{"clone", at(maintainer, none, advertised("git-upload-pack")), pat, providers.Clone, granted, pull + "200", ""},
		{"push", at(maintainer, none, advertised("git-receive-pack")), pat, providers.Push, granted, push + "200", ""},
		{"push answered as clone", at(maintainer, none, advertised("git-upload-pack")), pat, providers.Push, "", "", cause.NotUnderstood},
		{"no push for a reporter", at(member(level("20"), "null"), none, answer{403, plain, "You are not allowed to push code to this project."}), pat, providers.Push, missing, push + "403, access level 20 (Reporter)", ""},
		{"no clone for a guest", at(member("null", level("10")), none, answer{403, plain, "You are not allowed to download code from this project."}), pat, providers.Clone, missing, pull + "403, access level 10 (Guest)", ""},
		{"no push at a level without a name", at(member(level("35"), "null"), none, answer{403, plain, ""}), pat, providers.Push, missing, push + "403, access level 35", ""},
		{"no push where no level is told", at(untold, none, answer{403, plain, ""}), pat, providers.Push, missing, push + "403", ""},
		{"a low level does not decide", at(member(level("10"), "null"), none, advertised("git-receive-pack")), pat, providers.Push, granted, push + "200", ""},
		{"push to an archived project", at(ok(`{"path_with_namespace":"acme/app","archived":true,"permissions":{"project_access":{"access_level":40},"group_access":null}}`), none, advertised("git-receive-pack")), pat, providers.Push, missing, "acme/app is archived, access level 40 (Maintainer)", ""},
		{"clone from an archived project", at(ok(`{"path_with_namespace":"acme/app","archived":true}`), none, advertised("git-upload-pack")), pat, providers.Clone, granted, pull + "200", ""},
		{"no clone for a bot of elsewhere", at(untold, none, answer{401, plain, "HTTP Basic: Access denied."}), pat, providers.Clone, missing, pull + "401", ""},
		{"a page for git", at(maintainer, none, page), pat, providers.Clone, "", "", cause.NotUnderstood},
		{"git without its server", at(maintainer, none, answer{503, plain, "The git server, Gitaly, is not available at this time."}), pat, providers.Clone, "", "", cause.ServerError},
		{"a project that cannot be made", at(maintainer, none, answer{422, plain, "error"}), pat, providers.Push, "", "", cause.NotUnderstood},
		{"a limit for git", at(maintainer, none, answer{429, plain, "Retry later"}), pat, providers.Clone, "", "", cause.RateLimited},
		{"a redirect for git", at(maintainer, none, answer{301, header{"Location": "https://evil.example"}, ""}), pat, providers.Clone, "", "", cause.Redirected},

		{"webhooks", at(maintainer, ok(`[]`), none), pat, providers.Webhooks, granted, hooked + "200", ""},
		{"webhooks by the higher of two levels", at(member(level("20"), level("50")), ok(`[{"id":42}]`), none), pat, providers.Webhooks, granted, hooked + "200", ""},
		{"webhooks by OAuth", at(maintainer, ok(`[]`), none), providers.OAuthToken, providers.Webhooks, granted, hooked + "200", ""},
		{"webhooks of a project's bot", at(maintainer, ok(`[]`), none), providers.ProjectToken, providers.Webhooks, granted, hooked + "200", ""},
		{"webhooks where no level is told", at(untold, ok(`[]`), none), pat, providers.Webhooks, granted, hooked + "200", ""},
		{"webhooks by a role that was tailored", at(developer, ok(`[]`), none), pat, providers.Webhooks, granted, hooked + "200", ""},
		{"webhooks that may only be read", at(maintainer, ok(`[]`), none), fine, providers.Webhooks, open, hooked + "200", ""},
		{"webhooks by a token that tells nothing", at(maintainer, ok(`[]`), none), unknown, providers.Webhooks, open, hooked + "200", ""},
		{"webhooks of a developer", at(developer, answer{403, nil, forbidden}, none), pat, providers.Webhooks, missing, hooked + "403, access level 30 (Developer)", ""},
		{"webhooks where no level was told", at(untold, answer{403, nil, forbidden}, none), pat, providers.Webhooks, missing, hooked + "403", ""},
		{"webhooks without the scope", at(answer{403, nil, noScope}, answer{403, nil, noScope}, none), pat, providers.Webhooks, missing, hooked + "403", ""},
		{"webhooks without the permission", at(maintainer, answer{403, nil, lacksRead}, none), fine, providers.Webhooks, missing, hooked + "403, access level 40 (Maintainer)", ""},
		{"webhooks out of sight", at(maintainer, answer{404, nil, noProject}, none), pat, providers.Webhooks, missing, hooked + "404, access level 40 (Maintainer)", ""},
		{"webhooks for fine-grained tokens alone", at(maintainer, answer{403, nil, lacksRead}, none), pat, providers.Webhooks, "", "", cause.Restricted},
		{"webhooks behind a proxy that unescapes", at(none, none, none), pat, providers.Webhooks, open, hooked + "404", ""},
		{"webhooks at the limit", at(maintainer, answer{429, plain, "Retry later"}, none), pat, providers.Webhooks, "", "", cause.RateLimited},
		{"webhooks at a broken host", at(maintainer, answer{500, nil, ""}, none), pat, providers.Webhooks, "", "", cause.ServerError},
		{"webhooks of a token that died", at(maintainer, answer{401, nil, revoked}, none), pat, providers.Webhooks, "", "", cause.Revoked},
		{"a page for webhooks", at(maintainer, page, none), pat, providers.Webhooks, "", "", cause.NotUnderstood},
		{"webhooks of another shape", at(maintainer, ok(`{"id":42}`), none), pat, providers.Webhooks, "", "", cause.NotUnderstood},

		{"a project out of sight", at(answer{404, nil, noProject}, none, advertised("git-upload-pack")), pat, providers.Clone, missing, "acme/app is not visible to this token", ""},
		{"a project that the scopes do not reach", at(answer{403, nil, noScope}, none, advertised("git-receive-pack")), pat, providers.Push, granted, push + "200", ""},
		{"a project that the permissions do not reach", at(answer{403, nil, lacksRead}, none, advertised("git-upload-pack")), fine, providers.Clone, granted, pull + "200", ""},
		{"a project for fine-grained tokens alone", at(answer{403, nil, lacksRead}, none, advertised("git-upload-pack")), pat, providers.Clone, "", "", cause.Restricted},
		{"a project behind a proxy that unescapes", at(none, none, advertised("git-upload-pack")), pat, providers.Clone, granted, pull + "200", ""},
		{"a proxy's own page for it", at(answer{404, header{"Content-Type": "text/html"}, "<html>"}, none, advertised("git-upload-pack")), pat, providers.Clone, granted, pull + "200", ""},
		{"a project of a blocked owner", at(answer{403, nil, `{"message":"403 Forbidden - Your account has been blocked."}`}, none, none), pat, providers.Clone, "", "", cause.Restricted},
		{"a project at the limit", at(answer{429, plain, "Retry later"}, none, none), pat, providers.Clone, "", "", cause.RateLimited},
		{"a project with a token that died", at(answer{401, nil, expired}, none, none), pat, providers.Clone, "", "", cause.Expired},
		{"a page for a project", at(page, none, none), pat, providers.Clone, "", "", cause.NotUnderstood},
		{"a project without a name", at(ok(`{"id":2001}`), none, none), pat, providers.Clone, "", "", cause.NotUnderstood},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := &server{answers: test.at}
			h, c := s.at(t)
			proofs, err := gitlab.Server().Prove(t.Context(), c, h, cred(token, providers.PAT), providers.Question{
				Repository: "acme/app", Kind: test.kind, Rights: []providers.Right{test.right},
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
			want := []providers.Proof{{Repository: "acme/app", Right: test.right, State: test.state, Evidence: test.evidence}}
			if diff := cmp.Diff(want, proofs); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAProjectMayBeDeepInGroups(t *testing.T) {
	s := &server{answers: map[string]answer{"/projects/acme%2Fplatform%2Finfra": {404, nil, noProject}}}
	h, c := s.at(t)
	if _, err := gitlab.Server().Prove(t.Context(), c, h, cred(token, providers.PAT), providers.Question{
		Repository: "acme/platform/infra", Kind: providers.PersonalAccessToken, Rights: []providers.Right{providers.Clone},
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"GET /gitlab/api/v4/projects/acme%2Fplatform%2Finfra Bearer " + token}, s.requests()); diff != "" {
		t.Error(diff)
	}
}
