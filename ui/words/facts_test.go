package words_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/ui/words"
)

func TestWhatIsTickedIsToldInTheVocabularyOfTheToken(t *testing.T) {
	for name, test := range map[string]struct {
		host    providers.Kind
		kind    providers.TokenKind
		purpose providers.Purpose
		want    []string // label and names
	}{
		"GitHub's classic tokens, whose labels say it": {providers.GitHub, providers.ClassicPAT, providers.User, []string{
			"repo: Full control of private repositories | ",
		}},
		"GitHub's fine-grained tokens": {providers.GitHub, providers.FineGrainedPAT, providers.User, []string{
			"repo: Full control of private repositories | Contents: Read and write, Metadata: Read-only",
		}},
		"GitLab's fine-grained tokens, whose names nobody knows": {providers.GitLab, providers.FineGrainedPAT, providers.User, []string{
			"write_repository: Grants read-write access to repositories | ",
			"read_api: Grants read access to the API | ",
		}},
		"Bitbucket's API tokens, write without read included": {providers.Bitbucket, providers.APIToken, providers.Runtime, []string{
			"Account: Read | read:user:bitbucket",
			"Workspace membership: Read | read:workspace:bitbucket",
			"Webhooks: Read and write | read:webhook:bitbucket, write:webhook:bitbucket, delete:webhook:bitbucket",
			"Repositories: Read | read:repository:bitbucket",
			"Repositories: Write | write:repository:bitbucket",
			"Repositories: Admin | admin:repository:bitbucket",
		}},
		"Bitbucket's access tokens, which know no account": {providers.Bitbucket, providers.WorkspaceToken, providers.User, []string{
			"Repositories: Read | repository",
			"Repositories: Write | repository:write",
			"Repositories: Admin | repository:admin",
			"Account: Read | nothing to tick for this sort of token",
			"Workspace membership: Read | nothing to tick for this sort of token",
		}},
		"Data Center's own words, and what it does not have": {providers.BitbucketServer, providers.HTTPAccessToken, providers.Runtime, []string{
			"Project admin | ",
			"Repository write | ",
			"Repository admin | ",
			"Account: Read | nothing to tick for this sort of token",
			"Workspace membership: Read | nothing to tick for this sort of token",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, tick := range words.Ticks(test.host, test.purpose, test.kind) {
				got = append(got, tick.Label+" | "+tick.Names)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARightThatAHostDoesNotHaveSaysWhatStandsInItsPlace(t *testing.T) {
	for host, kind := range map[providers.Kind]providers.TokenKind{
		providers.Bitbucket: providers.WorkspaceToken, providers.BitbucketServer: providers.HTTPAccessToken,
	} {
		for _, tick := range words.Ticks(host, providers.User, kind) {
			explained := strings.Contains(tick.Why, "Bitbucket Data Center")
			if tick.Nothing && explained != (host == providers.BitbucketServer) {
				t.Errorf("%s: %s", host, tick)
			}
		}
	}
}

func TestDataCenterSaysWhichCommonRightEachOfItsOwnStandsFor(t *testing.T) {
	stands := map[string]string{"Project admin": "“Webhooks: Read and write”", "Repository write": "“Repositories: Write”", "Repository admin": "“Repositories: Admin”"}
	for _, purpose := range providers.Purposes {
		for _, tick := range words.Ticks(providers.BitbucketServer, purpose, providers.HTTPAccessToken) {
			if common := stands[tick.Label]; !tick.Nothing && (common == "" || !strings.Contains(tick.Why, common)) {
				t.Errorf("%s: %s", purpose, tick)
			}
			if enough := strings.Contains(tick.Why, "all that clone and push need"); enough != (purpose == providers.User && tick.Label == "Repository write") {
				t.Errorf("%s: %s", purpose, tick)
			}
		}
	}
}

func TestTheDeletionOfWebhooksHasItsReason(t *testing.T) {
	for _, tick := range words.Ticks(providers.Bitbucket, providers.Runtime, providers.APIToken) {
		if strings.Contains(tick.Names, "delete:webhook:bitbucket") && !strings.Contains(tick.Why, "removes an old one") {
			t.Errorf("it says %q", tick.Why)
		}
	}
}

func TestAFineGrainedTokenOfGitLabIsNotSaidToLackScopes(t *testing.T) {
	in := providers.Inspection{Kind: providers.FineGrainedPAT}
	v := flows.Verdict{Status: flows.Unverifiable, Kind: in.Kind, Findings: providers.PolicyOf(providers.GitLab).Hold(providers.Runtime, in, nil)}
	want := "A fine-grained token does not tell its rights, so what stands for api and read_repository cannot be seen without trying."
	if got := words.Reason(v, words.Subject{Now: now}); got != want {
		t.Errorf("got %q", got)
	}
	if got := words.Takes(v.Findings[0]); got != "a permission of its own stands for it" {
		t.Errorf("got %q", got)
	}
}

func TestAnEndThatNobodyKnewIsNotTold(t *testing.T) {
	for _, kind := range []cause.Kind{cause.Revoked, cause.Expired} {
		if got := words.Cause(cause.Cause{Kind: kind, Host: "git.example.com"}, now).Why; got != "git.example.com says so." {
			t.Errorf("%s: got %q", kind, got)
		}
	}
}
