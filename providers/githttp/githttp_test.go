package githttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/githttp"
	"gitgrant/providers/wire"
)

func TestOnlyAGitServersOwnRefusalCounts(t *testing.T) {
	plain, html := "text/plain; charset=utf-8", "text/html"
	for name, tc := range map[string]struct {
		status int
		header map[string]string
		state  providers.State
		cause  cause.Kind
	}{
		"an advertisement":            {200, map[string]string{"Content-Type": "application/x-git-receive-pack-advertisement"}, providers.Granted, ""},
		"a refused token":             {401, map[string]string{"Content-Type": plain, "WWW-Authenticate": `Basic realm="GitHub"`}, providers.Missing, ""},
		"a refused right":             {403, map[string]string{"Content-Type": plain}, providers.Missing, ""},
		"a repository that is hidden": {404, map[string]string{"Content-Type": plain}, providers.Missing, ""},
		"the page of a portal":        {401, map[string]string{"Content-Type": html}, "", cause.NotUnderstood},
		"the page of a proxy":         {403, map[string]string{"Content-Type": html}, "", cause.NotUnderstood},
		"a 200 that is a page":        {200, map[string]string{"Content-Type": html}, "", cause.NotUnderstood},
		"a limit as 403":              {403, map[string]string{"Content-Type": plain, "Retry-After": "60"}, "", cause.RateLimited},
		"a limit as 429":              {429, map[string]string{"Content-Type": plain}, "", cause.RateLimited},
		"a host out of order":         {503, map[string]string{"Content-Type": html}, "", cause.ServerError},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if user, token, _ := r.BasicAuth(); user != "x" || token != "ghp_token" || r.Method != http.MethodGet {
					t.Errorf("asked as %s by %s", user, r.Method)
				}
				for key, value := range tc.header {
					w.Header().Set(key, value)
				}
				w.WriteHeader(tc.status)
			}))
			defer server.Close()
			c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			proof, err := githttp.Prove(t.Context(), c, server.URL, "acme/app", providers.Push, wire.Auth{User: "x", Token: secret.New("ghp_token")})
			if tc.cause != "" {
				if !cause.Is(err, tc.cause) {
					t.Errorf("error is %v", err)
				}
				return
			}
			if err != nil || proof.State != tc.state || proof.Repository != "acme/app" {
				t.Errorf("proof %+v, %v", proof, err)
			}
		})
	}
}
