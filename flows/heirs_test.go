package flows_test

import (
	"errors"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/providers/gitlab"
)

// halfway rotates the token of prod and twin and dies, to all that is seen
// afterwards, before twin has the new one.
func halfway(t *testing.T) (d *flows.Desk, prod, twin keyring.Grant) {
	t.Helper()
	d, box, prod, twin := stuck(t)
	box.limit = 1000
	return d, prod, twin
}

// stuck is halfway, with a store that takes nothing still.
func stuck(t *testing.T) (d *flows.Desk, box *full, prod, twin keyring.Grant) {
	t.Helper()
	d, _ = labDesk(t, gitlab.Cloud())
	box = &full{memory.New(), 1000}
	ring, err := keyring.Open(keyring.Options{Store: box})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	prod = keepLab(t, d, keyOf("prod", "user", "acme-bot"), "runtime")
	before := box.limit
	twin = keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "runtime")
	box.limit = 2 * (before - box.limit) // for the proof that prod can be written, and for its new token
	s, err := d.Rotate(t.Context(), prod, inAMonth)
	if err != nil || len(s.Given) != 1 || s.Given[0].Stored {
		t.Fatalf("given %+v: %v", s.Given, err)
	}
	holds(t, d, twin.Key, "runtime")
	return d, box, prod, twin
}

func TestATokenWhoseSuccessorCannotBeStoredYetIsNotCalledLost(t *testing.T) {
	d, box, _, twin := stuck(t)
	v, err := d.Status(t.Context(), []keyring.Grant{grantAt(t, d, twin.Key)}, nil)
	if err != nil || v[0].Status != flows.Locked {
		t.Errorf("twin is %s: %v", v[0].Status, err)
	}
	box.limit = 1000
	v, err = d.Status(t.Context(), []keyring.Grant{grantAt(t, d, twin.Key)}, nil)
	if err != nil || v[0].Status != flows.Valid {
		t.Errorf("later, twin is %s: %v", v[0].Status, err)
	}
}

func TestATokenIsHandedOnByWhoeverLooksNext(t *testing.T) {
	for name, look := range map[string]func(*flows.Desk, keyring.Grant, keyring.Grant) error{
		"a check": func(d *flows.Desk, _, twin keyring.Grant) error {
			v, err := d.Status(t.Context(), []keyring.Grant{grantAt(t, d, twin.Key)}, nil)
			if err == nil && v[0].Status != flows.Valid {
				return errors.New(string(v[0].Status))
			}
			return err
		},
		"a check after one that called it dead": func(d *flows.Desk, _, twin keyring.Grant) error {
			err := d.Ring.Note(twin.Key, func(g *keyring.Grant) { g.Verdict, g.Intent = []byte(`{"status":"rejected"}`), nil })
			_, failed := d.Fresh(t.Context(), grantAt(t, d, twin.Key))
			if v := d.LastKnown(grantAt(t, d, twin.Key)); v.Status != flows.Unchecked {
				return errors.New(string(v.Status))
			}
			return errors.Join(err, failed)
		},
		"somebody who uses it": func(d *flows.Desk, _, twin keyring.Grant) error {
			f, err := d.Fresh(t.Context(), grantAt(t, d, twin.Key))
			if f.Credential.Token.Equal(labToken("runtime")) {
				return errors.New("the old one was handed over")
			}
			return err
		},
		"another rotation": func(d *flows.Desk, prod, _ keyring.Grant) error {
			_, err := d.Rotate(t.Context(), grantAt(t, d, prod.Key), inAMonth)
			return err
		},
		"another rotation, of the one that waits": func(d *flows.Desk, _, twin keyring.Grant) error {
			_, err := d.Rotate(t.Context(), grantAt(t, d, twin.Key), inAMonth)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, prod, twin := halfway(t)
			if err := look(d, prod, twin); err != nil {
				t.Error(err)
			}
			mine, err := d.Ring.Credential(t.Context(), prod.Key)
			if err != nil {
				t.Fatal(err)
			}
			its, err := d.Ring.Credential(t.Context(), twin.Key)
			if err != nil || !its.Access.Equal(mine.Access) || its.Access.Equal(labToken("runtime")) {
				t.Errorf("twin does not hold the new token: %v", err)
			}
			if g := grantAt(t, d, twin.Key); g.Intent != nil || !g.ExpiresAt.Equal(grantAt(t, d, prod.Key).ExpiresAt) {
				t.Errorf("twin is %+v", g)
			}
			if g := grantAt(t, d, prod.Key); len(g.Heirs) != 0 {
				t.Errorf("it is still owed to %v", g.Heirs)
			}
		})
	}
}

func TestNothingIsHandedOnToWhoGotAnotherTokenSince(t *testing.T) {
	d, prod, _ := halfway(t)
	twin := keepLab(t, d, keyOf("twin", "runtime", "acme-bot"), "api-only")
	if _, err := d.Status(t.Context(), []keyring.Grant{twin}, nil); err != nil {
		t.Fatal(err)
	}
	holds(t, d, twin.Key, "api-only")
	if g := grantAt(t, d, prod.Key); len(g.Heirs) != 0 {
		t.Errorf("it is still owed to %v", g.Heirs)
	}
}

func TestASuccessorThatWasReplacedItselfIsLost(t *testing.T) {
	d, _, twin := halfway(t)
	keepLab(t, d, keyOf("prod", "user", "acme-bot"), "api-only")
	v, err := d.Status(t.Context(), []keyring.Grant{grantAt(t, d, twin.Key)}, nil)
	if err != nil || v[0].Status != flows.Revoked || v[0].Cause.Kind != cause.Rotated {
		t.Errorf("twin is %s: %v", v[0].Status, err)
	}
	holds(t, d, twin.Key, "runtime")
}

func TestATokenThatIsReusedOwesNothingToOthers(t *testing.T) {
	d, prod, _ := halfway(t)
	given, err := d.Reuse(t.Context(), grantAt(t, d, prod.Key), []string{"brand-new"})
	if err != nil || !given[0].Stored {
		t.Fatalf("given %+v: %v", given, err)
	}
	if g := grantAt(t, d, keyOf("brand-new", string(providers.User), "acme-bot")); len(g.Heirs) != 0 {
		t.Errorf("it is owed to %v", g.Heirs)
	}
}
