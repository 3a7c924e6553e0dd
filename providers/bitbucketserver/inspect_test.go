package bitbucketserver_test

import (
	"errors"
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

	"gitgrant/internal/canary"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/sandbox/sandboxtest"
	"gitgrant/providers/wire"
)

const token = "MjUyOTczNTE1MDY5OnNhbmRib3hjYW5hcnk3eGswMTIz"

type header = map[string]string

// answer is what a host answers at one address.
type answer struct {
	status int
	header header
	body   string
}

// server is a host with a few addresses, by the end of their paths. Others are
// none of its API.
type server struct {
	answers map[string]answer

	mu    sync.Mutex
	asked []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, r.Header.Get("Authorization")))
	s.mu.Unlock()
	a := answer{404, nil, `{"status-code":404}`}
	for path, known := range s.answers {
		if strings.HasSuffix(r.URL.EscapedPath(), path) {
			a = known
		}
	}
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

// at starts the server.
func (s *server) at(t *testing.T) (providers.Host, *wire.Client) {
	t.Helper()
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	h, err := dc.Locate(listening.URL + "/git")
	if err != nil {
		t.Fatal(err)
	}
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{h.WebURL, h.APIURL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return h, c
}

func cred(method providers.Method) providers.Credential {
	return providers.Credential{Token: secret.New(token), Method: method}
}

func causeOf(t *testing.T, err error) cause.Cause {
	t.Helper()
	var got cause.Cause
	if !errors.As(err, &got) {
		t.Fatalf("error is %v", err)
	}
	return got
}

const (
	atProperties, atUsers, atUser = "/rest/api/latest/application-properties", "/rest/api/latest/users", "/rest/api/latest/users/acme_bot"

	told     = `{"version":"9.4.16","buildNumber":"9004016","displayName":"Bitbucket"}`
	nobody   = `{"size":0,"limit":100,"isLastPage":true,"values":[],"start":0}`
	refuses  = `{"errors":[{"context":null,"message":"Authentication failed. Please check your credentials and try again.","exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"}]}`
	lacks    = `{"errors":[{"context":null,"message":"You are not permitted to access this resource","exceptionName":"com.atlassian.bitbucket.AuthorisationException"}]}`
	captcha  = `{"errors":[{"context":null,"message":"CAPTCHA required.","exceptionName":"com.atlassian.bitbucket.auth.CaptchaRequiredAuthenticationException"}]}`
	noUser   = `{"errors":[{"context":null,"message":"User acme_bot does not exist.","exceptionName":"com.atlassian.bitbucket.user.NoSuchUserException"}]}`
	theUser  = `{"name":"acme@bot","displayName":"Acme Bot","slug":"acme_bot","type":"NORMAL"}`
	theToken = `{"name":"acme@bot","displayName":"ACME","slug":"acme_bot","type":"SERVICE"}`
)

// known is the header of every answer to a token that is accepted.
var known = header{"X-AUSERNAME": "acme%40bot", "X-AREQUESTID": "@1ABCx1x1x0"}

func yes(body string) answer { return answer{200, known, body} }

func TestATokenIsReadFromTheHeaderOfAnyAnswer(t *testing.T) {
	anyone := providers.Account{Login: "acme@bot"}
	page := func(user string) string { return `{"values":[` + user + `]}` }
	for name, test := range map[string]struct {
		method  providers.Method
		answers map[string]answer
		want    providers.Account
	}{
		"an account that is listed":                 {"", map[string]answer{atUsers: yes(page(theUser))}, providers.Account{Login: "acme@bot", Name: "Acme Bot"}},
		"among others whose names are like it":      {"", map[string]answer{atUsers: yes(page(`{"name":"acme@bots","displayName":"Others"},` + theUser))}, providers.Account{Login: "acme@bot", Name: "Acme Bot"}},
		"whatever the case of its name":             {"", map[string]answer{atUsers: yes(page(`{"name":"Acme@Bot","displayName":"Acme Bot"}`))}, providers.Account{Login: "acme@bot", Name: "Acme Bot"}},
		"an account that is found by itself":        {"", map[string]answer{atUsers: yes(nobody), atUser: yes(theUser)}, providers.Account{Login: "acme@bot", Name: "Acme Bot"}},
		"an account behind a token":                 {"", map[string]answer{atUsers: yes(nobody), atUser: yes(theToken)}, providers.Account{Login: "acme@bot", Name: "ACME", Robot: true}},
		"another account at its address":            {"", map[string]answer{atUsers: yes(nobody), atUser: yes(`{"name":"acme_bot","displayName":"Another"}`)}, anyone},
		"an account that is nowhere":                {"", map[string]answer{atUsers: yes(nobody), atUser: {404, known, noUser}}, anyone},
		"a token that may not look at accounts":     {"", map[string]answer{atUsers: {401, known, lacks}, atUser: {401, known, lacks}}, anyone},
		"the same with the status of other hosts":   {"", map[string]answer{atUsers: {403, known, lacks}, atUser: {403, known, lacks}}, anyone},
		"an OAuth token":                            {providers.Browser, map[string]answer{atUsers: yes(page(theUser))}, providers.Account{Login: "acme@bot", Name: "Acme Bot"}},
		"texts that are not clean":                  {"", map[string]answer{atUsers: yes(page(`{"name":"acme@bot","displayName":"a\r\nb\u001b[31mc\u202e"}`))}, providers.Account{Login: "acme@bot", Name: "a b[31mc"}},
		"a host that keeps its version from tokens": {"", map[string]answer{atProperties: {401, known, lacks}, atUsers: yes(page(theUser))}, providers.Account{Login: "acme@bot", Name: "Acme Bot"}},
	} {
		t.Run(name, func(t *testing.T) {
			closed := test.answers[atProperties].status != 0
			if !closed {
				test.answers[atProperties] = yes(told)
			}
			s := &server{answers: test.answers}
			h, c := s.at(t)
			got, err := dc.Inspect(t.Context(), c, h, cred(test.method))
			if err != nil {
				t.Fatal(err)
			}
			want := providers.Inspection{
				Account: test.want, Kind: providers.HTTPAccessToken, Rights: providers.Rights{Evidence: "HTTP access token"},
				Expiry: providers.Expiry{Source: providers.ExpiryUnknown}, Version: "9.4.16",
			}
			if closed {
				want.Version = ""
			}
			if test.method.OAuth() {
				want.Kind, want.Rights.Evidence = providers.OAuthToken, "OAuth token"
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			for _, asked := range s.requests() {
				if !strings.HasPrefix(asked, "GET /git/rest/api/latest/") || !strings.HasSuffix(asked, " Bearer "+token) {
					t.Error(asked)
				}
			}
		})
	}
}

func TestAKnownTokenIsCheckedWithOneRequest(t *testing.T) {
	for name, test := range map[string]struct {
		known providers.Account
		want  providers.Account
		asked int
	}{
		"of the same account": {providers.Account{Login: "acme@bot", Name: "As it was", Robot: true}, providers.Account{Login: "acme@bot", Name: "As it was", Robot: true}, 1},
		"of another account":  {providers.Account{Login: "octocat", Name: "The Octocat"}, providers.Account{Login: "acme@bot", Name: "Acme Bot"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atProperties: yes(told), atUsers: yes(`{"values":[` + theUser + `]}`)}}
			h, c := s.at(t)
			in, err := dc.Recheck(t.Context(), c, h, cred(providers.PAT), providers.Inspection{Account: test.known, Kind: providers.HTTPAccessToken})
			if err != nil || in.Account != test.want || in.Version != "9.4.16" || in.Kind != providers.HTTPAccessToken || len(s.requests()) != test.asked {
				t.Errorf("%+v, %v after %q", in, err, s.requests())
			}
		})
	}
	s := &server{answers: map[string]answer{atProperties: {200, header{"X-AREQUESTID": "1"}, told}}}
	h, c := s.at(t)
	if _, err := dc.Recheck(t.Context(), c, h, cred(providers.PAT), providers.Inspection{}); !cause.Is(err, cause.Rejected) {
		t.Errorf("error is %v", err)
	}
}

func TestANameThatWouldLeadElsewhereIsNotLookedUp(t *testing.T) {
	for _, name := range []string{"..", "a%2Fb", "%3Fx"} {
		s := &server{answers: map[string]answer{atProperties: {200, header{"X-AUSERNAME": name}, told}, atUsers: {200, header{"X-AUSERNAME": name}, nobody}}}
		h, c := s.at(t)
		if _, err := dc.Inspect(t.Context(), c, h, cred(providers.PAT)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if asked := s.requests(); len(asked) != 2 || !strings.Contains(asked[1], "/users?limit=100&filter=") {
			t.Errorf("%s: %q", name, asked)
		}
	}
}

func TestARefusalIsReadInBitbucketsWords(t *testing.T) {
	id := header{"X-AREQUESTID": "@1ABCx1x1x0"}
	page := header{"Content-Type": "text/html"}
	limit := func(pause string) answer { return answer{429, header{"Retry-After": pause}, ""} }
	began := time.Now()
	for name, test := range map[string]struct {
		answer answer
		want   cause.Cause
		pause  time.Duration // Until is this long after the question
	}{
		"a version for anybody":             {answer{200, id, told}, cause.Cause{Kind: cause.Rejected}, 0},
		"a version for anonymous":           {answer{200, header{"X-AUSERNAME": "anonymous"}, told}, cause.Cause{Kind: cause.Rejected}, 0},
		"a 401 that says why":               {answer{401, id, refuses}, cause.Cause{Kind: cause.Rejected, Detail: "Authentication failed. Please check your credentials and try again."}, 0},
		"a 401 of the host that says less":  {answer{401, header{"X-AREQUESTID": "1", "Content-Type": "text/html"}, "<html>"}, cause.Cause{Kind: cause.Rejected}, 0},
		"a proxy's 401":                     {answer{401, page, "<html>Sign in"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"a CAPTCHA":                         {answer{403, id, captcha}, cause.Cause{Kind: cause.Captcha}, 0},
		"another 403":                       {answer{403, id, lacks}, cause.Cause{Kind: cause.Restricted, Detail: "You are not permitted to access this resource"}, 0},
		"a proxy's 403":                     {answer{403, page, "<html>"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"something else's API":              {answer{404, nil, `{"message":"no"}`}, cause.Cause{Kind: cause.WrongHost}, 0},
		"a limit with a pause":              {limit("40"), cause.Cause{Kind: cause.RateLimited}, 40 * time.Second},
		"a limit with a very long pause":    {limit("99999999999"), cause.Cause{Kind: cause.RateLimited}, 24 * time.Hour},
		"a limit with a pause below 0":      {limit("-1"), cause.Cause{Kind: cause.RateLimited}, time.Minute},
		"a limit that tells nothing":        {answer{429, page, "<html>"}, cause.Cause{Kind: cause.RateLimited}, time.Minute},
		"a broken gateway":                  {answer{502, page, "<html>"}, cause.Cause{Kind: cause.ServerError}, 0},
		"a page for an answer":              {answer{200, page, "<html>Sign in to the Wi-Fi"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"a page to somebody":                {answer{200, header{"X-AUSERNAME": "acme%40bot", "Content-Type": "text/html"}, "<html>"}, cause.Cause{Kind: cause.NotUnderstood, Detail: "html"}, 0},
		"nothing for an answer":             {answer{200, known, ""}, cause.Cause{Kind: cause.NotUnderstood, Detail: "empty"}, 0},
		"an answer without a version":       {answer{200, known, `{"displayName":"Bitbucket"}`}, cause.Cause{Kind: cause.NotUnderstood, Detail: "json"}, 0},
		"an empty 204":                      {answer{204, known, ""}, cause.Cause{Kind: cause.NotUnderstood, Detail: "empty"}, 0},
		"a redirect to the sign-in":         {answer{302, header{"Location": "https://evil.example/login"}, ""}, cause.Cause{Kind: cause.Redirected, Detail: "https://evil.example"}, 0},
		"a name that is nothing once clean": {answer{200, header{"X-AUSERNAME": "%E2%80%AE%1B"}, told}, cause.Cause{Kind: cause.Rejected}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atProperties: test.answer}}
			h, c := s.at(t)
			_, err := dc.Inspect(t.Context(), c, h, cred(providers.PAT))
			got := causeOf(t, err)
			if test.pause > 0 {
				if first := began.Add(test.pause - time.Second); got.Until.Before(first) || got.Until.After(time.Now().Add(test.pause)) {
					t.Errorf("until %v, begun at %v", got.Until, began)
				}
				got.Until = time.Time{}
			}
			if test.want.Kind == cause.Captcha {
				test.want.URL = h.WebURL // where a person solves it
			}
			test.want.Host, test.want.Status = sandboxtest.NameOf(h), test.answer.status
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if asked := s.requests(); len(asked) != 1 || !strings.HasSuffix(asked[0], " Bearer "+token) {
				t.Errorf("it was asked again: %q", asked)
			}
			if found := canary.Search(token, map[string][]byte{"error": fmt.Appendf(nil, "%v %+v", err, got)}); found != nil {
				t.Error(found)
			}
		})
	}
}

func TestAnAccountThatCannotBeAskedForSaysNothingOfTheToken(t *testing.T) {
	for name, test := range map[string]struct {
		users answer
		want  cause.Kind
	}{
		"a limit":             {answer{429, known, ""}, cause.RateLimited},
		"a broken gateway":    {answer{502, nil, ""}, cause.ServerError},
		"a page":              {answer{200, header{"X-AUSERNAME": "acme%40bot", "Content-Type": "text/html"}, "<html>"}, cause.NotUnderstood},
		"a page for nobody":   {answer{200, header{"Content-Type": "text/html"}, "<html>"}, cause.NotUnderstood},
		"a token that died":   {answer{401, header{"X-AREQUESTID": "1"}, refuses}, cause.Rejected},
		"a list for anybody":  {answer{200, header{"X-AREQUESTID": "1"}, nobody}, cause.Rejected},
		"a proxy's own 404":   {answer{404, header{"Content-Type": "text/html"}, "<html>"}, cause.WrongHost},
		"a CAPTCHA since":     {answer{403, nil, captcha}, cause.Captcha},
		"a redirect":          {answer{302, header{"Location": "https://login.example/"}, ""}, cause.Redirected},
		"accounts of a shape": {answer{200, known, `{"values":{}}`}, cause.NotUnderstood},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atProperties: yes(told), atUsers: test.users}}
			h, c := s.at(t)
			_, err := dc.Inspect(t.Context(), c, h, cred(providers.PAT))
			if got := causeOf(t, err); got.Kind != test.want {
				t.Errorf("it is %+v", got)
			}
		})
	}
}

func TestAHostIsKnownByWhatItSaysOfItself(t *testing.T) {
	for name, test := range map[string]struct {
		answer  answer
		version string
		want    cause.Kind
	}{
		"its version":                        {answer{200, nil, told}, "9.4.16", ""},
		"a version that is not clean":        {answer{200, nil, `{"version":"9\u001b[31m","displayName":"Bitbucket"}`}, "9[31m", ""},
		"a closed host by its request id":    {answer{401, header{"X-AREQUESTID": "@1"}, ""}, "", ""},
		"a closed host by its realm":         {answer{401, header{"WWW-Authenticate": `Basic realm="Atlassian Bitbucket"`}, ""}, "", ""},
		"a closed host of another kind":      {answer{401, header{"WWW-Authenticate": `Basic realm="Proxy"`}, ""}, "", cause.WrongHost},
		"another product of the same maker":  {answer{200, header{"X-AREQUESTID": "1"}, `{"version":"9.1","displayName":"Jira"}`}, "", cause.WrongHost},
		"that product without such a place":  {answer{404, header{"X-AREQUESTID": "1"}, `{"message":"null"}`}, "", cause.WrongHost},
		"a page":                             {answer{200, header{"Content-Type": "text/html"}, "<html>"}, "", cause.WrongHost},
		"a broken gateway":                   {answer{503, nil, ""}, "", cause.ServerError},
		"a limit":                            {answer{429, nil, ""}, "", cause.RateLimited},
		"a redirect to somebody's sign-in":   {answer{302, header{"Location": "https://sso.example/"}, ""}, "", cause.Redirected},
		"nothing at all under such a status": {answer{403, nil, ""}, "", cause.WrongHost},
	} {
		t.Run(name, func(t *testing.T) {
			s := &server{answers: map[string]answer{atProperties: test.answer}}
			h, c := s.at(t)
			version, err := dc.Meet(t.Context(), c, h)
			if test.want != "" {
				if got := causeOf(t, err); got.Kind != test.want {
					t.Errorf("it is %+v", got)
				}
				return
			}
			if err != nil || version != test.version {
				t.Errorf("%q, %v", version, err)
			}
			if diff := cmp.Diff([]string{"GET /git" + atProperties + " "}, s.requests()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
