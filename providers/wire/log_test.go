package wire_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"gitgrant/internal/canary"
	"gitgrant/keyring/secret"
	"gitgrant/providers/wire"
)

// logged makes one exchange and returns what the log says of it.
func logged(t *testing.T, handle http.HandlerFunc, ask func(*wire.Client, string)) string {
	t.Helper()
	var out bytes.Buffer
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ask(client(t, wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}, Log: log}), server.URL)
	return strings.ReplaceAll(out.String(), server.URL, "HOST")
}

func TestALogTellsOfAnExchangeWithoutASecret(t *testing.T) {
	const verifier, issued = "Vf8-canary-verifier~Qq11zz", "Is5-canary-issued~Hh77yy"
	got := logged(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-OAuth-Scopes", "repo, "+token)
		w.Header().Set("X-Echo-Of", token)
		w.Header().Set("Set-Cookie", "session="+issued)
		w.Header().Set("Location", "https://elsewhere.example/?code="+issued)
		w.Header().Set("X-Private-Thing", issued)
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(w, `{"access_token": %q}`, issued)
	}, func(c *wire.Client, at string) {
		_, _ = c.Do(t.Context(), wire.Request{
			URL: at + "/a%2Fb/token?code=" + issued + "&state=" + verifier + "#" + issued, Auth: auth(),
			Header: map[string]string{"PRIVATE-TOKEN": token, "Accept": "application/json"},
			Form:   url.Values{"code_verifier": {verifier}}, Secrets: []secret.Secret{secret.New(verifier)},
		})
	})
	for _, text := range []string{token, verifier, issued} {
		for _, found := range canary.Search(text, map[string][]byte{"the log": []byte(got)}) {
			t.Errorf("%s:\n%s", found, got)
		}
	}
	for _, want := range []string{
		"level=DEBUG msg=http method=POST url=HOST/a%2Fb/token parameters=\"code state\" status=403 took=",
		"sent.Accept=application/json", `sent.User-Agent=gitgrant/test`, `sent.others="Authorization Private-Token"`,
		`got.X-Oauth-Scopes="repo, •••"`, `got.others="Location Set-Cookie X-Echo-Of X-Private-Thing"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}
}

func TestALogTellsWhyThereIsNoAnswer(t *testing.T) {
	ask := func(ctx context.Context) func(*wire.Client, string) {
		return func(c *wire.Client, at string) { _, _ = c.Do(ctx, wire.Request{URL: at, Auth: auth()}) }
	}
	broken := logged(t, func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }, ask(t.Context()))
	if !strings.Contains(broken, "method=GET url=HOST took=") || !strings.Contains(broken, "cause=broken") || strings.Contains(broken, "status=") {
		t.Errorf("it says %s", broken)
	}
	left, leave := context.WithCancel(t.Context())
	abandoned := logged(t, func(_ http.ResponseWriter, r *http.Request) { leave(); <-r.Context().Done() }, ask(left))
	if !strings.Contains(abandoned, "cause=abandoned") {
		t.Errorf("it says %s", abandoned)
	}
}

func TestALineOfALogIsBoundedAndSteersNoTerminal(t *testing.T) {
	got := logged(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 500 {
			w.Header().Set("X-Flood-"+strconv.Itoa(i), "a")
		}
		w.Header().Set("X-Request-Id", strings.Repeat("b", 2000)+"\u009b31m\u202e")
	}, func(c *wire.Client, at string) {
		_, _ = c.Do(t.Context(), wire.Request{URL: at + "/" + strings.Repeat("p", 3000)})
	})
	if len(got) > 4000 || strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\x1b\u009b\u202e") {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func TestNobodyReadsAlongUnasked(t *testing.T) {
	var out bytes.Buffer
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	c := client(t, wire.Options{Bases: []string{server.URL}, Log: slog.New(slog.NewTextHandler(&out, nil))})
	if _, err := c.Do(t.Context(), wire.Request{URL: server.URL}); err != nil || out.Len() > 0 {
		t.Errorf("%v, %s", err, out.String())
	}
}
