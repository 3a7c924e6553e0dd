package words_test

import (
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/ui/words"
)

func TestWhatIsMissingIsNamedAsThePageNamesIt(t *testing.T) {
	finding := func(name, label string) providers.Finding {
		return providers.Finding{Name: name, Label: label, State: providers.Missing}
	}
	for name, test := range map[string]struct {
		verdict flows.Verdict
		want    string
	}{
		"one scope": {
			flows.Verdict{Findings: []providers.Finding{finding("admin:repo_hook", "admin:repo_hook: Full control of repository hooks")}},
			"admin:repo_hook is not granted.",
		},
		"two scopes": {
			flows.Verdict{Findings: []providers.Finding{finding("repo", "repo: Full"), finding("admin:repo_hook", "admin:repo_hook: Full")}},
			"repo and admin:repo_hook are not granted.",
		},
		"a label that is no scope": {
			flows.Verdict{Findings: []providers.Finding{finding("webhooks:read-write", "Webhooks: Read and write")}},
			"Webhooks: Read and write is not granted.",
		},
		"a label that takes several scopes, of which one is missing": {
			flows.Verdict{Findings: []providers.Finding{{
				Name: "webhooks:read-write", Label: "Webhooks: Read and write", State: providers.Missing,
				Needs: []string{"read:webhook:bitbucket", "delete:webhook:bitbucket"}, Lacks: []string{"delete:webhook:bitbucket"},
			}}},
			"Webhooks: Read and write is not granted. The scope delete:webhook:bitbucket is missing for it.",
		},
		"labels whose scopes have other names": {
			flows.Verdict{Findings: []providers.Finding{
				{Name: "account:read", Label: "Account: Read", State: providers.Missing, Needs: []string{"account"}, Lacks: []string{"account"}},
				{Name: "repositories:read", Label: "Repositories: Read", State: providers.Missing, Needs: []string{"repository"}, Lacks: []string{"repository"}},
			}},
			"Account: Read and Repositories: Read are not granted. The scopes account and repository are missing for it.",
		},
		"a scope that is granted, and a repository that refused": {
			flows.Verdict{
				Findings: []providers.Finding{{Name: "repo", Label: "repo: Full", State: providers.Missing, Evidence: "git-receive-pack of acme/app: HTTP 403"}},
				Proofs:   []providers.Proof{{Repository: "acme/app", Right: providers.Push, State: providers.Missing, Evidence: "git-receive-pack of acme/app: HTTP 403"}},
			},
			"acme/app does not let this token push.",
		},
		"a scope that is not granted, and a repository that refused": {
			flows.Verdict{
				Findings: []providers.Finding{finding("admin:repo_hook", "admin:repo_hook: Full"), {Name: "repo", Label: "repo: Full", State: providers.Missing, Evidence: "x"}},
				Proofs:   []providers.Proof{{Repository: "acme/app", Right: providers.Push, State: providers.Missing, Evidence: "x"}},
			},
			"admin:repo_hook is not granted. acme/app does not let this token push.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.verdict.Status = flows.MissingScopes
			if got := words.Reason(test.verdict, words.Subject{Now: now}); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAReasonHoldsWhatOneNeedsToKnow(t *testing.T) {
	until := now.Add(23 * time.Minute)
	for name, test := range map[string]struct {
		verdict flows.Verdict
		want    []string
	}{
		"a limit names its end":           {refusal(flows.RateLimited, cause.Cause{Kind: cause.RateLimited, Host: "github.com", Until: until}), []string{"github.com takes no more requests"}},
		"a revoked token names its end":   {refusal(flows.Revoked, cause.Cause{Kind: cause.Revoked, Host: "github.com", Until: now.AddDate(0, 1, 0)}), []string{"revoked", "2027-01-01"}},
		"an expired token names its end":  {refusal(flows.Expired, cause.Cause{Kind: cause.Expired, Host: "github.com", Until: now.AddDate(0, -1, 0)}), []string{"expired", "2026-11-01"}},
		"a stated end is the person's":    {refusal(flows.Expired, cause.Cause{Kind: cause.Stated, Host: "github.com", Until: now.AddDate(0, 0, -1)}), []string{"You stated 2026-11-30"}},
		"a policy quotes the host":        {refusal(flows.Restricted, cause.Cause{Kind: cause.Restricted, Host: "github.com", Org: "acme", Detail: "not for you"}), []string{"“not for you”"}},
		"a GitHub App says what it is":    {refusal(flows.Unreachable, cause.Cause{Kind: cause.GitHubApp}), []string{"begins with Iv", "no scopes"}},
		"an unknown authority":            {refusal(flows.Unreachable, cause.Cause{Kind: cause.UnknownIssuer, Host: "git.example.com"}), []string{"certificate of git.example.com", "trusts"}},
		"a locked keychain says so":       {flows.Verdict{Status: flows.Locked, Condition: &keyring.Condition{Store: keyring.System, State: keyring.Locked}}, []string{"keychain is locked"}},
		"a vault names its seal":          {flows.Verdict{Status: flows.Locked, Condition: &keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: "identity"}}, []string{"age identity"}},
		"an end that is near":             {flows.Verdict{Status: flows.Expiring, ExpiresAt: now.AddDate(0, 0, 3)}, []string{"in 3 days, on 2026-12-04"}},
		"an end that only memory tells":   {flows.Verdict{Status: flows.Expired, ExpiresAt: now.AddDate(0, 0, -3)}, []string{"3 days ago, on 2026-11-28"}},
		"a fine-grained token keeps mum":  {flows.Verdict{Status: flows.Unverifiable, Kind: providers.FineGrainedPAT, Findings: []providers.Finding{{Name: "repo", State: providers.Unverifiable}}}, []string{"A fine-grained token does not tell its rights", "repo"}},
		"an unknown host has no name":     {refusal(flows.Unreachable, cause.Cause{Kind: cause.NoAnswer}), []string{"The host did not answer in time."}},
		"never checked":                   {flows.Verdict{Status: flows.Unchecked}, []string{"not been checked yet"}},
		"a valid token needs no reason":   {flows.Verdict{Status: flows.Valid}, []string{""}},
		"a token that is not in the ring": {flows.Verdict{Status: flows.Absent}, []string{"The keychain has no token"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := words.Reason(test.verdict, words.Subject{Now: now})
			for _, want := range test.want {
				if !strings.Contains(got, want) || want == "" && got != "" {
					t.Errorf("%q does not say %q", got, want)
				}
			}
		})
	}
}

func refusal(s flows.Status, c cause.Cause) flows.Verdict { return flows.Verdict{Status: s, Cause: &c} }

func TestATokenThatWasNotChangedSaysWhyAndWhatToDo(t *testing.T) {
	for name, test := range map[string]struct {
		cause cause.Cause
		want  string
	}{
		"rights that would do are named": {
			cause.Cause{Kind: cause.MayNotRotate, Host: "gitlab.com", Right: "api self_rotate", URL: page},
			"The token may not replace itself. gitlab.com wants api or self_rotate for that, which it was made without; the token works as before. " +
				"Open " + page + " and make a new one with that right, then store it with `gitgrant reauthorize`.",
		},
		"the end is left to the person": {
			cause.Cause{Kind: cause.MayNotRevoke, Host: "gitlab.com", Right: "revoke_personal_access_token", URL: page},
			"The token may not end itself. gitlab.com wants revoke_personal_access_token for that, which it was made without; the token works as before. " +
				"Open " + page + " and end it there, then delete it here with `gitgrant forget`.",
		},
		"the host's own words come first": {
			cause.Cause{Kind: cause.NotReplaced, Host: "gitlab.com", Detail: "Expiration date must be before 2027-11-22"},
			"gitlab.com did not replace the token. gitlab.com says: “Expiration date must be before 2027-11-22”. " +
				"Look at the last day of the new one, which `gitgrant rotate --expires` takes.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := words.ProblemAt(test.cause, now).String(); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestTheNextStepLeadsSomewhere(t *testing.T) {
	github := all.Providers()[0]
	host, err := github.Locate("")
	if err != nil {
		t.Fatal(err)
	}
	missing := flows.Verdict{Status: flows.MissingScopes, Findings: []providers.Finding{
		{Name: "repo", Label: "repo: Full", State: providers.Granted}, {Name: "admin:repo_hook", Label: "admin:repo_hook: Full", State: providers.Missing},
	}}
	stored := words.Subject{
		Runtime: "prod", Purpose: providers.Runtime, Provider: github, Host: host, Method: providers.PAT, Store: keyring.System, Now: now,
	}
	fresh, oauth := stored, stored
	fresh.Store = ""
	oauth.Method = providers.Device
	until := now.Add(23 * time.Minute)
	for name, test := range map[string]struct {
		verdict  flows.Verdict
		about    words.Subject
		do, page string
	}{
		"a stored token lacks scopes":       {missing, stored, "that has repo and admin:repo_hook", "https://github.com/settings/tokens/new?"},
		"and is replaced by reauthorize":    {missing, stored, "`gitgrant reauthorize prod --purpose runtime`", "https://github.com/settings/tokens/new?"},
		"one that is not stored is not":     {missing, fresh, "and give that one", "https://github.com/settings/tokens/new?"},
		"a sign-in is done again":           {missing, oauth, "Sign in again with `gitgrant reauthorize prod --purpose runtime`", ""},
		"single sign-on has a page":         {refusal(flows.SSORequired, cause.Cause{Kind: cause.SSO, URL: page}), stored, page, page},
		"single sign-on without a page":     {refusal(flows.SSORequired, cause.Cause{Kind: cause.SSO, Host: "github.com"}), stored, "Configure SSO", ""},
		"a limit ends":                      {refusal(flows.RateLimited, cause.Cause{Kind: cause.RateLimited, Until: until}), stored, "in 23 minutes, at 12:23 UTC", ""},
		"a proof makes sure":                {flows.Verdict{Status: flows.Unverifiable}, fresh, "`gitgrant check --provider github --purpose runtime --repo owner/name`", ""},
		"what is stored is handed to it":    {flows.Verdict{Status: flows.Unverifiable}, stored, "`gitgrant token prod --purpose runtime | gitgrant check --provider", ""},
		"an authority is named":             {refusal(flows.Unreachable, cause.Cause{Kind: cause.UnknownIssuer}), stored, "tls.ca_file in hosts.yaml", ""},
		"a clock is set":                    {refusal(flows.Unreachable, cause.Cause{Kind: cause.CertTooEarly}), stored, "Set the clock", ""},
		"an absent token is made again":     {flows.Verdict{Status: flows.Absent}, stored, "gitgrant reauthorize prod", ""},
		"an unchecked token is checked":     {flows.Verdict{Status: flows.Unchecked}, stored, "`gitgrant status prod`", ""},
		"a vault waits for its passphrase":  {flows.Verdict{Status: flows.Locked, Condition: &keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: "passphrase"}}, stored, "GITGRANT_VAULT_PASSPHRASE_FILE", ""},
		"a vault waits for its identity":    {flows.Verdict{Status: flows.Locked, Condition: &keyring.Condition{Store: keyring.Vault, State: keyring.Locked, Seal: "identity"}}, stored, "GITGRANT_VAULT_IDENTITY_FILE", ""},
		"nothing is to be done when valid":  {flows.Verdict{Status: flows.Valid}, stored, "", ""},
		"a policy is for its owner to mend": {refusal(flows.Restricted, cause.Cause{Kind: cause.Restricted, Org: "acme"}), stored, "Ask an owner of acme", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := words.Next(test.verdict, test.about)
			if !strings.Contains(got.Do, test.do) || test.do == "" && got.Do != "" {
				t.Errorf("%q does not say %q", got.Do, test.do)
			}
			if !strings.HasPrefix(got.Page, test.page) || test.page == "" && got.Page != "" {
				t.Errorf("the page is %q, not %q", got.Page, test.page)
			}
		})
	}
}

func TestMomentsAreToldInWords(t *testing.T) {
	day := 24 * time.Hour
	for want, at := range map[string]time.Time{
		"in 90 days, on 2027-03-01":     now.Add(90*day - 20*time.Second),
		"in 2 days, on 2026-12-03":      now.Add(48 * time.Hour),
		"in 47 hours, on 2026-12-03":    now.Add(47*time.Hour + 50*time.Minute),
		"in 2 hours, on 2026-12-01":     now.Add(2 * time.Hour),
		"in 119 minutes, on 2026-12-01": now.Add(119 * time.Minute),
		"in 1 minute, on 2026-12-01":    now.Add(time.Minute),
		"in 5 seconds, on 2026-12-01":   now.Add(5 * time.Second),
		"now, on 2026-12-01":            now,
		"3 days ago, on 2026-11-28":     now.Add(-3 * day),
		"in 36500 days, on 2126-11-07":  now.Add(36500 * day),
		"in 30 days, on 2026-12-31":     time.Date(2026, 12, 31, 23, 0, 0, 0, time.FixedZone("", 3600*11)),
	} {
		if got := words.When(now, at); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := words.Soon(now, now.Add(20*time.Minute)); got != "in 20 minutes, at 12:20 UTC" {
		t.Errorf("got %q", got)
	}
	if got := words.Soon(now, now.Add(3*day)); got != "in 3 days, on 2026-12-04" {
		t.Errorf("got %q", got)
	}
}

func TestAProxyThatRefusesIsToldByItsAnswer(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		want   string
	}{
		"it wants a password":          {407, "proxy.example.com:3128 wants a name and a password."},
		"it refuses the one it got":    {401, "proxy.example.com:3128 wants a name and a password."},
		"it forbids the host":          {403, "proxy.example.com:3128 does not allow this host."},
		"it does not reach the host":   {502, "answered with HTTP 502"},
		"nothing is there, or no such": {0, "Nothing answers at proxy.example.com:3128"},
	} {
		t.Run(name, func(t *testing.T) {
			m := words.Cause(cause.Cause{Kind: cause.ProxyRefused, Host: "git.example.com", Status: test.status, Detail: "proxy.example.com:3128"}, now)
			if text := m.String(); !strings.Contains(text, test.want) || !strings.Contains(text, "git.example.com") {
				t.Error(text)
			}
		})
	}
}

func TestAUserNameThatGitDoesNotTakeIsNotCalledAMissingRight(t *testing.T) {
	clone := providers.Proof{Repository: "acme/app", Right: providers.Clone, State: providers.Missing, Evidence: "git-upload-pack: HTTP 401", User: "octocat"}
	v := flows.Verdict{
		Status: flows.MissingScopes, Proofs: []providers.Proof{clone},
		Findings: []providers.Finding{{Name: "repositories:read", Label: "Repositories: Read", State: providers.Missing, Evidence: clone.Evidence}},
	}
	if got := words.Reason(v, words.Subject{}); !strings.Contains(got, "octocat") || strings.Contains(got, "Repositories: Read") {
		t.Errorf("it says %q", got)
	}
	if got := words.Next(v, words.Subject{}).Do; !strings.Contains(got, "--username") {
		t.Errorf("next is %q", got)
	}
	v.Findings = append(v.Findings, providers.Finding{Name: "account:read", Label: "Account: Read", State: providers.Missing, Evidence: "scopes"})
	if got := words.Reason(v, words.Subject{}); !strings.Contains(got, "Account: Read is not granted") {
		t.Errorf("with something else missing it says %q", got)
	}
}
