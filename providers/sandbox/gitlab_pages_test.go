package sandbox_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"gitgrant/providers/sandbox"
)

const labTokens, labApplications = "/-/user_settings/personal_access_tokens", "/-/user_settings/applications"

func TestTheDevicePageOfGitLabTakesTheCodeFromItsAddress(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.labSignIn("default", "api read_repository")
	complete, _ := s.start["verification_uri_complete"].(string)
	page, found := strings.CutPrefix(complete, w.server.URL())
	if !found {
		t.Fatalf("the page is %s", complete)
	}
	w.get(page).expect(t, 200, `value="`+s.userCode()+`"`, "<code>api</code>", "<code>read_repository</code>", "Approve")
	w.post("/gitlab/oauth/device", url.Values{"user_code": {s.userCode()}, "decision": {"approve"}, "login": {"acme-bot"}}).expect(t, 200, "all set")
	access, _ := s.labPoll().json(t)["access_token"].(string)
	w.as(access, labAPI+"/user").expect(t, 200, `"username":"acme-bot"`)
	w.post("/gitlab/oauth/device", url.Values{"user_code": {s.userCode()}, "decision": {"approve"}}).expect(t, 404, "No sign-in waits")
}

func TestACodeOfOneHostIsNoneAtAnother(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.labSignIn("default", "api")
	for _, page := range []string{"/gl/gitlab/oauth/device", "/github/login/device"} {
		w.post(page, url.Values{"user_code": {s.userCode()}, "decision": {"approve"}}).expect(t, 404, "No sign-in waits")
	}
}

func TestTheConsentPageSaysWhatIsAskedAndWhereItLeads(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	page := w.get("/gitlab/oauth/authorize?"+labAuthorization("default", "http://127.0.0.1:41234/callback").Encode()).expect(t, 200,
		"Authorize gitgrant to use your account?", "<code>api</code>", "<code>read_repository</code>", `value="approve"`, `value="deny"`)
	if policy := page.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "form-action 'self' http://127.0.0.1:41234") {
		t.Errorf("the policy is %s", policy)
	}
	if strings.Contains(page.text, "<script") {
		t.Error("the page needs a script")
	}
}

func TestTheTokenPageOfGitLabIsFilledInByItsAddress(t *testing.T) {
	for _, host := range []string{"gitlab", "gl/gitlab"} {
		t.Run(host, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			page := w.get("/"+host+labTokens+"?name=gitgrant+%3Cprod%3E&description=why&scopes=api,read_repository").expect(t, 200,
				`name="name" value="gitgrant &lt;prod&gt;"`, `name="description" value="why"`)
			if ticked := page.ticked(); !slices.Equal(ticked, []string{"api", "read_repository"}) {
				t.Errorf("ticked are %v", ticked)
			}
			form := url.Values{"name": {"gitgrant <prod>"}, "scope": page.ticked(), "expires_in": {"30"}, "login": {"acme-bot"}}
			token := w.post("/"+host+labTokens, form).expect(t, 200).value(t)
			if !strings.HasPrefix(token, "glpat-") {
				t.Errorf("the token is %q", token)
			}
			w.as(token, "/"+host+"/api/v4/personal_access_tokens/self").expect(t, 200,
				`"name":"gitgrant \u003cprod\u003e"`, `"scopes":["api","read_repository"]`, `"expires_at":"2026-12-22"`, `"user_id":8`)
		})
	}
}

func TestATokenNeedsANameAndAScope(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.post("/gitlab"+labTokens, url.Values{"scope": {"api"}}).expect(t, 422, "name can&#39;t be blank")
	w.post("/gitlab"+labTokens, url.Values{"name": {"x"}, "scope": {"nonsense"}}).expect(t, 422, "Scopes can&#39;t be blank")
}

func TestARegisteredApplicationOfGitLabSignsInOnceItIsPublic(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.get("/gl/gitlab"+labApplications).expect(t, 200, "Confidential", `name="redirect_uri" value="http://127.0.0.1/callback"`)
	form := url.Values{"name": {"my cli"}, "redirect_uri": {"http://127.0.0.1/callback"}, "scope": {"read_user"}}
	public := w.post("/gl/gitlab"+labApplications, form).expect(t, 200).value(t)
	form.Set("confidential", "1")
	confidential := w.post("/gl/gitlab"+labApplications, form).expect(t, 200).value(t)

	start := func(client, scope string) reply {
		return w.post("/gl/gitlab/oauth/authorize_device", url.Values{"client_id": {client}, "scope": {scope}})
	}
	start(confidential, "read_user").refused(t, 401, "invalid_client")
	start(public, "api").refused(t, 400, "invalid_scope")
	code, _ := start(public, "read_user").expect(t, 200).json(t)["user_code"].(string)
	w.get("/gl/gitlab/oauth/device?user_code="+code).expect(t, 200, "<strong>my cli</strong>")
}

func TestThePagesOfGitLabAreLockedDown(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, path := range []string{"/oauth/device", labTokens, labApplications} {
		page := w.get("/gitlab"+path).expect(t, 200, "Nothing here is real")
		if policy := page.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "form-action 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: the policy is %s", path, policy)
		}
	}
	form := url.Values{"name": {"x"}, "scope": {"api"}}
	w.post("/gitlab"+labTokens, form, "Origin", "https://evil.example").expect(t, 403)
	w.get("/gitlab/nothing").expect(t, 404)
}
