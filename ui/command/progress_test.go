package command_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// slowHost is a Git host that keeps its answers back while it is held.
type slowHost struct {
	held    atomic.Pointer[chan struct{}]
	release func()
}

// hold keeps all answers back from now on, until they are released.
func (s *slowHost) hold() {
	wait := make(chan struct{})
	s.release = sync.OnceFunc(func() { close(wait) })
	s.held.Store(&wait)
}

func (s *slowHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if wait := s.held.Load(); wait != nil {
		<-*wait
	}
	w.Header().Set("X-OAuth-Scopes", "repo, admin:repo_hook")
	w.Header().Set("X-GitHub-Enterprise-Version", "3.19.0")
	fmt.Fprint(w, `{"login":"acme-bot","type":"User"}`)
}

// besideSlow adds a slow host to the sandbox, with one runtime on each.
func besideSlow(t *testing.T) (*home, *slowHost) {
	t.Helper()
	h, slow := newHome(t), &slowHost{release: func() {}}
	server := httptest.NewServer(slow)
	t.Cleanup(func() { slow.release(); server.Close() })
	profiles, err := os.ReadFile(h.path("config/hosts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	h.write("config/hosts.yaml", string(profiles)+fmt.Sprintf(
		"  - {host: slow.example, provider: github-enterprise, web_url: %q, api_url: %q}\n", server.URL, server.URL+"/api/v3"))
	h.install("alpha", "runtime")
	h.install("omega", "runtime")
	if out, code := h.piped(text("runtime"), "install", "middle", "--provider", "github-enterprise", "--host", "slow.example", "--token-stdin"); code != 0 {
		t.Fatalf("install ended with %d: %s", code, out)
	}
	return h, slow
}

func TestRowsAppearWhileASlowHostIsWaitedFor(t *testing.T) {
	h, slow := besideSlow(t)
	slow.hold()
	screen := h.screen(h.env(), "status")
	screen.WaitUntil(func(s string) bool {
		return strings.Contains(s, "alpha") && strings.Contains(s, "2 of 3 tokens checked, waiting for slow.example")
	})
	if strings.Contains(screen.Screen(), "omega") {
		t.Errorf("the rows are out of order:\n%s", screen.Screen())
	}
	slow.release()
	h.exits(screen, 0)
	s := screen.Screen()
	if strings.Contains(s, "checked") || strings.Index(s, "alpha") > strings.Index(s, "middle") || strings.Index(s, "middle") > strings.Index(s, "omega") {
		t.Errorf("the table is not as it should be in the end:\n%s", s)
	}
}

func TestProgressNeverReachesAPipe(t *testing.T) {
	h, _ := besideSlow(t)
	for _, args := range [][]string{{"status"}, {"status", "-o", "json"}, {"status", "-o", "prometheus"}} {
		if out, code := h.piped("", args...); code != 0 || strings.Contains(string(out), "checked,") || strings.ContainsAny(string(out), "\r\x1b") {
			t.Errorf("%v ended with %d: %q", args, code, out)
		}
	}
}

func TestAnInterruptedCheckLeavesNoLineBehind(t *testing.T) {
	h, slow := besideSlow(t)
	slow.hold()
	screen := h.screen(h.env(), "status")
	screen.WaitFor("waiting for slow.example")
	screen.Press("ctrl+c")
	h.exits(screen, 130)
	if s := screen.Screen(); strings.Contains(s, "waiting for") {
		t.Errorf("the line is still there:\n%s", s)
	}
}
