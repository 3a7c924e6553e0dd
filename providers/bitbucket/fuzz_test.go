package bitbucket_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"gitgrant/providers"
	"gitgrant/providers/bitbucket"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

func TestTheScopesOfAHeaderAreReadWhateverStandsBetween(t *testing.T) {
	h, c, s := fixed(t)
	rapid.Check(t, func(t *rapid.T) {
		scopes := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{
			"account", "team", "webhook", "repository:write", "repository:admin", "pullrequest:write", "read:user:bitbucket", "delete:webhook:bitbucket",
		}), 0, 8, rapid.ID).Draw(t, "scopes")
		between := rapid.SampledFrom([]string{",", ", ", " ", " , ", ",,"}).Draw(t, "between")
		s.answer(tells("api_token", strings.Join(scopes, between)))
		in, err := bitbucket.Cloud().Inspect(context.Background(), c, h, cred(apiToken, email))
		if err != nil || !in.Rights.Known || !slices.Equal(in.Rights.Scopes, scopes) {
			t.Fatalf("%q: %+v, %v", scopes, in.Rights, err)
		}
	})
}

func TestAScopeOfAnAPITokenNeverComesWithAnother(t *testing.T) {
	policy := providers.PolicyOf(providers.Bitbucket)
	needed := policy.Scopes(providers.Runtime, providers.APIToken)
	rapid.Check(t, func(t *rapid.T) {
		have := rapid.SliceOfDistinct(rapid.SampledFrom(needed), rapid.ID).Draw(t, "scopes")
		in := providers.Inspection{Kind: providers.APIToken, Rights: providers.Rights{Known: true, Scopes: have}}
		for _, f := range policy.Hold(providers.Runtime, in, nil) {
			whole := !slices.ContainsFunc(f.Needs, func(scope string) bool { return !slices.Contains(have, scope) })
			if f.State == providers.Implied || (f.State == providers.Granted) != whole {
				t.Fatalf("%s is %s with %q", f.Name, f.State, have)
			}
		}
	})
}

// changing is an API whose one answer changes while it serves.
type changing struct {
	mu     sync.Mutex
	header header
	status int
	body   []byte
}

func (s *changing) answer(h header) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.header, s.status, s.body = h, 200, []byte(robotUser)
}

func (s *changing) refuse(body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.header, s.status, s.body = nil, 403, body
}

func (s *changing) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, value := range s.header {
		w.Header().Set(name, value)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(s.status)
	_, _ = w.Write(s.body)
}

func fixed(t testing.TB) (providers.Host, *wire.Client, *changing) {
	t.Helper()
	s := &changing{}
	listening := httptest.NewServer(s)
	t.Cleanup(listening.Close)
	c, err := wire.New(wire.Options{UserAgent: "gitgrant/test", Bases: []string{listening.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return providers.Host{URL: "https://bitbucket.org", Provider: providers.Bitbucket, WebURL: listening.URL, APIURL: listening.URL + "/2.0"}, c, s
}

// FuzzRefusal reads any body of a 403: it is a token that works, a policy or
// nothing that can be understood, and never a token that is bad.
func FuzzRefusal(f *testing.F) {
	for _, body := range []string{
		`{"type":"error","error":{"message":"` + lacking + `","detail":{"required":["a"],"granted":["b"]}}}`,
		`{"type":"error","error":{"message":"x","detail":"` + lacking + `"}}`, `{"type":"error","error":{"message":"Forbidden"}}`,
		`{"type":"error","error":{"message":"x","detail":{"required":[1,{}],"granted":null}}}`, `{"error":"x"}`, "", "<html>", "[]",
		`{"type":"error","error":{"message":"\u001b]0;x\u0007","detail":{"granted":["\u202ea"," ",""]}}}`,
	} {
		f.Add([]byte(body))
	}
	h, c, s := fixed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		s.refuse(body)
		in, err := bitbucket.Cloud().Inspect(t.Context(), c, h, cred(apiToken, email))
		var texts []string
		switch why := cause.Of(err); {
		case err == nil && in.Kind == providers.APIToken:
			texts = in.Rights.Scopes
		case why.Kind == cause.Restricted:
			texts = []string{why.Detail}
		case why.Kind != cause.NotUnderstood && why.Kind != cause.TooLarge:
			t.Fatalf("%q is %+v, %v", body, in, err)
		}
		for _, text := range texts {
			if text == "" || wire.Clean(text) != text {
				t.Fatalf("%q tells %q", body, text)
			}
		}
		if !json.Valid(body) && err == nil {
			t.Fatalf("%q was understood", body)
		}
	})
}
