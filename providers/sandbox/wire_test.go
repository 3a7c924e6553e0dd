package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"gitgrant/providers/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that only the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// wire is a served sandbox and a client that follows no redirect.
type wire struct {
	t      *testing.T
	server *sandbox.Server
	clock  *clock
	client *http.Client
}

func newWire(t *testing.T, o sandbox.Options) *wire {
	t.Helper()
	w := &wire{t: t, clock: newClock()}
	o.Now = w.clock.Now
	server, err := sandbox.Start(o, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DisableCompression: true}
	w.server = server
	w.client = &http.Client{
		Transport:     transport,
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *wire) request(method, path string, body io.Reader, header ...string) *http.Request {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL()+path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// reply is an answer with its body read.
type reply struct {
	*http.Response
	text string
}

func (w *wire) do(r *http.Request) reply {
	w.t.Helper()
	res, err := w.client.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply{res, string(text)}
}

func (w *wire) get(path string, header ...string) reply {
	w.t.Helper()
	return w.do(w.request("GET", path, nil, header...))
}

// as is a GET that a token signs.
func (w *wire) as(token, path string) reply {
	w.t.Helper()
	return w.get(path, "Authorization", "Bearer "+token)
}

// named is a GET that a named token of github.com signs.
func (w *wire) named(name, path string) reply {
	w.t.Helper()
	return w.as(sandbox.MustToken("github", name).Text, path)
}

func (w *wire) post(path string, form url.Values, header ...string) reply {
	w.t.Helper()
	header = append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)
	return w.do(w.request("POST", path, strings.NewReader(form.Encode()), header...))
}

func (w *wire) postJSON(path string, form url.Values) map[string]any {
	w.t.Helper()
	return w.post(path, form, "Accept", "application/json").json(w.t)
}

func (r reply) json(t *testing.T) map[string]any {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(r.text), &body); err != nil {
		t.Fatalf("%d %q is no JSON object: %v", r.StatusCode, r.text, err)
	}
	return body
}

// expect holds an answer against a status and texts that must stand in it.
func (r reply) expect(t *testing.T, status int, texts ...string) reply {
	t.Helper()
	if r.StatusCode != status {
		t.Errorf("status %d, want %d: %.300s", r.StatusCode, status, r.text)
	}
	for _, text := range texts {
		if !strings.Contains(r.text, text) {
			t.Errorf("%q is not in %.600s", text, r.text)
		}
	}
	return r
}

// headers holds an answer against header values; an absent one is "absent".
func (r reply) headers(t *testing.T, want map[string]string) {
	t.Helper()
	for name, value := range want {
		got := "absent"
		if values, ok := r.Header[http.CanonicalHeaderKey(name)]; ok {
			got = strings.Join(values, "|")
		}
		if got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}
