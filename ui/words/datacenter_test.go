package words_test

import (
	"slices"
	"strings"
	"testing"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/ui/words"
)

// atDataCenter is a stored runtime token of a Bitbucket Data Center.
func atDataCenter(t *testing.T) words.Subject {
	t.Helper()
	i := slices.IndexFunc(all.Providers(), func(p providers.Provider) bool { return p.Kind() == providers.BitbucketServer })
	p := all.Providers()[i]
	h, err := p.Locate("https://git.example.com/bitbucket")
	if err != nil {
		t.Fatal(err)
	}
	return words.Subject{Purpose: providers.Runtime, Provider: p, Host: h, Method: providers.PAT, Now: now}
}

// refusedAt is a token that a repository lets only so far.
func refusedAt(repository string, kind providers.TokenKind, rights ...providers.Right) flows.Verdict {
	v := flows.Verdict{Status: flows.MissingScopes, Kind: kind, Account: providers.Account{Login: "acme-bot"}}
	for _, right := range rights {
		evidence := string(right) + ": HTTP 401"
		v.Proofs = append(v.Proofs, providers.Proof{Repository: repository, Right: right, State: providers.Missing, Evidence: evidence})
		v.Findings = append(v.Findings, providers.Finding{Name: string(right), Label: "Right " + string(right), State: providers.Missing, Evidence: evidence})
	}
	return v
}

func TestARepositoryThatRefusesSeveralThingsIsNamedOnce(t *testing.T) {
	v := refusedAt("ACME/app", providers.HTTPAccessToken, providers.ProjectAdmin, providers.Push, providers.RepositoryAdmin)
	want := "ACME/app does not let this token administer the project, push or change its settings."
	if got := words.Reason(v, atDataCenter(t)); got != want {
		t.Errorf("got %q", got)
	}
}

func TestATokenThatTellsNoRightsMayItselfBeTooSmall(t *testing.T) {
	about := atDataCenter(t)
	for kind, want := range map[providers.TokenKind]string{
		providers.HTTPAccessToken: "Have acme-bot let in at ACME/app, or make a token that has Project admin, Repository write and Repository admin at " + about.Host.WebURL + "/plugins/servlet/access-tokens/manage and give that one.",
		providers.ClassicPAT:      "Look at the spelling of ACME/app, or have acme-bot let in there.",
	} {
		if got := words.Next(refusedAt("ACME/app", kind, providers.ProjectAdmin), about); got.Do != want {
			t.Errorf("%s: got %q", kind, got.Do)
		}
	}
}

func TestAProofIsOfferedWithTheNameThatTheHostHasForARepository(t *testing.T) {
	got := words.Next(flows.Verdict{Status: flows.Unverifiable, Kind: providers.HTTPAccessToken}, atDataCenter(t)).Do
	if want := "--provider bitbucket-server --host git.example.com/bitbucket --purpose runtime --repo KEY/repository`"; !strings.Contains(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestACaptchaIsSolvedWhereTheHostIs(t *testing.T) {
	about := atDataCenter(t)
	for url, want := range map[string]string{about.Host.WebURL: "Sign in at " + about.Host.WebURL + " in a browser", "": "Sign in there in a browser"} {
		got := words.Next(refusal(flows.RateLimited, cause.Cause{Kind: cause.Captcha, Host: "git.example.com", URL: url}), about)
		if !strings.HasPrefix(got.Do, want) || got.Page != url {
			t.Errorf("got %q at %q", got.Do, got.Page)
		}
	}
}

func TestAFormThatTakesHTTPSAloneSaysWhatLetsOtherAddressesIn(t *testing.T) {
	about := atDataCenter(t)
	const property = "-Datlassian.oauth2.provider.skip.redirect.url.https.requirement=true"
	says := func(p providers.Provider, h providers.Host) bool {
		return slices.ContainsFunc(words.Register(p.Registration(h), true), func(line string) bool { return strings.Contains(line, property) })
	}
	if !says(about.Provider, about.Host) {
		t.Error("it does not")
	}
	if github := all.Providers()[0]; says(github, about.Host) {
		t.Error("GitHub has no such property")
	}
}

func TestAPageThatNobodyFillsInIsNotPromised(t *testing.T) {
	about, pat := atDataCenter(t), flows.Option{ID: string(providers.PAT)}
	if got := words.AboutMethod(pat, about.Host, ""); strings.Contains(got, "filled in") || !strings.Contains(got, "git.example.com/bitbucket") {
		t.Errorf("got %q", got)
	}
	if got := words.AboutMethod(pat, providers.Host{URL: "https://github.com", Provider: providers.GitHub}, ""); !strings.Contains(got, "filled in") {
		t.Errorf("got %q", got)
	}
}
