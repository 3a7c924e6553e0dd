package flows_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
)

func TestTheGuardNamesWhatDoesNotKeepThePurposesApart(t *testing.T) {
	robot := flows.Verdict{Account: providers.Account{Login: "acme-bot"}}
	person := flows.Verdict{Account: providers.Account{Login: "octocat"}}
	broad := robot
	broad.Excess = []string{"delete_repo"}
	of := func(purpose providers.Purpose, account, host string) keyring.Grant {
		return keyring.Grant{Key: keyring.Key{Runtime: "prod", Purpose: string(purpose), Account: account}, Provider: "github", Host: host, Method: "pat"}
	}
	const here, there = "https://github.com", "https://gitlab.com"
	for name, tc := range map[string]struct {
		stored keyring.Grant
		token  string
		g      keyring.Grant
		v      flows.Verdict
		want   []flows.Concern
	}{
		"a robot and a person":             {of(providers.User, "octocat", here), "other", of(providers.Runtime, "acme-bot", here), robot, nil},
		"a person's account for both":      {of(providers.User, "octocat", here), "other", of(providers.Runtime, "octocat", here), person, []flows.Concern{flows.OwnAccount}},
		"the user token comes second":      {of(providers.Runtime, "acme-bot", here), "other", of(providers.User, "acme-bot", here), robot, []flows.Concern{flows.OwnAccount}},
		"one token for both":               {of(providers.User, "octocat", here), "mine", of(providers.Runtime, "octocat", here), person, []flows.Concern{flows.BothPurposes}},
		"the same for the user token":      {of(providers.Runtime, "octocat", here), "mine", of(providers.User, "octocat", here), person, []flows.Concern{flows.BothPurposes}},
		"the same name on another host":    {of(providers.User, "octocat", there), "mine", of(providers.Runtime, "octocat", here), person, []flows.Concern{flows.Personal}},
		"a token of the same purpose":      {of(providers.Runtime, "acme-bot", here), "mine", of(providers.Runtime, "acme-bot", here), robot, nil},
		"rights that nobody needs":         {of(providers.User, "octocat", here), "other", of(providers.Runtime, "acme-bot", here), broad, []flows.Concern{flows.Broader}},
		"one token for both, and too much": {of(providers.User, "acme-bot", here), "mine", of(providers.Runtime, "acme-bot", here), broad, []flows.Concern{flows.BothPurposes, flows.Broader}},
	} {
		t.Run(name, func(t *testing.T) {
			d, _ := newDesk(t)
			stored := tc.stored
			stored.Runtime = "lab"
			if _, err := d.Ring.Save(t.Context(), stored, keyring.Credential{Access: secret.New(tc.token)}); err != nil {
				t.Fatal(err)
			}
			got, err := d.Guard(t.Context(), tc.g, secret.New("mine"), tc.v)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheGuardDoesNotOpenAStoreToCompare(t *testing.T) {
	d, _ := newDesk(t)
	box := &lockable{Store: memory.New()}
	ring, err := keyring.Open(keyring.Options{Store: box})
	if err != nil {
		t.Fatal(err)
	}
	d.Ring = ring
	store(t, d, "lab", providers.User, "runtime")
	g := store(t, d, "prod", providers.Runtime, "runtime")
	credential, err := ring.Credential(t.Context(), g.Key)
	if err != nil {
		t.Fatal(err)
	}
	box.locked = true
	got, err := d.Guard(t.Context(), g, credential.Access, flows.Verdict{Account: providers.Account{Login: "acme-bot"}})
	if err != nil || len(got) != 1 || got[0] != flows.OwnAccount {
		t.Errorf("concerns %v, %v", got, err)
	}
}
