package wire_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/internal/canary"
	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

const token = "Zq7x-canary/3fK9=wB2d~end81Yt"

// The environment of whoever runs the tests may name a proxy.
func TestMain(m *testing.M) {
	if text := os.Getenv(asking); text != "" {
		if err := askFromHere(text); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		_ = os.Unsetenv(name)
		_ = os.Unsetenv(strings.ToLower(name))
	}
	os.Exit(m.Run())
}

// serve starts a host and a client made for it.
func serve(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *wire.Client) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server, client(t, wire.Options{Bases: []string{server.URL}})
}

func client(t *testing.T, o wire.Options) *wire.Client {
	t.Helper()
	c, err := wire.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func auth() wire.Auth { return wire.Auth{Token: secret.New(token)} }

// wantCause holds an error against a cause, and against the canary.
func wantCause(t *testing.T, err error, want cause.Cause) {
	t.Helper()
	var got cause.Cause
	if !errors.As(err, &got) {
		t.Fatalf("error is %v, want %v", err, want)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(err.Error(), "://") && got.Kind != cause.Redirected {
		t.Errorf("the error holds an address: %v", err)
	}
	places := map[string][]byte{"error": fmt.Appendf(nil, "%v %+v %#v", err, err, err)}
	if found := canary.Search(token, places); found != nil {
		t.Errorf("%v", found)
	}
}

func TestATokenTravelsInTheAuthorizationHeaderAlone(t *testing.T) {
	for name, test := range map[string]struct {
		auth wire.Auth
		want string
	}{
		"as bearer":         {auth(), "Bearer " + token},
		"beside a name":     {wire.Auth{Token: secret.New(token), User: "x-access-token"}, "Basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+token))},
		"not at all":        {wire.Auth{}, ""},
		"not with a name":   {wire.Auth{User: "somebody"}, ""},
		"all visible ASCII": {wire.Auth{Token: secret.New("!~\"\\,;")}, "Bearer !~\"\\,;"},
	} {
		t.Run(name, func(t *testing.T) {
			var got http.Header
			var line string
			server, c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				got, line = r.Header.Clone(), r.Method+" "+r.RequestURI+" "+r.Host
			})
			if _, err := c.Do(t.Context(), wire.Request{URL: server.URL + "/user?page=1", Auth: test.auth}); err != nil {
				t.Fatal(err)
			}
			if got.Get("Authorization") != test.want {
				t.Errorf("sent %q", got.Get("Authorization"))
			}
			got.Del("Authorization")
			if want := "GET /user?page=1 " + strings.TrimPrefix(server.URL, "http://"); line != want {
				t.Errorf("asked %q, want %q", line, want)
			}
			places := map[string][]byte{"line": []byte(line), "other headers": fmt.Append(nil, got)}
			if found := canary.Search(token, places); found != nil {
				t.Error(found)
			}
		})
	}
}

func TestARequestIsSentAsItIsDescribed(t *testing.T) {
	type sent struct{ Method, Agent, Accept, Type, Body string }
	for name, test := range map[string]struct {
		request wire.Request
		want    sent
	}{
		"a question":       {wire.Request{}, sent{Method: "GET", Agent: "gitgrant/test"}},
		"with a header":    {wire.Request{Header: map[string]string{"Accept": "application/json"}}, sent{Method: "GET", Agent: "gitgrant/test", Accept: "application/json"}},
		"a form":           {wire.Request{Form: url.Values{"a": {"1 &"}}}, sent{Method: "POST", Agent: "gitgrant/test", Type: "application/x-www-form-urlencoded", Body: "a=1+%26"}},
		"an empty form":    {wire.Request{Form: url.Values{}}, sent{Method: "POST", Agent: "gitgrant/test", Type: "application/x-www-form-urlencoded"}},
		"a method by name": {wire.Request{Method: "DELETE"}, sent{Method: "DELETE", Agent: "gitgrant/test"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got sent
			server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = sent{r.Method, r.UserAgent(), r.Header.Get("Accept"), r.Header.Get("Content-Type"), string(body)}
			}))
			defer server.Close()
			c := client(t, wire.Options{UserAgent: "gitgrant/test", Bases: []string{server.URL}})
			test.request.URL = server.URL
			if _, err := c.Do(t.Context(), test.request); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARedirectIsNeitherFollowedNorAnswered(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308, 300} {
		for name, test := range map[string]struct{ location, detail string }{
			"to another host":    {"https://evil.example/collect?x=1", "https://evil.example"},
			"to the host itself": {"/user/", "http://127.0.0.1"},
			"to a file":          {"file:///etc/passwd", "file://"},
			"to a script":        {"javascript:alert(1)", "javascript://"},
			"to plain http":      {"http://github.com", "http://github.com"},
			"with a name":        {"https://me:hunter2@evil.example/", "https://evil.example"},
			"to a token's host":  {"https://" + token + "@evil.example/", ""},
			"that echoes":        {"https://evil.example/?token=" + token, "https://evil.example"},
			"to nowhere":         {"", ""},
			"to a broken place":  {"https://%zz", ""},
		} {
			for _, form := range []url.Values{nil, {"client_secret": {"S"}, "device_code": {token}}} {
				t.Run(fmt.Sprintf("%d %s form=%v", status, name, form != nil), func(t *testing.T) {
					var asked atomic.Int32
					server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
						asked.Add(1)
						if test.location != "" {
							w.Header().Set("Location", test.location)
						}
						w.WriteHeader(status)
					})
					_, err := c.Do(t.Context(), wire.Request{URL: server.URL + "/user", Auth: auth(), Form: form})
					host := strings.TrimPrefix(server.URL, "http://")
					wantCause(t, err, cause.Cause{Kind: cause.Redirected, Host: host, Status: status, Detail: test.detail})
					if asked.Load() != 1 {
						t.Errorf("the host was asked %d times", asked.Load())
					}
				})
			}
		}
	}
}

func TestNotModifiedIsAnAnswer(t *testing.T) {
	server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	a, err := c.Do(t.Context(), wire.Request{URL: server.URL})
	if err != nil || a.Status != http.StatusNotModified {
		t.Errorf("%d %v", a.Status, err)
	}
}

func TestAForeignAddressGetsNothingAtAll(t *testing.T) {
	var connected atomic.Int32
	foreign := httptest.NewUnstartedServer(http.NotFoundHandler())
	foreign.Config.ConnState = func(net.Conn, http.ConnState) { connected.Add(1) }
	foreign.Start()
	defer foreign.Close()
	_, foreignPort, _ := net.SplitHostPort(foreign.Listener.Addr().String())

	c := client(t, wire.Options{Bases: []string{"https://github.com", "https://api.github.com", "http://127.0.0.1:1/x", "http://evil.example", "://"}})
	for name, test := range map[string]struct{ url, host, detail string }{
		"another host":             {foreign.URL, foreign.Listener.Addr().String(), "foreign address"},
		"another port":             {"http://127.0.0.1:" + foreignPort, "127.0.0.1:" + foreignPort, "foreign address"},
		"another scheme":           {"http://github.com/user", "github.com", "foreign address"},
		"a host below":             {"https://evil.github.com", "evil.github.com", "foreign address"},
		"a host that begins alike": {"https://github.com.evil.example", "github.com.evil.example", "foreign address"},
		"a host behind a name":     {"https://github.com@evil.example", "evil.example", "foreign address"},
		"the port written out":     {"https://github.com:8443", "github.com:8443", "foreign address"},
		"a base that is not safe":  {"http://evil.example/user", "evil.example", "foreign address"},
		"no address":               {"", "", "foreign address"},
		"a broken address":         {"https://" + token + "\x7f", "", "address"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Do(t.Context(), wire.Request{URL: test.url, Auth: auth()})
			wantCause(t, err, cause.Cause{Kind: cause.Profile, Host: test.host, Detail: test.detail})
		})
	}
	if connected.Load() != 0 {
		t.Errorf("the foreign host saw %d connections", connected.Load())
	}
}

func TestATokenThatNoTokenCanBeIsNotSent(t *testing.T) {
	var asked atomic.Int32
	server, c := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	for name, text := range map[string]string{
		"a line break":     token + "\r\nX-Evil: 1",
		"a lone CR":        token + "\r",
		"a lone LF":        token + "\n",
		"NUL":              token + "\x00",
		"DEL":              token + "\x7f",
		"a tab":            token + "\t",
		"a space":          "Bearer " + token,
		"an umlaut":        token + "ü",
		"a bidi override":  token + "\u202e",
		"a zero width":     "\u200b" + token,
		"bytes of no text": token + "\xff",
	} {
		for _, user := range []string{"", "x-access-token"} {
			_, err := c.Do(t.Context(), wire.Request{URL: server.URL, Auth: wire.Auth{Token: secret.New(text), User: user}})
			if !errors.Is(err, wire.ErrNotSendable) {
				t.Errorf("%s: error is %v", name, err)
			}
			if found := canary.Search(token, map[string][]byte{"error": fmt.Append(nil, err)}); found != nil {
				t.Errorf("%s: %v", name, found)
			}
		}
	}
	if asked.Load() != 0 {
		t.Errorf("the host was asked %d times", asked.Load())
	}
}

func TestACallerThatLeavesGetsNoCause(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	server, c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		leave()
		<-r.Context().Done()
	})
	if _, err := c.Do(ctx, wire.Request{URL: server.URL, Auth: auth()}); err != context.Canceled {
		t.Errorf("error is %v", err)
	}
}

func TestAClientKeepsItsConnection(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	c := client(t, wire.Options{Bases: []string{server.URL}})
	for range 5 {
		if _, err := c.Do(t.Context(), wire.Request{URL: server.URL}); err != nil {
			t.Fatal(err)
		}
	}
	if connections.Load() != 1 {
		t.Errorf("%d connections for five questions", connections.Load())
	}
}
