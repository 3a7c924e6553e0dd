package sandbox_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"gitgrant/providers/sandbox"
)

// labSignIn is a device flow of gitlab.com under way.
func (w *wire) labSignIn(client, scope string) signIn {
	w.t.Helper()
	s := signIn{w: w, base: "/gitlab", client: sandbox.MustClient("gitlab", client).ID}
	s.start = w.post("/gitlab/oauth/authorize_device", url.Values{"client_id": {s.client}, "scope": {scope}}).expect(w.t, 200).json(w.t)
	return s
}

// labPoll waits the interval out and asks for the token.
func (s signIn) labPoll() reply {
	s.w.t.Helper()
	s.w.clock.Advance(6 * time.Second)
	return s.w.post("/gitlab/oauth/token", s.form())
}

// refused holds an answer against an error of doorkeeper.
func (r reply) refused(t *testing.T, status int, code string) {
	t.Helper()
	body := r.expect(t, status).json(t)
	challenge := r.Header.Get("WWW-Authenticate")
	if body["error"] != code || body["error_description"] == "" || !strings.Contains(challenge, `realm="Doorkeeper", error="`+code+`"`) {
		t.Errorf("it answers %v and %q, want %s", body, challenge, code)
	}
}

func TestADeviceCodeIsHandedOutAsGitLabDoes(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	start := w.labSignIn("default", "api read_repository").start
	page := w.server.URL() + "/gitlab/oauth/device"
	if code, _ := start["user_code"].(string); !regexp.MustCompile("^[0-9A-Z]{8}$").MatchString(code) ||
		start["verification_uri"] != page || start["verification_uri_complete"] != page+"?user_code="+code {
		t.Errorf("it starts with %v", start)
	}
	if start["expires_in"] != 300.0 || start["interval"] != 5.0 {
		t.Errorf("expires_in is %v, interval %v", start["expires_in"], start["interval"])
	}
}

func TestAnApprovedSignInEarnsAPairOfGitLab(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.labSignIn("default", "api read_repository")
	s.labPoll().refused(t, 400, "authorization_pending")
	if err := w.server.Approve(s.userCode()); err != nil {
		t.Fatal(err)
	}
	pair := s.labPoll().expect(t, 200, `"token_type":"Bearer"`, `"expires_in":7200`, `"scope":"api read_repository"`, `"created_at":1795348812`).json(t)
	for _, name := range []string{"access_token", "refresh_token"} {
		if text, _ := pair[name].(string); !regexp.MustCompile("^facade[0-9a-f]{58}$").MatchString(text) {
			t.Errorf("the %s is %q", name, text)
		}
	}
	access, _ := pair["access_token"].(string)
	w.as(access, labAPI+"/user").expect(t, 200, `"username":"octocat"`)
	w.clock.Advance(2 * time.Hour)
	w.as(access, labAPI+"/user").expect(t, 401, "Token is expired.")
	s.labPoll().refused(t, 400, "invalid_grant")
}

func TestASignInAtGitLabMayFail(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	for client, code := range map[string]string{"slow-down": "slow_down", "denied": "access_denied", "expired-token": "expired_token"} {
		w.labSignIn(client, "api").labPoll().refused(t, 400, code)
	}
	gateway := w.labSignIn("bad-gateway", "api")
	gateway.labPoll().expect(t, 502, "<html>")
	gateway.labPoll().expect(t, 502, "<html>")
	gateway.labPoll().expect(t, 200, "access_token")
}

func TestADeniedSignInAtGitLabIsDenied(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.labSignIn("default", "api")
	if err := w.server.Deny(s.userCode()); err != nil {
		t.Fatal(err)
	}
	s.labPoll().refused(t, 400, "access_denied")
}

func TestGitLabForgetsACodeOnceItHasToldThatItRanOut(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.labSignIn("default", "api")
	w.clock.Advance(5 * time.Minute)
	if err := w.server.Approve(s.userCode()); !errors.Is(err, sandbox.ErrUnknownCode) {
		t.Errorf("a code that ran out is approved with %v", err)
	}
	s.labPoll().refused(t, 400, "expired_token")
	s.labPoll().refused(t, 400, "invalid_grant")
}

func TestGitLabSlowsDownWithoutALongerInterval(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.labSignIn("default", "api")
	s.labPoll().refused(t, 400, "authorization_pending")
	w.clock.Advance(time.Second)
	early := w.post("/gitlab/oauth/token", s.form())
	early.refused(t, 400, "slow_down")
	if _, told := early.json(t)["interval"]; told {
		t.Error("an interval is told")
	}
	w.clock.Advance(4 * time.Second)
	w.post("/gitlab/oauth/token", s.form()).refused(t, 400, "authorization_pending")
}

func TestAClientThatGitLabDoesNotTakeGetsNoCode(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	start := func(client, scope string) reply {
		return w.post("/gitlab/oauth/authorize_device", url.Values{"client_id": {client}, "scope": {scope}})
	}
	named := func(name string) string { return sandbox.MustClient("gitlab", name).ID }
	start("nobody", "api").refused(t, 401, "invalid_client")
	start(sandbox.MustClient("gitlab-server", "default").ID, "api").refused(t, 401, "invalid_client")
	start(named("confidential"), "api").refused(t, 401, "invalid_client")
	start(named("few-scopes"), "api").refused(t, 400, "invalid_scope")
	start(named("few-scopes"), "").refused(t, 400, "invalid_scope")
	start(named("default"), "nonsense").refused(t, 400, "invalid_scope")
	start(named("few-scopes"), "read_repository").expect(t, 200)
	start(named("no-device-flow"), "api").expect(t, 404, "<html>").headers(t, map[string]string{"Content-Type": "text/html; charset=utf-8"})
}

func TestTheTokenEndpointOfGitLabKnowsWhoAsksForWhat(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	s := w.labSignIn("default", "api")
	for code, change := range map[string]url.Values{
		"invalid_client":         {"client_id": {"nobody"}},
		"invalid_grant":          {"client_id": {sandbox.MustClient("gitlab", "localhost").ID}},
		"unsupported_grant_type": {"grant_type": {"password"}},
	} {
		form := s.form()
		for name := range change {
			form.Set(name, change.Get(name))
		}
		status := map[bool]int{true: 401, false: 400}[code == "invalid_client"]
		w.post("/gitlab/oauth/token", form).refused(t, status, code)
	}
	s.labPoll().expect(t, 200)
}

func (w *wire) labRefresh(client string, pair map[string]any) reply {
	w.t.Helper()
	token, _ := pair["refresh_token"].(string)
	return w.post("/gitlab/oauth/token", url.Values{"client_id": {client}, "grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func TestARefreshRevokesTheOldPairOnceTheNewOneIsUsed(t *testing.T) {
	for name, use := range map[string]func(w *wire, access string){
		"at the API": func(w *wire, access string) { w.as(access, labAPI+"/user").expect(w.t, 200) },
		"where a token tells of itself": func(w *wire, access string) {
			w.as(access, "/gitlab/oauth/token/info").expect(w.t, 200)
		},
		"by git": func(w *wire, access string) {
			r := w.request("GET", "/gitlab/acme/app.git/info/refs?service=git-upload-pack", nil)
			r.SetBasicAuth("oauth2", access)
			w.do(r).expect(w.t, 200)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
			s := w.labSignIn("default", "api")
			old := s.labPoll().json(t)
			lost := w.labRefresh(s.client, old).expect(t, 200).json(t)
			fresh := w.labRefresh(s.client, old).expect(t, 200, `"scope":"api"`).json(t)
			access, _ := old["access_token"].(string)
			w.as(access, labAPI+"/user").expect(t, 200)
			newer, _ := fresh["access_token"].(string)
			use(w, newer)
			w.labRefresh(s.client, old).refused(t, 400, "invalid_grant")
			w.as(access, labAPI+"/user").expect(t, 401, "Token was revoked.")
			w.labRefresh(s.client, fresh).expect(t, 200)
			w.labRefresh(s.client, lost).expect(t, 200)
		})
	}
}

func TestARefreshIsRefusedToOthers(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	pair := w.labSignIn("default", "api").labPoll().json(t)
	w.labRefresh(sandbox.MustClient("gitlab", "localhost").ID, pair).refused(t, 400, "invalid_grant")
	w.labRefresh("nobody", pair).refused(t, 401, "invalid_client")
	w.labRefresh(sandbox.MustClient("gitlab", "default").ID, nil).refused(t, 400, "invalid_grant")
	s := w.labSignIn("refresh-refused", "api")
	w.labRefresh(s.client, s.labPoll().json(t)).refused(t, 400, "invalid_grant")
}

func TestAPairIsRevokedByEitherToken(t *testing.T) {
	for _, by := range []string{"access_token", "refresh_token"} {
		t.Run(by, func(t *testing.T) {
			w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
			s := w.labSignIn("default", "api")
			pair := s.labPoll().json(t)
			token, _ := pair[by].(string)
			access, _ := pair["access_token"].(string)
			revoke := func(client, token string) reply {
				return w.post("/gitlab/oauth/revoke", url.Values{"client_id": {client}, "token": {token}})
			}
			revoke(sandbox.MustClient("gitlab", "localhost").ID, token).refused(t, 403, "unauthorized_client")
			w.as(access, labAPI+"/user").expect(t, 200)
			for _, client := range []string{"nobody", "", sandbox.MustClient("gitlab", "with-secret").ID} {
				revoke(client, "whatever").refused(t, 403, "unauthorized_client")
			}
			revoke(s.client, "whatever").expect(t, 200, "{}")
			revoke(s.client, token).expect(t, 200, "{}")
			w.as(access, labAPI+"/user").expect(t, 401, "Token was revoked.")
			w.labRefresh(s.client, pair).refused(t, 400, "invalid_grant")
		})
	}
}

func TestAnOAuthTokenTellsOfItselfAtTokenInfo(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.clock.Advance(time.Hour)
	w.as(lab("oauth"), "/gitlab/oauth/token/info").expect(t, 200,
		`"resource_owner_id":8`, `"scope":["api","read_repository"]`, `"scopes":["api","read_repository"]`,
		`"expires_in":3600`, `"expires_in_seconds":3600`, `"application":{"uid":"c11e47`)
	for _, name := range []string{"runtime", "unknown", "oauth-revoked", "oauth-expired"} {
		w.as(lab(name), "/gitlab/oauth/token/info").refused(t, 401, "invalid_token")
		w.as(sandbox.MustToken("gitlab-server", name).Text, "/gl/gitlab/oauth/token/info").refused(t, 400, "invalid_request")
	}
}

// consent is a browser that presses a button on the consent page.
func (w *wire) consent(decision string, query url.Values) reply {
	w.t.Helper()
	return w.post("/gitlab/oauth/authorize?"+query.Encode(), url.Values{"decision": {decision}, "login": {"acme-bot"}})
}

func labAuthorization(client, callback string) url.Values {
	return url.Values{
		"client_id": {sandbox.MustClient("gitlab", client).ID}, "redirect_uri": {callback}, "response_type": {"code"},
		"scope": {"api read_repository"}, "state": {"a state"},
	}
}

func TestAConsentLeadsBackWithACodeThatPKCEProtects(t *testing.T) {
	const callback = "http://127.0.0.1:41234/callback"
	for name, method := range map[string]string{"S256": "S256", "plain": "plain"} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			verifier := oauth2.GenerateVerifier()
			asked := labAuthorization("default", callback)
			asked.Set("code_challenge", verifier)
			asked.Set("code_challenge_method", method)
			if method == "S256" {
				asked.Set("code_challenge", oauth2.S256ChallengeFromVerifier(verifier))
			}
			redeem := func(verifier string) reply {
				back, err := w.consent("approve", asked).expect(t, http.StatusFound).Location()
				if err != nil {
					t.Fatal(err)
				}
				if back.Host != "127.0.0.1:41234" || back.Path != "/callback" || back.Query().Get("state") != "a state" {
					t.Fatalf("it leads to %s", back)
				}
				form := url.Values{
					"client_id": asked["client_id"], "grant_type": {"authorization_code"}, "redirect_uri": {callback},
					"code": {back.Query().Get("code")}, "code_verifier": {verifier},
				}
				first := w.post("/gitlab/oauth/token", form)
				w.post("/gitlab/oauth/token", form).refused(t, 400, "invalid_grant")
				return first
			}
			redeem("").refused(t, 400, "invalid_grant")
			redeem(oauth2.GenerateVerifier()).refused(t, 400, "invalid_grant")
			pair := redeem(verifier).expect(t, 200, `"scope":"api read_repository"`).json(t)
			access, _ := pair["access_token"].(string)
			w.as(access, labAPI+"/user").expect(t, 200, `"username":"acme-bot"`)
		})
	}
}

func TestACodeIsGoodForItsApplicationAndItsTimeAlone(t *testing.T) {
	const callback = "http://127.0.0.1:41234/callback"
	for name, change := range map[string]func(w *wire, form url.Values){
		"another application": func(_ *wire, form url.Values) { form.Set("client_id", sandbox.MustClient("gitlab", "localhost").ID) },
		"another callback":    func(_ *wire, form url.Values) { form.Set("redirect_uri", "http://127.0.0.1:41234/other") },
		"ten minutes later":   func(w *wire, _ url.Values) { w.clock.Advance(10 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			asked := labAuthorization("default", callback)
			back, err := w.consent("approve", asked).Location()
			if err != nil {
				t.Fatal(err)
			}
			form := url.Values{"client_id": asked["client_id"], "grant_type": {"authorization_code"}, "redirect_uri": {callback}, "code": {back.Query().Get("code")}}
			change(w, form)
			w.post("/gitlab/oauth/token", form).refused(t, 400, "invalid_grant")
		})
	}
}

func TestOnlyALoopbackAddressMayChangeItsPort(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, test := range []struct {
		client, callback string
		status           int
	}{
		{"default", "http://127.0.0.1/callback", 200},
		{"default", "http://127.0.0.1:41234/callback", 200},
		{"default", "http://127.0.0.1:41234/other", 400},
		{"default", "http://127.0.0.1:41234/callback/", 400},
		{"default", "https://127.0.0.1:41234/callback", 400},
		{"default", "http://[::1]:41234/callback", 400},
		{"default", "http://localhost:41234/callback", 400},
		{"default", "http://127.0.0.1.evil.example/callback", 400},
		{"default", "", 400},
		{"localhost", "http://localhost:7171/auth/redirect", 200},
		{"localhost", "http://localhost:7172/auth/redirect", 400},
		{"localhost", "http://127.0.0.1:7171/auth/redirect", 400},
		{"slow-down", "http://127.0.0.1/callback", 400},
	} {
		t.Run(test.client+" "+test.callback, func(t *testing.T) {
			w.get("/gitlab/oauth/authorize?"+labAuthorization(test.client, test.callback).Encode()).expect(t, test.status)
		})
	}
}

func TestARefusalThatTheApplicationMayKnowLeadsBackToIt(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for code, change := range map[string]url.Values{
		"unsupported_response_type":     {"response_type": {"token"}},
		"invalid_scope":                 {"scope": {"nonsense"}},
		"invalid_code_challenge_method": {"code_challenge_method": {"S512"}},
	} {
		asked := labAuthorization("default", "http://127.0.0.1:1/callback")
		for name := range change {
			asked.Set(name, change.Get(name))
		}
		for _, answer := range []reply{w.get("/gitlab/oauth/authorize?" + asked.Encode()), w.consent("approve", asked)} {
			back, err := answer.expect(t, http.StatusFound).Location()
			if err != nil || back.Host != "127.0.0.1:1" || back.Query().Get("error") != code || back.Query().Get("state") != "a state" {
				t.Errorf("%s leads to %v, %v", code, back, err)
			}
		}
	}
	back, err := w.consent("deny", labAuthorization("default", "http://127.0.0.1:1/callback")).Location()
	if err != nil || back.Query().Get("error") != "access_denied" || back.Query().Has("code") {
		t.Errorf("a denial leads to %v, %v", back, err)
	}
}

func TestAnUnknownApplicationIsToldToThePersonAlone(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	asked := labAuthorization("default", "http://127.0.0.1:1/callback")
	asked.Set("client_id", "nobody")
	for _, answer := range []reply{w.get("/gitlab/oauth/authorize?" + asked.Encode()), w.consent("approve", asked)} {
		answer.expect(t, 401, "An error has occurred", "Client authentication failed").headers(t, map[string]string{"Location": "absent"})
	}
}
