package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// signIn is a device flow under way.
type signIn struct {
	w      *wire
	base   string
	client string
	start  map[string]any
}

func (w *wire) signIn(client string, scope string) signIn {
	w.t.Helper()
	s := signIn{w: w, base: "/github", client: sandbox.MustClient("github", client).ID}
	s.start = w.postJSON("/github/login/device/code", url.Values{"client_id": {s.client}, "scope": {scope}})
	return s
}

func (s signIn) userCode() string { code, _ := s.start["user_code"].(string); return code }

func (s signIn) form() url.Values {
	code, _ := s.start["device_code"].(string)
	return url.Values{"client_id": {s.client}, "device_code": {code}, "grant_type": {deviceGrant}}
}

// poll waits the interval out and asks for the token.
func (s signIn) poll() map[string]any {
	s.w.t.Helper()
	s.w.clock.Advance(time.Minute)
	return s.pollNow()
}

func (s signIn) pollNow() map[string]any {
	s.w.t.Helper()
	return s.w.postJSON(s.base+"/login/oauth/access_token", s.form())
}

func (s signIn) expectError(want string) map[string]any {
	s.w.t.Helper()
	got := s.poll()
	if got["error"] != want {
		s.w.t.Errorf("the poll answers %v, want %s", got, want)
	}
	return got
}

func (s signIn) token() string {
	s.w.t.Helper()
	got := s.poll()
	token, ok := got["access_token"].(string)
	if !ok {
		s.w.t.Fatalf("no token in %v", got)
	}
	return token
}

func TestADeviceCodeIsHandedOutAsGitHubDoes(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	start := w.signIn("default", "repo admin:repo_hook").start
	for field, shape := range map[string]string{
		"device_code":      "^[0-9a-f]{40}$",
		"user_code":        "^[A-Z]{4}-[A-Z]{4}$",
		"verification_uri": "^" + regexp.QuoteMeta(w.server.URL()) + "/github/login/device$",
	} {
		if text, _ := start[field].(string); !regexp.MustCompile(shape).MatchString(text) {
			t.Errorf("%s is %q", field, text)
		}
	}
	if start["expires_in"] != 900.0 || start["interval"] != 5.0 {
		t.Errorf("expires_in is %v, interval %v", start["expires_in"], start["interval"])
	}
	if _, ok := start["verification_uri_complete"]; ok {
		t.Error("GitHub has no verification_uri_complete")
	}
}

func TestAnApprovedSignInEarnsATokenThatWorks(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.signIn("default", "repo admin:repo_hook repo:status nonsense")
	s.expectError("authorization_pending")
	if err := w.server.Approve(s.userCode()); err != nil {
		t.Fatal(err)
	}
	got := s.poll()
	if got["scope"] != "admin:repo_hook,repo" || got["token_type"] != "bearer" || got["refresh_token"] != nil {
		t.Errorf("the token comes as %v", got)
	}
	token, _ := got["access_token"].(string)
	if !strings.HasPrefix(token, "gho_") || len(token) != 40 {
		t.Errorf("the token is %q", token)
	}
	w.as(token, "/github/api/user").expect(t, 200, `"login":"octocat"`).headers(t, map[string]string{"X-OAuth-Scopes": "admin:repo_hook, repo"})
	s.expectError("incorrect_device_code")
}

func TestADecisionHoldsOnce(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.signIn("default", "repo")
	if err := w.server.Deny(strings.ToLower(s.userCode())); err != nil {
		t.Fatal(err)
	}
	s.expectError("access_denied")
	if err := w.server.Approve(s.userCode()); !errors.Is(err, sandbox.ErrUnknownCode) {
		t.Errorf("a denied code is approved with %v", err)
	}
}

func TestWithAutoApprovalTheFirstPollEarnsTheToken(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto, Login: "acme-bot"})
	w.as(w.signIn("default", "repo").token(), "/github/api/user").expect(t, 200, `"login":"acme-bot"`)
}

func TestAPollThatComesTooEarlyIsSlowedDown(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.signIn("default", "repo")
	s.expectError("authorization_pending")
	w.clock.Advance(time.Second)
	if got := s.pollNow(); got["error"] != "slow_down" || got["interval"] != 10.0 {
		t.Errorf("after one second: %v", got)
	}
	w.clock.Advance(5 * time.Second)
	if got := s.pollNow(); got["error"] != "slow_down" || got["interval"] != 15.0 {
		t.Errorf("the old interval still counts: %v", got)
	}
	w.clock.Advance(15 * time.Second)
	if got := s.pollNow(); got["error"] != "authorization_pending" {
		t.Errorf("after the new interval: %v", got)
	}
}

func TestACodeRunsOut(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.signIn("default", "repo")
	w.clock.Advance(15 * time.Minute)
	if err := w.server.Approve(s.userCode()); !errors.Is(err, sandbox.ErrUnknownCode) {
		t.Errorf("a code that ran out is approved with %v", err)
	}
	s.expectError("expired_token")
	short := w.signIn("short-lived", "repo")
	if short.start["expires_in"] != 5.0 {
		t.Errorf("a short-lived code lives for %v", short.start["expires_in"])
	}
}

func TestAClientThatFailsFailsAtItsFirstPoll(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	for client, want := range map[string]string{
		"slow-down":       "slow_down",
		"slow-down-bare":  "slow_down",
		"expired-token":   "expired_token",
		"token-expired":   "token_expired",
		"denied":          "access_denied",
		"bad-credentials": "incorrect_client_credentials",
		"bad-device-code": "incorrect_device_code",
		"bad-grant-type":  "unsupported_grant_type",
	} {
		t.Run(client, func(t *testing.T) {
			got := w.signIn(client, "repo").expectError(want)
			_, told := got["interval"]
			if told != (client == "slow-down") {
				t.Errorf("interval is told: %v", told)
			}
			if got["error_description"] == "" {
				t.Error("nothing is described")
			}
		})
	}
}

func TestATransportErrorWhilePollingPassesBy(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	broken := w.signIn("hang-up", "repo")
	for range 2 {
		r := w.request("POST", "/github/login/oauth/access_token", strings.NewReader(broken.form().Encode()), "Content-Type", "application/x-www-form-urlencoded")
		w.clock.Advance(time.Minute)
		if res, err := w.client.Do(r); err == nil {
			_ = res.Body.Close()
			t.Fatalf("answered %d", res.StatusCode)
		}
	}
	broken.token()

	gateway := w.signIn("bad-gateway", "repo")
	for range 2 {
		w.clock.Advance(time.Minute)
		w.post("/github/login/oauth/access_token", gateway.form()).expect(t, 502, "<html>")
	}
	gateway.token()
}

func TestAFlowThatDoesNotStart(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	for _, c := range []struct {
		client string
		status int
		text   string
	}{
		{sandbox.MustClient("github", "disabled").ID, 200, "device_flow_disabled"},
		{sandbox.MustClient("github", "disabled-400").ID, 400, "device_flow_disabled"},
		{sandbox.MustClient("github", "no-start").ID, 502, "<html>"},
		{sandbox.MustClient("github-enterprise", "default").ID, 404, "Not Found"},
		{"", 404, "Not Found"},
	} {
		w.post("/github/login/device/code", url.Values{"client_id": {c.client}}, "Accept", "application/json").expect(t, c.status, c.text)
	}
}

func TestAnOddStartIsOdd(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	if _, ok := w.signIn("no-interval", "repo").start["interval"]; ok {
		t.Error("an interval is named")
	}
	if uri, _ := w.signIn("foreign-page", "repo").start["verification_uri"].(string); !strings.HasPrefix(uri, "https://login.evil.example/") {
		t.Errorf("the page is %s", uri)
	}
	if code := w.signIn("hostile-code", "repo").userCode(); !strings.Contains(code, "\x1b[2J") {
		t.Errorf("the code is %q", code)
	}
}

func TestTheTokenEndpointKnowsWhoAsksForWhat(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	s := w.signIn("default", "repo")
	other := s.form()
	other.Set("client_id", sandbox.MustClient("github", "narrow").ID)
	wrongGrant := s.form()
	wrongGrant.Set("grant_type", "password")
	unknown := s.form()
	unknown.Set("client_id", "Ov23liNobody")
	for want, form := range map[string]url.Values{
		"incorrect_device_code":        other,
		"unsupported_grant_type":       wrongGrant,
		"incorrect_client_credentials": unknown,
	} {
		if got := w.postJSON("/github/login/oauth/access_token", form); got["error"] != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
}

func TestRepliesAreFormsUnlessJSONIsAskedFor(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	client := sandbox.MustClient("github", "default").ID
	start := w.post("/github/login/device/code", url.Values{"client_id": {client}, "scope": {"repo admin:repo_hook"}})
	start.expect(t, 200).headers(t, map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
	form, err := url.ParseQuery(start.text)
	if err != nil || form.Get("expires_in") != "900" {
		t.Fatalf("%q: %v", start.text, err)
	}
	token := w.post("/github/login/oauth/access_token", url.Values{"client_id": {client}, "device_code": {form.Get("device_code")}, "grant_type": {deviceGrant}})
	token.expect(t, 200, "scope=admin%3Arepo_hook%2Crepo", "access_token=gho_")
}

func TestAPersonMayGrantLessThanWasAsked(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	if got := w.signIn("narrow", "repo admin:repo_hook").poll(); got["scope"] != "repo" {
		t.Errorf("got %v", got)
	}
}

func TestAGitHubAppKnowsNoScopes(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	s := w.signIn("app", "repo admin:repo_hook")
	if !strings.HasPrefix(s.client, "Iv") {
		t.Errorf("the client id is %s", s.client)
	}
	got := s.poll()
	token, _ := got["access_token"].(string)
	if got["scope"] != "" || !strings.HasPrefix(token, "ghu_") {
		t.Errorf("got %v", got)
	}
	w.as(token, "/github/api/user").expect(t, 200).headers(t, map[string]string{"X-OAuth-Scopes": "absent"})
}

func TestARefreshTradesThePairAtOnce(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	refresh := func(s signIn, token any) map[string]any {
		text, _ := token.(string)
		return w.postJSON("/github/login/oauth/access_token", url.Values{"client_id": {s.client}, "grant_type": {"refresh_token"}, "refresh_token": {text}})
	}
	s := w.signIn("always-expires", "repo")
	old := s.poll()
	if old["expires_in"] != 28800.0 || old["refresh_token_expires_in"] != 15897600.0 {
		t.Fatalf("the pair lives for %v and %v", old["expires_in"], old["refresh_token_expires_in"])
	}
	fresh := refresh(s, old["refresh_token"])
	for token, status := range map[any]int{old["access_token"]: 401, fresh["access_token"]: 200} {
		text, _ := token.(string)
		w.as(text, "/github/api/user").expect(t, status)
	}
	if again := refresh(s, old["refresh_token"]); again["error"] != "bad_refresh_token" {
		t.Errorf("the old refresh token earns %v", again)
	}
	access, _ := fresh["access_token"].(string)
	w.clock.Advance(8 * time.Hour)
	w.as(access, "/github/api/user").expect(t, 401)

	refused := w.signIn("refresh-refused", "repo")
	if got := refresh(refused, refused.poll()["refresh_token"]); got["error"] != "bad_refresh_token" {
		t.Errorf("got %v", got)
	}
}

func TestOfflineAccessCountsOnGitHubAlone(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	if got := w.signIn("default", "repo offline_access").poll(); got["refresh_token"] == nil || got["scope"] != "repo" {
		t.Errorf("github.com answers %v", got)
	}
	s := signIn{w: w, base: "/ghes", client: sandbox.MustClient("github-enterprise", "default").ID}
	s.start = w.postJSON("/ghes/login/device/code", url.Values{"client_id": {s.client}, "scope": {"repo offline_access"}})
	if got := s.poll(); got["access_token"] == nil || got["refresh_token"] != nil {
		t.Errorf("3.19 answers %v", got)
	}
}

func TestTheEleventhTokenRevokesTheFirst(t *testing.T) {
	w := newWire(t, sandbox.Options{Approve: sandbox.Auto})
	other := w.signIn("default", "repo gist").token()
	var tokens []string
	for range 11 {
		tokens = append(tokens, w.signIn("default", "repo").token())
	}
	w.as(tokens[0], "/github/api/user").expect(t, 401)
	w.as(tokens[1], "/github/api/user").expect(t, 200)
	w.as(tokens[10], "/github/api/user").expect(t, 200)
	w.as(other, "/github/api/user").expect(t, 200)
}

func TestAShortIntervalIsToldInWholeSeconds(t *testing.T) {
	w := newWire(t, sandbox.Options{Interval: time.Millisecond})
	s := w.signIn("default", "repo")
	if s.start["interval"] != 1.0 {
		t.Errorf("the interval is %v", s.start["interval"])
	}
	for range 2 {
		w.clock.Advance(time.Millisecond)
		if got := s.pollNow(); got["error"] != "authorization_pending" {
			t.Errorf("got %v", got)
		}
	}
}

// zeros is a source of chance that is always the same.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestTheSameChanceGivesTheSameCode(t *testing.T) {
	w := newWire(t, sandbox.Options{Random: io.Reader(zeros{})})
	w.named("runtime", "/github/api/user")
	if code := w.signIn("default", "repo").userCode(); code != "BBBB-BBBB" {
		t.Errorf("the code is %s", code)
	}
}

func TestNothingAboutASignInMayBeKept(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	start := w.post("/github/login/device/code", url.Values{"client_id": {sandbox.MustClient("github", "default").ID}})
	start.expect(t, http.StatusOK).headers(t, map[string]string{"Cache-Control": "no-store"})
}
