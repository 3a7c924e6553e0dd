package sandbox_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

func TestTheHeadersTellTheKindOfAToken(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const scopes, expiry = "X-OAuth-Scopes", "GitHub-Authentication-Token-Expiration"
	for name, want := range map[string]map[string]string{
		"runtime":           {scopes: "admin:repo_hook, repo", expiry: "absent", "X-Accepted-OAuth-Scopes": "", "X-Accepted-GitHub-Permissions": "absent"},
		"oauth":             {scopes: "admin:repo_hook, repo"},
		"user":              {scopes: "repo"},
		"no-scopes":         {scopes: ""},
		"too-broad":         {scopes: "admin:org, admin:repo_hook, delete_repo, repo, user, workflow"},
		"fine-grained":      {scopes: "absent", "X-Accepted-OAuth-Scopes": "absent", "X-Accepted-GitHub-Permissions": "allows_permissionless_access=true"},
		"app-user":          {scopes: "absent"},
		"expires-in-7-days": {expiry: "2026-11-29 12:00:00 UTC"},
		"expires-in-5-days": {expiry: "2026-11-27 13:00:00 +0100"},
		"expiry-unreadable": {expiry: "soon"},
		"sso-partial":       {"X-GitHub-SSO": "partial-results; organizations=21955855,20582480"},
	} {
		t.Run(name, func(t *testing.T) {
			w.named(name, "/github/api/user").expect(t, 200, `"login":`).headers(t, want)
		})
	}
}

func TestATokenThatFailsFailsInItsOwnWay(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	none := map[string]string{}
	for _, c := range []struct {
		token  string
		status int
		text   string
		header map[string]string
	}{
		{"expired", 401, "Bad credentials", map[string]string{"X-OAuth-Scopes": "absent"}},
		{"revoked", 401, "Bad credentials", none},
		{"restricted", 403, "OAuth App access restrictions", none},
		{"classic-forbidden", 403, "personal access token (classic)", none},
		{"failed-logins", 403, "Maximum number of login attempts exceeded", none},
		{"rate-limit-403", 403, "rate limit exceeded", map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1795350180"}},
		{"rate-limit-429", 429, "rate limit exceeded", map[string]string{"X-RateLimit-Remaining": "0"}},
		{"secondary-limit", 403, "#about-secondary-rate-limits", map[string]string{"Retry-After": "60"}},
		{"secondary-limit-429", 429, "secondary rate limit", map[string]string{"Retry-After": "60"}},
		{"secondary-limit-bare", 403, "secondary rate limit", map[string]string{"Retry-After": "absent"}},
		{"error-500", 500, "<html>", map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		{"error-502", 502, "<html>", none},
		{"error-503", 503, "<html>", none},
		{"html", 200, "<html>", map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		{"empty", 200, "", map[string]string{"Content-Length": "0"}},
		{"wrong-type", 200, `"login":"acme-bot"`, map[string]string{"Content-Type": "text/html; charset=utf-8"}},
		{"wrong-shape", 200, `"login":["acme-bot"]`, none},
		{"redirect-302", 302, "", none},
		{"redirect-307", 307, "", none},
		{"hostile-error", 403, `\u001b[2J`, none},
	} {
		t.Run(c.token, func(t *testing.T) {
			w.named(c.token, "/github/api/user").expect(t, c.status, c.text).headers(t, c.header)
		})
	}
}

func TestARedirectLeadsToAnotherNameThatSaysYes(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	location := w.named("redirect-302", "/github/api/user").Header.Get("Location")
	if !strings.HasPrefix(location, "http://localhost:") {
		t.Fatalf("the redirect stays on the host that was asked: %s", location)
	}
	w.get("/github/api/elsewhere").expect(t, 200, `"login":"acme-bot"`)
	if last := w.server.Requests()[1]; last.Path != "/github/api/elsewhere" || last.Authorized {
		t.Errorf("the journal tells of %+v", last)
	}
}

func TestAHostileLoginNameArrivesUncleaned(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	login, _ := w.named("hostile-login", "/github/api/user").json(t)["login"].(string)
	for _, bad := range []string{"\x1b[31m", "\x1b]8;;", "\x07", "\u202e", "\u2066"} {
		if !strings.Contains(login, bad) {
			t.Errorf("%q is not in %q", bad, login)
		}
	}
}

func TestJSONThatBreaksOffIsNoJSON(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	if text := w.named("invalid-json", "/github/api/user").text; text == "" || json.Valid([]byte(text)) {
		t.Errorf("got %q", text)
	}
}

func TestALargeBodyHasItsSizeAndAnEndlessOneGoesBeyondIt(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const bound = 10 << 20
	large := w.named("large", "/github/api/user")
	if len(large.text) < bound || !json.Valid([]byte(large.text)) {
		t.Errorf("large is %d bytes of JSON", len(large.text))
	}
	for _, name := range []string{"endless", "gzip-bomb"} {
		t.Run(name, func(t *testing.T) {
			r := w.request("GET", "/github/api/user", nil, "Authorization", "Bearer "+sandbox.MustToken("github", name).Text)
			res, err := w.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			var body io.Reader = res.Body
			if res.Header.Get("Content-Encoding") == "gzip" {
				if body, err = gzip.NewReader(body); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := io.CopyN(io.Discard, body, 2*bound); err != nil {
				t.Errorf("ended after %d bytes: %v", n, err)
			}
		})
	}
}

func TestAHostThatHangsLetsGoWhenTheClientLeaves(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, name := range []string{"slow", "silent"} {
		t.Run(name, func(t *testing.T) {
			ctx, leave := context.WithCancel(t.Context())
			r := w.request("GET", "/github/api/user", nil, "Authorization", "Bearer "+sandbox.MustToken("github", name).Text)
			done := make(chan error, 1)
			go func() {
				res, err := w.client.Do(r.WithContext(ctx))
				if err == nil {
					_, err = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
				}
				done <- err
			}()
			leave()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func TestASlowBodyStopsMidway(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	ctx, leave := context.WithCancel(t.Context())
	r := w.request("GET", "/github/api/user", nil, "Authorization", "Bearer "+sandbox.MustToken("github", "slow").Text)
	res, err := w.client.Do(r.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	start := make([]byte, 15)
	if _, err := io.ReadFull(res.Body, start); err != nil || string(start) != `{"login":"acme-` {
		t.Errorf("began with %q: %v", start, err)
	}
	leave()
	if rest, err := io.ReadAll(res.Body); err == nil || len(rest) > 0 {
		t.Errorf("went on with %q: %v", rest, err)
	}
}

func TestADroppedConnectionHasNoAnswer(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	res, err := w.client.Do(w.request("GET", "/github/api/user", nil, "Authorization", "Bearer "+sandbox.MustToken("github", "dropped").Text))
	if err == nil {
		_ = res.Body.Close()
		t.Fatalf("answered %d", res.StatusCode)
	}
}

func TestSingleSignOnHoldsATokenUntilItsPageClearsIt(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for name, freePath := range map[string]string{"sso": "", "sso-repository": "/github/api/user"} {
		t.Run(name, func(t *testing.T) {
			if freePath != "" {
				w.named(name, freePath).expect(t, 200)
			}
			refused := w.named(name, "/github/api/repos/acme/app").expect(t, 403, "organization SAML enforcement")
			link, required := strings.CutPrefix(refused.Header.Get("X-GitHub-SSO"), "required; url="+w.server.URL())
			if !required {
				t.Fatalf("X-GitHub-SSO is %q", refused.Header.Get("X-GitHub-SSO"))
			}
			again := w.named(name, "/github/api/repos/acme/app").Header.Get("X-GitHub-SSO")
			if !strings.HasSuffix(again, link) {
				t.Errorf("the link changed from %s to %s", link, again)
			}
			w.get(link).expect(t, 200, "Authorize")
			_, id, _ := strings.Cut(link, "authorization_request=")
			w.post("/github/orgs/acme/sso", map[string][]string{"authorization_request": {id}}).expect(t, 200, "Token authorized")
			w.named(name, "/github/api/repos/acme/app").expect(t, 200)
		})
	}
}

func TestARequestIsCheckedBeforeItsToken(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	good := "Bearer " + sandbox.MustToken("github", "runtime").Text
	w.get("/github/api/user", "Authorization", good, "User-Agent", "").expect(t, 403, "User-Agent")
	w.get("/github/api/user", "Authorization", good, "X-GitHub-Api-Version", "2021-01-01").expect(t, 400, "2021-01-01")
	w.get("/github/api/user", "Authorization", good, "X-GitHub-Api-Version", "2022-11-28").expect(t, 200)
	w.get("/github/api/user").expect(t, 401, "Requires authentication")
	w.do(w.request("POST", "/github/api/user", nil, "Authorization", good)).expect(t, 404, "Not Found")
}

func TestEveryFormOfAuthorizationIsTaken(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	token := sandbox.MustToken("github", "runtime").Text
	w.get("/github/api/user", "Authorization", "token "+token).expect(t, 200)
	basic := w.request("GET", "/github/api/user", nil)
	basic.SetBasicAuth("x-access-token", token)
	w.do(basic).expect(t, 200)
}

func TestATokenOfOneHostIsUnknownToTheOther(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, name := range []string{"runtime", "fine-grained", "oauth"} {
		w.as(sandbox.MustToken("github", name).Text, "/ghes/api/v3/user").expect(t, 401, "Bad credentials")
		w.as(sandbox.MustToken("github-enterprise", name).Text, "/github/api/user").expect(t, 401, "Bad credentials")
		w.as(sandbox.MustToken("github-enterprise", name).Text, "/ghes/api/v3/user").expect(t, 200)
	}
}

func TestEnterpriseServerTellsItsVersionAndNoRates(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	meta := w.get("/ghes/api/v3/meta").expect(t, 200, `"installed_version":"3.19.0"`)
	meta.headers(t, map[string]string{"X-GitHub-Enterprise-Version": "3.19.0", "X-RateLimit-Limit": "absent"})
	w.as(sandbox.MustToken("github-enterprise", "runtime").Text, "/ghes/api/v3/rate_limit").expect(t, 404, "not enabled")
	github := w.get("/github/api/meta").expect(t, 200)
	github.headers(t, map[string]string{"X-GitHub-Enterprise-Version": "absent", "X-RateLimit-Limit": "60"})
	if strings.Contains(github.text, "installed_version") {
		t.Error("github.com has no installed version")
	}
}

func TestPrivateModeHidesEverythingFromStrangers(t *testing.T) {
	w := newWire(t, sandbox.Options{Private: true})
	w.get("/ghes/api/v3/meta").expect(t, 401, "Must authenticate").headers(t, map[string]string{"X-GitHub-Enterprise-Version": "3.19.0"})
	w.as(sandbox.MustToken("github-enterprise", "no-scopes").Text, "/ghes/api/v3/meta").expect(t, 200)
	w.get("/ghes/acme/public.git/info/refs?service=git-upload-pack").expect(t, 401)
	w.get("/github/api/meta").expect(t, 200)
}

func TestTokensOfAnAccountShareOneRate(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.named("runtime", "/github/api/user").headers(t, map[string]string{"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Used": "1", "X-RateLimit-Reset": "1795352400"})
	w.named("oauth", "/github/api/user").headers(t, map[string]string{"X-RateLimit-Remaining": "4998"})
	w.named("user", "/github/api/user").headers(t, map[string]string{"X-RateLimit-Remaining": "4999"})
	free := w.named("runtime", "/github/api/rate_limit").expect(t, 200, `"remaining":4998`)
	free.headers(t, map[string]string{"X-RateLimit-Remaining": "4998"})
}

func TestRevocationTakesATokenFromAnybodyButTheSigned(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	token := sandbox.MustToken("github", "runtime").Text
	revoke := func(body string, header ...string) reply {
		return w.do(w.request("POST", "/github/api/credentials/revoke", strings.NewReader(body), header...))
	}
	body := `{"credentials":["` + token + `"]}`
	revoke(body, "Authorization", "Bearer "+token).expect(t, 403)
	revoke(`{"credentials":[]}`).expect(t, 422)
	w.as(token, "/github/api/user").expect(t, 200)
	revoke(body).expect(t, http.StatusAccepted)
	w.as(token, "/github/api/user").expect(t, 401)
	w.do(w.request("POST", "/ghes/api/v3/credentials/revoke", strings.NewReader(body))).expect(t, 404)
}

func TestAnExpiringTokenDiesOnItsDay(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.clock.Advance(7*24*time.Hour - 1)
	w.named("expires-in-7-days", "/github/api/user").expect(t, 200)
	w.clock.Advance(1)
	w.named("expires-in-7-days", "/github/api/user").expect(t, 401, "Bad credentials")
}
