package command_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/internal/canary"
	"gitgrant/providers/sandbox"
)

// forge serves repositories by git's own http-backend, to those who bring one of
// its tokens, and notes who came.
type forge struct {
	url string

	mu     sync.Mutex
	tokens map[string]string // account by token
	came   []string          // who was let in, and where to
}

// revoke ends a token.
func (f *forge) revoke(token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.tokens, token)
}

func (f *forge) visitors() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.came, "\n")
}

func (f *forge) account(r *http.Request) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	user, token, _ := r.BasicAuth()
	account, known := f.tokens[token]
	if !known || user != "x-access-token" {
		return "", false
	}
	if repo, first := strings.CutSuffix(r.URL.Path, "/info/refs"); first {
		f.came = append(f.came, account+" "+repo)
	}
	return account, true
}

// newForge serves bare repositories.
func newForge(t *testing.T, tokens map[string]string, repositories ...string) *forge {
	t.Helper()
	root := t.TempDir()
	for _, repo := range repositories {
		bare := filepath.Join(root, repo+".git")
		git(t, nil, "init", "-q", "--bare", "-b", "main", bare)
		git(t, nil, "-C", bare, "config", "http.receivepack", "true")
	}
	f := &forge{tokens: tokens}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(git(t, nil, "--exec-path")), "git-http-backend"), Root: "/github",
		Env:    []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1"},
		Stderr: io.Discard,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := f.account(r); !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="forge"`)
			http.Error(w, "Invalid username or token.", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL + "/github"
	return f
}

func git(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out, err := tryGit(env, args...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func tryGit(env []string, args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// gitMachine is a machine whose GitHub clones from a forge, with git set up.
type gitMachine struct {
	*machine
	home string
}

func newGitMachine(t *testing.T, f *forge) *gitMachine {
	t.Helper()
	m := withGit(t)
	file := filepath.Join(m.home, "hosts.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "    web_url: ") && strings.HasSuffix(line, "/github") {
			lines[i] = "    web_url: " + f.url
		}
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

// withGit is a machine on which git has no configuration yet.
func withGit(t *testing.T) *gitMachine {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is missing")
	}
	m := &gitMachine{machine: newMachine(t)}
	for _, line := range m.env {
		if home, ok := strings.CutPrefix(line, "HOME="); ok {
			m.home = home
		}
	}
	m.env = append(m.env, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+filepath.Join(m.home, ".gitconfig"), "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=o", "GIT_AUTHOR_EMAIL=o@example.com", "GIT_COMMITTER_NAME=o", "GIT_COMMITTER_EMAIL=o@example.com")
	return m
}

// user installs a user token of the sandbox.
func (m *gitMachine) user(t *testing.T, runtime, token string, repositories ...string) {
	t.Helper()
	m.userOf(t, runtime, "github", "github.com", token, repositories...)
}

func (m *gitMachine) userOf(t *testing.T, runtime, provider, host, token string, repositories ...string) {
	t.Helper()
	args := []string{"install", runtime, "--provider", provider, "--host", host, "--purpose", "user", "--method", "pat", "--token-stdin", "--force"}
	for _, repo := range repositories {
		args = append(args, "--repo", repo)
	}
	cmd := m.gitgrant(args...)
	cmd.Stdin = strings.NewReader(sandbox.MustToken(provider, token).Text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func (m *gitMachine) setUp(t *testing.T) {
	t.Helper()
	if out, err := m.gitgrant("git", "setup", "--host", "github.com", "--yes").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// offline is the status of a runtime as it is without asking anybody.
func (m *gitMachine) offline(t *testing.T, runtime string) string {
	t.Helper()
	out, _ := m.gitgrant("status", runtime, "--offline", "-o", "json").Output()
	var report struct {
		Grants []struct {
			Status string `json:"status"`
		} `json:"grants"`
	}
	if err := json.Unmarshal(out, &report); err != nil || len(report.Grants) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	return report.Grants[0].Status
}

// commits makes a commit in a clone.
func (m *gitMachine) commits(t *testing.T, clone, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(clone, "file"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, m.env, "-C", clone, "add", "file")
	git(t, m.env, "-C", clone, "commit", "-q", "-m", text)
}

func TestGitClonesAndPushesWithTheUserToken(t *testing.T) {
	token := sandbox.MustToken("github", "user").Text
	f := newForge(t, map[string]string{token: "octocat"}, "acme/app")
	m := newGitMachine(t, f)
	clone := filepath.Join(m.home, "clone")
	if out, err := tryGit(m.env, "clone", "-q", f.url+"/acme/app.git", clone); err == nil {
		t.Fatalf("the forge lets everybody in: %s", out)
	}
	m.user(t, "prod", "user")
	m.setUp(t)
	git(t, m.env, "clone", "-q", f.url+"/acme/app.git", clone)
	m.commits(t, clone, "one")
	git(t, m.env, "-C", clone, "push", "-q", "origin", "main")
	again := filepath.Join(m.home, "again")
	git(t, m.env, "clone", "-q", f.url+"/acme/app.git", again)
	if text, err := os.ReadFile(filepath.Join(again, "file")); err != nil || string(text) != "one" {
		t.Errorf("%q was pushed, %v", text, err)
	}
	files, err := canary.Files(m.home)
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range canary.Search(token, files) {
		t.Errorf("the token is in %s", found)
	}
	if out, err := m.gitgrant("git", "remove").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if out, err := tryGit(m.env, "-C", clone, "fetch"); err == nil {
		t.Errorf("git is still let in: %s", out)
	}
}

func TestTwoRuntimesOnOneHostEachUseTheirOwnToken(t *testing.T) {
	octocat, bot := sandbox.MustToken("github", "user").Text, sandbox.MustToken("github", "too-broad").Text
	f := newForge(t, map[string]string{octocat: "octocat", bot: "acme-bot"}, "acme/app", "acme/readonly")
	m := newGitMachine(t, f)
	m.user(t, "prod", "user", f.url+"/acme/app")
	m.user(t, "lab", "too-broad", f.url+"/acme/readonly")
	m.setUp(t)
	for repo, account := range map[string]string{"acme/app": "octocat", "acme/readonly": "acme-bot"} {
		git(t, m.env, "ls-remote", f.url+"/"+repo+".git")
		if line := account + " /github/" + repo + ".git"; !strings.HasSuffix(f.visitors(), line) {
			t.Errorf("%s was read as somebody else than %s:\n%s", repo, account, f.visitors())
		}
	}
	// A name in the address says which account is meant where the path does not.
	named := strings.Replace(f.url, "http://", "http://octocat@", 1)
	out, _ := tryGit(m.env, "ls-remote", named+"/elsewhere/app.git")
	if !strings.HasSuffix(f.visitors(), "octocat /github/elsewhere/app.git") {
		t.Errorf("somebody else came:\n%s\n%s", f.visitors(), out)
	}
	if out, err := tryGit(m.env, "ls-remote", f.url+"/elsewhere/app.git"); err == nil || !strings.Contains(out, "git could be given a token of acme-bot or octocat.") {
		t.Errorf("nothing told the two apart: %v\n%s", err, out)
	}
}

func TestATokenThatGitIsRefusedWithIsMarkedAndNotServedAgain(t *testing.T) {
	token := sandbox.MustToken("github", "user").Text
	f := newForge(t, map[string]string{token: "octocat"}, "acme/app")
	m := newGitMachine(t, f)
	m.user(t, "prod", "user")
	m.setUp(t)
	git(t, m.env, "ls-remote", f.url+"/acme/app.git")
	if status := m.offline(t, "prod"); status != "valid" {
		t.Fatalf("it is %s before anything happened", status)
	}
	f.revoke(token)
	if out, err := tryGit(m.env, "ls-remote", f.url+"/acme/app.git"); err == nil {
		t.Fatalf("a revoked token is let in: %s", out)
	}
	if status := m.offline(t, "prod"); status != "rejected" {
		t.Errorf("it is %s", status)
	}
	out, err := tryGit(m.env, "ls-remote", f.url+"/acme/app.git")
	if err == nil || !strings.Contains(out, "git gets no token of octocat for prod.") {
		t.Errorf("%v: %s", err, out)
	}
	if stored, err := m.gitgrant("token", "prod").Output(); err != nil || string(stored) != token+"\n" {
		t.Errorf("the token is gone: %v", err)
	}
}

// A project token goes as Bearer, which git can send since 2.46. An older one has
// to send it as a password, and learns nothing of the token by being refused.
func TestAProjectTokenIsForAGitThatKnowsHeaders(t *testing.T) {
	m := withGit(t)
	m.userOf(t, "prod", "bitbucket-server", "bitbucket.sandbox.example/bitbucket", "project-token", "ACME/app")
	if out, err := m.gitgrant("git", "setup", "--yes").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	web, _, _ := strings.Cut(git(t, m.env, "config", "--get-regexp", `^credential\..*\.helper$`), ".helper")
	web = strings.TrimPrefix(web, "credential.")
	known, _ := tryGit(nil, "credential", "capability")
	out, err := tryGit(m.env, "-c", "protocol.version=0", "ls-remote", web+"/scm/ACME/app.git")
	if strings.Contains(known, "capability authtype") {
		if err != nil || !strings.Contains(out, "refs/heads/") {
			t.Errorf("%v: %s", err, out)
		}
	} else if err == nil || !strings.Contains(out, "Use git 2.46 or later") {
		t.Errorf("%v: %s", err, out)
	}
	if status := m.offline(t, "prod"); status != "valid" {
		t.Errorf("it is %s", status)
	}
}

func TestATokenThatHasEndedIsNotServed(t *testing.T) {
	token := sandbox.MustToken("github", "user").Text
	f := newForge(t, map[string]string{token: "octocat"}, "acme/app")
	m := newGitMachine(t, f)
	m.user(t, "prod", "user")
	m.setUp(t)
	file := filepath.Join(m.data, "index.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ended := fmt.Sprintf(`"expires_at": %q, "kind":`, time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"kind":`, ended, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := tryGit(m.env, "ls-remote", f.url+"/acme/app.git")
	if err == nil || !strings.Contains(out, "The token expired") || f.visitors() != "" {
		t.Errorf("%v: %s\n%s", err, out, f.visitors())
	}
}
