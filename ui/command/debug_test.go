package command_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gitgrant/internal/canary"
	"gitgrant/providers/sandbox"
)

// eavesdropper stands between the program and the sandbox, and knows afterwards
// everything that went to and fro in confidence.
type eavesdropper struct {
	mu   sync.Mutex
	kept map[string]string // what is confidential, by what it is
}

// confidential are the fields of forms and answers that nobody else may read.
var confidential = []string{
	"access_token", "refresh_token", "device_code", "code", "code_verifier", "client_secret", "token", "state",
}

// listen has a home ask its hosts through an eavesdropper.
func listen(t *testing.T, h *home) *eavesdropper {
	t.Helper()
	behind, err := url.Parse(h.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	e := &eavesdropper{kept: map[string]string{}}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ModifyResponse = func(a *http.Response) error {
		body, err := io.ReadAll(a.Body)
		a.Body = io.NopCloser(bytes.NewReader(body))
		a.ContentLength = int64(len(body))
		a.Header.Set("Content-Length", strconv.Itoa(len(body)))
		var fields map[string]any
		if json.Unmarshal(body, &fields) == nil {
			e.keep(func(name string) string { text, _ := fields[name].(string); return text })
			if code, ok := fields["user_code"].(string); ok {
				return errors.Join(err, h.server.Approve(code)) // as a person would who reads it
			}
		}
		return err
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.hear(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	h.write("config/hosts.yaml", string(h.server.HostsYAML(front.URL)))
	return e
}

func (e *eavesdropper) hear(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if form, err := url.ParseQuery(string(body)); err == nil {
		e.keep(form.Get)
	}
	e.keep(r.URL.Query().Get)
	kind, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if pair, err := base64.StdEncoding.DecodeString(text); err == nil && kind == "Basic" {
		_, text, _ = strings.Cut(string(pair), ":")
	}
	if text != "" {
		e.keep(func(name string) string { return map[string]string{"token": text}[name] })
	}
}

func (e *eavesdropper) keep(value func(string) string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range confidential {
		if text := value(name); len(text) > canary.Part && e.kept[text] == "" {
			e.kept[text] = name
		}
	}
}

// heard is what of it stands in a text, by what it is, and what there was.
func (e *eavesdropper) heard(text []byte) (there []string, known map[string]bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	known = map[string]bool{}
	for secret, name := range e.kept {
		known[name] = true
		if len(canary.Search(secret, map[string][]byte{"it": text})) > 0 {
			there = append(there, name)
		}
	}
	return there, known
}

func TestDebugTellsEveryRequestAndNothingConfidential(t *testing.T) {
	h := newHome(t)
	e := listen(t, h)
	secret := sandbox.MustClient("github", "default").Secret
	var all []byte
	said := func(input, program string, args ...string) string {
		t.Helper()
		cmd := exec.Command(program, append(args, "--debug", "--no-input")...)
		var errs bytes.Buffer
		cmd.Env, cmd.Stdin, cmd.Stderr = h.env(), strings.NewReader(input), &errs
		if err := cmd.Run(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, errs.Bytes())
		}
		log := withoutPages(errs.String())
		all = append(all, log...)
		return log
	}
	gitgrant := program(t)
	other, err := exec.LookPath("person")
	if err != nil {
		t.Fatal(err)
	}
	person := func(args ...string) []string { return append([]string{"approve", gitgrant}, args...) }

	log := said(text("runtime"), gitgrant, "install", "prod", "--provider", "github", "--token-stdin")
	if !strings.Contains(log, "msg=http method=GET url=http://127.0.0.1:") || !strings.Contains(log, "got.X-Oauth-Scopes=") || !strings.Contains(log, "Authorization") {
		t.Errorf("it says:\n%s", log)
	}
	said(secret, other, person("install", "hub", "--provider", "github", "--method", "browser", "--client-secret-stdin")...)
	said("", other, person("install", "lab", "--provider", "gitlab", "--method", "browser", "--purpose", "user")...)
	said(sandbox.MustToken("gitlab", "runtime").Text, gitgrant, "install", "lab", "--provider", "gitlab", "--token-stdin")
	said("", gitgrant, "install", "device", "--provider", "github", "--method", "device")
	said("", gitgrant, "status")
	said("", gitgrant, "rotate", "lab", "--purpose", "runtime", "--yes")
	said("", gitgrant, "revoke", "lab", "--purpose", "runtime", "--yes")
	said("", gitgrant, "revoke", "device", "--yes")
	if there, known := e.heard(all); len(there) > 0 {
		t.Errorf("it tells %v", there)
	} else if want := []string{"access_token", "device_code", "code", "code_verifier", "client_secret", "token", "refresh_token"}; !knowsAll(known, want) {
		t.Errorf("of %v only %v went to and fro: nothing was tried", want, known)
	}
}

func knowsAll(known map[string]bool, names []string) bool {
	for _, name := range names {
		if !known[name] {
			return false
		}
	}
	return true
}

// withoutPages leaves out the lines that name a person the page to open: its
// state and challenge are to be there, and worth nothing without the verifier.
func withoutPages(said string) string {
	var b strings.Builder
	for line := range strings.Lines(said) {
		if strings.HasPrefix(line, "time=") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestDebugWaitsUntilTheScreensAreGone(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	screen := h.screen(h.env(), "--debug")
	screen.WaitFor("✓ valid")
	if shown := screen.Screen(); strings.Contains(shown, "level=DEBUG msg=http") {
		t.Errorf("the list is overwritten:\n%s", shown)
	}
	screen.Press("q")
	h.exits(screen, 0)
	if left := screen.Screen(); !strings.Contains(left, "msg=http method=GET") {
		t.Errorf("it says in the end:\n%s", left)
	}
	h.holdsNone(text("runtime"), screen)
}
