package sandbox_test

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

var shownValue = regexp.MustCompile(`<code class="value" id="value">([^<]+)</code>`)

// value is what a result page shows to be copied.
func (r reply) value(t *testing.T) string {
	t.Helper()
	found := shownValue.FindStringSubmatch(r.text)
	if found == nil {
		t.Fatalf("%d shows no value: %.600s", r.StatusCode, r.text)
	}
	return html.UnescapeString(found[1])
}

// ticked lists the boxes of a page that are ticked.
func (r reply) ticked() []string {
	var list []string
	for _, found := range regexp.MustCompile(`name="scope" value="([^"]+)" checked`).FindAllStringSubmatch(r.text, -1) {
		list = append(list, found[1])
	}
	return list
}

func TestTheDevicePageShowsWhatIsAskedAndTakesTheAnswer(t *testing.T) {
	for decision, want := range map[string]string{"approve": "", "deny": "access_denied"} {
		t.Run(decision, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			s := w.signIn("default", "repo admin:repo_hook")
			page := w.get("/github/login/device?user_code="+s.userCode()).expect(t, 200,
				`value="`+s.userCode()+`"`, "<code>repo</code>", "<code>admin:repo_hook</code>", `value="approve"`, `value="deny"`)
			if strings.Contains(page.text, "<script") {
				t.Error("the page needs a script")
			}
			w.post("/github/login/device", url.Values{"user_code": {s.userCode()}, "decision": {decision}, "login": {"acme-bot"}}).expect(t, 200)
			got := s.poll()
			if want != "" {
				if got["error"] != want {
					t.Errorf("got %v", got)
				}
				return
			}
			token, _ := got["access_token"].(string)
			w.as(token, "/github/api/user").expect(t, 200, `"login":"acme-bot"`)
		})
	}
}

func TestTheDevicePageAsksForACodeThatItDoesNotKnow(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.get("/github/login/device").expect(t, 200, "Enter the code")
	w.get("/github/login/device?user_code=%3Cb%3E").expect(t, 200, "No sign-in waits for <code>&lt;b&gt;</code>")
	w.post("/github/login/device", url.Values{"user_code": {"WDJB-MJHT"}, "decision": {"approve"}}).expect(t, 404, "No sign-in waits")
}

func TestACodeIsTakenHoweverItIsTyped(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.signIn("default", "repo")
	typed := " " + strings.ToLower(strings.ReplaceAll(s.userCode(), "-", "")) + " "
	w.get("/github/login/device?user_code="+url.QueryEscape(typed)).expect(t, 200, s.userCode(), "Approve")
}

func TestPagesAreLockedDown(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, path := range []string{"/login/device", "/settings/tokens/new", "/settings/personal-access-tokens/new", "/settings/applications/new", "/orgs/acme/sso"} {
		for _, host := range []string{"/github", "/ghes"} {
			page := w.get(host+path).expect(t, 200, "Nothing here is real")
			policy := page.Header.Get("Content-Security-Policy")
			for _, rule := range []string{"default-src 'none'", "style-src 'sha256-", "form-action 'self'", "frame-ancestors 'none'"} {
				if !strings.Contains(policy, rule) {
					t.Errorf("%s: %s is not in %q", path, rule, policy)
				}
			}
			page.headers(t, map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})
		}
	}
}

func TestAPageElsewhereCannotPressTheButtons(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.signIn("default", "repo")
	form := url.Values{"user_code": {s.userCode()}, "decision": {"approve"}}
	w.post("/github/login/device", form, "Sec-Fetch-Site", "cross-site").expect(t, 403)
	w.post("/github/login/device", form, "Origin", "https://evil.example").expect(t, 403)
	s.expectError("authorization_pending")
}

func TestAClassicTokenHasTheTickedScopes(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	page := w.get("/github/settings/tokens/new?scopes=repo,admin:repo_hook&description=gitgrant+%3Cprod%3E").expect(t, 200, `value="gitgrant &lt;prod&gt;"`)
	ticked := page.ticked()
	joined := strings.Join(ticked, " ")
	if !strings.HasPrefix(joined, "repo repo:status") || !strings.Contains(joined, "admin:repo_hook write:repo_hook read:repo_hook") || strings.Contains(joined, "gist") {
		t.Errorf("ticked are %v", ticked)
	}
	form := url.Values{"scope": ticked, "expires_in": {"7"}, "login": {"acme-bot"}}
	token := w.post("/github/settings/tokens/new", form).expect(t, 200).value(t)
	if !strings.HasPrefix(token, "ghp_") || len(token) != 40 {
		t.Errorf("the token is %q", token)
	}
	w.as(token, "/github/api/user").expect(t, 200, `"login":"acme-bot"`).headers(t, map[string]string{
		"X-OAuth-Scopes": "admin:repo_hook, repo", "GitHub-Authentication-Token-Expiration": "2026-11-29 12:00:00 UTC",
	})
	w.as(token, "/ghes/api/v3/user").expect(t, 401)
}

func TestATokenWithoutExpirationHasNoHeaderForIt(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	token := w.post("/ghes/settings/tokens/new", url.Values{"expires_in": {"none"}}).value(t)
	w.clock.Advance(10 * 365 * 24 * time.Hour)
	w.as(token, "/ghes/api/v3/user").expect(t, 200, `"login":"octocat"`).headers(t, map[string]string{
		"X-OAuth-Scopes": "", "GitHub-Authentication-Token-Expiration": "absent",
	})
}

func TestAFineGrainedTokenHasTheChosenPermissions(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	page := w.get("/github/settings/personal-access-tokens/new?name=runtime&contents=write&repository_hooks=read&expires_in=90")
	page.expect(t, 200, `value="runtime"`, `value="write" selected`, `value="read" selected`, `value="90" selected`)
	form := url.Values{"contents": {"write"}, "repository_hooks": {"none"}, "expires_in": {"90"}, "login": {"acme-bot"}}
	token := w.post("/github/settings/personal-access-tokens/new", form).value(t)
	if !strings.HasPrefix(token, "github_pat_") || len(token) != 93 {
		t.Errorf("the token is %q", token)
	}
	w.as(token, "/github/api/repos/acme/app/contents/").expect(t, 200)
	w.as(token, "/github/api/repos/acme/app/hooks").expect(t, 403)
}

func TestARegisteredApplicationSignsInOnceItsDeviceFlowIsOn(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.get("/ghes/settings/applications/new").expect(t, 200, "Enable Device Flow")
	for device, want := range map[string]string{"": "device_flow_disabled", "1": "user_code"} {
		id := w.post("/ghes/settings/applications/new", url.Values{"name": {"gitgrant"}, "device_flow": {device}}).value(t)
		w.post("/ghes/login/device/code", url.Values{"client_id": {id}}).expect(t, 200, want)
		w.post("/github/login/device/code", url.Values{"client_id": {id}}).expect(t, 404)
	}
}

func TestAnUnknownSignOnRequestAuthorizesNothing(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.post("/github/orgs/acme/sso", url.Values{"authorization_request": {"guess"}}).expect(t, 404)
	w.post("/github/orgs/acme/sso", url.Values{}).expect(t, 404)
}
