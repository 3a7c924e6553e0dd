// Package oidc runs an OAuth2 server of someone else's, npm's oidc-provider,
// for tests that must not believe our own sandbox alone: device flow, PKCE,
// rotating refresh tokens, revocation and introspection as the standards say.
//
// Rules of this package:
//
//   - A test that cannot have the server is skipped and says what to run.
//   - The server listens on loopback, on a port of its own, and ends with its
//     test.
//   - Its pages are used as a browser uses them: each form is sent back with
//     what it holds, and only what a person decides is added.
//
// It is for tests alone.
package oidc

import (
	"bufio"
	"bytes"
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	// ClientID is the application that the server knows: public, native, with
	// http://127.0.0.1/callback on any port as its redirect.
	ClientID = "gitgrant"
	// Login is the account that approves.
	Login = "octocat"
)

// patience bounds the start of the server and each of its answers. Only a
// failure ever reaches it.
const patience = 60 * time.Second

// Server is a running OAuth2 server.
type Server struct {
	t   testing.TB
	url string
}

// Start starts a server that ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	parts := filepath.Join(root(t), "test", "npm")
	node := installed(parts)
	if node == "" {
		t.Skip("the OAuth2 server of npm is not installed: run make test once, with npm there")
	}

	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, node, "oidc.mjs")
	cmd.Dir = parts
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("cannot start the OAuth2 server: %v", err)
	}
	overdue := time.AfterFunc(patience, cancel)
	t.Cleanup(func() {
		_ = stdin.Close() // the server ends with its standard input
		_ = cmd.Wait()
		overdue.Stop()
		cancel()
	})

	address, err := bufio.NewReader(stdout).ReadString('\n')
	overdue.Stop()
	if err != nil {
		_ = cmd.Wait()
		t.Fatalf("the OAuth2 server did not start: %v\n%s", err, complaints.String())
	}
	return &Server{t: t, url: strings.TrimSpace(address)}
}

// installed is the Node that npm has installed, or nothing where it has not
// finished doing so. The package is named after the system that it is for, and
// older npm makes no link to it.
func installed(parts string) string {
	modules := filepath.Join(parts, "node_modules")
	if _, err := os.Stat(filepath.Join(modules, ".package-lock.json")); err != nil {
		return ""
	}
	node, err := filepath.Glob(filepath.Join(modules, "node-*", "bin", "node"))
	if err != nil || len(node) == 0 {
		return ""
	}
	return node[0]
}

// root is the folder of the module, above that of the test.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the test runs outside of the module")
		}
		dir = filepath.Dir(dir)
	}
}

// URL is the address of the server. Its endpoints are /device/auth, /device,
// /auth, /token, /token/revocation and /token/introspection below it.
func (s *Server) URL() string { return s.url }

// ApproveDevice does what a person does who enters the code, signs in and
// consents.
func (s *Server) ApproveDevice(userCode string) {
	s.t.Helper()
	page := s.enter(userCode, url.Values{})
	for page.form != nil {
		page = page.submit(url.Values{"login": {Login}, "password": {"any"}})
	}
	if !strings.Contains(page.text, "Sign-in Success") {
		s.t.Fatalf("the device was not approved; the last page was:\n%s", page.text)
	}
}

// DenyDevice does what a person does who enters the code and refuses.
func (s *Server) DenyDevice(userCode string) {
	s.t.Helper()
	page := s.enter(userCode, url.Values{"abort": {"yes"}})
	if !strings.Contains(page.text, "The Sign-in request was interrupted") {
		s.t.Fatalf("the device was not denied; the last page was:\n%s", page.text)
	}
}

// enter brings up the page that asks whether the code is the person's, and
// answers it.
func (s *Server) enter(userCode string, answer url.Values) page {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
	b := browser{t: s.t, client: client}
	confirm := b.get(s.url + "/device").submit(url.Values{"user_code": {userCode}})
	if confirm.form == nil || !confirm.form.Has("confirm") {
		s.t.Fatalf("the server does not know the code %s:\n%s", userCode, confirm.text)
	}
	if answer.Has("abort") {
		confirm.form.Del("confirm")
	}
	return confirm.submit(answer)
}
