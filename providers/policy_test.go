package providers_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gitgrant/providers"
)

// states are what a policy finds, by the name of the requirement.
func states(findings []providers.Finding) map[string]providers.State {
	all := map[string]providers.State{}
	for _, f := range findings {
		all[f.Name] = f.State
	}
	return all
}

func holding(kind providers.TokenKind, scopes ...string) providers.Inspection {
	return providers.Inspection{Kind: kind, Rights: providers.Rights{Known: true, Scopes: scopes, Evidence: "header"}}
}

func TestEveryPurposeIsDescribedForEveryKindOfHost(t *testing.T) {
	for _, kind := range providers.Kinds {
		policy := providers.PolicyOf(kind)
		for _, purpose := range providers.Purposes {
			if len(policy.Requirements(purpose)) == 0 {
				t.Errorf("%s needs nothing for a %s token", kind, purpose)
			}
			for _, r := range policy.Requirements(purpose) {
				source, err := url.Parse(r.Source)
				if r.Label == "" || r.Why[purpose] == "" || err != nil || source.Scheme != "https" || source.Host == "" {
					t.Errorf("%s, %s: %s has label %q, why %q, source %q", kind, purpose, r.Name, r.Label, r.Why[purpose], r.Source)
				}
				if found, ok := policy.Requirement(purpose, r.Name); !ok || found.Label != r.Label {
					t.Errorf("%s, %s: %s is not found by its name", kind, purpose, r.Name)
				}
				for _, need := range r.Needs {
					if len(need.Kinds) == 0 {
						t.Errorf("%s: %s has a need of no kind of token", kind, r.Name)
					}
				}
			}
		}
	}
}

func TestWhatAPurposeNeedsIsNamedAsTheContractSays(t *testing.T) {
	bitbucket := []string{"account:read", "workspace-membership:read", "webhooks:read-write", "repositories:read", "repositories:write", "repositories:admin"}
	server := []string{"account:read", "workspace-membership:read", "webhooks:read-write", "repositories:write", "repositories:admin"}
	noWebhooks := func(names []string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "webhooks:read-write" })
	}
	for kind, want := range map[providers.Kind][2][]string{
		providers.GitHub:           {{"repo", "admin:repo_hook"}, {"repo"}},
		providers.GitHubEnterprise: {{"repo", "admin:repo_hook"}, {"repo"}},
		providers.GitLab:           {{"api", "read_repository"}, {"write_repository", "read_api"}},
		providers.GitLabServer:     {{"api", "read_repository"}, {"write_repository", "read_api"}},
		providers.Bitbucket:        {bitbucket, noWebhooks(bitbucket)},
		providers.BitbucketServer:  {server, noWebhooks(server)},
	} {
		for i, purpose := range []providers.Purpose{providers.Runtime, providers.User} {
			var got []string
			for _, r := range providers.PolicyOf(kind).Requirements(purpose) {
				got = append(got, r.Name)
			}
			if diff := cmp.Diff(want[i], got); diff != "" {
				t.Errorf("%s, %s: %s", kind, purpose, diff)
			}
		}
	}
}

func TestTheScopesToAskFor(t *testing.T) {
	for _, test := range []struct {
		kind    providers.Kind
		token   providers.TokenKind
		purpose providers.Purpose
		want    []string
	}{
		{providers.GitHub, providers.OAuthToken, providers.Runtime, []string{"repo", "admin:repo_hook"}},
		{providers.GitHub, providers.ClassicPAT, providers.User, []string{"repo"}},
		{providers.GitHub, providers.FineGrainedPAT, providers.Runtime, nil},
		{providers.GitLabServer, providers.OAuthToken, providers.Runtime, []string{"api", "read_repository"}},
		{providers.GitLab, providers.PersonalAccessToken, providers.User, []string{"write_repository", "read_api"}},
		{providers.Bitbucket, providers.OAuthToken, providers.Runtime, []string{"account", "team", "webhook", "repository", "repository:write", "repository:admin"}},
		{providers.Bitbucket, providers.RepositoryToken, providers.User, []string{"repository", "repository:write", "repository:admin"}},
		{providers.Bitbucket, providers.APIToken, providers.User, []string{
			"read:user:bitbucket", "read:workspace:bitbucket", "read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
		}},
		{providers.BitbucketServer, providers.OAuthToken, providers.User, []string{"REPO_WRITE", "REPO_ADMIN"}},
		{providers.BitbucketServer, providers.HTTPAccessToken, providers.Runtime, nil},
	} {
		got := providers.PolicyOf(test.kind).Scopes(test.purpose, test.token)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s of %s, %s: %s", test.token, test.kind, test.purpose, diff)
		}
	}
}

func TestRequirementsAreHeldAgainstTheScopesOfAToken(t *testing.T) {
	const granted, implied, missing, notApplicable = providers.Granted, providers.Implied, providers.Missing, providers.NotApplicable
	type found = map[string]providers.State
	for _, test := range []struct {
		name    string
		kind    providers.Kind
		purpose providers.Purpose
		in      providers.Inspection
		want    found
		excess  []string
	}{
		{"all that a runtime needs", providers.GitHub, providers.Runtime, holding(providers.ClassicPAT, "admin:repo_hook", "repo"), found{"repo": granted, "admin:repo_hook": granted}, nil},
		{"no webhooks", providers.GitHubEnterprise, providers.Runtime, holding(providers.OAuthToken, "repo"), found{"repo": granted, "admin:repo_hook": missing}, nil},
		{"less than webhooks", providers.GitHub, providers.Runtime, holding(providers.ClassicPAT, "public_repo", "write:repo_hook"), found{"repo": missing, "admin:repo_hook": missing}, nil},
		{"no scopes at all", providers.GitHub, providers.User, holding(providers.ClassicPAT), found{"repo": missing}, nil},
		{"more than a user needs", providers.GitHub, providers.User, holding(providers.ClassicPAT, "repo", "delete_repo", "admin:repo_hook"), found{"repo": granted}, []string{"delete_repo", "admin:repo_hook"}},
		{"what comes along is no excess", providers.GitHub, providers.Runtime, holding(providers.ClassicPAT, "repo", "admin:repo_hook", "repo:status", "read:repo_hook"), found{"repo": granted, "admin:repo_hook": granted}, nil},

		{"api alone", providers.GitLab, providers.Runtime, holding(providers.PersonalAccessToken, "api"), found{"api": granted, "read_repository": implied}, nil},
		{"api for a user", providers.GitLabServer, providers.User, holding(providers.OAuthToken, "api"), found{"write_repository": implied, "read_api": implied}, []string{"api"}},
		{"write brings read", providers.GitLab, providers.Runtime, holding(providers.GroupToken, "write_repository"), found{"api": missing, "read_repository": implied}, nil},
		{"another spelling", providers.GitLab, providers.User, holding(providers.PersonalAccessToken, "write_repository", "api-read"), found{"write_repository": granted, "read_api": granted}, nil},
		{"that one too", providers.GitLab, providers.User, holding(providers.PersonalAccessToken, "write_repository", "api_read"), found{"write_repository": granted, "read_api": granted}, nil},
		{"a kind that nobody listed", providers.GitLab, providers.User, holding(providers.UnknownKind, "read_api"), found{"write_repository": missing, "read_api": granted}, nil},

		{"API tokens imply nothing", providers.Bitbucket, providers.User, holding(providers.APIToken, "read:user:bitbucket", "read:workspace:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket"), found{
			"account:read": granted, "workspace-membership:read": granted, "repositories:read": missing, "repositories:write": granted, "repositories:admin": granted,
		}, nil},
		{"two of three for webhooks", providers.Bitbucket, providers.Runtime, holding(providers.APIToken, "read:webhook:bitbucket", "write:webhook:bitbucket"), found{
			"account:read": missing, "workspace-membership:read": missing, "webhooks:read-write": missing, "repositories:read": missing, "repositories:write": missing, "repositories:admin": missing,
		}, nil},
		{"a consumer's scopes", providers.Bitbucket, providers.Runtime, holding(providers.OAuthToken, "account:write", "team", "webhook", "repository:write", "repository:admin"), found{
			"account:read": implied, "workspace-membership:read": granted, "webhooks:read-write": granted, "repositories:read": implied, "repositories:write": granted, "repositories:admin": granted,
		}, []string{"account:write"}},
		{"pull requests bring writing", providers.Bitbucket, providers.User, holding(providers.RepositoryToken, "pullrequest:write"), found{
			"account:read": notApplicable, "workspace-membership:read": notApplicable, "repositories:read": implied, "repositories:write": implied, "repositories:admin": missing,
		}, []string{"pullrequest:write"}},

		{"a project admin", providers.BitbucketServer, providers.Runtime, holding(providers.OAuthToken, "PROJECT_ADMIN"), found{
			"account:read": notApplicable, "workspace-membership:read": notApplicable, "webhooks:read-write": granted, "repositories:write": implied, "repositories:admin": implied,
		}, nil},
		{"a writer", providers.BitbucketServer, providers.User, holding(providers.OAuthToken, "REPO_WRITE"), found{
			"account:read": notApplicable, "workspace-membership:read": notApplicable, "repositories:write": granted, "repositories:admin": missing,
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			policy := providers.PolicyOf(test.kind)
			findings := policy.Hold(test.purpose, test.in, nil)
			if diff := cmp.Diff(test.want, states(findings)); diff != "" {
				t.Error(diff)
			}
			for _, f := range findings {
				if (f.By != "") != (f.State == granted || f.State == implied) {
					t.Errorf("%s is %s by %q", f.Name, f.State, f.By)
				}
				if f.Label == "" || (f.State == notApplicable) != (f.Evidence == "") || (f.State == notApplicable) != (len(f.Needs) == 0) {
					t.Errorf("%+v", f)
				}
			}
			if diff := cmp.Diff(test.excess, policy.Excess(test.purpose, test.in)); diff != "" {
				t.Errorf("excess: %s", diff)
			}
		})
	}
}

func TestTheScopeThatGrantsIsNamed(t *testing.T) {
	for _, test := range []struct {
		kind   providers.Kind
		in     providers.Inspection
		name   string
		wanted string
	}{
		{providers.GitLab, holding(providers.PersonalAccessToken, "api"), "read_repository", "api"},
		{providers.GitLab, holding(providers.PersonalAccessToken, "api", "read_repository"), "read_repository", "read_repository"},
		{providers.Bitbucket, holding(providers.OAuthToken, "pullrequest:write", "repository:write"), "repositories:read", "pullrequest:write"},
		{providers.Bitbucket, holding(providers.APIToken, "delete:webhook:bitbucket", "write:webhook:bitbucket", "read:webhook:bitbucket"), "webhooks:read-write", "read:webhook:bitbucket"},
	} {
		for _, f := range providers.PolicyOf(test.kind).Hold(providers.Runtime, test.in, nil) {
			if f.Name == test.name && f.By != test.wanted {
				t.Errorf("%s is granted by %q, want %q", f.Name, f.By, test.wanted)
			}
		}
	}
}

func TestWhatAHostDoesNotTellIsUnverifiable(t *testing.T) {
	for _, test := range []struct {
		kind providers.Kind
		in   providers.Inspection
		want map[string]providers.State
	}{
		{providers.GitHub, providers.Inspection{Kind: providers.FineGrainedPAT}, map[string]providers.State{"repo": providers.Unverifiable}},
		{providers.GitHub, holding(providers.FineGrainedPAT, "repo"), map[string]providers.State{"repo": providers.Unverifiable}},
		{providers.GitHub, providers.Inspection{Kind: providers.UnknownKind}, map[string]providers.State{"repo": providers.Unverifiable}},
		{providers.GitLab, providers.Inspection{Kind: providers.FineGrainedPAT}, map[string]providers.State{
			"write_repository": providers.Unverifiable, "read_api": providers.Unverifiable,
		}},
		{providers.BitbucketServer, providers.Inspection{Kind: providers.HTTPAccessToken}, map[string]providers.State{
			"account:read": providers.NotApplicable, "workspace-membership:read": providers.NotApplicable,
			"repositories:write": providers.Unverifiable, "repositories:admin": providers.Unverifiable,
		}},
	} {
		got := states(providers.PolicyOf(test.kind).Hold(providers.User, test.in, nil))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.in.Kind, diff)
		}
	}
}

func TestWhatNobodyKnowsTheNameOfIsNotNamed(t *testing.T) {
	for _, f := range providers.PolicyOf(providers.GitLab).Hold(providers.Runtime, providers.Inspection{Kind: providers.FineGrainedPAT}, nil) {
		if f.Needs != nil {
			t.Errorf("%s takes %v", f.Name, f.Needs)
		}
	}
}

func TestATokenThatEndsWithinHoursServesNoRuntime(t *testing.T) {
	for _, kind := range providers.Kinds {
		want := kind != providers.Bitbucket && kind != providers.BitbucketServer
		if got := providers.PolicyOf(kind).Serves(providers.Runtime, providers.OAuthToken); got != want {
			t.Errorf("%s: an OAuth token serves a runtime: %t", kind, got)
		}
		if !providers.PolicyOf(kind).Serves(providers.User, providers.OAuthToken) {
			t.Errorf("%s: an OAuth token does not serve a person", kind)
		}
	}
}

func TestProbesOverruleWhatTheScopesSay(t *testing.T) {
	proof := func(repo string, right providers.Right, state providers.State) providers.Proof {
		return providers.Proof{Repository: repo, Right: right, State: state, Evidence: repo + " answered"}
	}
	const granted, missing, unverifiable = providers.Granted, providers.Missing, providers.Unverifiable
	silent, loud := providers.Inspection{Kind: providers.FineGrainedPAT}, holding(providers.ClassicPAT, "repo", "admin:repo_hook")
	for _, test := range []struct {
		name     string
		in       providers.Inspection
		proofs   []providers.Proof
		repo     providers.State
		webhooks providers.State
		by       string
	}{
		{"no probe", silent, nil, unverifiable, unverifiable, ""},
		{"both rights seen", silent, []providers.Proof{proof("a/b", providers.Clone, granted), proof("a/b", providers.Push, granted)}, granted, unverifiable, "a/b"},
		{"one of two rights seen", silent, []providers.Proof{proof("a/b", providers.Clone, granted)}, unverifiable, unverifiable, ""},
		{"one of two rights seen twice", silent, []providers.Proof{proof("a/b", providers.Clone, granted), proof("a/c", providers.Clone, granted)}, unverifiable, unverifiable, ""},
		{"left open on one of two", silent, []providers.Proof{
			proof("a/b", providers.Clone, granted), proof("a/b", providers.Push, granted), proof("a/c", providers.Push, unverifiable),
		}, unverifiable, unverifiable, ""},
		{"refused on one of two", silent, []providers.Proof{
			proof("a/b", providers.Clone, granted), proof("a/b", providers.Push, granted), proof("a/c", providers.Push, missing),
		}, missing, unverifiable, ""},
		{"webhooks that cannot be proven", silent, []providers.Proof{proof("a/b", providers.Webhooks, unverifiable)}, unverifiable, unverifiable, ""},
		{"webhooks refused", silent, []providers.Proof{proof("a/b", providers.Webhooks, missing)}, unverifiable, missing, ""},
		{"scopes that a repository refuses", loud, []providers.Proof{proof("a/b", providers.Push, missing), proof("a/b", providers.Webhooks, granted)}, missing, granted, "admin:repo_hook"},
		{"scopes that a repository confirms", loud, []providers.Proof{proof("a/b", providers.Clone, granted), proof("a/b", providers.Push, granted)}, granted, granted, "repo"},
		{"scopes that a repository leaves open", loud, []providers.Proof{proof("a/b", providers.Webhooks, unverifiable)}, granted, granted, "repo"},
	} {
		t.Run(test.name, func(t *testing.T) {
			findings := providers.PolicyOf(providers.GitHub).Hold(providers.Runtime, test.in, test.proofs)
			want := map[string]providers.State{"repo": test.repo, "admin:repo_hook": test.webhooks}
			if diff := cmp.Diff(want, states(findings)); diff != "" {
				t.Error(diff)
			}
			for _, f := range findings {
				if f.State == missing && (f.By != "" || f.Evidence == "") {
					t.Errorf("%+v", f)
				}
				if f.State == test.repo && f.Name == "repo" && f.State == granted && f.By != test.by {
					t.Errorf("granted by %q, want %q", f.By, test.by)
				}
			}
		})
	}
}

func TestTheRightsThatShowAPurposeAtWork(t *testing.T) {
	for kind, want := range map[providers.Kind][2][]providers.Right{
		providers.GitHub:    {{providers.Clone, providers.Push, providers.Webhooks}, {providers.Clone, providers.Push}},
		providers.GitLab:    {{providers.Webhooks, providers.Clone}, {providers.Clone, providers.Push}},
		providers.Bitbucket: {{providers.Webhooks, providers.Clone, providers.Push, providers.RepositoryAdmin}, {providers.Clone, providers.Push, providers.RepositoryAdmin}},
		providers.BitbucketServer: {
			{providers.ProjectAdmin, providers.Clone, providers.Push, providers.RepositoryAdmin},
			{providers.Clone, providers.Push, providers.RepositoryAdmin},
		},
	} {
		got := [2][]providers.Right{providers.PolicyOf(kind).Rights(providers.Runtime), providers.PolicyOf(kind).Rights(providers.User)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// rank orders the states from worst to best.
func rank(s providers.State) int {
	return slices.Index([]providers.State{providers.Missing, providers.Unverifiable, providers.Implied, providers.Granted, providers.NotApplicable}, s)
}

var someScopes = []string{
	"repo", "public_repo", "admin:repo_hook", "write:repo_hook", "read:repo_hook", "delete_repo", "workflow",
	"api", "read_api", "api-read", "api_read", "read_repository", "write_repository", "read_user", "sudo",
	"account", "account:write", "team", "team:write", "webhook", "project", "repository", "repository:write", "repository:admin", "pullrequest:write",
	"read:user:bitbucket", "read:workspace:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
	"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
	"PUBLIC_REPOS", "REPO_READ", "REPO_WRITE", "REPO_ADMIN", "PROJECT_ADMIN", "",
}

var tokenKinds = []providers.TokenKind{
	providers.ClassicPAT, providers.FineGrainedPAT, providers.OAuthToken, providers.PersonalAccessToken, providers.ProjectToken, providers.GroupToken,
	providers.ServiceAccountToken, providers.APIToken, providers.RepositoryToken, providers.WorkspaceToken, providers.HTTPAccessToken, providers.AppPassword,
	providers.UnknownKind,
}

func TestMoreScopesAreNeverWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		policy := providers.PolicyOf(rapid.SampledFrom(providers.Kinds).Draw(t, "host"))
		purpose := rapid.SampledFrom(providers.Purposes).Draw(t, "purpose")
		token := rapid.SampledFrom(tokenKinds).Draw(t, "token")
		scopes := rapid.SliceOf(rapid.SampledFrom(someScopes))
		few := scopes.Draw(t, "few")
		more := slices.Concat(scopes.Draw(t, "before"), few, scopes.Draw(t, "after"))

		worse := policy.Hold(purpose, holding(token, few...), nil)
		better := policy.Hold(purpose, holding(token, more...), nil)
		for i := range worse {
			if rank(better[i].State) < rank(worse[i].State) {
				t.Fatalf("%s falls from %s to %s", worse[i].Name, worse[i].State, better[i].State)
			}
		}
	})
}

func TestTheScopesToAskForAreEnoughAndNotTooMany(t *testing.T) {
	for _, kind := range providers.Kinds {
		policy := providers.PolicyOf(kind)
		for _, purpose := range providers.Purposes {
			for _, token := range tokenKinds {
				in := holding(token, policy.Scopes(purpose, token)...)
				for _, f := range policy.Hold(purpose, in, nil) {
					if f.State == providers.Missing || f.State == providers.Implied {
						t.Errorf("%s, %s, %s: %s is %s with what is asked for", kind, purpose, token, f.Name, f.State)
					}
				}
				if excess := policy.Excess(purpose, in); excess != nil {
					t.Errorf("%s, %s, %s: %v are asked for in vain", kind, purpose, token, excess)
				}
			}
		}
	}
}

func TestWhatAnAnswerShowsTakesThePlaceOfAScope(t *testing.T) {
	policy := providers.PolicyOf(providers.Bitbucket)
	shown := map[string]string{"workspace-membership:read": "user/workspaces: HTTP 200", "repositories:admin": "settings: HTTP 200"}
	for name, test := range map[string]struct {
		in   providers.Inspection
		want providers.Finding
	}{
		"where it is missing":    {holding(providers.OAuthToken, "account"), providers.Finding{State: providers.Granted, Evidence: shown["workspace-membership:read"]}},
		"where nobody tells":     {providers.Inspection{Kind: providers.OAuthToken}, providers.Finding{State: providers.Granted, Evidence: shown["workspace-membership:read"]}},
		"not where it is there":  {holding(providers.OAuthToken, "team:write"), providers.Finding{State: providers.Implied, By: "team:write", Evidence: "header"}},
		"not where it is no use": {holding(providers.WorkspaceToken, "account"), providers.Finding{State: providers.NotApplicable}},
	} {
		t.Run(name, func(t *testing.T) {
			test.in.Shown = shown
			got := policy.Hold(providers.User, test.in, nil)[1]
			if got.State != test.want.State || got.By != test.want.By || got.Evidence != test.want.Evidence {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestARepositoryDoesNotHideThatAScopeIsMissing(t *testing.T) {
	refusal := []providers.Proof{{Repository: "acme/app", Right: providers.Push, State: providers.Missing, Evidence: "git-receive-pack of acme/app: HTTP 403"}}
	for scope, want := range map[string]string{"public_repo": "header", "repo": refusal[0].Evidence} {
		got := providers.PolicyOf(providers.GitHub).Hold(providers.User, holding(providers.ClassicPAT, scope), refusal)[0]
		if got.State != providers.Missing || got.Evidence != want {
			t.Errorf("%s: %+v", scope, got)
		}
	}
}
