package all_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

// saying is a host that gives every question the same answer.
type saying struct {
	mu     sync.Mutex
	status int
	header map[string]string
	body   string
}

func (s *saying) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	for name, value := range s.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(s.status)
	_, _ = w.Write([]byte(s.body))
}

func (s *saying) say(status int, body string, header map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.body, s.header = status, body, header
}

func newSaying(t testing.TB) (*saying, *wire.Client, func(providers.Provider) providers.Host) {
	t.Helper()
	s := &saying{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return s, c, func(p providers.Provider) providers.Host {
		return providers.Host{URL: server.URL, Provider: p.Kind(), WebURL: server.URL, APIURL: server.URL + "/api", ClientID: "Ov23liFuzz"}
	}
}

// headerText is what a header can hold.
func headerText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, text)
}

// FuzzExpiry reads spans and moments of any kind, of an end and of a limit.
func FuzzExpiry(f *testing.F) {
	for _, text := range []string{"3600", "-1", "0", "1e30", "null", "soon", "9223372036854775807", "2026-12-31", "2026-12-31 23:59:59 UTC", "0000-01-01 00:00:00 -0700", "Fri, 31 Dec 9999 23:59:59 GMT", `"3600"`} {
		f.Add(text)
	}
	s, c, at := newSaying(f)
	f.Fuzz(func(t *testing.T, text string) {
		header := map[string]string{}
		for _, name := range []string{"Retry-After", "X-RateLimit-Reset", "RateLimit-Reset", "GitHub-Authentication-Token-Expiration", "Date"} {
			header[name] = headerText(text)
		}
		header["X-RateLimit-Remaining"] = "0"
		for _, p := range all.Providers() {
			cred := providers.Credential{Token: secret.New("fuzz-token-of-nobody"), Method: providers.PAT, Email: "a@b.example"}
			s.say(http.StatusTooManyRequests, "{}", header)
			_, err := p.Inspect(t.Context(), c, at(p), cred)
			if until := cause.Of(err).Until; !until.IsZero() && (until.Before(time.Now().Add(-time.Minute)) || until.After(time.Now().Add(25*time.Hour))) {
				t.Fatalf("%s: %q is a limit until %v", p.Kind(), text, until)
			}
			s.say(http.StatusOK, `{"login": "a", "username": "a", "id": 1, "active": true, "scopes": ["api"], "expires_at": `+text+`, "access_token": "fuzz-token-of-nobody", "expires_in": `+text+`}`, header)
			in, err := p.Inspect(t.Context(), c, at(p), cred)
			wantClean(t, string(p.Kind()), in, err)
			if _, err := in.Expiry.At.MarshalText(); err != nil {
				t.Fatalf("%s: %q is an end at %v", p.Kind(), text, in.Expiry.At)
			}
			token, err := p.Application(at(p)).Refresh(t.Context(), c, secret.New("fuzz-refresh-of-nobody"))
			if err == nil && (token.ExpiresAt.Before(time.Now()) && !token.ExpiresAt.IsZero() || token.ExpiresAt.Year() > 2200) {
				t.Fatalf("%s: %q is a life until %v", p.Kind(), text, token.ExpiresAt)
			}
		}
	})
}

// FuzzDeviceResponse reads any answer to the question for a code: what is shown
// is fit to be shown, and on the host's own site.
func FuzzDeviceResponse(f *testing.F) {
	for _, body := range []string{
		`{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"SITE/device","expires_in":900,"interval":5}`,
		`{"device_code":"d","user_code":"\u001b[31m","verification_uri":"SITE/device"}`,
		`{"device_code":"d","user_code":"A","verification_uri":"javascript:alert(1)"}`, `{"device_code":{},"user_code":7}`,
		`device_code=d&user_code=WDJB-MJHT&verification_uri=SITE`, `{"error":"slow_down"}`, `[`, "", "null", `{"device_code":"d","device_code":"e"}`,
		`{"device_code":"d","user_code":"A","verification_uri":"SITE/x","verification_uri_complete":"https://evil.example","interval":-1,"expires_in":1e30}`,
	} {
		f.Add(body)
	}
	s, c, at := newSaying(f)
	f.Fuzz(func(t *testing.T, body string) {
		for _, p := range all.Providers() {
			if p.Kind() != providers.GitHub && p.Kind() != providers.GitLab {
				continue
			}
			h := at(p)
			s.say(http.StatusOK, strings.ReplaceAll(body, "SITE", h.WebURL), nil)
			device := p.Device(h, []string{"api"})
			code, err := device.Start(t.Context(), c)
			wantClean(t, "code", code, err)
			if err != nil {
				if !reflect.ValueOf(code).IsZero() {
					t.Fatalf("%q failed and is %+v", body, code)
				}
				continue
			}
			for _, page := range []string{code.Page, code.Complete} {
				if page != "" && !strings.HasPrefix(page, h.WebURL) {
					t.Fatalf("%q leads to %q", body, page)
				}
			}
			if code.Device.Empty() || code.User == "" || len(code.User) > 32 || code.Interval < time.Second || code.Interval > time.Minute ||
				time.Until(code.ExpiresAt) > time.Hour {
				t.Fatalf("%q is %+v", body, code)
			}
			ctx, leave := context.WithTimeout(t.Context(), 5*time.Second)
			device.Sleep = func(context.Context, time.Duration) error { leave(); return context.Canceled }
			if token, err := device.Wait(ctx, c, code); err == nil {
				t.Fatalf("%q brought %+v", body, token)
			}
			leave()
		}
	})
}

// FuzzTokenClassify looks at any text: what is not known is only not known.
func FuzzTokenClassify(f *testing.F) {
	for _, text := range []string{"ghp_abc", "gho_", "ghu_x", "ghs_x", "ghr_x", "github_pat_11A", "glpat-x", "gloas-y", "ATATT3xFf", "ATCTT3", "BBDC-MDAw", "eyJhbGciOi.x.y", "", "\xff", "plain"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, p := range all.Providers() {
			kind, again := p.Guess(secret.New(text)), p.Guess(secret.New(text))
			if kind == "" || kind != again {
				t.Fatalf("%s: %q is %q, then %q", p.Kind(), text, kind, again)
			}
			p.Wants(secret.New(text))
			providers.LooksMistyped(p, secret.New(text))
		}
	})
}

// FuzzScopeHeader reads scopes as hosts list them. One more never makes a token
// worse.
func FuzzScopeHeader(f *testing.F) {
	for _, text := range []string{"repo, admin:repo_hook", "repo,repo , ,", "api read_api", "account webhook repository:write", strings.Repeat("a,", 3000), "REPO", "\u202erepo", ""} {
		f.Add(text, "repo")
	}
	s, c, at := newSaying(f)
	f.Fuzz(func(t *testing.T, text, more string) {
		for _, p := range all.Providers() {
			cred := providers.Credential{Token: secret.New("ghp_fuzzfuzzfuzzfuzzfuzzfuzzfuzzfuzzfuzz"), Method: providers.PAT, Email: "a@b.example"}
			inspect := func(scopes string) providers.Inspection {
				scopes = headerText(scopes)
				s.say(http.StatusOK, `{"login": "a", "type": "User"}`, map[string]string{"X-OAuth-Scopes": scopes})
				in, err := p.Inspect(t.Context(), c, at(p), cred)
				wantClean(t, "scopes", in, err)
				return in
			}
			few, many := inspect(text), inspect(more+", "+text)
			if len(text)+len(more) > 3000 {
				continue // a header that is cut at its end
			}
			policy := providers.PolicyOf(p.Kind())
			worse, better := policy.Hold(providers.Runtime, few, nil), policy.Hold(providers.Runtime, many, nil)
			for i := range worse {
				had := worse[i].State == providers.Granted || worse[i].State == providers.Implied
				if has := better[i].State == providers.Granted || better[i].State == providers.Implied; had && !has {
					t.Fatalf("%s: %s is lost by %q", p.Kind(), worse[i].Name, more)
				}
			}
		}
	})
}
