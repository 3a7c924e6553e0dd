package gitlab_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

var everyRight = []providers.Right{providers.Clone, providers.Push, providers.Webhooks}

func states(proofs []providers.Proof) map[providers.Right]providers.State {
	all := map[providers.Right]providers.State{}
	for _, proof := range proofs {
		all[proof.Right] = proof.State
	}
	return all
}

func TestAProjectIsProvenByProbesAlone(t *testing.T) {
	for _, provider := range both {
		p := sandboxtest.New(t, both...)
		h, c := p.Reach(t, provider)
		for _, test := range []struct {
			token, project        string
			clone, push, webhooks providers.State
			err                   cause.Kind
		}{
			{"runtime", "acme/app", granted, granted, granted, ""},
			{"oauth", "acme/app", granted, granted, granted, ""},
			{"api-only", "acme/app", granted, granted, granted, ""},
			{"project-bot", "acme/app", granted, granted, granted, ""},
			{"group-bot", "acme/app", granted, granted, granted, ""},
			{"service-account", "acme/app", granted, granted, granted, ""},
			{"user", "acme/app", granted, granted, missing, ""},
			{"write-repository", "acme/app", granted, granted, missing, ""},
			{"oauth-repository", "acme/app", granted, granted, missing, ""},
			{"read-user", "acme/app", missing, missing, missing, ""},
			{"fine-grained", "acme/app", granted, granted, open, ""},
			{"fine-grained-blind", "acme/app", granted, granted, open, ""},
			{"fine-grained-code", "acme/app", granted, missing, missing, ""},
			{"old-host", "acme/app", granted, granted, open, ""},

			{"runtime", "acme/both", granted, granted, granted, ""},
			{"runtime", "acme/shared", granted, granted, granted, ""},
			{"user", "acme/shared", granted, granted, missing, ""},
			{"runtime", "acme/platform/infra", granted, granted, granted, ""},
			{"runtime", "acme/readonly", granted, missing, missing, ""},
			{"runtime", "acme/tickets", missing, missing, missing, ""},
			{"runtime", "acme/public", granted, missing, missing, ""},
			{"runtime", "acme/archived", granted, missing, granted, ""},
			{"runtime", "acme/hidden", missing, missing, missing, ""},
			{"runtime", "acme/nothing", missing, missing, missing, ""},
			{"project-bot", "acme/readonly", missing, missing, missing, ""},

			{"revoked", "acme/app", "", "", "", cause.Revoked},
			{"expired", "acme/app", "", "", "", cause.Expired},
			{"unknown", "acme/app", "", "", "", cause.Rejected},
			{"fine-grained-only", "acme/app", "", "", "", cause.Restricted},
			{"rate-limit", "acme/app", "", "", "", cause.RateLimited},
			{"error-502", "acme/app", "", "", "", cause.ServerError},
			{"html", "acme/app", "", "", "", cause.NotUnderstood},
			{"redirect-307", "acme/app", "", "", "", cause.Redirected},
		} {
			t.Run(string(provider.Kind())+" "+test.token+" at "+test.project, func(t *testing.T) {
				question := providers.Question{Repository: test.project, Kind: tokens[test.token].kind, Rights: everyRight}
				proofs, err := provider.Prove(t.Context(), c, h, named(h, test.token), question)
				if test.err != "" {
					if !cause.Is(err, test.err) {
						t.Errorf("error is %v, want %s", err, test.err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				want := map[providers.Right]providers.State{providers.Clone: test.clone, providers.Push: test.push, providers.Webhooks: test.webhooks}
				if diff := cmp.Diff(want, states(proofs)); diff != "" {
					t.Error(diff)
				}
				for _, proof := range proofs {
					if proof.Repository != test.project || !strings.Contains(proof.Evidence, test.project) {
						t.Errorf("%+v", proof)
					}
				}
			})
		}
		p.OnlyRead(t, h, sandboxtest.Anywhere)
	}
}

func TestAProxyThatUnescapesThePathLeavesGitToProveTheRest(t *testing.T) {
	p := sandboxtest.New(t, both...)
	behind, err := url.Parse(p.Book.All()[0].WebURL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.URL.RawPath = behind.Scheme, behind.Host, ""
	}}
	front := httptest.NewServer(http.HandlerFunc(proxy.ServeHTTP))
	t.Cleanup(front.Close)
	h, err := gitlab.Server().Locate(front.URL + behind.Path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.New(wire.Options{Bases: []string{h.WebURL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	credential := named(providers.Host{Provider: providers.GitLab}, "runtime")
	proofs, err := gitlab.Server().Prove(t.Context(), c, h, credential, providers.Question{Repository: "acme/app", Kind: pat, Rights: everyRight})
	if err != nil {
		t.Fatal(err)
	}
	want := map[providers.Right]providers.State{providers.Clone: granted, providers.Push: granted, providers.Webhooks: open}
	if diff := cmp.Diff(want, states(proofs)); diff != "" {
		t.Error(diff)
	}
}
