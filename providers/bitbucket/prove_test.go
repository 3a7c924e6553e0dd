package bitbucket_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/bitbucket"
	"gitgrant/providers/cause"
)

// rights are cloning, pushing, webhooks and settings, as they were proven.
type rights [4]providers.State

var asked = []providers.Right{providers.Clone, providers.Push, providers.Webhooks, providers.RepositoryAdmin}

func (p *place) prove(t *testing.T, name, repo string) ([]providers.Proof, error) {
	t.Helper()
	in, err := p.inspect(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return p.provider.Prove(t.Context(), p.client, p.host, named(name), providers.Question{Repository: repo, Kind: in.Kind, Rights: asked})
}

func TestARepositoryShowsWhatATokenMayDoThere(t *testing.T) {
	nothing := rights{missing, missing, missing, missing}
	for _, test := range []struct {
		claim, token, repo string
		want               rights
		evidence           string // in that of every right that is missing
	}{
		{"an admin with every scope", "runtime", "acme/app", rights{granted, granted, granted, granted}, ""},
		{"one who may write", "runtime", "acme/docs", rights{granted, granted, missing, missing}, ", permission write"},
		{"one who may read", "runtime", "acme/readonly", rights{granted, missing, missing, missing}, ", permission read"},
		{"a public repository of others", "runtime", "acme/public", rights{granted, missing, missing, missing}, "HTTP 403"},
		{"a private one of others", "runtime", "acme/hidden", nothing, "acme/hidden is not visible to this token"},
		{"one that is not there", "runtime", "acme/nothing", nothing, "acme/nothing is not visible to this token"},
		{"a person", "user", "acme/app", rights{granted, granted, missing, granted}, "webhooks of acme/app: HTTP 403"},
		{"writing without reading", "write-without-read", "acme/app", rights{missing, granted, granted, granted}, "git-upload-pack of acme/app: HTTP 403"},
		{"no scope for pushing", "no-write", "acme/app", rights{granted, missing, granted, granted}, "git-receive-pack of acme/app: HTTP 403"},
		{"no scope for settings", "no-admin", "acme/app", rights{granted, granted, granted, missing}, "settings of acme/app: HTTP 403"},
		{"webhooks that can be listed and not written", "no-webhook-write", "acme/app", rights{granted, granted, missing, granted}, "webhooks of acme/app: HTTP 200"},
		{"webhooks that cannot be made anew", "no-webhook-delete", "acme/app", rights{granted, granted, missing, granted}, "webhooks of acme/app: HTTP 200"},
		{"a host that lost its headers", "headers-lost", "acme/app", rights{granted, granted, open, open}, ""},
		{"a wavering host", "wavering", "acme/app", rights{granted, granted, granted, granted}, ""},
		{"a repository's own token", "repository-token", "acme/app", rights{granted, granted, granted, granted}, ""},
		{"a repository's token elsewhere", "repository-token", "acme/docs", nothing, "acme/docs is not visible to this token"},
		{"a project's token", "project-token", "acme/readonly", rights{granted, granted, granted, granted}, ""},
		{"a project's token elsewhere", "project-token", "acme/docs", nothing, "not visible"},
		{"a workspace's token", "workspace-token", "acme/hidden", rights{granted, granted, granted, granted}, ""},
		{"a token that reads", "repository-token-read", "acme/app", rights{granted, missing, missing, missing}, "HTTP 403"},
		{"an OAuth token", "oauth", "acme/app", rights{granted, granted, granted, granted}, ""},
		{"an OAuth token of an admin alone", "oauth-admin-alone", "acme/app", rights{missing, missing, granted, granted}, "HTTP 403"},
	} {
		t.Run(test.claim, func(t *testing.T) {
			p := newPlace(t)
			proofs, err := p.prove(t, test.token, test.repo)
			if err != nil {
				t.Fatal(err)
			}
			var got rights
			for i, proof := range proofs {
				got[i] = proof.State
				if proof.Repository != test.repo || proof.Right != asked[i] || proof.Evidence == "" {
					t.Errorf("%+v", proof)
				}
				if proof.State == missing && !strings.Contains(proof.Evidence, test.evidence) {
					t.Errorf("the evidence is %q", proof.Evidence)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			p.checkRequests(t)
		})
	}
}

func TestAPolicyThatHidesARepositoryIsNoMissingRight(t *testing.T) {
	p := newPlace(t)
	proofs, err := p.prove(t, "address-refused-late", "acme/app")
	if why := cause.Of(err); why.Kind != cause.Restricted || why.Detail != "To access this workspace, an admin must whitelist your IP." {
		t.Errorf("%+v, %v", proofs, err)
	}
}

func TestOnlyAWorkspaceAndARepositoryNameOne(t *testing.T) {
	p := bitbucket.Cloud()
	h, err := p.Locate("")
	if err != nil {
		t.Fatal(err)
	}
	for named, want := range map[string]string{
		"acme/app":                                       "acme/app",
		"https://bitbucket.org/acme/app":                 "acme/app",
		"https://bitbucket.org/acme/app.git":             "acme/app",
		"https://octocat@bitbucket.org/acme/app.git":     "acme/app",
		"https://octocat:pass@bitbucket.org/acme/app":    "",
		"https://octocat@bitbucket.org.evil.example/a/b": "",
		"https://evil.example/acme/app":                  "",
		"git@bitbucket.org:acme/app.git":                 "",
		"acme/app/hooks":                                 "",
		"https://bitbucket.org/acme/app/src/main":        "",
		"acme/..": "",
		"app":     "",
	} {
		path, err := p.Repository(h, named)
		if path != want || (want == "") != errors.Is(err, providers.ErrForeignRepository) {
			t.Errorf("%s is %q, %v", named, path, err)
		}
	}
}

func TestGitTakesTheNameThatItsOwnerGave(t *testing.T) {
	for username, want := range map[string]providers.State{"": granted, "acme-bot": granted, "octocat": missing, "acme-bot@acme.example": missing} {
		p := newPlace(t)
		cred := named("runtime")
		cred.Username = username
		proofs, err := p.provider.Prove(t.Context(), p.client, p.host, cred, providers.Question{
			Repository: "acme/app", Kind: providers.APIToken, Rights: []providers.Right{providers.Clone},
		})
		if err != nil || proofs[0].State != want {
			t.Errorf("%q: %+v, %v", username, proofs, err)
		}
		if want == missing && !strings.Contains(proofs[0].Evidence, "beside the user name "+username) {
			t.Errorf("the evidence is %q", proofs[0].Evidence)
		}
		if told := proofs[0].User; (want == missing) != (told == username && told != "") {
			t.Errorf("%q: the wrong name is %q", username, told)
		}
	}
}

func TestAnAppPasswordIsNotShownToARepository(t *testing.T) {
	p := newPlace(t)
	_, err := p.provider.Prove(t.Context(), p.client, p.host, named("app-password"), providers.Question{Repository: "acme/app", Rights: asked})
	if !cause.Is(err, cause.AppPassword) || len(p.Requests()) > 0 {
		t.Errorf("%v, asked %+v", err, p.Requests())
	}
}
