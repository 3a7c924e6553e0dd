package command_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/vault"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

// renewing is a machine with one grant whose token is about to end, and the
// host between whose questions and answers a test can step.
type renewing struct {
	*machine
	t       *testing.T
	sandbox *sandbox.Server
	front   *httptest.Server
	ring    *keyring.Ring
	key     keyring.Key

	mu     sync.Mutex
	before func() // of an answer to a refresh
}

func newRenewing(t *testing.T, kind providers.Kind, client string) *renewing {
	t.Helper()
	r := &renewing{machine: newMachine(t), t: t, key: keyring.Key{Runtime: "prod", Purpose: "user", Account: "octocat"}}
	var err error
	r.sandbox, err = sandbox.Start(sandbox.Options{Interval: time.Second, Approve: sandbox.Auto}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.sandbox.Close() })
	behind, err := url.Parse(r.sandbox.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	proxy.ModifyResponse = func(a *http.Response) error {
		if strings.HasSuffix(a.Request.URL.Path, "/token") || strings.HasSuffix(a.Request.URL.Path, "/access_token") {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.before != nil {
				r.before()
			}
		}
		return nil
	}
	r.front = httptest.NewServer(proxy)
	t.Cleanup(r.front.Close)
	profiles := r.sandbox.HostsYAML(r.front.URL)
	r.write("hosts.yaml", profiles)
	identity := ""
	for _, variable := range r.env {
		if after, ok := strings.CutPrefix(variable, "GITGRANT_VAULT_IDENTITY_FILE="); ok {
			identity = after
		}
	}
	r.ring, err = keyring.Open(keyring.Options{Dir: r.data, Store: vault.New(vault.Options{Dir: r.data, IdentityFile: identity})})
	if err != nil {
		t.Fatal(err)
	}
	r.signIn(kind, client, profiles)
	return r
}

func (r *renewing) write(name string, text []byte) {
	r.t.Helper()
	dir := ""
	for _, variable := range r.env {
		if after, ok := strings.CutPrefix(variable, "GITGRANT_CONFIG_DIR="); ok {
			dir = after
		}
	}
	if err := os.WriteFile(dir+"/"+name, text, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

func (r *renewing) signIn(kind providers.Kind, client string, profiles []byte) {
	r.t.Helper()
	book, err := hosts.Parse("hosts.yaml", profiles, all.Providers())
	if err != nil {
		r.t.Fatal(err)
	}
	for _, p := range all.Providers() {
		if p.Kind() != kind {
			continue
		}
		h, err := book.Resolve(p, "")
		if err != nil {
			r.t.Fatal(err)
		}
		h.ClientID = sandbox.MustClient(string(kind), client).ID
		c, err := wire.New(wire.Options{Bases: []string{h.WebURL, h.APIURL}})
		if err != nil {
			r.t.Fatal(err)
		}
		defer c.Close()
		device := p.Device(h, providers.PolicyOf(kind).Scopes(providers.User, providers.OAuthToken))
		device.Sleep = func(context.Context, time.Duration) error { return nil }
		code, err := device.Start(r.t.Context(), c)
		if err != nil {
			r.t.Fatal(err)
		}
		token, err := device.Wait(r.t.Context(), c, code)
		if err != nil {
			r.t.Fatal(err)
		}
		_, err = r.ring.Save(r.t.Context(), keyring.Grant{
			Key: r.key, Provider: string(kind), Host: h.URL, Method: "device", Kind: "oauth", ClientID: h.ClientID,
			ExpiresAt: time.Now().Add(time.Minute), ExpirySource: "oauth",
		}, keyring.Credential{Access: token.Access, Refresh: token.Refresh})
		if err != nil {
			r.t.Fatal(err)
		}
		return
	}
	r.t.Fatalf("there is no %s", kind)
}

// nearItsEnd makes the present token one that has to be renewed.
func (r *renewing) nearItsEnd() {
	r.t.Helper()
	if err := r.ring.Note(r.key, func(g *keyring.Grant) { g.ExpiresAt = time.Now().Add(time.Minute) }); err != nil {
		r.t.Fatal(err)
	}
}

// refreshes counts the trades of a refresh token; the first question for a
// token was the sign-in.
func (r *renewing) refreshes() int {
	n := -1
	for _, q := range r.sandbox.Requests() {
		if q.Method == http.MethodPost && (strings.HasSuffix(q.Path, "/oauth/token") || strings.HasSuffix(q.Path, "/access_token")) {
			n++
		}
	}
	return n
}

func (r *renewing) stands(want string) {
	r.t.Helper()
	out, err := r.gitgrant("status", "-o", "json").CombinedOutput()
	if !strings.Contains(string(out), `"status": "`+want+`"`) {
		r.t.Fatalf("it is not %s: %v, %s", want, err, out)
	}
}

func TestSixProcessesRenewOneGrantOnceAndNobodyIsLoggedOut(t *testing.T) {
	for kind, client := range map[providers.Kind]string{providers.GitHub: "always-expires", providers.GitLab: "default"} {
		t.Run(string(kind), func(t *testing.T) {
			r := newRenewing(t, kind, client)
			var group sync.WaitGroup
			var mu sync.Mutex
			tokens := map[string]int{}
			for n := range 6 {
				group.Go(func() {
					if n%2 == 0 {
						if out, err := r.gitgrant("status").CombinedOutput(); err != nil {
							t.Errorf("%v: %s", err, out)
						}
						return
					}
					out, err := r.gitgrant("token", "prod").Output()
					if err != nil {
						t.Errorf("%v: %d bytes", err, len(out))
					}
					mu.Lock()
					defer mu.Unlock()
					tokens[string(out)]++
				})
			}
			group.Wait()
			if r.refreshes() != 1 || len(tokens) != 1 {
				t.Errorf("it was renewed %d times, and %d tokens were handed over", r.refreshes(), len(tokens))
			}
			r.stands("valid")
			r.agrees(t)
		})
	}
}

// killBeforeTheAnswer runs a check that dies when the host has renewed the
// token and before it can hear of it.
func (r *renewing) killBeforeTheAnswer() {
	r.t.Helper()
	cmd := r.gitgrant("status")
	started := make(chan *exec.Cmd, 1)
	r.mu.Lock()
	r.before = func() { _ = (<-started).Process.Kill() } // it may have ended by itself
	r.mu.Unlock()
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	started <- cmd
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
		r.t.Errorf("it was not killed: %v", err)
	}
	r.mu.Lock()
	r.before = nil
	r.mu.Unlock()
}

func TestAProcessThatDiesBetweenRefreshAndSaveLogsNobodyOutWhereTheHostLetsUs(t *testing.T) {
	r := newRenewing(t, providers.GitLab, "default")
	r.killBeforeTheAnswer()
	if r.refreshes() != 1 {
		t.Fatalf("it was renewed %d times", r.refreshes())
	}
	r.stands("valid")
	if r.refreshes() != 2 {
		t.Errorf("the next one did not renew it again: %d", r.refreshes())
	}
	r.agrees(t)
}

func TestAProcessThatDiesBetweenRefreshAndSaveIsToldOfWhereTheHostDoesNot(t *testing.T) {
	r := newRenewing(t, providers.GitHub, "always-expires")
	r.killBeforeTheAnswer()
	r.stands("revoked") // before its end: GitHub ended both at once
	out, err := r.gitgrant("status").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "gitgrant reauthorize prod") {
		t.Errorf("%v: %s", err, out)
	}
	r.agrees(t)
}

func TestARefreshThatIsKilledAnywhereLosesNothing(t *testing.T) {
	r := newRenewing(t, providers.GitLab, "default")
	killed := 0
	for round := range 12 {
		r.nearItsEnd()
		cmd := r.gitgrant("status")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if r.killAt(cmd, 1+round%6+rand.IntN(3), ended) != nil {
			killed++
		}
		r.stands("valid")
		r.agrees(t)
	}
	if killed == 0 {
		t.Error("nothing was killed: nothing was tried")
	}
}
