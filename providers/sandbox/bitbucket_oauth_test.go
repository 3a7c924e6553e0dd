package sandbox_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

const authorizeAt, accessTokenAt = cloudSite + "/site/oauth2/authorize", cloudSite + "/site/oauth2/access_token"

// cloudAuthorization is the address of the consent page.
func cloudAuthorization(consumer, redirect string, more ...string) string {
	query := url.Values{"client_id": {sandbox.MustClient("bitbucket", consumer).ID}, "response_type": {"code"}, "state": {"a state"}}
	if redirect != "" {
		query.Set("redirect_uri", redirect)
	}
	for i := 0; i < len(more); i += 2 {
		query.Set(more[i], more[i+1])
	}
	return authorizeAt + "?" + query.Encode()
}

// cloudConsent approves as acme-bot, and is what the browser is then led to.
func (w *wire) cloudConsent(address, decision string) url.Values {
	w.t.Helper()
	answer := w.post(address, url.Values{"decision": {decision}, "login": {"acme-bot"}}).expect(w.t, 302)
	to, err := url.Parse(answer.Header.Get("Location"))
	if err != nil {
		w.t.Fatal(err)
	}
	values := to.Query()
	to.RawQuery = ""
	values.Set("to", to.String())
	return values
}

// cloudToken asks for a token as a named consumer, by Basic.
func (w *wire) cloudToken(consumer string, form url.Values) reply {
	w.t.Helper()
	client := sandbox.MustClient("bitbucket", consumer)
	r := w.request("POST", accessTokenAt, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(client.ID, client.Secret)
	return w.do(r)
}

const anyPort = "http://127.0.0.1:41234/callback"

// cloudPair signs in by the consumer.
func (w *wire) cloudPair(consumer string) map[string]any {
	w.t.Helper()
	code := w.cloudConsent(cloudAuthorization(consumer, anyPort), "approve").Get("code")
	return w.cloudToken(consumer, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {anyPort}}).expect(w.t, 200).json(w.t)
}

func TestASignInAtBitbucketEndsWithALongPair(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	w.get(cloudAuthorization("default", anyPort)).expect(t, 200, "<code>webhook</code>", `value="approve"`, `value="deny"`)
	pair := w.cloudPair("default")
	access, _ := pair["access_token"].(string)
	refresh, _ := pair["refresh_token"].(string)
	if len(access) != 2600 || len(refresh) != 2600 || access == refresh {
		t.Errorf("the tokens have %d and %d characters", len(access), len(refresh))
	}
	if pair["scope"] != "account team repository:write repository:admin webhook" || pair["expires_in"] != 7200.0 || pair["token_type"] != "bearer" || pair["state"] != "authorization_code" {
		t.Errorf("%v, %v, %v, %v", pair["scope"], pair["expires_in"], pair["token_type"], pair["state"])
	}
	w.as(access, cloudAPI+"/user").expect(t, 200, `"username":"acme-bot"`)
	w.clock.Advance(2 * time.Hour)
	w.as(access, cloudAPI+"/user").expect(t, 401, "Access token expired")
}

func TestWhereASignInLeads(t *testing.T) {
	for name, test := range map[string]struct {
		consumer, redirect string
		status             int
		texts              []string
	}{
		"any port of the loopback address": {"default", anyPort, 200, nil},
		"further down the same address":    {"default", anyPort + "/further", 200, nil},
		"nowhere, which is the registered": {"default", "", 200, nil},
		"another name of this machine":     {"default", "http://localhost:41234/callback", 400, []string{"Invalid redirect_uri", "This integration is misconfigured"}},
		"beside it":                        {"default", anyPort + "s", 400, []string{"Invalid redirect_uri"}},
		"elsewhere":                        {"default", "https://evil.example/callback", 400, []string{"Invalid redirect_uri"}},
		"with a user name":                 {"default", "http://me@127.0.0.1/callback", 400, []string{"Invalid redirect_uri"}},
		"a name with its own port":         {"localhost", "http://localhost:34106/", 200, nil},
		"a name with another port":         {"localhost", "http://localhost:34107/", 400, []string{"Invalid redirect_uri"}},
		"no callback at all":               {"no-callback", anyPort, 400, []string{`{"error":"invalid_request","error_description":"No callback uri defined for the OAuth client."}`}},
	} {
		t.Run(name, func(t *testing.T) {
			newWire(t, sandbox.Options{}).get(cloudAuthorization(test.consumer, test.redirect)).expect(t, test.status, test.texts...)
		})
	}
	w := newWire(t, sandbox.Options{})
	w.get(authorizeAt+"?client_id=nobody&response_type=code").expect(t, 400, "Invalid client_id")
	implicit := w.get(cloudAuthorization("default", anyPort, "response_type", "token")).expect(t, 302)
	if to := implicit.Header.Get("Location"); !strings.HasPrefix(to, anyPort+"?error=unsupported_response_type") || !strings.Contains(to, "state=a+state") {
		t.Errorf("it leads to %s", to)
	}
}

func TestADenialGoesBackToWhoAsked(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	back := w.cloudConsent(cloudAuthorization("default", anyPort), "deny")
	if back.Get("to") != anyPort || back.Get("error") != "access_denied" || back.Get("error_description") == "" || back.Get("state") != "a state" {
		t.Errorf("%v", back)
	}
}

func TestACodeIsGoodOnceForWhoAskedForIt(t *testing.T) {
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	for name, test := range map[string]struct {
		form     url.Values
		consumer string
		wait     time.Duration
		status   int
		text     string
	}{
		"as it was asked":      {url.Values{}, "default", 0, 200, "access_token"},
		"another redirect":     {url.Values{"redirect_uri": {"http://127.0.0.1:5/callback"}}, "default", 0, 400, "redirect_uri"},
		"no redirect any more": {url.Values{"redirect_uri": {""}}, "default", 0, 400, "redirect_uri"},
		"another verifier":     {url.Values{"code_verifier": {"x"}}, "default", 0, 400, "code_verifier"},
		"no verifier":          {url.Values{"code_verifier": {""}}, "default", 0, 400, "code_verifier"},
		"another consumer":     {url.Values{}, "few-scopes", 0, 400, "code"},
		"too late":             {url.Values{}, "default", 10 * time.Minute, 400, "code"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t, sandbox.Options{})
			code := w.cloudConsent(cloudAuthorization("default", anyPort, "code_challenge", challenge, "code_challenge_method", "S256"), "approve").Get("code")
			w.clock.Advance(test.wait)
			form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {anyPort}, "code_verifier": {verifier}}
			for name := range test.form {
				form.Set(name, test.form.Get(name))
			}
			answer := w.cloudToken(test.consumer, form).expect(t, test.status, test.text)
			if test.status != 200 {
				answer.expect(t, 400, `"error":"invalid_grant"`)
			}
			w.cloudToken("default", form).expect(t, 400, `"error":"invalid_grant"`)
		})
	}
}

func TestATokenRequestIsAFormOfAConsumer(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	const anonymous = `{"error":"unauthorized_client","error_description":"Requests must be authenticated using OAuth client credentials"}`
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {"x"}}
	w.post(accessTokenAt, form).expect(t, 401, anonymous)
	form.Set("client_id", sandbox.MustClient("bitbucket", "default").ID)
	w.post(accessTokenAt, form).expect(t, 401, anonymous)
	form.Set("client_secret", sandbox.MustClient("bitbucket", "default").Secret)
	w.post(accessTokenAt, form).expect(t, 400, "invalid_grant")
	const none = `{"error":"invalid_grant","error_description":"Unsupported grant type: None"}`
	w.do(w.request("POST", accessTokenAt, strings.NewReader(`{"grant_type":"refresh_token"}`), "Content-Type", "application/json")).expect(t, 400, none)
	w.cloudToken("default", url.Values{}).expect(t, 400, none)
	w.cloudToken("default", url.Values{"grant_type": {"password"}}).expect(t, 400, "Unsupported grant type: password")
}

func TestARefreshTokenRotatesAndLivesOnForAWhile(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	first, _ := w.cloudPair("default")["refresh_token"].(string)
	renew := func(refresh string) reply {
		return w.cloudToken("default", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	}
	second, _ := renew(first).expect(t, 200, `"state":"refresh_token"`).json(t)["refresh_token"].(string)
	if second == first || second == "" {
		t.Errorf("the second is %.20q", second)
	}
	w.clock.Advance(9 * time.Minute)
	renew(first).expect(t, 200)
	w.clock.Advance(time.Minute)
	renew(first).expect(t, 400, `"error":"invalid_grant"`)
	w.clock.Advance(89 * 24 * time.Hour)
	renew(second).expect(t, 200)
	third, _ := w.cloudPair("default")["refresh_token"].(string)
	w.clock.Advance(90 * 24 * time.Hour)
	renew(third).expect(t, 400, `"error":"invalid_grant"`)
	w.cloudToken("few-scopes", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {third}}).expect(t, 400)
}

func TestAConsumerDecidesWhatItsTokensMayDo(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	asked := w.cloudConsent(cloudAuthorization("few-scopes", anyPort, "scope", "repository:admin webhook"), "approve").Get("code")
	few := w.cloudToken("few-scopes", url.Values{"grant_type": {"authorization_code"}, "code": {asked}, "redirect_uri": {anyPort}}).expect(t, 200).json(t)
	if few["scope"] != "account repository" {
		t.Errorf("the scopes are %v", few["scope"])
	}
	legacy := w.cloudPair("legacy-scopes")
	if _, there := legacy["scope"]; there || legacy["scopes"] != "account team repository:write repository:admin webhook" {
		t.Errorf("the scopes are %v", legacy["scopes"])
	}
	refused, _ := w.cloudPair("refresh-refused")["refresh_token"].(string)
	w.cloudToken("refresh-refused", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refused}}).expect(t, 400, "invalid_grant")
	alone := w.cloudToken("private", url.Values{"grant_type": {"client_credentials"}}).expect(t, 200).json(t)
	if _, there := alone["refresh_token"]; there {
		t.Error("a consumer without a person got a refresh token")
	}
	w.cloudToken("default", url.Values{"grant_type": {"client_credentials"}}).expect(t, 400, "unauthorized_client")
}
