package flows_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/hosts"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

// labDesk is a desk in front of a sandbox, with GitLab as given.
func labDesk(t *testing.T, lab providers.Provider) (*flows.Desk, *sandbox.Server) {
	t.Helper()
	d, server := newDesk(t)
	d.Providers = append(slices.DeleteFunc(all.Providers(), func(p providers.Provider) bool { return p.Kind() == lab.Kind() }), lab)
	book, err := hosts.Parse("hosts.yaml", server.HostsYAML(server.URL()), d.Providers)
	if err != nil {
		t.Fatal(err)
	}
	d.Hosts = book
	return d, server
}

func storeLab(t *testing.T, d *flows.Desk, token string) keyring.Grant {
	t.Helper()
	g, err := d.Ring.Save(t.Context(), keyring.Grant{
		Key:      keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"},
		Provider: "gitlab", Host: "https://gitlab.com", Method: "pat", Kind: "personal-access-token",
	}, keyring.Credential{Access: secret.New(sandbox.MustToken("gitlab", token).Text)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func statusOf(t *testing.T, d *flows.Desk) flows.Verdict {
	t.Helper()
	grants, err := d.Ring.Grants()
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.Status(t.Context(), grants, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v[0]
}

var inAMonth = time.Now().Add(30 * 24 * time.Hour)

func TestARotatedTokenTakesThePlaceOfTheOldOne(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	rotated, err := d.Rotate(t.Context(), g, inAMonth)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := d.Ring.Credential(t.Context(), g.Key)
	if err != nil || kept.Access.Reveal() == sandbox.MustToken("gitlab", "runtime").Text {
		t.Errorf("the ring holds the old token: %v", err)
	}
	if g := rotated.Grant; g.Intent != nil || g.ExpiresAt.Before(inAMonth) || g.ExpiresAt.After(inAMonth.Add(24*time.Hour)) {
		t.Errorf("grant %+v", rotated)
	}
	if v := statusOf(t, d); v.Status != flows.Valid {
		t.Errorf("status %s", v.Status)
	}
}

func TestANewTokenEndsNoSoonerThanTheOldOne(t *testing.T) {
	d, _ := newDesk(t)
	soon, late := time.Now().Add(24*time.Hour), time.Now().Add(200*24*time.Hour)
	for name, test := range map[string]struct{ old, from, to time.Time }{
		"one that ends soon": {soon, time.Now().Add(flows.RotatedLife - time.Hour), time.Now().Add(flows.RotatedLife + time.Hour)},
		"one that ends late": {late, late, late},
		"one without an end": {time.Time{}, time.Now().Add(flows.RotatedLife - time.Hour), time.Now().Add(flows.RotatedLife + time.Hour)},
	} {
		if end := d.NewEnd(keyring.Grant{ExpiresAt: test.old}); end.Before(test.from) || end.After(test.to) {
			t.Errorf("%s is followed by one until %s", name, end)
		}
	}
}

// silent is a GitLab whose answer to a rotation never arrives.
type silent struct {
	*gitlab.Provider
	did, gone bool // the host did it all the same; and cannot be asked afterwards
}

func (s silent) Rotate(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, until time.Time) (providers.Rotated, error) {
	if s.did {
		if _, err := s.Provider.Rotate(ctx, c, h, cred, until); err != nil {
			return providers.Rotated{}, err
		}
	}
	return providers.Rotated{}, cause.Cause{Kind: cause.NoAnswer}
}

func (s silent) Inspect(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential) (providers.Inspection, error) {
	if s.gone {
		return providers.Inspection{}, cause.Cause{Kind: cause.NoConnection}
	}
	return s.Provider.Inspect(ctx, c, h, cred)
}

func TestASilentHostIsReadToFindOutWhatItDid(t *testing.T) {
	for name, tc := range map[string]struct {
		host   silent
		want   error
		intent bool
		status flows.Status // as found at the next check
	}{
		"it did nothing":                     {silent{Provider: gitlab.Cloud()}, flows.ErrNotRotated, true, flows.Valid},
		"it rotated, and the answer is lost": {silent{Provider: gitlab.Cloud(), did: true}, flows.ErrSuccessorLost, false, flows.Revoked},
		"it cannot be asked":                 {silent{Provider: gitlab.Cloud(), gone: true}, flows.ErrUnknownAtHost, true, flows.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := labDesk(t, tc.host)
			g := storeLab(t, d, "runtime")
			if _, err := d.Rotate(t.Context(), g, inAMonth); !errors.Is(err, tc.want) {
				t.Errorf("error is %v, want %v", err, tc.want)
			}
			grants, _ := d.Ring.Grants()
			if got := grants[0].Intent != nil; got != tc.intent {
				t.Errorf("an intent stands: %v, want %v", got, tc.intent)
			}
			if v := statusOf(t, d); v.Status != tc.status {
				t.Errorf("status %s, want %s", v.Status, tc.status)
			}
		})
	}
}

func TestAnInterruptedRotationIsToldAtTheNextCheck(t *testing.T) {
	d, _ := labDesk(t, silent{Provider: gitlab.Cloud(), did: true, gone: true})
	g := storeLab(t, d, "runtime")
	if _, err := d.Rotate(t.Context(), g, inAMonth); !errors.Is(err, flows.ErrUnknownAtHost) {
		t.Fatalf("error is %v", err)
	}
	d.Providers = []providers.Provider{gitlab.Cloud()} // the host can be asked again
	v := statusOf(t, d)
	if v.Status != flows.Revoked || v.Cause == nil || v.Cause.Kind != cause.Rotated {
		t.Errorf("verdict %s, cause %+v", v.Status, v.Cause)
	}
	if grants, _ := d.Ring.Grants(); grants[0].Intent != nil {
		t.Error("the intent still stands")
	}
}

func TestARefusedRotationChangesNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		token string
		until time.Time
		want  cause.Kind
	}{
		"a token without the scope for it": {"no-webhooks", inAMonth, cause.MayNotRotate},
		"an end that is too far off":       {"runtime", time.Now().Add(3 * 365 * 24 * time.Hour), cause.NotReplaced},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := labDesk(t, gitlab.Cloud())
			g := storeLab(t, d, tc.token)
			_, err := d.Rotate(t.Context(), g, tc.until)
			if !cause.Is(err, tc.want) {
				t.Errorf("error is %v", err)
			}
			grants, _ := d.Ring.Grants()
			kept, _ := d.Ring.Credential(t.Context(), g.Key)
			if grants[0].Intent != nil || kept.Access.Reveal() != sandbox.MustToken("gitlab", tc.token).Text {
				t.Error("something has changed")
			}
		})
	}
}

func TestWhereNobodyAnswersNothingHasChanged(t *testing.T) {
	d, server := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	_ = server.Close()
	if _, err := d.Rotate(t.Context(), g, inAMonth); !cause.Is(err, cause.NoConnection) || errors.Is(err, flows.ErrUnknownAtHost) {
		t.Errorf("rotate: %v", err)
	}
	if err := d.End(t.Context(), g); !cause.Is(err, cause.NoConnection) || errors.Is(err, flows.ErrUnknownAtHost) {
		t.Errorf("revoke: %v", err)
	}
	if grants, _ := d.Ring.Grants(); grants[0].Intent != nil {
		t.Error("an intent stands")
	}
}

func TestATokenThatMayNotEndItselfStaysAsItIs(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "fine-grained-code")
	if err := d.End(t.Context(), g); !cause.Is(err, cause.MayNotRevoke) || errors.Is(err, flows.ErrUnknownAtHost) {
		t.Errorf("error is %v", err)
	}
	if _, err := d.Dismiss(t.Context(), g); !cause.Is(err, cause.MayNotRevoke) {
		t.Errorf("error is %v", err)
	}
	grants, err := d.Ring.Grants()
	if err != nil || len(grants) != 1 || grants[0].Intent != nil || len(grants[0].Verdict) != 0 {
		t.Errorf("something has changed: %+v, %v", grants, err)
	}
}

// full is a store that takes no new values once it is full.
type full struct {
	keyring.Store
	limit int
}

func (f *full) Put(ctx context.Context, item string, value secret.Secret) error {
	if f.limit--; f.limit < 0 {
		return keyring.Condition{Store: keyring.System, State: keyring.Locked}
	}
	return f.Store.Put(ctx, item, value)
}

func TestANewTokenIsKeptInMemoryUntilTheStoreTakesIt(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	box := &full{memory.New(), 1000}
	ring, err := keyring.Open(keyring.Options{Store: box})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	before := box.limit
	g := storeLab(t, d, "runtime")
	box.limit = before - box.limit // room for one more save, the one that proves the store writable
	_, err = d.Rotate(t.Context(), g, inAMonth)
	var unsaved *flows.UnsavedError
	if !errors.As(err, &unsaved) {
		t.Fatalf("error is %v", err)
	}
	box.limit = 1000
	if _, err := unsaved.Again(t.Context()); err != nil {
		t.Fatal(err)
	}
	if v := statusOf(t, d); v.Status != flows.Valid {
		t.Errorf("status %s", v.Status)
	}
}

func TestAStoreThatCannotBeWrittenStopsARotationBeforeItBegins(t *testing.T) {
	d, server := labDesk(t, gitlab.Cloud())
	box := &full{memory.New(), 1000}
	ring, err := keyring.Open(keyring.Options{Store: box})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	g := storeLab(t, d, "runtime")
	box.limit = 0
	if _, err := d.Rotate(t.Context(), g, inAMonth); err == nil {
		t.Error("it went ahead")
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("the host was asked %d times", n)
	}
}

func TestATokenThatIsEndedIsDeadAtItsHostAndNoMoreHere(t *testing.T) {
	for name, save := range map[string]func(*testing.T, *flows.Desk) keyring.Grant{
		"by GitLab": func(t *testing.T, d *flows.Desk) keyring.Grant { return storeLab(t, d, "runtime") },
		"by GitHub": func(t *testing.T, d *flows.Desk) keyring.Grant {
			return store(t, d, "prod", providers.Runtime, "runtime")
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := labDesk(t, gitlab.Cloud())
			if err := d.End(t.Context(), save(t, d)); err != nil {
				t.Fatal(err)
			}
			if grants, err := d.Ring.Grants(); err != nil || len(grants) > 0 {
				t.Errorf("still here: %+v, %v", grants, err)
			}
			save(t, d) // as if it had been copied elsewhere before
			if v := statusOf(t, d); v.Status != flows.Rejected && v.Status != flows.Revoked {
				t.Errorf("status %s", v.Status)
			}
		})
	}
}

func TestAServerWithoutAnAPIForItSaysSo(t *testing.T) {
	d, _ := newDesk(t)
	g, err := d.Ring.Save(t.Context(), keyring.Grant{
		Key:      keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"},
		Provider: "github-enterprise", Host: "https://ghe.sandbox.example", Method: "pat",
	}, keyring.Credential{Access: secret.New(sandbox.MustToken("github-enterprise", "runtime").Text)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.End(t.Context(), g); !errors.Is(err, providers.ErrNoSuchAPI) {
		t.Errorf("revoke: %v", err)
	}
	if _, err := d.Rotate(t.Context(), g, inAMonth); !errors.Is(err, providers.ErrNoSuchAPI) {
		t.Errorf("rotate: %v", err)
	}
	if grants, _ := d.Ring.Grants(); grants[0].Intent != nil {
		t.Error("an intent stands")
	}
}
