package flows_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

// clock is the time at the desk and at its hosts.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// renewal is a grant of a host of the sandbox that came by the device flow, of
// an application whose tokens end after hours.
type renewal struct {
	*flows.Desk
	t      *testing.T
	clock  *clock
	server *sandbox.Server
	grant  keyring.Grant
	life   time.Duration
}

func newRenewal(t *testing.T, kind providers.Kind, client string) *renewal {
	t.Helper()
	r := &renewal{t: t, clock: &clock{now: time.Now()}, life: 8 * time.Hour}
	var err error
	r.server, err = sandbox.Start(sandbox.Options{Interval: time.Second, Approve: sandbox.Auto, Now: r.clock.Now}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.server.Close() })
	if kind == providers.GitLab {
		r.life = 2 * time.Hour
	}
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	r.Desk = deskAt(t, r.server.HostsYAML(r.server.URL()), ring, r.clock)
	r.grant = r.signIn(kind, client)
	return r
}

func deskAt(t *testing.T, profiles []byte, ring *keyring.Ring, c *clock) *flows.Desk {
	t.Helper()
	book, err := hosts.Parse("hosts.yaml", profiles, all.Providers())
	if err != nil {
		t.Fatal(err)
	}
	d := &flows.Desk{Providers: all.Providers(), Hosts: book, Ring: ring, UserAgent: "gitgrant/test", Now: c.Now, Within: flows.DefaultWithin}
	t.Cleanup(d.Close)
	return d
}

func (r *renewal) signIn(kind providers.Kind, client string) keyring.Grant {
	r.t.Helper()
	p, _ := r.Provider(kind)
	h, err := r.Hosts.Resolve(p, "")
	if err != nil {
		r.t.Fatal(err)
	}
	if client != "" {
		h.ClientID = sandbox.MustClient(string(kind), client).ID
	}
	device := p.Device(h, providers.PolicyOf(kind).Scopes(providers.Runtime, providers.OAuthToken))
	device.Now, device.Sleep = r.clock.Now, func(context.Context, time.Duration) error { return nil }
	c := r.client(h)
	code, err := device.Start(r.t.Context(), c)
	if err != nil {
		r.t.Fatal(err)
	}
	token, err := device.Wait(r.t.Context(), c, code)
	if err != nil {
		r.t.Fatal(err)
	}
	g, err := r.Ring.Save(r.t.Context(), keyring.Grant{
		Key:      keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "octocat"},
		Provider: string(kind), Host: h.URL, Method: "device", Kind: "oauth", ClientID: h.ClientID,
		ExpiresAt: token.ExpiresAt, ExpirySource: "oauth",
	}, keyring.Credential{Access: token.Access, Refresh: token.Refresh})
	if err != nil {
		r.t.Fatal(err)
	}
	return g
}

func (r *renewal) client(h providers.Host) *wire.Client {
	r.t.Helper()
	c, err := wire.New(wire.Options{Bases: []string{h.WebURL, h.APIURL}})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

// refreshes counts the questions for a new token so far; the first was the
// sign-in.
func (r *renewal) refreshes() int {
	n := -1
	for _, q := range r.server.Requests() {
		if strings.HasSuffix(q.Path, "/login/oauth/access_token") || strings.HasSuffix(q.Path, "/oauth/token") {
			n++
		}
	}
	return n
}

func (r *renewal) fresh() flows.Fresh {
	r.t.Helper()
	grants, err := r.Ring.Grants()
	if err != nil {
		r.t.Fatal(err)
	}
	f, err := r.Fresh(r.t.Context(), grants[0])
	if err != nil {
		r.t.Fatal(err)
	}
	return f
}

// ofBoth are the hosts that renew tokens, each in a dialect of its own.
var ofBoth = map[providers.Kind]string{providers.GitHub: "always-expires", providers.GitLab: ""}

func TestATokenIsRenewedWhenLessThanFiveMinutesAreLeft(t *testing.T) {
	for kind, client := range ofBoth {
		t.Run(string(kind), func(t *testing.T) {
			r := newRenewal(t, kind, client)
			r.clock.forward(r.life - 5*time.Minute)
			before := r.fresh()
			if r.refreshes() != 0 || before.Problem != nil {
				t.Fatalf("%d refreshes with five minutes left, %v", r.refreshes(), before.Problem)
			}
			r.clock.forward(time.Second)
			after := r.fresh()
			if r.refreshes() != 1 || after.Problem != nil || after.Credential.Token.Equal(before.Credential.Token) {
				t.Fatalf("%d refreshes with less, %v", r.refreshes(), after.Problem)
			}
			if want := r.clock.Now().Add(r.life); after.Grant.ExpiresAt.Sub(want).Abs() > time.Second {
				t.Errorf("it ends %s, want %s", after.Grant.ExpiresAt, want)
			}
			kept, err := r.Ring.Credential(t.Context(), r.grant.Key)
			if err != nil || !kept.Access.Equal(after.Credential.Token) || !kept.Refresh.Equal(after.Credential.Refresh) || kept.Refresh.Equal(before.Credential.Refresh) {
				t.Errorf("what was renewed is not what is kept: %v", err)
			}
			if again := r.fresh(); r.refreshes() != 1 || !again.Credential.Token.Equal(after.Credential.Token) {
				t.Errorf("%d refreshes for one end", r.refreshes())
			}
		})
	}
}

func TestACheckRenewsWhatHasEnded(t *testing.T) {
	for kind, client := range ofBoth {
		t.Run(string(kind), func(t *testing.T) {
			r := newRenewal(t, kind, client)
			for day := range 3 {
				r.clock.forward(24 * time.Hour)
				if v := statusOf(t, r.Desk); v.Status != flows.Valid || !v.ExpiresAt.After(r.clock.Now()) {
					t.Fatalf("on day %d it is %s until %s: %v", day+1, v.Status, v.ExpiresAt, v.Cause)
				}
			}
			grants, _ := r.Ring.Grants()
			if r.refreshes() != 3 || flows.Remembered(grants[0]).Status != flows.Valid {
				t.Errorf("%d refreshes, and kept is %s", r.refreshes(), flows.Remembered(grants[0]).Status)
			}
		})
	}
}

func TestWhatIsRenewedByItselfIsNeverExpiring(t *testing.T) {
	r := newRenewal(t, providers.GitHub, "always-expires")
	if v := statusOf(t, r.Desk); v.Status != flows.Valid {
		t.Errorf("with hours left it is %s", v.Status)
	}
	r.clock.forward(r.life + time.Hour)
	grants, _ := r.Ring.Grants()
	if v := r.LastKnown(grants[0]); v.Status != flows.Valid {
		t.Errorf("by the clock alone it is %s", v.Status)
	}
	// Without its refresh token the same end is one.
	if _, err := r.Ring.Save(t.Context(), grants[0], keyring.Credential{Access: secret.New("gho_alone")}); err != nil {
		t.Fatal(err)
	}
	grants, _ = r.Ring.Grants()
	if v := r.LastKnown(grants[0]); v.Status != flows.Expired {
		t.Errorf("what nobody renews is %s", v.Status)
	}
}

func TestATokenThatNeverEndsIsNeverRenewed(t *testing.T) {
	r := newRenewal(t, providers.GitHub, "default")
	r.clock.forward(300 * 24 * time.Hour)
	if f := r.fresh(); f.Problem != nil || r.refreshes() != 0 {
		t.Errorf("%d refreshes, %v", r.refreshes(), f.Problem)
	}
	if v := statusOf(t, r.Desk); v.Status != flows.Valid {
		t.Errorf("it is %s", v.Status)
	}
}

func TestASignInThatIsOverSaysSo(t *testing.T) {
	for name, test := range map[string]struct {
		pass   time.Duration
		status flows.Status
		kind   cause.Kind
	}{
		"before its end": {8*time.Hour - time.Minute, flows.Revoked, cause.Withdrawn},
		"after its end":  {8*time.Hour + time.Minute, flows.Expired, cause.Lapsed},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRenewal(t, providers.GitHub, "refresh-refused")
			r.clock.forward(test.pass)
			f := r.fresh()
			if !cause.Is(f.Problem, test.kind) || f.Credential.Token.Empty() {
				t.Fatalf("problem %v", f.Problem)
			}
			if v := r.LastKnown(f.Grant); v.Status != test.status {
				t.Errorf("the index says %s", v.Status)
			}
			v := statusOf(t, r.Desk)
			if v.Status != test.status || v.Cause == nil || v.Cause.Kind != test.kind || !v.Cause.Until.Equal(r.grant.ExpiresAt) || v.Cause.Host != "github.com" {
				t.Errorf("it is %s, %+v", v.Status, v.Cause)
			}
			grants, _ := r.Ring.Grants()
			if kept := flows.Remembered(grants[0]); kept.Status != test.status {
				t.Errorf("kept is %s", kept.Status)
			}
		})
	}
}

func TestARefreshThatCannotBeTriedSaysNothingAboutTheToken(t *testing.T) {
	for name, test := range map[string]struct {
		spoil  func(*renewal)
		pass   time.Duration
		status flows.Status
		kind   cause.Kind
	}{
		"the host is away, after its end": {func(r *renewal) { _ = r.server.Close() }, 9 * time.Hour, flows.Unreachable, cause.NoConnection},
		"the application is gone, after its end": {
			func(r *renewal) { r.ofAnother("Ov23liGone") }, 9 * time.Hour,
			flows.Unreachable, cause.UnknownApplication,
		},
		"the application is gone, before its end": {func(r *renewal) { r.ofAnother("Ov23liGone") }, 8*time.Hour - time.Minute, flows.Valid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRenewal(t, providers.GitHub, "always-expires")
			test.spoil(r)
			r.clock.forward(test.pass)
			f := r.fresh()
			if test.kind != "" && !cause.Is(f.Problem, test.kind) || f.Problem == nil || f.Credential.Token.Empty() {
				t.Errorf("problem %v", f.Problem)
			}
			v := statusOf(t, r.Desk)
			if v.Status != test.status || test.kind != "" && (v.Cause == nil || v.Cause.Kind != test.kind) {
				t.Errorf("it is %s, %+v", v.Status, v.Cause)
			}
		})
	}
}

// ofAnother makes the grant one of another application.
func (r *renewal) ofAnother(client string) {
	r.t.Helper()
	if err := r.Ring.Note(r.grant.Key, func(g *keyring.Grant) { g.ClientID = client }); err != nil {
		r.t.Fatal(err)
	}
}

func TestWhatWasLostBeforeItWasKeptIsRenewedAgainWhereTheHostLetsUs(t *testing.T) {
	r := newRenewal(t, providers.GitLab, "")
	p, h, err := r.HostOf(r.grant)
	if err != nil {
		t.Fatal(err)
	}
	h.ClientID = r.grant.ClientID
	old, err := r.Ring.Credential(t.Context(), r.grant.Key)
	if err != nil {
		t.Fatal(err)
	}
	// A process that died with the new token in its hands.
	if _, err := p.Application(h).Refresh(t.Context(), r.client(h), old.Refresh); err != nil {
		t.Fatal(err)
	}
	r.clock.forward(3 * time.Hour)
	if v := statusOf(t, r.Desk); v.Status != flows.Valid {
		t.Errorf("it is %s: %v", v.Status, v.Cause)
	}
	// Now that the successor was used, its forebear is of no use to anybody.
	if _, err := p.Application(h).Refresh(t.Context(), r.client(h), old.Refresh); !cause.Is(err, cause.Lapsed) {
		t.Errorf("the old one is taken: %v", err)
	}
}

func TestSeveralDesksAtOnceRenewOneGrantOnce(t *testing.T) {
	r := newRenewal(t, providers.GitHub, "always-expires")
	dir := t.TempDir()
	kept, err := r.Ring.Credential(t.Context(), r.grant.Key)
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	var desks []*flows.Desk
	for range 6 {
		ring, err := keyring.Open(keyring.Options{Dir: dir, Store: store})
		if err != nil {
			t.Fatal(err)
		}
		desks = append(desks, deskAt(t, r.server.HostsYAML(r.server.URL()), ring, r.clock))
	}
	if _, err := desks[0].Ring.Save(t.Context(), r.grant, kept); err != nil {
		t.Fatal(err)
	}
	r.clock.forward(r.life)
	var group sync.WaitGroup
	for _, d := range desks {
		group.Go(func() {
			grants, err := d.Ring.Grants()
			if err != nil {
				t.Error(err)
				return
			}
			verdicts, err := d.Status(t.Context(), grants, nil)
			if err != nil || verdicts[0].Status != flows.Valid {
				t.Errorf("%+v, %v", verdicts, err)
			}
		})
	}
	group.Wait()
	if r.refreshes() != 1 {
		t.Errorf("it was renewed %d times", r.refreshes())
	}
}
