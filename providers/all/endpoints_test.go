package all_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/oauth"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

// asker is who the requests that count come from; a browser asks too.
const asker = "gitgrant/hostile"

// turncoat is a host of the sandbox that answers well until it is told which
// endpoint to spoil, and how. It remembers what it was asked.
type turncoat struct {
	*land
	sandbox *sandbox.Sandbox
	end     func()

	mu     sync.Mutex
	asked  []string
	spoilt string
	how    hostility
}

func newTurncoat(t *testing.T, p providers.Provider) *turncoat {
	t.Helper()
	tc := &turncoat{sandbox: sandbox.New(sandbox.Options{Interval: time.Second}), land: &land{Provider: p}}
	front := httptest.NewServer(tc)
	tc.end = func() {
		tc.client.Close()
		front.CloseClientConnections() // one that never answers would be waited for
		front.Close()
	}
	book, err := hosts.Parse("hosts.yaml", tc.sandbox.HostsYAML(front.URL), all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	tc.host, _ = book.Only(p.Kind())
	for _, c := range sandbox.Clients() {
		if c.Provider == string(p.Kind()) && c.ID == tc.host.ClientID {
			tc.land.secret = secret.New(c.Secret)
		}
	}
	if tc.client, err = wire.New(wire.Options{UserAgent: asker, Bases: []string{tc.host.WebURL, tc.host.APIURL}}); err != nil {
		t.Fatal(err)
	}
	return tc
}

func (tc *turncoat) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	endpoint := r.Method + " " + r.URL.Path
	tc.mu.Lock()
	ours := r.UserAgent() == asker
	if ours && !slices.Contains(tc.asked, endpoint) {
		tc.asked = append(tc.asked, endpoint)
	}
	hostile, how := ours && endpoint == tc.spoilt, tc.how
	tc.mu.Unlock()
	if !hostile {
		tc.sandbox.Handler().ServeHTTP(w, r)
		return
	}
	answer := httptest.NewRecorder()
	body, _ := io.ReadAll(r.Body) // until it is read, nobody notices that the client has left
	r.Body = io.NopCloser(bytes.NewReader(body))
	if how.wants == nil { // it spoils the right answer
		tc.sandbox.Handler().ServeHTTP(answer, r)
	}
	how.serve(w, r, answer)
}

// spoil has an endpoint answer in a hostile way from now on.
func (tc *turncoat) spoil(endpoint string, how hostility) {
	tc.mu.Lock()
	defer tc.mu.Unlock()
	tc.asked, tc.spoilt, tc.how = nil, endpoint, how
}

// deed is something that a provider does at its host. It is prepared while the
// host is good.
type deed struct {
	name    string
	prepare func(t *testing.T, tc *turncoat) func(context.Context) (any, error)
}

func (tc *turncoat) token(name string) providers.Credential {
	token := sandbox.MustToken(string(tc.Kind()), name)
	return providers.Credential{Token: secret.New(token.Text), Method: providers.PAT, Email: token.Email}
}

func scopesOf(tc *turncoat) []string {
	return providers.PolicyOf(tc.Kind()).Scopes(providers.User, providers.OAuthToken)
}

// signedIn is a token of a sign-in at a host that is good.
func (tc *turncoat) signedIn(t *testing.T) oauth.Token {
	t.Helper()
	token, err := tc.signIn(t, tc.browser(), "approve")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func deeds(p providers.Provider) []deed {
	about := func(do func(context.Context, *turncoat, providers.Credential) (any, error)) func(*testing.T, *turncoat) func(context.Context) (any, error) {
		return func(_ *testing.T, tc *turncoat) func(context.Context) (any, error) {
			return func(ctx context.Context) (any, error) { return do(ctx, tc, tc.token("runtime")) }
		}
	}
	list := []deed{
		{"detection", about(func(ctx context.Context, tc *turncoat, _ providers.Credential) (any, error) {
			return tc.Meet(ctx, tc.client, tc.host)
		})},
		{"clock", about(func(ctx context.Context, tc *turncoat, _ providers.Credential) (any, error) {
			at, err := tc.client.Clock(ctx, tc.host.APIURL)
			return at.String(), err
		})},
		{"inspection", about(func(ctx context.Context, tc *turncoat, c providers.Credential) (any, error) {
			return tc.Inspect(ctx, tc.client, tc.host, c)
		})},
		{"probes of a repository", about(func(ctx context.Context, tc *turncoat, c providers.Credential) (any, error) {
			return tc.Prove(ctx, tc.client, tc.host, c, providers.Question{
				Repository: "acme/app", Kind: tc.Guess(c.Token), Rights: []providers.Right{providers.Clone, providers.Push, providers.Webhooks},
			})
		})},
		{"inspection of an OAuth token", func(t *testing.T, tc *turncoat) func(context.Context) (any, error) {
			token := tc.signedIn(t)
			return func(ctx context.Context) (any, error) {
				return tc.Inspect(ctx, tc.client, tc.host, providers.Credential{Token: token.Access, Refresh: token.Refresh, Method: providers.Browser})
			}
		}},
		{"application check", func(_ *testing.T, tc *turncoat) func(context.Context) (any, error) {
			return func(ctx context.Context) (any, error) { return nil, tc.browser().Try(ctx, tc.client) }
		}},
		{"trade of a code", func(t *testing.T, tc *turncoat) func(context.Context) (any, error) {
			v, err := tc.browser().Start(pages)
			if err != nil {
				t.Fatal(err)
			}
			return func(ctx context.Context) (any, error) {
				var token oauth.Token
				ended := make(chan error, 1)
				go func() {
					var err error
					token, err = v.Wait(ctx, tc.client)
					ended <- err
				}()
				decide(t, v, "approve")
				err := <-ended
				return token, err
			}
		}},
		{"refresh", func(t *testing.T, tc *turncoat) func(context.Context) (any, error) {
			a, token := tc.browser().Application, tc.signedIn(t)
			if token.Refresh.Empty() {
				token.Refresh = secret.New("refresh-token-of-nobody")
			}
			return func(ctx context.Context) (any, error) { return a.Refresh(ctx, tc.client, token.Refresh) }
		}},
	}
	return append(list, rarer(p)...)
}

// rarer are the deeds that not every provider has a way for.
func rarer(p providers.Provider) (list []deed) {
	if slices.Contains(p.Methods(), providers.Device) {
		list = append(list, deed{"device code", func(_ *testing.T, tc *turncoat) func(context.Context) (any, error) {
			return func(ctx context.Context) (any, error) {
				return tc.Device(tc.host, scopesOf(tc)).Start(ctx, tc.client)
			}
		}}, deed{"poll for a device", func(t *testing.T, tc *turncoat) func(context.Context) (any, error) {
			device := tc.Device(tc.host, scopesOf(tc))
			device.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
			code, err := device.Start(t.Context(), tc.client)
			if err != nil {
				t.Fatal(err)
			}
			if err := tc.sandbox.Approve(code.User); err != nil {
				t.Fatal(err)
			}
			return func(ctx context.Context) (any, error) { return device.Wait(ctx, tc.client, code) }
		}})
	}
	if r, ok := p.(providers.Rechecker); ok {
		list = append(list, deed{"second inspection", func(t *testing.T, tc *turncoat) func(context.Context) (any, error) {
			known, err := tc.Inspect(t.Context(), tc.client, tc.host, tc.token("runtime"))
			if err != nil {
				t.Fatal(err)
			}
			return func(ctx context.Context) (any, error) {
				return r.Recheck(ctx, tc.client, tc.host, tc.token("runtime"), known)
			}
		}})
	}
	if r, ok := p.(providers.Rotator); ok {
		list = append(list, deed{"rotation", func(_ *testing.T, tc *turncoat) func(context.Context) (any, error) {
			return func(ctx context.Context) (any, error) {
				return r.Rotate(ctx, tc.client, tc.host, tc.token("runtime"), time.Now().AddDate(0, 1, 0))
			}
		}})
	}
	if r, ok := p.(providers.Revoker); ok {
		list = append(list, deed{"revocation", func(_ *testing.T, tc *turncoat) func(context.Context) (any, error) {
			return func(ctx context.Context) (any, error) {
				return nil, r.Revoke(ctx, tc.client, tc.host, tc.token("runtime"))
			}
		}}, deed{"revocation of a sign-in", func(t *testing.T, tc *turncoat) func(context.Context) (any, error) {
			token := tc.signedIn(t)
			cred := providers.Credential{Token: token.Access, Refresh: token.Refresh, Method: providers.Browser}
			return func(ctx context.Context) (any, error) { return nil, r.Revoke(ctx, tc.client, tc.host, cred) }
		}})
	}
	return list
}

// impatient is how long a silent host is waited for here.
const impatient = 60 * time.Millisecond

// Bounds of one deed at a hostile host: of its time, which is that of a loaded
// machine, and of its memory, the host's own included.
const (
	maxTime   = 20 * time.Second
	maxMemory = 96 << 20
)

// Every endpoint that a provider asks is asked again with every hostility in
// its place. Which there are is recorded, so that none is forgotten.
func TestNoEndpointOfAHostileHostDoesHarm(t *testing.T) {
	for _, p := range all.Providers() {
		t.Run(string(p.Kind()), func(t *testing.T) {
			told, endpoints := map[string]bool{}, 0
			for _, d := range deeds(p) {
				good := newTurncoat(t, p)
				defer good.end()
				do := d.prepare(t, good)
				good.spoil("", hostility{})
				if _, err := do(t.Context()); err != nil && !tolerable(err) {
					t.Fatalf("%s: %v", d.name, err)
				}
				endpoints += len(good.asked)
				if asksNothing := d.name == "revocation" && p.Kind() == providers.GitHubEnterprise; len(good.asked) == 0 && !asksNothing {
					t.Errorf("%s asks nothing", d.name) // Enterprise Server has no API for it
				}
				for _, endpoint := range good.asked {
					for _, how := range hostilities() {
						meet(t, p, d, endpoint, how, told)
					}
				}
			}
			for _, how := range hostilities() {
				if len(how.wants) > 0 && !told[how.name] {
					t.Errorf("%s: no deed says why it came to nothing", how.name)
				}
			}
			t.Logf("%d endpoints", endpoints)
		})
	}
}

// tolerable are the refusals of a host that is good.
func tolerable(err error) bool {
	kind := cause.Of(err).Kind
	return errors.Is(err, providers.ErrNoSuchAPI) || kind == cause.Redirected || kind == cause.Lapsed || kind == cause.MayNotRotate || kind == cause.MayNotRevoke
}

// meet does one deed at a host that is hostile at one endpoint.
func meet(t *testing.T, p providers.Provider, d deed, endpoint string, how hostility, told map[string]bool) {
	t.Helper()
	tc := newTurncoat(t, p)
	defer tc.end()
	do := d.prepare(t, tc)
	tc.spoil(endpoint, how)
	ctx, cancel := context.WithTimeout(t.Context(), maxTime)
	if how.patient || d.name == "poll for a device" { // lost connections are waited out there
		cancel()
		ctx, cancel = context.WithTimeout(t.Context(), impatient)
	}
	defer cancel()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	result, err := do(ctx)
	runtime.ReadMemStats(&after)
	about := fmt.Sprintf("%s at %s, %s", d.name, endpoint, how.name)
	if took := time.Since(begun); took > maxTime {
		t.Errorf("%s took %v", about, took)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > maxMemory {
		t.Errorf("%s took %d MiB", about, grown>>20)
	}
	var why cause.Cause
	switch {
	case err == nil, errors.Is(err, context.DeadlineExceeded), errors.Is(err, providers.ErrNoSuchAPI):
	case !errors.As(err, &why):
		t.Errorf("%s ended with %v", about, err)
	case deadly(why.Kind) && how.wants != nil:
		t.Errorf("%s is taken for a dead token: %v", about, why)
	case slices.Contains(how.wants, why.Kind):
		told[how.name] = true
	}
	if strings.Contains(fmt.Sprint(err), "stolen") {
		t.Errorf("%s repeats an address: %v", about, err)
	}
	if err != nil && holdsToken(result) {
		t.Errorf("%s failed and brought a token", about)
	}
	wantClean(t, about, result, err)
	wantSane(t, about, reflect.ValueOf(result))
}

// deadly are the causes with which a token is called bad.
func deadly(kind cause.Kind) bool {
	return slices.Contains([]cause.Kind{cause.Rejected, cause.Expired, cause.Revoked, cause.Lapsed, cause.Withdrawn, cause.SSO, cause.Restricted}, kind)
}

func holdsToken(result any) bool {
	switch r := result.(type) {
	case oauth.Token:
		return !r.Access.Empty()
	case providers.Rotated:
		return !r.Token.Empty()
	}
	return false
}

// wantSane fails where a moment cannot be one that a report may show.
func wantSane(t *testing.T, about string, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Struct:
		if at, ok := v.Interface().(time.Time); ok {
			if _, err := at.MarshalText(); err != nil || !at.IsZero() && (at.Year() < 1970 || at.Year() > 9999) {
				t.Errorf("%s: a moment is %v", about, at)
			}
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				wantSane(t, about, v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			wantSane(t, about, v.Index(i))
		}
	}
}
