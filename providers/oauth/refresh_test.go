package oauth_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/internal/canary"
	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

// tokenEndpoint is a host that answers every question for a token in one way,
// and the application that asks it.
func tokenEndpoint(t *testing.T, a oauth.Application, r reply) (oauth.Application, *wire.Client, *http.Request, *url.Values) {
	t.Helper()
	asked, form := &http.Request{}, &url.Values{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_ = q.ParseForm()
		*asked, *form = *q, q.PostForm
		if r.breaks {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		if r.location != "" {
			w.Header().Set("Location", r.location)
		}
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, r.body)
	}))
	t.Cleanup(server.Close)
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	a.Site, a.TokenURL = server.URL, server.URL+"/token"
	a.Now = func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	return a, c, asked, form
}

func TestARefreshTokenIsTradedForANewToken(t *testing.T) {
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		body string
		want oauth.Token
	}{
		"GitHub, which rotates at once": {
			`{"access_token":"gho_new","expires_in":28800,"refresh_token":"ghr_new","refresh_token_expires_in":15897600,"scope":"admin:repo_hook,repo","token_type":"bearer"}`,
			oauth.Token{Access: secret.New("gho_new"), Refresh: secret.New("ghr_new"), Scopes: []string{"admin:repo_hook", "repo"}, ExpiresAt: noon.Add(8 * time.Hour)},
		},
		"GitLab, which rotates on use": {
			`{"access_token":"a1","token_type":"Bearer","expires_in":7200,"refresh_token":"r1","scope":"api read_repository","created_at":1593096829}`,
			oauth.Token{Access: secret.New("a1"), Refresh: secret.New("r1"), Scopes: []string{"api", "read_repository"}, ExpiresAt: noon.Add(2 * time.Hour)},
		},
		"Bitbucket, by both names of its scopes": {
			`{"access_token":"a2","scopes":"account webhook","expires_in":7200,"refresh_token":"r2","state":"refresh_token","token_type":"bearer"}`,
			oauth.Token{Access: secret.New("a2"), Refresh: secret.New("r2"), Scopes: []string{"account", "webhook"}, ExpiresAt: noon.Add(2 * time.Hour)},
		},
		"a host that does not rotate": {
			`{"access_token":"a3","expires_in":"60"}`,
			oauth.Token{Access: secret.New("a3"), Refresh: secret.New(refresh), ExpiresAt: noon.Add(time.Minute)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, c, _, _ := tokenEndpoint(t, oauth.Application{ID: "app"}, ok(test.body))
			got, err := a.Refresh(t.Context(), c, secret.New(refresh))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.Comparer(secret.Secret.Equal)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARefreshIsAskedForInTheNameOfTheApplicationAlone(t *testing.T) {
	const clientSecret = "Sq7x-client-3fK9wB2d-end81Yt"
	for name, test := range map[string]struct {
		application oauth.Application
		form        url.Values
		auth        string
	}{
		"a public one":              {oauth.Application{ID: "app"}, url.Values{"client_id": {"app"}}, ""},
		"one with secret":           {oauth.Application{ID: "app", Secret: secret.New(clientSecret)}, url.Values{"client_id": {"app"}, "client_secret": {clientSecret}}, ""},
		"one with its secret ahead": {oauth.Application{ID: "app", Secret: secret.New(clientSecret), Basic: true}, url.Values{}, "Basic " + base64.StdEncoding.EncodeToString([]byte("app:"+clientSecret))},
	} {
		t.Run(name, func(t *testing.T) {
			a, c, asked, form := tokenEndpoint(t, test.application, ok(`{"access_token":"a","refresh_token":"r"}`))
			if _, err := a.Refresh(t.Context(), c, secret.New(refresh)); err != nil {
				t.Fatal(err)
			}
			test.form.Set("grant_type", "refresh_token")
			test.form.Set("refresh_token", refresh)
			if diff := cmp.Diff(test.form, *form); diff != "" {
				t.Error(diff) // a scope, above all, is not asked for again
			}
			if asked.Header.Get("Authorization") != test.auth || asked.URL.RawQuery != "" {
				t.Errorf("asked with %q at %q", asked.Header.Get("Authorization"), asked.URL)
			}
		})
	}
}

func TestARefreshTellsAnEndFromWhatStandsInTheWay(t *testing.T) {
	dead := func(body string, status int) reply { return reply{status: status, body: body} }
	for name, test := range map[string]struct {
		answer reply
		want   cause.Kind
	}{
		"GitHub refuses the token":        {oauthError("bad_refresh_token"), cause.Lapsed},
		"GitLab refuses it":               {dead(`{"error":"invalid_grant","error_description":"The provided authorization grant is invalid"}`, 400), cause.Lapsed},
		"it does not know the one asking": {oauthError("incorrect_client_credentials"), cause.UnknownApplication},
		"the same by the standard":        {dead(`{"error":"invalid_client"}`, 401), cause.UnknownApplication},
		"it wants a secret":               {dead(`{"error":"unauthorized_client"}`, 400), cause.SignInRefused},
		"a fault of its own":              {dead(`{"error":"invalid_grant"}`, 503), cause.ServerError},
		"too many questions":              {dead(`Retry later`, 429), cause.RateLimited},
		"a page":                          {dead(`<html>`, 200), cause.NotUnderstood},
		"no token at all":                 {ok(`{}`), cause.NotUnderstood},
		"a token that is none":            {ok(`{"access_token":"a b"}`), cause.NotUnderstood},
		"a broken connection":             {reply{breaks: true}, cause.Broken},
		"another address":                 {reply{status: 307, location: "https://evil.example/token"}, cause.Redirected},
	} {
		t.Run(name, func(t *testing.T) {
			a, c, _, _ := tokenEndpoint(t, oauth.Application{ID: "app"}, test.answer)
			token, err := a.Refresh(t.Context(), c, secret.New(refresh))
			if !cause.Is(err, test.want) || !token.Access.Empty() || !token.Refresh.Empty() {
				t.Errorf("%v, want %s", err, test.want)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, err), refresh) {
				t.Error("the error holds the refresh token")
			}
		})
	}
}

// The application was known when it got the token, so that its secret is what has
// changed.
func TestARefreshWithAWrongSecretSaysSo(t *testing.T) {
	for name, answer := range map[string]reply{
		"in GitHub's words": oauthError("incorrect_client_credentials"),
		"by the standard":   {status: 401, body: `{"error":"invalid_client"}`},
	} {
		t.Run(name, func(t *testing.T) {
			a, c, _, _ := tokenEndpoint(t, oauth.Application{ID: "app", Secret: secret.New("wrong")}, answer)
			if _, err := a.Refresh(t.Context(), c, secret.New(refresh)); !cause.Is(err, cause.SecretRefused) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestARefreshTokenThatComesBackIsMasked(t *testing.T) {
	a, c, _, _ := tokenEndpoint(t, oauth.Application{ID: "app"}, reply{status: 400, body: `{"error":"invalid_request","error_description":"unknown ` + refresh + `"}`})
	_, err := a.Refresh(t.Context(), c, secret.New(refresh))
	if found := canary.Search(refresh, map[string][]byte{"error": fmt.Appendf(nil, "%v %+v", err, err)}); found != nil || err == nil {
		t.Error(found, err == nil)
	}
}

func TestNothingThatNoRefreshTokenCanBeIsSent(t *testing.T) {
	for _, text := range []string{"", "a b", "a\r\nX: y", "ü"} {
		a, c, asked, _ := tokenEndpoint(t, oauth.Application{ID: "app"}, ok(`{"access_token":"a"}`))
		if _, err := a.Refresh(t.Context(), c, secret.New(text)); !cause.Is(err, cause.Lapsed) || asked.URL != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
