package flows_test

import (
	"context"
	"errors"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/wire"
)

func TestWhatWasForgottenComesBack(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	if err := d.Mute("prod", true); err != nil {
		t.Fatal(err)
	}
	forgotten, err := d.Forget(t.Context(), []keyring.Grant{grantAt(t, d, g.Key)})
	if err != nil || len(forgotten.Lost()) > 0 {
		t.Fatalf("lost %v, %v", forgotten.Lost(), err)
	}
	if grants, err := d.Ring.Grants(); len(grants) > 0 || err != nil {
		t.Fatalf("still there: %v, %v", grants, err)
	}
	restored, err := d.Restore(t.Context(), forgotten)
	if err != nil || len(restored) != 1 || !restored[0].Muted {
		t.Fatalf("restored %+v, %v", restored, err)
	}
	holds(t, d, g.Key, "runtime")
}

func TestWhatWasSetUpAnewIsNotUndone(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	forgotten, err := d.Forget(t.Context(), []keyring.Grant{g})
	if err != nil {
		t.Fatal(err)
	}
	storeLab(t, d, "api-only")
	var taken *flows.TakenError
	if _, err := d.Restore(t.Context(), forgotten); !errors.As(err, &taken) {
		t.Errorf("it says %v", err)
	}
	holds(t, d, g.Key, "api-only")
}

func TestWhatWasSetUpAnewStopsNoneOfTheOthersFromComingBack(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	other := g
	other.Purpose = "user"
	other, err := d.Ring.Save(t.Context(), other, keyring.Credential{Access: secret.New(sandbox.MustToken("gitlab", "runtime").Text)})
	if err != nil {
		t.Fatal(err)
	}
	forgotten, err := d.Forget(t.Context(), []keyring.Grant{g, other})
	if err != nil {
		t.Fatal(err)
	}
	storeLab(t, d, "api-only")
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // whoever leaves meanwhile gets it back all the same
	var taken *flows.TakenError
	restored, err := d.Restore(ctx, forgotten)
	if !errors.As(err, &taken) || len(restored) != 1 {
		t.Errorf("restored %v, %v", restored, err)
	}
	holds(t, d, g.Key, "api-only")
	holds(t, d, other.Key, "runtime")
	if left := forgotten.Without(restored); len(left.Grants) != 1 || left.Grants[0].Key != g.Key {
		t.Errorf("left are %v", left.Grants)
	}
}

func TestWhatTheStoreDidNotShowIsLostWithWords(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	gone := keyring.Grant{Key: keyOf("gone", "runtime", "acme-bot"), Provider: "gitlab", Host: "https://gitlab.com"}
	forgotten, err := d.Forget(t.Context(), []keyring.Grant{gone})
	if err != nil || len(forgotten.Lost()) != 1 {
		t.Errorf("lost %v, %v", forgotten.Lost(), err)
	}
	if restored, err := d.Restore(t.Context(), forgotten); len(restored) > 0 || err != nil {
		t.Errorf("restored %v, %v", restored, err)
	}
}

func TestDismissingSaysWhetherTheHostDidItsPart(t *testing.T) {
	d, server := labDesk(t, gitlab.Cloud())
	g := storeLab(t, d, "runtime")
	ended, err := d.Dismiss(t.Context(), g)
	if !ended || err != nil || works(t, d, "runtime") {
		t.Errorf("ended %t, %v", ended, err)
	}
	ghes, err := d.Ring.Save(t.Context(), keyring.Grant{
		Key: keyOf("corp", "runtime", "acme-bot"), Provider: "github-enterprise", Host: "https://ghe.sandbox.example", Method: "pat",
	}, keyring.Credential{Access: secret.New(sandbox.MustToken("github-enterprise", "runtime").Text)})
	if err != nil {
		t.Fatal(err)
	}
	before := len(server.Requests())
	if ended, err = d.Dismiss(t.Context(), ghes); ended || err != nil || len(server.Requests()) != before {
		t.Errorf("ended %t, %v", ended, err)
	}
	if grants, err := d.Ring.Grants(); len(grants) > 0 || err != nil {
		t.Errorf("still there: %v, %v", grants, err)
	}
}

// bringing is GitLab that notes with which secret of an application it is asked
// to end a token.
type bringing struct {
	*gitlab.Provider
	secret *string
}

func (b bringing) Revoke(_ context.Context, _ *wire.Client, _ providers.Host, cred providers.Credential) error {
	*b.secret = cred.AppSecret.Reveal()
	return nil
}

func TestATokenIsEndedWithTheSecretOfTheApplicationThatIssuedIt(t *testing.T) {
	own := sandbox.MustClient("gitlab", "default").ID
	for name, tc := range map[string]struct {
		method   providers.Method
		clientID string
		want     string
	}{
		"the one of the profile":      {providers.Browser, own, "hush-hush"},
		"another, whose is not known": {providers.Browser, "another", ""},
		"one that did without":        {providers.Device, own, ""},
		"no application at all":       {providers.PAT, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			brought := "not asked"
			d, _ := labDesk(t, bringing{gitlab.Cloud(), &brought})
			if err := d.Ring.SaveHostSecret(t.Context(), "https://gitlab.com", secret.New("hush-hush")); err != nil {
				t.Fatal(err)
			}
			g, err := d.Ring.Save(t.Context(), keyring.Grant{
				Key: keyOf("prod", "user", "octocat"), Provider: "gitlab", Host: "https://gitlab.com", Method: string(tc.method), ClientID: tc.clientID,
			}, keyring.Credential{Access: secret.New("c0ffee")})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.End(t.Context(), g); err != nil || brought != tc.want {
				t.Errorf("%q was brought: %v", brought, err)
			}
		})
	}
}
