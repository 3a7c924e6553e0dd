package flows_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/providers/gitlab"
	"gitgrant/providers/sandbox"
)

func labToken(name string) secret.Secret {
	return secret.New(sandbox.MustToken("gitlab", name).Text)
}

// keepLab stores a token of GitLab as a grant.
func keepLab(t *testing.T, d *flows.Desk, k keyring.Key, token string) keyring.Grant {
	t.Helper()
	g, err := d.Ring.Save(t.Context(), keyring.Grant{
		Key: k, Provider: "gitlab", Host: "https://gitlab.com", Method: "pat", Kind: "personal-access-token",
	}, keyring.Credential{Access: labToken(token)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func keyOf(runtime, purpose, account string) keyring.Key {
	return keyring.Key{Runtime: runtime, Purpose: purpose, Account: account}
}

// holds fails where a grant has another token than the named one.
func holds(t *testing.T, d *flows.Desk, k keyring.Key, token string) {
	t.Helper()
	c, err := d.Ring.Credential(t.Context(), k)
	if err != nil || !c.Access.Equal(labToken(token)) {
		t.Errorf("%v does not hold the token %s: %v", k, token, err)
	}
}

func TestATokenIsUsedForOtherRuntimesToo(t *testing.T) {
	d, server := labDesk(t, gitlab.Cloud())
	from := keepLab(t, d, keyOf("prod", "user", "octocat"), "user")
	keepLab(t, d, keyOf("lab", "user", "octocat"), "read-user")
	keepLab(t, d, keyOf("staging", "runtime", "acme-bot"), "runtime")
	before := len(server.Requests())
	given, err := d.Reuse(t.Context(), from, []string{"staging", "brand-new", "lab", "staging"})
	if err != nil {
		t.Fatal(err)
	}
	if asked := len(server.Requests()) - before; asked > 2 {
		t.Errorf("the host was asked %d times about one token", asked)
	}
	var came []string
	for _, g := range given {
		if g.Err != nil || g.Verdict.Status != flows.Valid || !g.Stored {
			t.Errorf("%s: stored %t, %s, %v", g.Grant.Runtime, g.Stored, g.Verdict.Status, g.Err)
		}
		if g.Replaced != (g.Grant.Runtime == "lab") {
			t.Errorf("%s: replaced %t", g.Grant.Runtime, g.Replaced)
		}
		came = append(came, g.Grant.Runtime)
	}
	if diff := cmp.Diff([]string{"staging", "brand-new", "lab"}, came); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"prod", "staging", "brand-new", "lab"} {
		holds(t, d, keyOf(name, "user", "octocat"), "user")
	}
	holds(t, d, keyOf("staging", "runtime", "acme-bot"), "runtime")
}

func TestATokenThatHasNotWhatItTakesIsGivenToNobody(t *testing.T) {
	d, _ := labDesk(t, gitlab.Cloud())
	from := keepLab(t, d, keyOf("prod", "user", "octocat"), "read-user")
	given, err := d.Reuse(t.Context(), from, []string{"staging"})
	if err != nil || len(given) != 1 || given[0].Stored || given[0].Verdict.Status != flows.MissingScopes {
		t.Errorf("it came to %+v, %v", given, err)
	}
	if grants, err := d.Ring.Of("staging"); len(grants) > 0 || err != nil {
		t.Errorf("stored %v, %v", grants, err)
	}
}

func TestReuseRefusesWhatCannotBeBeforeAnybodyIsAsked(t *testing.T) {
	d, server := labDesk(t, gitlab.Cloud())
	from := keepLab(t, d, keyOf("prod", "user", "octocat"), "user")
	if _, err := d.Ring.Save(t.Context(), keyring.Grant{
		Key: keyOf("elsewhere", "runtime", "acme-bot"), Provider: "github", Host: "https://github.com",
	}, keyring.Credential{Access: secret.New("ghp_token")}); err != nil {
		t.Fatal(err)
	}
	var otherHost *flows.OtherHostError
	for name, test := range map[string]struct {
		to     string
		reason func(error) bool
	}{
		"itself":                 {"prod", func(err error) bool { return errors.Is(err, flows.ErrSameRuntime) }},
		"a name that cannot be":  {"Not A Name", func(err error) bool { return errors.Is(err, flows.ErrRuntimeName) }},
		"a runtime of elsewhere": {"elsewhere", func(err error) bool { return errors.As(err, &otherHost) }},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := d.Reuse(t.Context(), from, []string{"fine", test.to}); !test.reason(err) {
				t.Errorf("it says %v", err)
			}
		})
	}
	if grants, err := d.Ring.Of("fine"); len(grants) > 0 || err != nil || len(server.Requests()) > 0 {
		t.Errorf("stored %v, %v; asked %v", grants, err, server.Requests())
	}
}
