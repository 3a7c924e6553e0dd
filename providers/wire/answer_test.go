package wire_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"gitgrant/internal/canary"
	"gitgrant/keyring/secret"
	"gitgrant/providers/cause"
	"gitgrant/providers/wire"
)

func TestABodyIsBounded(t *testing.T) {
	const limit = 1 << 20
	mega := strings.Repeat("a", limit)
	for name, test := range map[string]struct {
		peek  bool
		write func(http.ResponseWriter, *http.Request)
		want  int
		err   cause.Kind
	}{
		"nothing":             {false, func(http.ResponseWriter, *http.Request) {}, 0, ""},
		"the limit":           {false, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, mega) }, limit, ""},
		"a byte more":         {false, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, mega+"a") }, limit, cause.TooLarge},
		"ten megabytes":       {false, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, strings.Repeat(mega, 10)) }, 0, cause.TooLarge},
		"no end":              {false, endless, 0, cause.TooLarge},
		"a gzip bomb":         {false, bomb, 0, cause.TooLarge},
		"the beginning":       {true, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "# service") }, 9, ""},
		"the beginning of it": {true, endless, 4096, ""},
		"of a bomb too":       {true, bomb, 4096, ""},
		"the beginning of 0":  {true, func(http.ResponseWriter, *http.Request) {}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			server, c := serve(t, test.write)
			a, err := c.Do(t.Context(), wire.Request{URL: server.URL, Peek: test.peek})
			if test.err != "" {
				wantCause(t, err, cause.Cause{Kind: test.err, Host: strings.TrimPrefix(server.URL, "http://"), Status: 200})
				return
			}
			if err != nil || len(a.Body) != test.want {
				t.Errorf("%d bytes, %v", len(a.Body), err)
			}
		})
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, strings.Repeat("a", 1<<16)); err != nil {
			return
		}
	}
}

// bomb is a small body that unpacks to 64 MB.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	for range 64 {
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			return
		}
	}
	_ = z.Close()
}

func TestAnExchangeThatGoesWrongHasItsCause(t *testing.T) {
	stall := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, test := range map[string]struct {
		handle http.HandlerFunc
		want   cause.Kind
		status int
	}{
		"no answer in time": {stall, cause.NoAnswer, 0},
		"a body that stalls": {func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
			stall(w, r)
		}, cause.NoAnswer, 0},
		"a connection that breaks": {func(w http.ResponseWriter, _ *http.Request) { hijack(w, "") }, cause.Broken, 0},
		"a body that breaks": {func(w http.ResponseWriter, _ *http.Request) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
		}, cause.Broken, 0},
		"something else than HTTP": {func(w http.ResponseWriter, _ *http.Request) { hijack(w, "SSH-2.0-OpenSSH_9.2\r\n") }, cause.Broken, 0},
		"a flood of headers": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 2000 {
				w.Header().Set("X-Flood-"+strconv.Itoa(i), strings.Repeat("a", 100))
			}
		}, cause.TooLarge, 0},
		"a proxy that wants a password": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(407) }, cause.ProxyRefused, 407},
	} {
		t.Run(name, func(t *testing.T) {
			server, c := serve(t, test.handle)
			ctx := t.Context()
			if test.want == cause.NoAnswer {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			_, err := c.Do(ctx, wire.Request{URL: server.URL, Auth: auth()})
			wantCause(t, err, cause.Cause{Kind: test.want, Host: strings.TrimPrefix(server.URL, "http://"), Status: test.status})
		})
	}
}

// hijack answers with raw bytes and closes.
func hijack(w http.ResponseWriter, raw string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, raw)
	_ = conn.Close()
}

func TestAFloodOfHeadersIsTooLargeForAHostThatOffersHTTP2Too(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for i := range 700 {
			w.Header().Set("X-Flood-"+strconv.Itoa(i), strings.Repeat("a", 100))
		}
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	c := client(t, wire.Options{Bases: []string{server.URL}, CAFile: pemFile(t, "CERTIFICATE", server.Certificate().Raw)})
	_, err := c.Do(t.Context(), wire.Request{URL: server.URL})
	wantCause(t, err, cause.Cause{Kind: cause.TooLarge, Host: server.Listener.Addr().String()})
}

func TestAHostThatIsNotThereHasItsCause(t *testing.T) {
	withoutNames(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for base, want := range map[string]cause.Kind{
		closed.URL:               cause.NoConnection,
		"https://gone.example":   cause.NoSuchName,
		"https://sick.example":   cause.NoNameService,
		"https://gone.example:8": cause.NoSuchName,
	} {
		c := client(t, wire.Options{Bases: []string{base}})
		_, err := c.Do(t.Context(), wire.Request{URL: base, Auth: auth()})
		_, host, _ := strings.Cut(base, "://")
		wantCause(t, err, cause.Cause{Kind: want, Host: host})
	}
}

// withoutNames replaces the DNS by one that knows no name, and is out of order
// for those that begin with "sick".
func withoutNames(t *testing.T) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		question := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			answer := append(question[:2:2], 0x81, 0x83) // no such name
			if bytes.Contains(question[:n], []byte("sick")) {
				answer[3] = 0x82 // server failure
			}
			answer = append(append(answer, 0, 1, 0, 0, 0, 0, 0, 0), question[12:n]...)
			_, _ = server.WriteTo(answer, from)
		}
	}()
	usual := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = usual
		_ = server.Close()
	})
}

func TestWhatAHostSendsBackOfATokenIsMasked(t *testing.T) {
	for name, user := range map[string]string{"as bearer": "", "beside a name": "x-access-token"} {
		t.Run(name, func(t *testing.T) {
			server, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Echo", "you sent "+r.Header.Get("Authorization"))
				w.Header().Set("X-Echo-Token", token)
				_, _ = fmt.Fprintf(w, `{"message": "bad credentials %s in %s"}`, token, r.Header.Get("Authorization"))
			})
			a, err := c.Do(t.Context(), wire.Request{URL: server.URL, Auth: wire.Auth{Token: secret.New(token), User: user}})
			if err != nil {
				t.Fatal(err)
			}
			var body struct{ Message string }
			if err := a.JSON(&body); err != nil || !strings.HasPrefix(body.Message, "bad credentials "+secret.Mask+" in ") {
				t.Errorf("message %q, %v", body.Message, err)
			}
			places := map[string][]byte{"body": a.Body, "header": []byte(a.Header("X-Echo")), "other header": []byte(a.Header("X-Echo-Token"))}
			if found := canary.Search(token, places); found != nil {
				t.Error(found)
			}
		})
	}
}

func TestATextThatIsTooShortForATokenStaysReadable(t *testing.T) {
	server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"a": "aaa"}`) })
	a, err := c.Do(t.Context(), wire.Request{URL: server.URL, Auth: wire.Auth{Token: secret.New("a")}})
	if err != nil || string(a.Body) != `{"a": "aaa"}` {
		t.Errorf("%s %v", a.Body, err)
	}
}

func TestABodyThatIsNotUnderstoodIsDescribedAndNotQuoted(t *testing.T) {
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for name, test := range map[string]struct{ contentType, body, detail string }{
		"a page":                     {"text/html; charset=utf-8", "<html><body>Sign in</body></html>", "html"},
		"an empty page":              {"text/html", " \n", "empty"},
		"nothing":                    {"application/json", "", "empty"},
		"broken JSON":                {"application/json", `{"login": "octo`, "json"},
		"JSON of another shape":      {"application/json; charset=utf-8", `["login"]`, "json"},
		"a number where a text goes": {"application/json", `{"login": 1}`, "json"},
		"JSON that is deep":          {"application/json", `{"x": ` + deep + `}`, "json"},
		"a form":                     {"application/x-www-form-urlencoded", "error=authorization_pending", "other"},
		"no type":                    {"", "login: octocat", "other"},
		"a broken type":              {"a/b/c;;", "login: octocat", "other"},
	} {
		t.Run(name, func(t *testing.T) {
			server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = []string{test.contentType}
				w.WriteHeader(http.StatusAccepted)
				_, _ = io.WriteString(w, test.body)
			})
			a, err := c.Do(t.Context(), wire.Request{URL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			want := cause.Cause{Kind: cause.NotUnderstood, Host: strings.TrimPrefix(server.URL, "http://"), Status: http.StatusAccepted, Detail: test.detail}
			var user struct{ Login string }
			wantCause(t, a.JSON(&user), want)
			wantCause(t, a.NotUnderstood(), want)
		})
	}
}

func TestAHeaderIsReadClean(t *testing.T) {
	long := strings.TrimSuffix(strings.Repeat("read:something, ", 60), ", ")
	server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["X-Empty"] = []string{""}
		w.Header()["X-Twice"] = []string{"repo", "gist"}
		w.Header()["X-Long"] = []string{long}
		w.Header()["X-Evil"] = []string{"a\u009b31mb\u202ec\xff \t d"}
	})
	a, err := c.Do(t.Context(), wire.Request{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"X-Empty": "", "X-Twice": "repo, gist", "X-Long": long, "X-Evil": "a31mbc d", "X-None": ""} {
		if got := a.Header(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
		if a.Has(name) != (name != "X-None") {
			t.Errorf("%s is there: %v", name, a.Has(name))
		}
	}
}

func TestAPauseIsReadInBothItsFormsAndIsBounded(t *testing.T) {
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	for name, test := range map[string]struct {
		header string
		pause  time.Duration // 0: none that counts
	}{
		"seconds":               {"40", 40 * time.Second},
		"a date":                {in(40 * time.Second), 40 * time.Second},
		"beyond reason":         {"99999999999", wire.LongestPause},
		"beyond any number":     {"99999999999999999999", 0},
		"a date beyond reason":  {in(100 * time.Hour), wire.LongestPause},
		"none":                  {"0", 0},
		"below zero":            {"-1", 0},
		"a date that is past":   {in(-time.Hour), 0},
		"a word":                {"soon", 0},
		"nothing":               {"", 0},
		"two that do not agree": {"40, 50", 0},
	} {
		t.Run(name, func(t *testing.T) {
			server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.header)
			})
			a, err := c.Do(t.Context(), wire.Request{URL: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			got := a.Again()
			if test.pause == 0 {
				if !got.IsZero() {
					t.Errorf("it is %s", got)
				}
				return
			}
			// A date has whole seconds, and the clock goes on in between.
			if off := a.At.Add(test.pause).Sub(got).Abs(); off > 2*time.Second || got.After(a.At.Add(wire.LongestPause)) {
				t.Errorf("it is %s, off by %s", got, off)
			}
		})
	}
}
