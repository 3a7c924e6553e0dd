package sandbox_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"regexp"
	"testing"
	"time"

	"gitgrant/providers/sandbox"
)

const (
	dcAuthorize = dcRest + "/oauth2/latest/authorize"
	dcToken     = dcRest + "/oauth2/latest/token"
	dcBack      = "http://127.0.0.1:7171/callback"
	dcVerifier  = "a-verifier-that-is-at-least-forty-three-characters"
)

func dcChallenge() string {
	sum := sha256.Sum256([]byte(dcVerifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// dcAsk is the address of a consent page.
func dcAsk(client, redirect, scope string) string {
	return dcAuthorize + "?" + url.Values{
		"client_id": {client}, "redirect_uri": {redirect}, "scope": {scope}, "response_type": {"code"}, "state": {"s1"},
		"code_challenge": {dcChallenge()}, "code_challenge_method": {"S256"},
	}.Encode()
}

// dcCode is an authorization code of the account acme-bot.
func (w *wire) dcCode(client sandbox.Client, scope string) string {
	w.t.Helper()
	back := w.post(dcAsk(client.ID, dcBack, scope), url.Values{"decision": {"approve"}, "login": {"acme-bot"}}).expect(w.t, 302)
	to, err := back.Location()
	if err != nil || to.Query().Get("state") != "s1" || to.Query().Get("code") == "" {
		w.t.Fatalf("it leads to %v, %v", to, err)
	}
	return to.Query().Get("code")
}

// dcForm is what a client sends for a code.
func dcForm(client sandbox.Client, code string) url.Values {
	return url.Values{
		"client_id": {client.ID}, "client_secret": {client.Secret}, "grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {dcBack}, "code_verifier": {dcVerifier},
	}
}

func TestAnApplicationLinkIssuesAndRenewsTokens(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	client := sandbox.MustClient("bitbucket-server", "default")
	w.get(dcAsk(client.ID, dcBack, "PROJECT_ADMIN")).expect(t, 200, "<code>PROJECT_ADMIN</code>")
	form := dcForm(client, w.dcCode(client, "PROJECT_ADMIN"))
	issued := w.post(dcToken, form).expect(t, 200, `"scope":"PROJECT_ADMIN"`, `"expires_in":3600`, `"token_type":"bearer"`).json(t)
	w.post(dcToken, form).expect(t, 400, "invalid_grant") // a code is good once
	first := issued["access_token"].(string)
	w.as(first, dcAPI+"/projects/ACME/permissions/users").expect(t, 200)

	renew := url.Values{"client_id": {client.ID}, "client_secret": {client.Secret}, "grant_type": {"refresh_token"}, "refresh_token": {issued["refresh_token"].(string)}}
	renewed := w.post(dcToken, renew).expect(t, 200, `"scope":"PROJECT_ADMIN"`).json(t)
	if renewed["refresh_token"] == issued["refresh_token"] || renewed["access_token"] == first {
		t.Errorf("%v is the same as before", renewed)
	}
	w.post(dcToken, renew).expect(t, 400, "invalid_grant")
	w.as(first, dcAPI+"/users").expect(t, 401)
	w.as(renewed["access_token"].(string), dcAPI+"/users").expect(t, 200)
	w.clock.Advance(time.Hour)
	w.as(renewed["access_token"].(string), dcAPI+"/users").expect(t, 401)
}

func TestATokenEndpointOfDataCenterRefusesWhatItHasTo(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	client := sandbox.MustClient("bitbucket-server", "default")
	change := func(field, value string) url.Values {
		form := dcForm(client, w.dcCode(client, "REPO_WRITE"))
		form.Set(field, value)
		return form
	}
	for name, test := range map[string]struct {
		form   url.Values
		status int
		code   string
	}{
		"no secret":         {change("client_secret", ""), 401, "invalid_client"},
		"an unknown client": {change("client_id", "00000000000000000000000000000000"), 401, "invalid_client"},
		"another verifier":  {change("code_verifier", "another"), 400, "invalid_grant"},
		"another redirect":  {change("redirect_uri", "http://127.0.0.1:1/callback"), 400, "invalid_grant"},
		"an unknown code":   {change("code", "none"), 400, "invalid_grant"},
		"another grant":     {change("grant_type", "password"), 400, "unsupported_grant_type"},
		"a refresh that fails": {url.Values{
			"client_id": {sandbox.MustClient("bitbucket-server", "refresh-refused").ID}, "client_secret": {sandbox.MustClient("bitbucket-server", "refresh-refused").Secret},
			"grant_type": {"refresh_token"}, "refresh_token": {"any"},
		}, 400, "invalid_grant"},
	} {
		t.Run(name, func(t *testing.T) { w.post(dcToken, test.form).expect(t, test.status, `"error":"`+test.code+`"`) })
	}
	r := w.request("POST", dcToken, nil)
	r.SetBasicAuth(client.ID, client.Secret)
	w.do(r).expect(t, 401, "invalid_client") // the secret goes in the body alone
}

func TestARedirectIsHTTPSUnlessTheHostWasToldOtherwise(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	of := func(name string) string { return sandbox.MustClient("bitbucket-server", name).ID }
	const plain = "Redirect URL is invalid: URL must use https"
	w.get(dcAsk(of("https-only"), "http://127.0.0.1/callback", "REPO_WRITE")).expect(t, 400, plain)
	w.get(dcAsk(of("https-only"), "https://127.0.0.1/callback", "REPO_WRITE")).expect(t, 200)
	w.get(dcAsk(of("default"), "http://127.0.0.1:1234/elsewhere", "REPO_WRITE")).expect(t, 400, "does not match")
	w.get(dcAsk("none", dcBack, "REPO_WRITE")).expect(t, 400, "client ID is unknown")

	const links = dcWeb + "/plugins/servlet/applinks/listApplicationLinks"
	w.get(links).expect(t, 200, "Redirect URL", "Application permissions")
	w.post(links, url.Values{"name": {"gitgrant"}, "redirect_uri": {"http://localhost:34106/"}}).expect(t, 400, plain)
	made := w.post(links, url.Values{"name": {"gitgrant"}, "redirect_uri": {"https://127.0.0.1/callback"}, "scope": {"REPO_READ"}}).expect(t, 200)
	secret := regexp.MustCompile(`decade[0-9a-f]{58}`).FindString(made.text)
	if secret == "" {
		t.Fatalf("no secret in %.600s", made.text)
	}
	denied := w.post(dcAsk(made.value(t), "https://127.0.0.1/callback", "REPO_READ"), url.Values{"decision": {"deny"}}).expect(t, 302)
	if to, err := denied.Location(); err != nil || to.Query().Get("error") != "access_denied" {
		t.Errorf("it leads to %v, %v", to, err)
	}
}

func TestALinkAllowsNoMoreThanItsAdminChose(t *testing.T) {
	w := newWire(t, sandbox.Options{})
	client := sandbox.MustClient("bitbucket-server", "repositories-read")
	for scope, want := range map[string]string{"REPO_READ": "", "": "", "REPO_WRITE": "invalid_scope", "EVERYTHING": "invalid_scope"} {
		got := w.get(dcAsk(client.ID, dcBack, scope))
		if want == "" {
			got.expect(t, 200)
			continue
		}
		if to, err := got.expect(t, 302).Location(); err != nil || to.Query().Get("error") != want || to.Query().Get("state") != "s1" {
			t.Errorf("%q leads to %v, %v", scope, to, err)
		}
	}
}
