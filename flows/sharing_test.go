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
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/wire"
)

// twins are four runtimes: two that hold one token, one with another token of
// the same account, and one of somebody else.
func twins(t *testing.T, d *flows.Desk) (prod, twin, other, strange keyring.Grant) {
	t.Helper()
	return keepLab(t, d, keyOf("prod", "user", "acme-bot"), "runtime"), keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "runtime"),
		keepLab(t, d, keyOf("other", "user", "acme-bot"), "api-only"), keepLab(t, d, keyOf("strange", "user", "octocat"), "user")
}

func namesOf(grants []keyring.Grant) []string {
	var names []string
	for _, g := range grants {
		names = append(names, g.Runtime)
	}
	return names
}

func TestThoseThatHoldTheSameTokenAreFound(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	prod, twin, other, _ := twins(t, d)
	for name, test := range map[string]struct {
		of   keyring.Grant
		want []string
	}{
		"of one":           {prod, []string{"twin"}},
		"of the other":     {twin, []string{"prod"}},
		"of one by itself": {other, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sharing, err := d.Sharing(t.Context(), test.of)
			if err != nil || !slices.Equal(namesOf(sharing), test.want) {
				t.Errorf("%v share it, want %v: %v", namesOf(sharing), test.want, err)
			}
		})
	}
}

func TestARevokedTokenIsRevokedForAllThatHoldIt(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	prod, twin, other, _ := twins(t, d)
	if _, err := d.Dismiss(t.Context(), prod); err != nil {
		t.Fatal(err)
	}
	grants, err := d.Ring.Grants()
	if err != nil || slices.Contains(namesOf(grants), "prod") {
		t.Errorf("%v are left: %v", namesOf(grants), err)
	}
	g := grantAt(t, d, twin.Key)
	last := g.History[len(g.History)-1]
	if v := d.LastKnown(g); v.Status != flows.Revoked || v.Cause == nil || v.Cause.Kind != cause.Ended || last.Status != string(flows.Revoked) || g.Intent != nil {
		t.Errorf("twin is %s, with the history %+v", v.Status, g.History)
	}
	if v := d.LastKnown(grantAt(t, d, other.Key)); v.Status != flows.Unchecked {
		t.Errorf("other is %s", v.Status)
	}
	checked, err := d.Status(t.Context(), []keyring.Grant{g}, nil)
	if err != nil || checked[0].Status != flows.Revoked || checked[0].Cause.Kind != cause.Ended {
		t.Errorf("a check afterwards finds twin %s, because of %v: %v", checked[0].Status, checked[0].Cause, err)
	}
}

func TestARotatedTokenReachesAllThatHeldTheOldOne(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	prod, twin, other, _ := twins(t, d)
	s, err := d.Rotate(t.Context(), prod, inAMonth)
	if err != nil || len(s.Given) != 1 || !s.Given[0].Stored || s.Given[0].Grant.Runtime != "twin" {
		t.Fatalf("given %+v: %v", s.Given, err)
	}
	mine, err := d.Ring.Credential(t.Context(), prod.Key)
	if err != nil {
		t.Fatal(err)
	}
	if its, err := d.Ring.Credential(t.Context(), twin.Key); err != nil || !its.Access.Equal(mine.Access) {
		t.Errorf("twin does not hold the new token: %v", err)
	}
	holds(t, d, other.Key, "api-only")
	g := grantAt(t, d, twin.Key)
	if g.Intent != nil || !g.ExpiresAt.Equal(s.Grant.ExpiresAt) || g.History[len(g.History)-1].Why != flows.WhySaved {
		t.Errorf("twin is %+v", g)
	}
	verdicts, err := d.Status(t.Context(), []keyring.Grant{s.Grant, g}, nil)
	if err != nil || verdicts[0].Status == flows.Revoked || verdicts[1].Status == flows.Revoked {
		t.Errorf("verdicts %+v: %v", verdicts, err)
	}
}

func TestALostSuccessorIsToldOfAllThatHeldTheOldToken(t *testing.T) {
	for name, test := range map[string]struct {
		host silent
		want flows.Status
		why  cause.Kind
	}{
		"told at once":           {silent{Provider: gitlab.Cloud(), did: true}, flows.Revoked, cause.Rotated},
		"told at the next check": {silent{Provider: gitlab.Cloud(), did: true, gone: true}, flows.Revoked, cause.Rotated},
		"nothing has happened":   {silent{Provider: gitlab.Cloud()}, flows.Valid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := labDesk(t, test.host)
			prod, twin, _, _ := twins(t, d)
			if _, err := d.Rotate(t.Context(), prod, inAMonth); err == nil {
				t.Fatal("it went well")
			}
			if test.host.gone {
				d.Providers = []providers.Provider{gitlab.Cloud()}
			}
			v := d.LastKnown(grantAt(t, d, twin.Key))
			if v.Status == flows.Unchecked {
				verdicts, err := d.Status(t.Context(), []keyring.Grant{grantAt(t, d, twin.Key)}, nil)
				if err != nil {
					t.Fatal(err)
				}
				v = verdicts[0]
			}
			if v.Status != test.want || test.why != "" && v.Cause.Kind != test.why {
				t.Errorf("twin is %s, %+v", v.Status, v.Cause)
			}
			if grantAt(t, d, twin.Key).Intent != nil {
				t.Error("an intent stands")
			}
		})
	}
}

// moved is a store that shows one thing no more once it is shut.
type moved struct {
	keyring.Store
	shut map[string]bool
}

func (m *moved) Get(ctx context.Context, item string) (secret.Secret, error) {
	if m.shut[item] {
		return secret.Secret{}, keyring.Condition{Store: keyring.System, State: keyring.Locked}
	}
	return m.Store.Get(ctx, item)
}

func (m *moved) Put(ctx context.Context, item string, value secret.Secret) error {
	if m.shut != nil && m.shut["new"] {
		m.shut[item] = true
	}
	return m.Store.Put(ctx, item, value)
}

func TestNothingIsDoneWhereItCannotBeSeenWhoElseHoldsTheToken(t *testing.T) {
	d, server := labDesk(t, gitlab.Cloud())
	box := &moved{memory.New(), map[string]bool{}}
	ring, err := keyring.Open(keyring.Options{Store: box})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	prod := keepLab(t, d, keyOf("prod", "user", "acme-bot"), "runtime")
	box.shut["new"] = true // what is put from now on cannot be read
	keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "runtime")
	before := len(server.Requests())
	var locked keyring.Condition
	if err := d.End(t.Context(), prod); !errors.As(err, &locked) {
		t.Errorf("revoke: %v", err)
	}
	if _, err := d.Rotate(t.Context(), prod, inAMonth); !errors.As(err, &locked) {
		t.Errorf("rotate: %v", err)
	}
	if asked := len(server.Requests()) - before; asked != 0 {
		t.Errorf("the host was asked %d times", asked)
	}
}

// forgetful is a GitLab at which, while it rotates, something happens here.
type forgetful struct {
	*gitlab.Provider
	meanwhile func()
}

func (f forgetful) Rotate(ctx context.Context, c *wire.Client, h providers.Host, cred providers.Credential, until time.Time) (providers.Rotated, error) {
	r, err := f.Provider.Rotate(ctx, c, h, cred, until)
	f.meanwhile()
	return r, err
}

func TestWhoGotAnotherTokenMeanwhileKeepsIt(t *testing.T) {
	var d *flows.Desk
	lab := forgetful{gitlab.Cloud(), func() { keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "api-only") }}
	d, _ = labDesk(t, lab)
	prod, twin, _, _ := twins(t, d)
	s, err := d.Rotate(t.Context(), prod, inAMonth)
	if err != nil || len(s.Given) != 0 {
		t.Errorf("given %+v: %v", s.Given, err)
	}
	holds(t, d, twin.Key, "api-only")
}
