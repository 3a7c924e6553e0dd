package oauth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/internal/canary"
	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/oauth"
	"gitgrant/providers/wire"
)

const (
	authCode     = "Cq7x-code-3fK9wB2d-end81Yt"
	clientSecret = "Sq7x-secret-3fK9wB2d-end81Yt"
)

var pages = oauth.Pages{Returned: []byte("returned"), Denied: []byte("denied"), Stray: []byte("stray")}

// trip is a sign-in whose browser is the test, at a host whose answer to the
// exchange is written down beforehand.
type trip struct {
	*oauth.Visit
	t      *testing.T
	client *wire.Client
	site   string

	mu        sync.Mutex
	exchanges []url.Values
	basic     []string
}

func newTrip(t *testing.T, b oauth.Browser, exchange reply) *trip {
	t.Helper()
	tr := &trip{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		id, password, _ := r.BasicAuth()
		tr.mu.Lock()
		tr.exchanges, tr.basic = append(tr.exchanges, r.PostForm), append(tr.basic, id+":"+password)
		tr.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(exchange.status)
		body := strings.ReplaceAll(exchange.body, "CODE", r.PostForm.Get("code"))
		_, _ = io.WriteString(w, strings.ReplaceAll(body, "SECRET", r.PostForm.Get("client_secret")))
	}))
	t.Cleanup(server.Close)
	client, err := wire.New(wire.Options{Bases: []string{server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	b.Site, b.TokenURL, b.AuthorizeURL, b.ID = server.URL, server.URL+"/token", server.URL+"/authorize", "Ov23li"
	if b.Redirect == "" {
		b.Redirect = "http://127.0.0.1/callback"
	}
	b.Scopes = []string{"repo", "admin:repo_hook"}
	v, err := b.Start(pages)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	tr.Visit, tr.client, tr.site = v, client, server.URL
	return tr
}

// asked is the query of the consent page.
func (tr *trip) asked() url.Values {
	tr.t.Helper()
	u, err := url.Parse(tr.Address)
	if err != nil {
		tr.t.Fatal(err)
	}
	return u.Query()
}

func (tr *trip) state() string { return tr.asked().Get("state") }

// back is the address that the browser ends on when the person has agreed.
func (tr *trip) back() string {
	return tr.Redirect + "?" + url.Values{"code": {authCode}, "state": {tr.state()}}.Encode()
}

// host is where the browser is to come back.
func (tr *trip) host() string {
	u, err := url.Parse(tr.Redirect)
	if err != nil {
		tr.t.Fatal(err)
	}
	return u.Host
}

// wait is Wait, beside the test.
func (tr *trip) wait() func() (oauth.Token, error) {
	type end struct {
		token oauth.Token
		err   error
	}
	ends := make(chan end, 1)
	go func() {
		token, err := tr.Wait(tr.t.Context(), tr.client)
		ends <- end{token, err}
	}()
	return func() (oauth.Token, error) {
		e := <-ends
		return e.token, e.err
	}
}

// visitor is as much of a browser as these tests need.
var visitor = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	resp, err := visitor.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestABrowserThatComesBackBringsAToken(t *testing.T) {
	tr := newTrip(t, oauth.Browser{}, granted)
	end := tr.wait()
	resp, page := get(t, tr.back())
	if resp.StatusCode != 200 || page != "returned" {
		t.Errorf("the browser is shown %d %q", resp.StatusCode, page)
	}
	token, err := end()
	if err != nil || token.Access.Reveal() != access {
		t.Errorf("%v %v", token, err)
	}
	if _, err := net.Dial("tcp", tr.host()); err == nil {
		t.Error("somebody still listens afterwards")
	}
}

func TestTheConsentPageIsAskedInTheWordsOfTheStandards(t *testing.T) {
	for name, bare := range map[string]bool{"with PKCE": false, "without": true} {
		t.Run(name, func(t *testing.T) {
			tr := newTrip(t, oauth.Browser{Bare: bare, Application: oauth.Application{Secret: secret.New(clientSecret)}}, granted)
			end := tr.wait()
			get(t, tr.back())
			if _, err := end(); err != nil {
				t.Fatal(err)
			}
			asked, sent := tr.asked(), tr.exchanges[0]
			sum := sha256.Sum256([]byte(sent.Get("code_verifier")))
			want := url.Values{
				"client_id": {"Ov23li"}, "response_type": {"code"}, "redirect_uri": {tr.Redirect}, "scope": {"repo admin:repo_hook"},
				"state": {asked.Get("state")},
			}
			form := url.Values{
				"client_id": {"Ov23li"}, "client_secret": {clientSecret}, "grant_type": {"authorization_code"},
				"code": {authCode}, "redirect_uri": {tr.Redirect},
			}
			if !bare {
				want.Set("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))
				want.Set("code_challenge_method", "S256")
				form.Set("code_verifier", sent.Get("code_verifier"))
			}
			if diff := cmp.Diff(want, asked); diff != "" {
				t.Errorf("the page is asked: %s", diff)
			}
			if diff := cmp.Diff(form, sent); diff != "" {
				t.Errorf("the exchange is asked: %s", diff)
			}
			if bits := len(asked.Get("state")) * 5; bits < 120 {
				t.Errorf("the state %q has %d bits", asked.Get("state"), bits)
			}
		})
	}
}

func TestNoTwoVisitsHaveTheSameStateOrVerifier(t *testing.T) {
	one, two := newTrip(t, oauth.Browser{}, granted), newTrip(t, oauth.Browser{}, granted)
	for _, name := range []string{"state", "code_challenge"} {
		if one.asked().Get(name) == two.asked().Get(name) {
			t.Errorf("both have the %s %q", name, one.asked().Get(name))
		}
	}
}

func TestTheSecretGoesIntoTheHeaderWhereTheHostWantsItThere(t *testing.T) {
	tr := newTrip(t, oauth.Browser{Application: oauth.Application{Basic: true, Secret: secret.New("a+secret with:signs")}}, granted)
	end := tr.wait()
	get(t, tr.back())
	if _, err := end(); err != nil {
		t.Fatal(err)
	}
	if tr.basic[0] != "Ov23li:a%2Bsecret+with%3Asigns" || tr.exchanges[0].Has("client_secret") || tr.exchanges[0].Has("client_id") {
		t.Errorf("sent %q and %v", tr.basic[0], tr.exchanges[0])
	}
}

func TestARefusedExchangeHasItsCause(t *testing.T) {
	for name, test := range map[string]struct {
		reply  reply
		secret string
		kind   cause.Kind
		detail string
	}{
		"a code that is not good, as GitHub says it": {oauthError("bad_verification_code"), clientSecret, cause.CodeRefused, ""},
		"the same as the standard says it":           {reply{status: 400, body: `{"error":"invalid_grant"}`}, "", cause.CodeRefused, ""},
		"another redirect":                           {oauthError("redirect_uri_mismatch"), clientSecret, cause.RedirectRefused, "REDIRECT"},
		"no secret where one is wanted":              {oauthError("incorrect_client_credentials"), "", cause.SecretWanted, ""},
		"a secret that is not the right one":         {oauthError("incorrect_client_credentials"), clientSecret, cause.SecretRefused, ""},
		"the same with a status":                     {reply{status: 401, body: `{"error":"invalid_client"}`}, clientSecret, cause.SecretRefused, ""},
		"a description that repeats code and secret": {ok(`{"error":"odd","error_description":"CODE and SECRET\u001b[31m"}`), clientSecret, cause.SignInRefused, "••• and •••[31m"},
		"a page":                         {reply{status: 200, body: "<html>"}, "", cause.NotUnderstood, "json"},
		"nothing in it":                  {ok(`{}`), "", cause.NotUnderstood, "json"},
		"a host with a fault":            {reply{status: 502}, "", cause.ServerError, ""},
		"a host that has had enough":     {reply{status: 429}, "", cause.RateLimited, ""},
		"a token that could not be sent": {ok(`{"access_token":"a b"}`), "", cause.NotUnderstood, "json"},
		"an error beside a token":        {ok(`{"error":"invalid_grant","access_token":"gho_x"}`), "", cause.CodeRefused, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTrip(t, oauth.Browser{Application: oauth.Application{Secret: secret.New(test.secret)}}, test.reply)
			end := tr.wait()
			get(t, tr.back())
			_, err := end()
			detail := strings.ReplaceAll(test.detail, "REDIRECT", tr.Redirect)
			wantCause(t, err, cause.Cause{Kind: test.kind, Host: strings.TrimPrefix(tr.site, "http://"), Status: test.reply.status, Detail: detail})
			for _, hidden := range []string{authCode, clientSecret, tr.exchanges[0].Get("code_verifier")} {
				if found := canary.Search(hidden, map[string][]byte{"error": fmt.Appendf(nil, "%v %+v", err, err)}); found != nil {
					t.Error(found)
				}
			}
		})
	}
}

func TestAPersonCanBringTheAddressThatTheBrowserEndedOn(t *testing.T) {
	for name, brought := range map[string]func(string) string{
		"as it is":              func(s string) string { return s },
		"with space around it":  func(s string) string { return "  " + s + "\n" },
		"without its scheme":    func(s string) string { return strings.TrimPrefix(s, "http://") },
		"with a fragment at it": func(s string) string { return s + "#_=_" },
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTrip(t, oauth.Browser{}, granted)
			end := tr.wait()
			if err := tr.Bring(brought(tr.back())); err != nil {
				t.Fatal(err)
			}
			if token, err := end(); err != nil || token.Access.Reveal() != access {
				t.Errorf("%v %v", token, err)
			}
		})
	}
}

func TestAnAddressThatIsNotTheOneIsRefusedAndTheVisitGoesOn(t *testing.T) {
	tr := newTrip(t, oauth.Browser{}, granted)
	end := tr.wait()
	good := tr.back()
	for name, brought := range map[string]string{
		"nothing":              "",
		"the consent page":     tr.Address,
		"no state":             tr.Redirect + "?code=" + authCode,
		"the state of another": tr.Redirect + "?state=" + strings.Repeat("A", 26) + "&code=" + authCode,
		"another path":         strings.Replace(good, "/callback", "/", 1),
		"another port":         strings.Replace(good, tr.host(), "127.0.0.1:1", 1),
		"another host":         strings.Replace(good, "127.0.0.1", "evil.example", 1),
		"another scheme":       strings.Replace(good, "http", "https", 1),
		"a user name in it":    strings.Replace(good, "127.0.0.1", "me@127.0.0.1", 1),
		"a code twice":         good + "&code=x",
		"no address":           "a%zz://",
		"a token":              access,
	} {
		if err := tr.Bring(brought); !errors.Is(err, oauth.ErrNotReturn) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	if err := tr.Bring(good); err != nil {
		t.Fatal(err)
	}
	if err := tr.Bring(good); !errors.Is(err, oauth.ErrNotReturn) {
		t.Errorf("the same once more: error is %v", err)
	}
	if _, err := end(); err != nil || len(tr.exchanges) != 1 {
		t.Errorf("%v after %d exchanges", err, len(tr.exchanges))
	}
}

func TestNobodyListensForARedirectThatIsNotOfThisMachine(t *testing.T) {
	for redirect, ends := range map[string]string{
		"https://127.0.0.1/callback": "https://127.0.0.1/callback",
		"https://tool.example":       "https://tool.example/", // as a browser has it
	} {
		tr := newTrip(t, oauth.Browser{Redirect: redirect}, granted)
		if tr.Listening || tr.Redirect != redirect {
			t.Fatalf("%+v", tr.Page)
		}
		end := tr.wait()
		if err := tr.Bring(strings.Replace(tr.back(), redirect, ends, 1)); err != nil {
			t.Fatal(err)
		}
		if _, err := end(); err != nil {
			t.Error(err)
		}
	}
}

func TestTheHostIsAskedForNothingToHearWhatItHasAgainstTheApplication(t *testing.T) {
	for name, test := range map[string]struct {
		reply  reply
		secret string
		needs  bool
		kind   cause.Kind // empty: nothing
	}{
		"nothing, as GitHub says it":        {oauthError("bad_verification_code"), clientSecret, true, ""},
		"nothing, as the standard says it":  {reply{status: 400, body: `{"error":"invalid_grant"}`}, "", false, ""},
		"an id that it does not know":       {reply{status: 401, body: `{"error":"invalid_client"}`}, "", false, cause.UnknownApplication},
		"a secret that is not the right":    {oauthError("incorrect_client_credentials"), clientSecret, true, cause.SecretRefused},
		"no secret":                         {oauthError("incorrect_client_credentials"), "", true, cause.SecretWanted},
		"an address that is not registered": {oauthError("redirect_uri_mismatch"), clientSecret, true, cause.RedirectRefused},
		"a fault of its own":                {reply{status: 500}, "", false, cause.ServerError},
	} {
		t.Run(name, func(t *testing.T) {
			tr := newTrip(t, oauth.Browser{}, test.reply)
			b := oauth.Browser{
				Application: oauth.Application{Site: tr.site, TokenURL: tr.site + "/token", ID: "Ov23li", Secret: secret.New(test.secret)},
				Redirect:    "http://127.0.0.1/callback", NeedsSecret: test.needs,
			}
			err := b.Try(t.Context(), tr.client)
			if test.kind == "" && err != nil || test.kind != "" && !cause.Is(err, test.kind) {
				t.Errorf("error is %v, want %q", err, test.kind)
			}
		})
	}
}

func TestABrowserThatDoesNotComeBackIsNotWaitedForForEver(t *testing.T) {
	now := noonOf(t)
	tr := newTrip(t, oauth.Browser{Application: oauth.Application{Now: func() time.Time {
		now = now.Add(time.Hour) // with every look at the clock
		return now
	}}}, granted)
	_, err := tr.Wait(t.Context(), tr.client)
	if !cause.Is(err, cause.NoReturn) {
		t.Errorf("error is %v", err)
	}
	if _, err := net.Dial("tcp", tr.host()); err == nil {
		t.Error("somebody still listens")
	}
}

func noonOf(t *testing.T) time.Time {
	t.Helper()
	return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
}

func TestACodeAfterTheEndOfTheVisitFindsNobody(t *testing.T) {
	tr := newTrip(t, oauth.Browser{}, granted)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := tr.Wait(ctx, tr.client)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	if _, err := visitor.Get(tr.back()); err == nil {
		t.Error("the code was taken")
	}
	if len(tr.exchanges) != 0 {
		t.Error("the code was traded")
	}
}
