package flows_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/wire"
)

// meanwhile are hosts that have something else happen once somebody works with
// one of them.
type meanwhile struct {
	flows.Hosts
	do func(ctx context.Context)
}

func (m *meanwhile) Resolve(p providers.Provider, host string) (providers.Host, error) {
	if do := m.do; do != nil {
		m.do = nil
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		do(ctx)
	}
	return m.Hosts.Resolve(p, host)
}

func TestARotationWaitsForTheOneThatIsUnderWay(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	other := &flows.Desk{Providers: d.Providers, Hosts: d.Hosts, Ring: d.Ring, Now: time.Now, UserAgent: "gitgrant/test"}
	t.Cleanup(other.Close)
	var second error
	d.Hosts = &meanwhile{d.Hosts, func(ctx context.Context) { _, second = other.Rotate(ctx, g, inAMonth) }}
	if _, err := d.Rotate(t.Context(), g, inAMonth); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(second, context.DeadlineExceeded) {
		t.Errorf("the second one says %v", second)
	}
	if v := statusOf(t, d); v.Status.Class() == flows.Bad {
		t.Errorf("the token is %s, because of %v", v.Status, v.Cause)
	}
}

func TestATokenIsNotRenewedWhileItIsBeingEnded(t *testing.T) {
	r := newRenewal(t, providers.GitLab, "")
	r.clock.forward(r.life - time.Minute)
	other := deskAt(t, r.server.HostsYAML(r.server.URL()), r.Ring, r.clock)
	var renewed flows.Fresh
	r.Hosts = &meanwhile{r.Hosts, func(ctx context.Context) { renewed, _ = other.Fresh(ctx, r.grant) }}
	held, err := r.Ring.Credential(t.Context(), r.grant.Key)
	if err != nil {
		t.Fatal(err)
	}
	if ended, err := r.Dismiss(t.Context(), r.grant); !ended || err != nil {
		t.Fatalf("ended is %v: %v", ended, err)
	}
	if token := renewed.Credential.Token; !token.Empty() && !token.Equal(held.Access) {
		t.Error("it was renewed meanwhile, and that one lives")
	}
	if grants, err := r.Ring.Grants(); err != nil || len(grants) > 0 {
		t.Errorf("%d are left: %v", len(grants), err)
	}
}

// lateral does something of its own once a conversation gets to the hand-off.
type lateral struct {
	*renewer
	do func()
}

func (l *lateral) Ask(ctx context.Context, c *flows.Conversation, q flows.Question) (flows.Answer, error) {
	if do := l.do; do != nil && q.Step == flows.StepHandOff {
		l.do = nil
		do()
	}
	return l.renewer.Ask(ctx, c, q)
}

func TestANewTokenTakesThePlaceOfTheFormerOneAlone(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	twin := keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "runtime")
	person := &lateral{&renewer{token: "api-only", offers: []string{flows.GiveOthers}}, func() {
		if _, err := d.Ring.Save(t.Context(), twin, keyring.Credential{Access: secret.New("glpat-somebody-elses")}); err != nil {
			t.Fatal(err)
		}
	}}
	c := renew(t, d, g, person)
	if held, err := d.Ring.Credential(t.Context(), twin.Key); err != nil || held.Access.Reveal() != "glpat-somebody-elses" {
		t.Errorf("twin lost the token that it had by then: %v", err)
	}
	if given := c.Given(); len(given) != 1 || given[0].Stored || !errors.Is(given[0].Err, flows.ErrOtherToken) {
		t.Errorf("given %+v", given)
	}
}

// breaking is GitLab whose answer finds the index unwritable.
type breaking struct {
	*gitlab.Provider
	after func()
}

func (b breaking) Revoke(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) error {
	defer b.after()
	return b.Provider.Revoke(ctx, c, h, cred)
}

func TestATokenThatIsEndedIsToldAsEndedWhateverThisMachineDoes(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	dir := t.TempDir()
	ring, err := keyring.Open(keyring.Options{Dir: dir, Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	g := storeLab(t, d, "runtime")
	backup := filepath.Join(dir, "index.json.bak")
	d.Providers = []providers.Provider{breaking{gitlab.Cloud(), func() {
		if err := errors.Join(os.Remove(backup), os.Mkdir(backup, 0o700)); err != nil {
			t.Error(err)
		}
	}}}
	ended, err := d.Dismiss(t.Context(), g)
	var told *flows.EndedError
	if !ended || !errors.As(err, &told) {
		t.Errorf("ended is %v: %v", ended, err)
	}
}

func TestARenewedTokenThatTheStoreDidNotTakeIsSavedNextTime(t *testing.T) {
	store := &stubborn{Store: memory.New()}
	b, g := newBrief(t, store, providers.Device)
	store.refuses = 2
	verdicts, err := b.Status(t.Context(), []keyring.Grant{g}, nil)
	if err != nil || verdicts[0].Status != flows.Locked {
		t.Fatalf("it is %s: %v", verdicts[0].Status, err)
	}
	if _, err := b.Reuse(t.Context(), g, []string{"other"}); err != nil {
		t.Errorf("once the store is well, reuse says %v", err)
	}
	f, err := b.Fresh(t.Context(), g)
	if err != nil || f.Problem != nil || len(b.forms) != 1 {
		t.Errorf("the host was asked %d times: %v, %v", len(b.forms), f.Problem, err)
	}
	if held, err := b.Ring.Credential(t.Context(), g.Key); err != nil || !held.Access.Equal(f.Credential.Token) {
		t.Errorf("the store does not hold what it was renewed to: %v", err)
	}
}

func TestTroubleOnThisMachineIsNoMissingToken(t *testing.T) {
	store := memory.New()
	b, g := newBrief(t, store, providers.Device)
	c, err := b.Ring.Credential(t.Context(), g.Key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if b.Ring, err = keyring.Open(keyring.Options{Dir: dir, Store: store}); err != nil {
		t.Fatal(err)
	}
	if g, err = b.Ring.Save(t.Context(), g, c); err != nil {
		t.Fatal(err)
	}
	locks, err := filepath.Glob(filepath.Join(dir, "locks", "*"))
	if err != nil || len(locks) == 0 {
		t.Fatalf("locks %v: %v", locks, err)
	}
	for _, lock := range locks { // as a disk that is read only has it, which stops root too
		if err := errors.Join(os.Remove(lock), os.Mkdir(lock, 0o700)); err != nil {
			t.Fatal(err)
		}
	}
	verdicts, err := b.Status(t.Context(), []keyring.Grant{g}, nil)
	if err != nil || verdicts[0].Status != flows.Locked || verdicts[0].Condition == nil {
		t.Errorf("it is %s: %v", verdicts[0].Status, err)
	}
}

// endless is GitLab that says of every token that it never ends.
type endless struct{ providers.Provider }

func (e endless) Inspect(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	in, err := e.Provider.Inspect(ctx, c, h, cred)
	in.Expiry = providers.Expiry{Source: providers.ExpiryNone}
	return in, err
}

func TestWhatAHostSaysOfAnEndComesBeforeWhatWasSaidOfIt(t *testing.T) {
	past := time.Now().Add(-time.Hour)
	for name, known := range map[string]providers.Expiry{
		"stated by somebody": {At: past, Source: providers.ExpiryUser},
		"told before":        {At: past, Source: providers.ExpiryProvider},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := labDesk(t, endless{gitlab.Cloud()})
			s := subject(t, d, providers.GitLab, providers.Runtime, "runtime")
			s.Known = known
			v, err := d.Check(t.Context(), s, nil)
			if err != nil || v.Status == flows.Expired || v.Expiry != providers.ExpiryNone {
				t.Errorf("it is %s with an end by %s, because of %v: %v", v.Status, v.Expiry, v.Cause, err)
			}
		})
	}
}

func TestASignInThatIsEndedBuysNoOtherToken(t *testing.T) {
	r := newRenewal(t, providers.GitHub, "always-expires")
	old, err := r.Ring.Credential(t.Context(), r.grant.Key)
	if err != nil || old.Refresh.Empty() {
		t.Fatalf("there is no refresh token: %v", err)
	}
	if err := r.End(t.Context(), r.grant); err != nil {
		t.Fatal(err)
	}
	p, h, err := r.HostOf(r.grant)
	if err != nil {
		t.Fatal(err)
	}
	h.ClientID = r.grant.ClientID
	if token, err := p.Application(h).Refresh(t.Context(), r.client(h), old.Refresh); err == nil || !token.Access.Empty() {
		t.Error("its refresh token still works")
	}
}
