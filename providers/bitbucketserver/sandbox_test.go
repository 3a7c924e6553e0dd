package bitbucketserver_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/bitbucketserver"
	"gitgrant/providers/cause"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

var dc = bitbucketserver.New()

// place is a sandbox that is served, at its context path or without one.
type place struct {
	*sandboxtest.Place
	host   providers.Host
	client *wire.Client
}

const contextPath = "/bbs/bitbucket"

// below serves a sandbox below its context path, as its own hosts.yaml says.
func below(t *testing.T) *place {
	t.Helper()
	p := &place{Place: sandboxtest.New(t, dc)}
	p.host, p.client = p.Reach(t, dc)
	return p
}

// bare serves the same at the root of an address.
func bare(t *testing.T) *place {
	t.Helper()
	p := &place{Place: sandboxtest.NewBehind(t, func(hosts http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = contextPath + r.URL.Path
			hosts.ServeHTTP(w, r)
		})
	}, dc)}
	h, err := dc.Locate(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	p.host, p.client = h, p.Dial(t, h)
	return p
}

var places = map[string]func(*testing.T) *place{"below a context path": below, "without a context path": bare}

// named is a token of the sandbox as a person pastes it.
func named(name string) providers.Credential {
	return providers.Credential{Token: secret.New(sandbox.MustToken("bitbucket-server", name).Text), Method: providers.PAT}
}

// checkRequests holds what was asked against what may be asked: by the token as
// Bearer, where tokens are taken.
func (p *place) checkRequests(t *testing.T) {
	t.Helper()
	p.OnlyRead(t, p.host, func(path string) bool {
		path, inside := strings.CutPrefix(path, contextPath)
		return inside && (strings.HasPrefix(path, "/rest/api/latest/") || strings.HasPrefix(path, "/scm/"))
	})
}

// found is what a token of the sandbox turns out to be, or the cause why it
// cannot be said.
type found struct {
	login   string
	name    string
	robot   bool
	version string
	cause   cause.Kind
}

const version = "9.4.16"

var (
	bot     = found{login: "acme-bot", name: "Acme runtime", version: version}
	octocat = found{login: "octocat", name: "The Octocat", version: version}
)

var tokens = map[string]found{
	"runtime":          bot,
	"user":             octocat,
	"repository-admin": bot,
	"repository-write": octocat,
	"repository-read":  octocat,
	"project-write":    bot,
	"lower-role":       octocat,
	"project-token":    {login: "tokens-of-project-ACME", name: "ACME", robot: true, version: version},
	"repository-token": {login: "tokens-of-repository-ACME-app", name: "app", robot: true, version: version},
	"mail-name":        {login: "runtime@acme.example", name: "Runtime of Acme", version: version},
	"endless-life":     bot,
	"oauth":            bot,
	"oauth-write":      octocat,

	"expired":       {cause: cause.Rejected},
	"revoked":       {cause: cause.Rejected},
	"anonymous":     {cause: cause.Rejected},
	"unknown":       {cause: cause.Rejected},
	"refused":       {cause: cause.Rejected},
	"oauth-expired": {cause: cause.Rejected},

	"captcha":         {cause: cause.Captcha},
	"forbidden":       {cause: cause.Restricted},
	"no-properties":   {login: "acme-bot", name: "Acme runtime"},
	"no-users":        {login: "acme-bot", version: version},
	"dies-at-project": bot,
	"rate-limit":      {cause: cause.RateLimited},
	"rate-limit-bare": {cause: cause.RateLimited},

	"wrong-type":    bot,
	"hostile-name":  {login: "octo[31mcat]8;;https://evil.example", version: version},
	"hostile-error": {cause: cause.Restricted},

	"error-500":    {cause: cause.ServerError},
	"error-502":    {cause: cause.ServerError},
	"error-503":    {cause: cause.ServerError},
	"html":         {cause: cause.NotUnderstood},
	"empty":        {cause: cause.NotUnderstood},
	"invalid-json": {cause: cause.NotUnderstood},
	"wrong-shape":  {cause: cause.NotUnderstood},
	"large":        {cause: cause.TooLarge},
	"endless":      {cause: cause.TooLarge},
	"gzip-bomb":    {cause: cause.TooLarge},
	"slow":         {cause: cause.NoAnswer},
	"silent":       {cause: cause.NoAnswer},
	"dropped":      {cause: cause.Broken},
	"redirect-302": {cause: cause.Redirected},
	"redirect-307": {cause: cause.Redirected},
}

func TestEveryTokenOfTheSandboxIsFoundOut(t *testing.T) {
	for where, served := range places {
		t.Run(where, func(t *testing.T) {
			p := served(t)
			sandboxtest.EachToken(t, providers.BitbucketServer, tokens, func(t *testing.T, listed sandbox.Token, want found) {
				ctx := t.Context()
				if want.cause == cause.NoAnswer {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Second)
					defer cancel()
				}
				in, err := dc.Inspect(ctx, p.client, p.host, named(listed.Name))
				if want.cause != "" {
					if got := causeOf(t, err); got.Kind != want.cause || got.Host != sandboxtest.NameOf(p.host) {
						t.Errorf("it is %+v, want %s", got, want.cause)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				got := found{login: in.Account.Login, name: in.Account.Name, robot: in.Account.Robot, version: in.Version}
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(found{})); diff != "" {
					t.Error(diff)
				}
				if in.Kind != providers.HTTPAccessToken || in.Rights.Known || in.Expiry != (providers.Expiry{Source: providers.ExpiryUnknown}) {
					t.Errorf("%+v", in)
				}
			})
			p.checkRequests(t)
		})
	}
}

const granted, missing, open, none = providers.Granted, providers.Missing, providers.Unverifiable, providers.NotApplicable

func TestEveryPermissionShowsWhereItIsUsed(t *testing.T) {
	type seen struct{ clone, push, repository, project providers.State }
	all := seen{granted, granted, granted, granted}
	for _, test := range []struct {
		name, token, repository string
		want                    seen
	}{
		{"PROJECT_ADMIN of a project's admin", "runtime", "ACME/app", all},
		{"the same whatever the case", "runtime", "acme/App", all},
		{"PROJECT_ADMIN of a token of the project", "project-token", "ACME/docs", all},
		{"PROJECT_ADMIN by OAuth", "oauth", "ACME/app", all},
		{"PROJECT_ADMIN in a project of one's own", "lower-role", "~octocat/dotfiles", all},
		{"PROJECT_ADMIN of somebody who may only write", "lower-role", "ACME/docs", seen{granted, granted, missing, missing}},
		{"REPO_ADMIN", "repository-admin", "ACME/app", seen{granted, granted, granted, missing}},
		{"REPO_ADMIN by the repository's own role", "user", "ACME/app", seen{granted, granted, granted, missing}},
		{"REPO_ADMIN of a token of the repository", "repository-token", "ACME/app", seen{granted, granted, granted, missing}},
		{"PROJECT_ADMIN where the account administers the repository alone", "runtime", "OPS/infra", seen{granted, granted, granted, missing}},
		{"PROJECT_WRITE", "project-write", "ACME/app", seen{granted, granted, missing, missing}},
		{"REPO_WRITE", "repository-write", "ACME/app", seen{granted, granted, missing, missing}},
		{"REPO_WRITE by OAuth", "oauth-write", "ACME/app", seen{granted, granted, missing, missing}},
		{"REPO_READ", "repository-read", "ACME/app", seen{granted, missing, missing, missing}},
		{"PROJECT_ADMIN of somebody who may only read", "runtime", "OPS/readonly", seen{granted, missing, missing, missing}},
		{"a public repository", "repository-read", "OPEN/site", seen{granted, missing, missing, missing}},
		{"a repository out of sight", "runtime", "HID/secret", seen{missing, missing, missing, missing}},
		{"another repository than the token's own", "repository-token", "ACME/docs", seen{missing, missing, missing, missing}},
		{"a repository that is not there", "runtime", "ACME/none", seen{missing, missing, missing, granted}},
		{"a project that is not there", "runtime", "NONE/app", seen{missing, missing, missing, missing}},

		{"a whole project of its admin", "runtime", "ACME", all},
		{"a whole project of somebody else", "user", "ACME", seen{none, none, none, missing}},
		{"a whole project out of sight", "runtime", "HID", seen{missing, missing, missing, missing}},
		{"a whole project that is not there", "runtime", "NONE", seen{missing, missing, missing, missing}},
	} {
		for where, served := range places {
			t.Run(test.name+", "+where, func(t *testing.T) {
				p := served(t)
				proofs, err := dc.Prove(t.Context(), p.client, p.host, named(test.token), providers.Question{
					Repository: test.repository, Kind: providers.HTTPAccessToken,
					Rights: []providers.Right{providers.Clone, providers.Push, providers.RepositoryAdmin, providers.ProjectAdmin},
				})
				if err != nil {
					t.Fatal(err)
				}
				got := seen{none, none, none, none}
				for _, proof := range proofs {
					state := map[providers.Right]*providers.State{
						providers.Clone: &got.clone, providers.Push: &got.push, providers.RepositoryAdmin: &got.repository, providers.ProjectAdmin: &got.project,
					}[proof.Right]
					*state = proof.State
					project, _, _ := strings.Cut(test.repository, "/")
					if proof.Repository != test.repository || !strings.Contains(proof.Evidence, project) {
						t.Errorf("%+v", proof)
					}
				}
				if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(seen{})); diff != "" {
					t.Error(diff)
				}
				p.checkRequests(t)
			})
		}
	}
}

func TestAProofThatCannotBeMadeSaysWhy(t *testing.T) {
	for token, want := range map[string]cause.Kind{
		"expired": cause.Rejected, "refused": cause.Rejected, "dies-at-project": cause.Rejected, "captcha": cause.Captcha, "forbidden": cause.Restricted,
		"rate-limit": cause.RateLimited, "error-502": cause.ServerError, "html": cause.NotUnderstood, "redirect-307": cause.Redirected,
	} {
		t.Run(token, func(t *testing.T) {
			p := below(t)
			for _, repository := range []string{"ACME/app", "ACME"} {
				_, err := dc.Prove(t.Context(), p.client, p.host, named(token), providers.Question{Repository: repository, Rights: []providers.Right{providers.RepositoryAdmin}})
				if got := causeOf(t, err); got.Kind != want {
					t.Errorf("%s: it is %+v, want %s", repository, got, want)
				}
			}
			p.checkRequests(t)
		})
	}
}

func TestEveryPurposeIsHeldAgainstItsPermissions(t *testing.T) {
	type states = map[string]providers.State
	for _, test := range []struct {
		name, token string
		purpose     providers.Purpose
		repository  string
		want        states
	}{
		{"a runtime without a repository", "runtime", providers.Runtime, "", states{"webhooks:read-write": open, "repositories:write": open, "repositories:admin": open}},
		{"a runtime with Project admin", "runtime", providers.Runtime, "ACME/app", states{"webhooks:read-write": granted, "repositories:write": granted, "repositories:admin": granted}},
		{"a runtime with Project admin of a whole project", "runtime", providers.Runtime, "ACME", states{"webhooks:read-write": granted, "repositories:write": granted, "repositories:admin": granted}},
		{"a runtime with Repository admin", "repository-admin", providers.Runtime, "ACME/app", states{"webhooks:read-write": missing, "repositories:write": granted, "repositories:admin": granted}},
		{"a runtime with Repository write", "repository-write", providers.Runtime, "ACME/app", states{"webhooks:read-write": missing, "repositories:write": granted, "repositories:admin": missing}},
		{"a runtime with Repository read", "repository-read", providers.Runtime, "ACME/app", states{"webhooks:read-write": missing, "repositories:write": missing, "repositories:admin": missing}},
		{"a runtime by OAuth", "oauth", providers.Runtime, "ACME/app", states{"webhooks:read-write": granted, "repositories:write": granted, "repositories:admin": granted}},
		{"a person without a repository", "user", providers.User, "", states{"repositories:write": open, "repositories:admin": open}},
		{"a person with Repository admin", "user", providers.User, "ACME/app", states{"repositories:write": granted, "repositories:admin": granted}},
		{"a person with Repository admin and a project alone", "user", providers.User, "ACME", states{"repositories:write": open, "repositories:admin": open}},
		{"a person with Project admin of a whole project", "runtime", providers.User, "ACME", states{"repositories:write": granted, "repositories:admin": granted}},
		{"a person with Repository write", "repository-write", providers.User, "ACME/app", states{"repositories:write": granted, "repositories:admin": missing}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := below(t)
			policy := providers.PolicyOf(providers.BitbucketServer)
			in, err := dc.Inspect(t.Context(), p.client, p.host, named(test.token))
			if err != nil {
				t.Fatal(err)
			}
			var proofs []providers.Proof
			if test.repository != "" {
				proofs, err = dc.Prove(t.Context(), p.client, p.host, named(test.token), providers.Question{Repository: test.repository, Kind: in.Kind, Rights: policy.Rights(test.purpose)})
				if err != nil {
					t.Fatal(err)
				}
			}
			test.want["account:read"], test.want["workspace-membership:read"] = none, none
			got := states{}
			for _, f := range policy.Hold(test.purpose, in, proofs) {
				got[f.Name] = f.State
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAHostTellsWhatItIsToAnybody(t *testing.T) {
	for where, served := range places {
		p := served(t)
		if got, err := dc.Meet(t.Context(), p.client, p.host); err != nil || got != version {
			t.Errorf("%s: %q, %v", where, got, err)
		}
		for _, r := range p.Requests() {
			if r.Authorized {
				t.Errorf("%s: a token went to %s", where, r.Path)
			}
		}
		p.checkRequests(t)
	}
}
