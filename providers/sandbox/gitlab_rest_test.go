package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

const labAPI = "/gitlab/api/v4"

// lab is the text of a named token of gitlab.com.
func lab(name string) string { return sandbox.MustToken("gitlab", name).Text }

func TestAGitLabTokenTellsWhatItIsAtItsOwnPlace(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for name, texts := range map[string][]string{
		"runtime":            {`"scopes":["api","read_repository"]`, `"user_id":8`, `"expires_at":"2027-09-18"`, `"last_used_at":"2026-11-22T11:00:00.000Z"`, `"active":true`, `"granular":false`},
		"user":               {`"scopes":["write_repository","read_api"]`, `"user_id":7`},
		"write-repository":   {`"scopes":["write_repository"]`},
		"service-account":    {`"expires_at":null`},
		"fine-grained":       {`"scopes":["granular"]`, `"granular":true`},
		"expires-in-7-days":  {`"expires_at":"2026-11-29"`},
		"expires-in-90-days": {`"expires_at":"2027-02-20"`},
		"expiry-unreadable":  {`"expires_at":"soon"`},
	} {
		t.Run(name, func(t *testing.T) {
			w.as(lab(name), labAPI+"/personal_access_tokens/self").expect(t, 200, texts...)
		})
	}
}

func TestAGitLabTokenTellsItsOwnerWhereItMay(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for name, texts := range map[string][]string{
		"runtime":            {`"username":"acme-bot"`, `"bot":false`},
		"user":               {`"username":"octocat"`, `"bot":false`},
		"read-user":          {`"username":"octocat"`},
		"oauth":              {`"username":"acme-bot"`},
		"project-bot":        {`"username":"project_2001_bot_`, `"bot":true`},
		"group-bot":          {`"username":"group_3001_bot_`, `"bot":true`},
		"service-account":    {`"username":"service_account_group_3001_`, `"bot":true`},
		"fine-grained-blind": {`"username":"acme-bot"`},
	} {
		t.Run(name, func(t *testing.T) { w.as(lab(name), labAPI+"/user").expect(t, 200, texts...) })
	}
}

func TestAGitLabTokenThatIsRefusedHearsGitLabsReason(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const challenge = `Bearer realm="The API", error="invalid_token", error_description="`
	for name, test := range map[string]struct {
		token, path string
		status      int
		text        string
		challenge   string
	}{
		"nobody asks":                        {"", "/user", 401, `{"message":"401 Unauthorized"}`, "absent"},
		"unknown":                            {"unknown", "/user", 401, `{"message":"401 Unauthorized"}`, "absent"},
		"revoked":                            {"revoked", "/user", 401, "Token was revoked. You have to re-authorize from the user.", challenge + `Token was revoked. You have to re-authorize from the user."`},
		"expired":                            {"expired", "/user", 401, "Token is expired. You can either do re-authorization or token refresh.", challenge + `Token is expired. You can either do re-authorization or token refresh."`},
		"expired and revoked":                {"expired-revoked", "/user", 401, "Token is expired.", challenge + `Token is expired. You can either do re-authorization or token refresh."`},
		"impersonation":                      {"impersonation", "/user", 401, "impersonation was disabled", challenge + `Token is an impersonation token but impersonation was disabled."`},
		"proof of possession":                {"dpop", "/user", 401, `"error":"dpop_error"`, strings.Replace(challenge, "invalid_token", "dpop_error", 1) + `DPoP validation error: DPoP header is missing"`},
		"an expired OAuth token":             {"oauth-expired", "/user", 401, "Token is expired.", challenge + `Token is expired. You can either do re-authorization or token refresh."`},
		"a revoked OAuth token":              {"oauth-revoked", "/user", 401, "Token was revoked.", challenge + `Token was revoked. You have to re-authorize from the user."`},
		"a blocked owner":                    {"blocked", "/user", 403, "403 Forbidden - Your account has been blocked.", "absent"},
		"terms":                              {"terms", "/user", 403, "must accept the Terms of Service", "absent"},
		"a scope that is missing":            {"write-repository", "/user", 403, `"scope":"read_user api read_api"`, "absent"},
		"a scope that is missing at project": {"read-user", "/projects/acme%2Fapp", 403, `"error":"insufficient_scope"`, "absent"},
		"an OAuth token in a wrong place":    {"oauth", "/personal_access_tokens/self", 400, "requires token type to be a personal access token", "absent"},
		"a permission of the user":           {"fine-grained-blind", "/personal_access_tokens/self", 403, "fine-grained personal access token with the following user permissions: [read_personal_access_token].", "absent"},
		"a permission of the project":        {"fine-grained-code", "/projects/acme%2Fapp", 403, "with the following project permissions: [Project: Read].", "absent"},
		"a group for fine-grained tokens":    {"fine-grained-only", "/projects/acme%2Fapp", 403, `"error":"insufficient_granular_scope"`, "absent"},
		"an old host":                        {"old-host", "/personal_access_tokens/self", 404, `{"error":"404 Not Found"}`, "absent"},
		"no such address":                    {"runtime", "/nothing", 404, `{"error":"404 Not Found"}`, "absent"},
	} {
		t.Run(name, func(t *testing.T) {
			header := []string{}
			if test.token != "" {
				header = []string{"Authorization", "Bearer " + lab(test.token)}
			}
			w.get(labAPI+test.path, header...).expect(t, test.status, test.text).headers(t, map[string]string{"WWW-Authenticate": test.challenge})
		})
	}
}

func TestAGroupForFineGrainedTokensLeavesTheOwnerAlone(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.as(lab("fine-grained-only"), labAPI+"/user").expect(t, 200)
	w.as(lab("old-host"), labAPI+"/user").expect(t, 200)
}

func TestALimitOfGitLabSpeaksInHeaders(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.clock.Advance(20 * time.Second)
	limited := w.as(lab("rate-limit"), labAPI+"/user").expect(t, 429)
	limited.headers(t, map[string]string{
		"Content-Type": "text/plain", "Retry-After": "40", "RateLimit-Limit": "2000", "RateLimit-Remaining": "0", "RateLimit-Observed": "2001",
		"RateLimit-Name": "throttle_authenticated_api", "RateLimit-Reset": "1795348860", "RateLimit-ResetTime": "Sun, 22 Nov 2026 12:01:00 GMT",
	})
	bare := w.as(lab("rate-limit-bare"), labAPI+"/user").expect(t, 429)
	bare.headers(t, map[string]string{"Content-Type": "text/plain", "Retry-After": "absent", "RateLimit-Limit": "absent"})
	if limited.text != "Retry later\n" || bare.text != limited.text {
		t.Errorf("the texts are %q and %q", limited.text, bare.text)
	}
}

func TestGitLabTellsItsVersionToThoseThatMayAsk(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for host, version := range map[string]string{"gitlab": "19.2.0-pre", "gitlab-server": "18.11.4-ee"} {
		api := map[string]string{"gitlab": labAPI, "gitlab-server": "/gl/gitlab/api/v4"}[host]
		w.get(api+"/version").expect(t, 401, `{"message":"401 Unauthorized"}`)
		for _, path := range []string{"/version", "/metadata"} {
			w.as(sandbox.MustToken(host, "runtime").Text, api+path).expect(t, 200, `"version":"`+version+`"`)
			w.as(sandbox.MustToken(host, "write-repository").Text, api+path).expect(t, 403, "insufficient_scope")
		}
	}
	if meta := w.get(labAPI + "/version").Header.Get("X-Gitlab-Meta"); !strings.Contains(meta, "correlation_id") {
		t.Errorf("X-Gitlab-Meta is %q", meta)
	}
}

func TestOnlyGitLabComTellsItsRates(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.as(lab("runtime"), labAPI+"/user").headers(t, map[string]string{"RateLimit-Remaining": "1999", "RateLimit-Observed": "1"})
	w.as(lab("api-only"), labAPI+"/user").headers(t, map[string]string{"RateLimit-Remaining": "1998"})
	w.as(sandbox.MustToken("gitlab-server", "runtime").Text, "/gl/gitlab/api/v4/user").headers(t, map[string]string{"RateLimit-Limit": "absent"})
}

func TestAProjectTellsTheAccessLevels(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for name, test := range map[string]struct{ token, project, permissions string }{
		"a member of the project":      {"runtime", "acme%2Fapp", `"permissions":{"group_access":null,"project_access":{"access_level":40,"notification_level":3}}`},
		"a person":                     {"user", "acme%2Fapp", `"project_access":{"access_level":30`},
		"by its number":                {"user", "2001", `"path_with_namespace":"acme/app"`},
		"a member of the group":        {"group-bot", "acme%2Fapp", `"permissions":{"group_access":{"access_level":50,"notification_level":3},"project_access":null}`},
		"a member of both":             {"runtime", "acme%2Fboth", `"permissions":{"group_access":{"access_level":40,"notification_level":3},"project_access":{"access_level":20,"notification_level":3}}`},
		"access through a share":       {"runtime", "acme%2Fshared", `"permissions":{"group_access":null,"project_access":null}`},
		"a stranger at a public one":   {"runtime", "acme%2Fpublic", `"permissions":{"group_access":null,"project_access":null}`},
		"a project in a group's group": {"runtime", "acme%2Fplatform%2Finfra", `"full_path":"acme/platform"`},
		"an archived one":              {"runtime", "acme%2Farchived", `"archived":true`},
	} {
		t.Run(name, func(t *testing.T) {
			w.as(lab(test.token), labAPI+"/projects/"+test.project).expect(t, 200, test.permissions)
		})
	}
}

func TestAProjectThatDoesNotShowIsNotThere(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for token, project := range map[string]string{"runtime": "acme%2Fhidden", "user": "acme%2Fnothing", "project-bot": "acme%2Freadonly", "": "acme%2Fapp"} {
		if token == "" {
			w.get(labAPI+"/projects/"+project).expect(t, 404, `{"message":"404 Project Not Found"}`)
			continue
		}
		w.as(lab(token), labAPI+"/projects/"+project).expect(t, 404, `{"message":"404 Project Not Found"}`)
	}
	anonymous := w.get(labAPI+"/projects/acme%2Fpublic").expect(t, 200)
	if strings.Contains(anonymous.text, "permissions") {
		t.Error("nobody has permissions")
	}
	w.as(lab("runtime"), labAPI+"/projects/acme/app").expect(t, 404, `{"error":"404 Not Found"}`)
}

func TestHooksAreForMaintainers(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, test := range []struct {
		token, project string
		status         int
		text           string
	}{
		{"runtime", "acme%2Fapp", 200, `"project_id":2001`},
		{"no-webhooks", "acme%2Fapp", 200, `"project_id":2001`},
		{"runtime", "acme%2Fshared", 200, `"project_id":2007`},
		{"group-bot", "acme%2Fapp", 200, `"project_id":2001`},
		{"fine-grained", "acme%2Fapp", 200, `"project_id":2001`},
		{"person-runtime", "acme%2Fapp", 403, `{"message":"403 Forbidden"}`},
		{"runtime", "acme%2Fpublic", 403, `{"message":"403 Forbidden"}`},
		{"runtime", "acme%2Fhidden", 404, `{"message":"404 Project Not Found"}`},
		{"write-repository", "acme%2Fapp", 403, `"scope":"api read_api"`},
		{"fine-grained-code", "acme%2Fapp", 403, "[Webhook: Read]"},
	} {
		t.Run(test.token+" at "+test.project, func(t *testing.T) {
			w.as(lab(test.token), labAPI+"/projects/"+test.project+"/hooks?per_page=1").expect(t, test.status, test.text)
		})
	}
}

func (w *wire) rotate(token, expires string) reply {
	w.t.Helper()
	return w.post(labAPI+"/personal_access_tokens/self/rotate", url.Values{"expires_at": {expires}}, "Authorization", "Bearer "+token)
}

func TestARotatedTokenTakesThePlaceOfTheOldOneForAWeek(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	old := lab("runtime")
	fresh := w.rotate(old, "").expect(t, 200, `"expires_at":"2026-11-29"`, `"scopes":["api","read_repository"]`, `"user_id":8`, `"last_used_at":null`)
	token, _ := fresh.json(t)["token"].(string)
	if !strings.HasPrefix(token, "glpat-") || token == old {
		t.Fatalf("the new token is %q", token)
	}
	w.as(old, labAPI+"/user").expect(t, 401, "Token was revoked.")
	w.as(token, labAPI+"/user").expect(t, 200, "acme-bot")
}

func TestARotationTakesADateWithinAYear(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	token := lab("runtime")
	w.rotate(token, "soon").expect(t, 400, `{"error":"expires_at is invalid"}`)
	for _, date := range []string{"2026-11-22", "2020-01-01", "2027-11-23"} {
		w.rotate(token, date).expect(t, 400, "Expiration date must be before 2027-11-22")
	}
	w.as(token, labAPI+"/user").expect(t, 200)
	w.rotate(token, "2027-11-22").expect(t, 200, `"expires_at":"2027-11-22"`)
}

func TestRotatingAgainWithTheOldTokenRevokesTheFamily(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	first := lab("runtime")
	second, _ := w.rotate(first, "2027-01-01").json(t)["token"].(string)
	third, _ := w.rotate(second, "2027-01-01").json(t)["token"].(string)
	w.as(first, labAPI+"/user").expect(t, 401)
	w.as(third, labAPI+"/user").expect(t, 200)
	w.rotate(first, "2027-01-01").expect(t, 401, "Token was revoked.")
	w.as(third, labAPI+"/user").expect(t, 401, "Token was revoked.")
	w.as(lab("api-only"), labAPI+"/user").expect(t, 200)
}

func TestARotationIsRefusedToTokensWithoutTheRightForIt(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.rotate(lab("no-webhooks"), "").expect(t, 403, `"scope":"api self_rotate"`)
	w.rotate(lab("oauth"), "").expect(t, 405, "405 Method Not Allowed")
	w.rotate(lab("fine-grained-blind"), "").expect(t, 403, "[rotate_personal_access_token]")
	w.rotate(lab("expired"), "").expect(t, 401, "Token is expired.")
	w.rotate(lab("self-rotate"), "").expect(t, 200)
	w.rotate(lab("fine-grained"), "").expect(t, 200, `"granular":true`)
}

func TestATokenRevokesItself(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	revoke := func(name string) reply {
		return w.do(w.request("DELETE", labAPI+"/personal_access_tokens/self", nil, "Authorization", "Bearer "+lab(name)))
	}
	if gone := revoke("write-repository").expect(t, http.StatusNoContent); gone.text != "" {
		t.Errorf("it answers %q", gone.text)
	}
	w.as(lab("write-repository"), labAPI+"/personal_access_tokens/self").expect(t, 401, "Token was revoked.")
	revoke("oauth").expect(t, 400, "requires token type")
	revoke("fine-grained-blind").expect(t, 403, "[revoke_personal_access_token]")
}

func TestAGitLabTokenDiesAsItsDateBegins(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.clock.Advance(6*24*time.Hour + 12*time.Hour - 1)
	w.as(lab("expires-in-7-days"), labAPI+"/user").expect(t, 200)
	w.clock.Advance(1)
	w.as(lab("expires-in-7-days"), labAPI+"/user").expect(t, 401, "Token is expired.")
}

func TestGitLabTakesItsOwnHeaderFromEveryTokenButOAuth(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.get(labAPI+"/user", "PRIVATE-TOKEN", lab("runtime")).expect(t, 200)
	w.get(labAPI+"/user", "PRIVATE-TOKEN", lab("oauth")).expect(t, 401)
}

func TestATokenOfOneGitLabIsUnknownToTheOther(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, name := range []string{"runtime", "oauth", "fine-grained"} {
		w.as(lab(name), "/gl/gitlab/api/v4/user").expect(t, 401)
		w.as(sandbox.MustToken("gitlab-server", name).Text, "/gl/gitlab/api/v4/user").expect(t, 200)
	}
}

func TestABrokenGitLabBreaksAsAnyHostDoes(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for name, status := range map[string]int{"error-502": 502, "html": 200, "empty": 200, "redirect-307": 307, "wrong-type": 200} {
		w.as(lab(name), labAPI+"/personal_access_tokens/self").expect(t, status)
	}
	location := w.as(lab("redirect-302"), labAPI+"/user").Header.Get("Location")
	if !strings.HasPrefix(location, "http://localhost:") || !strings.HasSuffix(location, labAPI+"/elsewhere") {
		t.Errorf("it leads to %s", location)
	}
	w.get(labAPI+"/elsewhere").expect(t, 200, `"scopes":["api","read_repository"]`)
	w.as(lab("hostile-error"), labAPI+"/user").expect(t, 403, `\u001b[2J`)
}
