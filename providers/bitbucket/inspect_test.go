package bitbucket_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/bitbucket"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

const (
	apiToken    = "ATATT3xFfGF0canary3fK9wB2dend81Yt"
	accessToken = "ATCTT3xFfGN0canary3fK9wB2dend81Yt"
	otherToken  = "canary3fK9wB2dend81YtAbCdEfGh"
	email       = "acme-bot@acme.example"
)

type header = map[string]string

// answer is what the API answers at one address.
type answer struct {
	status int
	header header
	body   string
}

// server is an API with a few addresses, by the end of their paths; others are
// not there. An address answers its list one by one, and the last for ever.
type server struct {
	answers map[string][]answer

	mu    sync.Mutex
	asked []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, r.Header.Get("Authorization")))
	a := answer{404, nil, `{"type":"error","error":{"message":"Resource not found"}}`}
	for path, list := range s.answers {
		if strings.HasSuffix(r.URL.Path, path) {
			a = list[0]
			if len(list) > 1 {
				s.answers[path] = list[1:]
			}
		}
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// inspect has the server looked at by a provider whose pauses are over at once.
func (s *server) inspect(t *testing.T, cred providers.Credential) (providers.Inspection, error) {
	t.Helper()
	h, c := s.at(t)
	p := bitbucket.Cloud()
	p.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return p.Inspect(t.Context(), c, h, cred)
}

func (s *server) at(t *testing.T) (providers.Host, *wire.Client) {
	t.Helper()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	h := providers.Host{URL: "https://bitbucket.org", Provider: providers.Bitbucket, WebURL: listening.URL, APIURL: listening.URL + "/2.0"}
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{h.WebURL, h.APIURL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return h, c
}

func cred(text, email string) providers.Credential {
	return providers.Credential{Token: secret.New(text), Method: providers.PAT, Email: email}
}

const (
	atUser, atWorkspaces = "/2.0/user", "/2.0/user/workspaces"

	robotUser = `{"type":"user","username":"acme-bot","nickname":"bot","display_name":"Acme Bot","account_id":"712020:1","uuid":"{1}"}`
	refused   = `{"type":"error","error":{"message":"Token is invalid, expired, or not supported for this endpoint."}}`
	lacking   = "Your credentials lack one or more required privilege scopes."
)

func tells(kind, scopes string) header {
	return header{"X-Credential-Type": kind, "X-OAuth-Scopes": scopes}
}

func ok(h header, body string) []answer { return []answer{{200, h, body}} }

func forbidden(h header, detail string) []answer {
	return []answer{{403, h, `{"type":"error","error":{"message":"` + lacking + `"` + detail + `}}`}}
}

func TestATokenIsReadFromAnyAnswerToIt(t *testing.T) {
	told := func(evidence string, scopes ...string) providers.Rights {
		return providers.Rights{Known: true, Scopes: append([]string{}, scopes...), Evidence: evidence}
	}
	const fromHeader, fromRefusal = "x-oauth-scopes header", "scopes in the refusal"
	robot := providers.Account{Login: "acme-bot", Name: "Acme Bot"}
	nobody := providers.Account{Robot: true}
	for name, test := range map[string]struct {
		cred    providers.Credential
		answers map[string][]answer
		want    providers.Inspection
	}{
		"an API token": {
			cred(apiToken, email),
			map[string][]answer{atUser: ok(tells("api_token", "read:user:bitbucket, read:repository:bitbucket"), robotUser)},
			providers.Inspection{Account: robot, Kind: providers.APIToken, Rights: told(fromHeader, "read:user:bitbucket", "read:repository:bitbucket")},
		},
		"one that may not ask who it is, by its headers": {
			cred(apiToken, email),
			map[string][]answer{atUser: forbidden(tells("api_token", "read:repository:bitbucket"), "")},
			providers.Inspection{Kind: providers.APIToken, Rights: told(fromHeader, "read:repository:bitbucket")},
		},
		"the same by an object in the body": {
			cred(apiToken, email),
			map[string][]answer{atUser: forbidden(nil, `,"detail":{"required":["read:user:bitbucket"],"granted":["read:repository:bitbucket"]}`)},
			providers.Inspection{Kind: providers.APIToken, Rights: told(fromRefusal, "read:repository:bitbucket")},
		},
		"the same with texts in the object": {
			cred(apiToken, email),
			map[string][]answer{atUser: forbidden(nil, `,"detail":{"required":"read:user:bitbucket","granted":"read:repository:bitbucket, read:webhook:bitbucket"}`)},
			providers.Inspection{Kind: providers.APIToken, Rights: told(fromRefusal, "read:repository:bitbucket", "read:webhook:bitbucket")},
		},
		"the same with nothing granted": {
			cred(apiToken, email),
			map[string][]answer{atUser: forbidden(nil, `,"detail":{"required":["read:user:bitbucket"],"granted":[]}`)},
			providers.Inspection{Kind: providers.APIToken, Rights: told(fromRefusal)},
		},
		"the same in words alone": {
			cred(apiToken, email),
			map[string][]answer{atUser: forbidden(nil, `,"detail":"This needs read:user:bitbucket."`)},
			providers.Inspection{Kind: providers.APIToken, Rights: providers.Rights{Evidence: "no x-oauth-scopes header"}},
		},
		"a repository's token": {
			cred(accessToken, ""),
			map[string][]answer{atUser: forbidden(tells("repo_access_token", "repository:write"), "")},
			providers.Inspection{Account: nobody, Kind: providers.RepositoryToken, Rights: told(fromHeader, "repository:write")},
		},
		"a project's token": {
			cred(accessToken, ""),
			map[string][]answer{atUser: forbidden(tells("project_access_token", "webhook"), "")},
			providers.Inspection{Account: nobody, Kind: providers.ProjectToken, Rights: told(fromHeader, "webhook")},
		},
		"a workspace's token, with an address that somebody typed": {
			cred(accessToken, email),
			map[string][]answer{atUser: forbidden(tells("workspace_access_token", "webhook"), "")},
			providers.Inspection{Account: nobody, Kind: providers.WorkspaceToken, Rights: told(fromHeader, "webhook")},
		},
		"an access token that the header does not name": {
			cred(accessToken, ""),
			map[string][]answer{atUser: forbidden(header{"X-OAuth-Scopes": "webhook"}, "")},
			providers.Inspection{Account: nobody, Kind: providers.RepositoryToken, Rights: told(fromHeader, "webhook")},
		},
		"an OAuth token that was signed in for": {
			providers.Credential{Token: secret.New(otherToken), Method: providers.Browser},
			map[string][]answer{atUser: ok(header{"X-OAuth-Scopes": "account, team"}, robotUser)},
			providers.Inspection{Account: robot, Kind: providers.OAuthToken, Rights: told(fromHeader, "account", "team")},
		},
		"one whose kind has a name that nobody knows": {
			cred(otherToken, ""),
			map[string][]answer{atUser: ok(tells("oauth2", "account,team:write"), robotUser)},
			providers.Inspection{Account: robot, Kind: providers.OAuthToken, Rights: told(fromHeader, "account", "team:write")},
		},
		"a pasted token whose scopes are those of API tokens": {
			cred(otherToken, email),
			map[string][]answer{atUser: ok(tells("", "read:user:bitbucket"), robotUser)},
			providers.Inspection{Account: robot, Kind: providers.APIToken, Rights: told(fromHeader, "read:user:bitbucket")},
		},
		"a token that nothing tells of": {
			cred(otherToken, ""),
			map[string][]answer{atUser: ok(nil, robotUser)},
			providers.Inspection{Account: robot, Kind: providers.UnknownKind, Rights: providers.Rights{Evidence: "no x-oauth-scopes header"}},
		},
		"an OAuth token that may list its workspaces": {
			cred(otherToken, ""),
			map[string][]answer{atUser: ok(header{"X-OAuth-Scopes": "account"}, robotUser), atWorkspaces: ok(nil, `{"values":[]}`)},
			providers.Inspection{
				Account: robot, Kind: providers.OAuthToken, Rights: told(fromHeader, "account"), Shown: map[string]string{"workspace-membership:read": "user/workspaces: HTTP 200"},
			},
		},
		"one that may not": {
			cred(otherToken, ""),
			map[string][]answer{atUser: forbidden(header{"X-OAuth-Scopes": "repository"}, ""), atWorkspaces: forbidden(header{"X-OAuth-Scopes": "repository"}, "")},
			providers.Inspection{Kind: providers.OAuthToken, Rights: told(fromHeader, "repository")},
		},
		"an account that is no person's": {
			cred(accessToken, ""),
			map[string][]answer{atUser: ok(tells("workspace_access_token", "account"), `{"type":"app_user","account_id":"712020:2","display_name":"token"}`)},
			providers.Inspection{Account: providers.Account{Login: "712020:2", Name: "token", Robot: true}, Kind: providers.WorkspaceToken, Rights: told(fromHeader, "account")},
		},
		"texts that are not clean": {
			cred(apiToken, email),
			map[string][]answer{atUser: ok(tells("api_token", "read:user:bitbucket,, a\u202eb ,read:user:bitbucket"), `{"type":"user","username":"octo\u001b[31mcat\u202e","display_name":"a\r\nb\u0000c"}`)},
			providers.Inspection{Account: providers.Account{Login: "octo[31mcat", Name: "a bc"}, Kind: providers.APIToken, Rights: told(fromHeader, "read:user:bitbucket", "ab")},
		},
		"a 401 that was none": {
			cred(apiToken, email),
			map[string][]answer{atUser: {{401, nil, refused}, {200, tells("api_token", "read:user:bitbucket"), robotUser}}},
			providers.Inspection{Account: robot, Kind: providers.APIToken, Rights: told(fromHeader, "read:user:bitbucket")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: test.answers}
			got, err := s.inspect(t, test.cred)
			if err != nil {
				t.Fatal(err)
			}
			test.want.Expiry = providers.Expiry{Source: providers.ExpiryUnknown}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			s.checkPresented(t, test.cred)
		})
	}
}

// checkPresented holds every request against the one way that its token may be
// presented in: in that header, once, and nowhere else.
func (s *server) checkPresented(t *testing.T, cred providers.Credential) {
	t.Helper()
	text := cred.Token.Reveal()
	want := "Bearer " + text
	if cred.Email != "" && !strings.HasPrefix(text, "ATCT") {
		want = "Basic " + base64.StdEncoding.EncodeToString([]byte(cred.Email+":"+text))
	}
	if len(s.requests()) == 0 {
		t.Error("nothing was asked")
	}
	for _, asked := range s.requests() {
		address, found := strings.CutSuffix(asked, " "+want)
		if !found || !strings.HasPrefix(address, "GET /2.0/user") || strings.Contains(address, text) {
			t.Errorf("asked %q", asked)
		}
	}
}

func TestARefusalSaysWhatItIs(t *testing.T) {
	html := header{"Content-Type": "text/html"}
	page := "<html><body>Sign in</body></html>"
	envelope := func(message string) string {
		return `{"type":"error","error":{"message":` + fmt.Sprintf("%q", message) + `}}`
	}
	for name, test := range map[string]struct {
		answers []answer
		want    cause.Cause
		asked   int
	}{
		"a token that is not accepted":    {[]answer{{401, nil, refused}}, cause.Cause{Kind: cause.Rejected, Status: 401, User: email}, 2},
		"the same without a body":         {[]answer{{401, header{"WWW-Authenticate": `Basic realm="Bitbucket.org HTTP"`}, ""}}, cause.Cause{Kind: cause.Rejected, Status: 401, User: email}, 2},
		"the same by another challenge":   {[]answer{{401, header{"WWW-Authenticate": `BitbucketCustom realm="x"`}, ""}}, cause.Cause{Kind: cause.Rejected, Status: 401, User: email}, 2},
		"an end that the host tells":      {[]answer{{401, nil, envelope("Access token expired. Use your refresh token to obtain a new access token.")}}, cause.Cause{Kind: cause.Expired, Status: 401}, 2},
		"a 401 of something on the way":   {[]answer{{401, header{"WWW-Authenticate": `Basic realm="proxy"`}, ""}}, cause.Cause{Kind: cause.NotUnderstood, Status: 401, Detail: "empty"}, 2},
		"a 401 with a page":               {[]answer{{401, header{"Content-Type": "text/html", "WWW-Authenticate": `Basic realm="Bitbucket"`}, page}}, cause.Cause{Kind: cause.NotUnderstood, Status: 401, Detail: "html"}, 2},
		"a 401, then a host out of order": {[]answer{{401, nil, refused}, {503, html, page}}, cause.Cause{Kind: cause.ServerError, Status: 503}, 2},
		"a 401, then a limit":             {[]answer{{401, nil, refused}, {429, nil, ""}}, cause.Cause{Kind: cause.RateLimited, Status: 429}, 2},
		"a policy":                        {[]answer{{403, nil, envelope("An admin must whitelist your IP.")}}, cause.Cause{Kind: cause.Restricted, Status: 403, Detail: "An admin must whitelist your IP."}, 1},
		"a policy that is explained":      {[]answer{{403, nil, `{"type":"error","error":{"message":"Access denied.","detail":"Two-step verification is required."}}`}}, cause.Cause{Kind: cause.Restricted, Status: 403, Detail: "Access denied. Two-step verification is required."}, 1},
		"an address without its version":  {[]answer{{403, nil, envelope("Forbidden")}}, cause.Cause{Kind: cause.NotUnderstood, Status: 403, Detail: "json"}, 1},
		"a 403 with a page":               {[]answer{{403, html, page}}, cause.Cause{Kind: cause.NotUnderstood, Status: 403, Detail: "html"}, 1},
		"an API that was done away with":  {[]answer{{410, nil, `{"type":"error","error":{"message":"CHANGE-2770 - Functionality has been deprecated","detail":"Please read the changelog entry for more details.","data":{}}}`}}, cause.Cause{Kind: cause.Gone, Status: 410, Detail: "CHANGE-2770 - Functionality has been deprecated. Please read the changelog entry for more details."}, 1},
		"no such address":                 {[]answer{{404, nil, envelope("Resource not found")}}, cause.Cause{Kind: cause.WrongHost, Status: 404}, 1},
		"a host out of order":             {[]answer{{500, html, page}}, cause.Cause{Kind: cause.ServerError, Status: 500}, 1},
		"a redirect":                      {[]answer{{302, header{"Location": "https://login.example/"}, ""}}, cause.Cause{Kind: cause.Redirected, Status: 302, Detail: "https://login.example"}, 1},
		"a 200 that is a page":            {ok(html, page), cause.Cause{Kind: cause.NotUnderstood, Status: 200, Detail: "html"}, 1},
		"a 200 that tells no account":     {ok(tells("api_token", "read:user:bitbucket"), `{"type":"user"}`), cause.Cause{Kind: cause.NotUnderstood, Status: 200, Detail: "json"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string][]answer{atUser: test.answers}}
			in, err := s.inspect(t, cred(apiToken, email))
			got := cause.Of(err)
			if got.Host == "" || got.Host == "bitbucket.org" {
				t.Errorf("asked was %q", got.Host)
			}
			got.Host = ""
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(providers.Inspection{}, in); diff != "" {
				t.Error(diff)
			}
			if n := len(s.requests()); n != test.asked {
				t.Errorf("asked %d times", n)
			}
		})
	}
}

func TestALimitEndsWhenTheHostSaysSo(t *testing.T) {
	for after, want := range map[string]time.Duration{"120": 2 * time.Minute, "999999999999": 24 * time.Hour} {
		s := &server{answers: map[string][]answer{atUser: {{429, header{"Retry-After": after}, ""}}}}
		before := time.Now()
		_, err := s.inspect(t, cred(apiToken, email))
		if until := cause.Of(err).Until; until.Before(before.Add(want)) || until.After(time.Now().Add(want)) {
			t.Errorf("%s: until %v, asked at %v", after, until, before)
		}
	}
}

func TestWhatCannotWorkIsNotSent(t *testing.T) {
	for name, test := range map[string]struct {
		cred providers.Credential
		want cause.Kind
		kind providers.TokenKind
	}{
		"an app password":                        {cred("ATBBcanary3fK9wB2dend", ""), cause.AppPassword, providers.AppPassword},
		"an app password with an address":        {cred("ATBBcanary3fK9wB2dend", email), cause.AppPassword, providers.AppPassword},
		"an API token without an e-mail address": {cred(apiToken, ""), cause.NoEmail, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{}
			in, err := s.inspect(t, test.cred)
			if !cause.Is(err, test.want) || in.Kind != test.kind || len(s.requests()) > 0 {
				t.Errorf("%+v, %v, asked %q", in, err, s.requests())
			}
		})
	}
}

func TestAPauseEndsWithTheOneWhoWaits(t *testing.T) {
	s := &server{answers: map[string][]answer{atUser: {{401, nil, refused}}}}
	h, c := s.at(t)
	ctx, cancel := context.WithCancel(t.Context())
	p := bitbucket.Cloud()
	p.Sleep = func(ctx context.Context, pause time.Duration) error {
		if pause < time.Second {
			t.Errorf("the pause is %v", pause)
		}
		cancel()
		return ctx.Err()
	}
	if _, err := p.Inspect(ctx, c, h, cred(apiToken, email)); err == nil || ctx.Err() == nil || len(s.requests()) != 1 {
		t.Errorf("%v, asked %q", err, s.requests())
	}
}

func TestAHostIsMetWithoutAToken(t *testing.T) {
	for name, test := range map[string]struct {
		answer answer
		kind   cause.Kind
	}{
		"Bitbucket":                   {answer{401, nil, refused}, ""},
		"Bitbucket without a body":    {answer{401, header{"WWW-Authenticate": `Basic realm="Bitbucket.org HTTP"`}, ""}, ""},
		"Bitbucket that says no":      {answer{403, nil, `{"type":"error","error":{"message":"Forbidden"}}`}, ""},
		"GitHub":                      {answer{401, nil, `{"message":"Requires authentication"}`}, cause.WrongHost},
		"a page":                      {answer{200, header{"Content-Type": "text/html"}, "<html>"}, cause.WrongHost},
		"somebody who lets all in":    {answer{200, nil, robotUser}, cause.WrongHost},
		"nothing there":               {answer{404, nil, ""}, cause.WrongHost},
		"a limit for strangers":       {answer{429, nil, ""}, cause.RateLimited},
		"a host that is out of order": {answer{502, nil, ""}, cause.ServerError},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string][]answer{atUser: {test.answer}}}
			h, c := s.at(t)
			version, err := bitbucket.Cloud().Meet(t.Context(), c, h)
			if version != "" || test.kind == "" && err != nil || test.kind != "" && !cause.Is(err, test.kind) {
				t.Errorf("%q, %v", version, err)
			}
			if diff := cmp.Diff([]string{"GET /2.0/user "}, s.requests()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
