// Package sandboxtest serves the sandbox on loopback to the tests of those who
// speak with its hosts, and holds what they asked against what may be asked.
//
// It is for tests alone.
package sandboxtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/providers"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

// UserAgent is what the clients of a Place call themselves.
const UserAgent = "gitgrant/test"

// Place is a sandbox that listens, with a clock that only moves while somebody
// waits.
type Place struct {
	*sandbox.Sandbox
	// URL is where it listens, and Book has the profiles of its hosts.
	URL  string
	Book *hosts.Book

	mu   sync.Mutex
	time time.Time
}

// New serves the hosts of the kinds that are spoken with, until the test ends.
func New(t testing.TB, spoken ...providers.Provider) *Place {
	t.Helper()
	return NewBehind(t, func(hosts http.Handler) http.Handler { return hosts }, spoken...)
}

// NewBehind is New with something that stands between the clients and the hosts.
func NewBehind(t testing.TB, between func(http.Handler) http.Handler, spoken ...providers.Provider) *Place {
	t.Helper()
	p := &Place{time: time.Now().Truncate(time.Second)}
	p.Sandbox = sandbox.New(sandbox.Options{Now: p.Now})
	listening := httptest.NewServer(between(p.Handler()))
	t.Cleanup(listening.Close)
	p.URL = listening.URL
	var err error
	if p.Book, err = hosts.Parse("hosts.yaml", p.HostsYAML(p.URL), spoken); err != nil {
		t.Fatal(err)
	}
	return p
}

// Now is the time by the clock of the place.
func (p *Place) Now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.time
}

// Wait moves the clock.
func (p *Place) Wait(pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.time = p.time.Add(pause)
}

// Reach finds the host of a provider, as a person would who names none.
func (p *Place) Reach(t testing.TB, provider providers.Provider) (providers.Host, *wire.Client) {
	t.Helper()
	var named string
	if only, ok := p.Book.Only(provider.Kind()); ok {
		named = only.URL
	}
	h, err := p.Book.Resolve(provider, named)
	if err != nil {
		t.Fatal(err)
	}
	return h, p.Dial(t, h)
}

// Dial makes a client of a host, by the clock of the place.
func (p *Place) Dial(t testing.TB, h providers.Host) *wire.Client {
	t.Helper()
	c, err := wire.New(wire.Options{UserAgent: UserAgent, Bases: []string{h.WebURL, h.APIURL}, Now: p.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// OnlyRead holds everything that was asked against what may be asked of a host
// to find out about a token: nothing is changed, no token is in an address, no
// other host is asked, and no other path than those that are taken.
func (p *Place) OnlyRead(t testing.TB, h providers.Host, taken func(path string) bool) {
	t.Helper()
	asked := p.Requests()
	if len(asked) == 0 {
		t.Error("nothing was asked")
	}
	for _, r := range asked {
		if r.Method != http.MethodGet || r.TokenInURL || r.Host != NameOf(h) || strings.Contains(r.Path, "elsewhere") || !taken(r.Path) {
			t.Errorf("%+v", r)
		}
	}
}

// Anywhere takes every path.
func Anywhere(string) bool { return true }

// NameOf is the name of a host, with its port, as causes and requests have it.
func NameOf(h providers.Host) string {
	_, rest, _ := strings.Cut(h.WebURL, "://")
	name, _, _ := strings.Cut(rest, "/")
	return name
}
