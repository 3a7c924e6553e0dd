package flows_test

import (
	"strings"
	"testing"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/all"
	"gitgrant/providers/sandbox"
	"gitgrant/providers/sandbox/sandboxtest"
)

// atSandbox is a desk in front of all hosts of a sandbox.
func atSandbox(t *testing.T) (*flows.Desk, *sandbox.Sandbox) {
	t.Helper()
	p := sandboxtest.New(t, all.Providers()...)
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	d := &flows.Desk{Providers: all.Providers(), Hosts: p.Book, Ring: ring, UserAgent: sandboxtest.UserAgent, Now: p.Now, Within: flows.DefaultWithin}
	t.Cleanup(d.Close)
	return d, p.Sandbox
}

func TestATokenThatTellsNoRightsShowsThemAgainWhereItShowedThemOnce(t *testing.T) {
	for name, test := range map[string]struct {
		provider, host, token string
		repositories          []string
		want                  flows.Status
		proven                bool // a repository is asked
	}{
		"proven against a repository":               {"bitbucket-server", "https://bitbucket.sandbox.example/bitbucket", "runtime", []string{"ACME/app"}, flows.Valid, true},
		"proven against a whole project":            {"bitbucket-server", "https://bitbucket.sandbox.example/bitbucket", "runtime", []string{"ACME"}, flows.Valid, true},
		"proven against what is refused by now":     {"bitbucket-server", "https://bitbucket.sandbox.example/bitbucket", "repository-write", []string{"ACME/app"}, flows.MissingScopes, true},
		"proven against nothing":                    {"bitbucket-server", "https://bitbucket.sandbox.example/bitbucket", "runtime", nil, flows.Unverifiable, false},
		"dead, whatever it was proven against":      {"bitbucket-server", "https://bitbucket.sandbox.example/bitbucket", "expired", []string{"ACME/app"}, flows.Rejected, false},
		"one whose host tells what it may do":       {"github", "https://github.com", "runtime", []string{"acme/app"}, flows.Valid, false},
		"a fine-grained one, of which a part shows": {"github", "https://github.com", "fine-grained", []string{"acme/app"}, flows.Unverifiable, true},
	} {
		t.Run(name, func(t *testing.T) {
			d, s := atSandbox(t)
			g, err := d.Ring.Save(t.Context(), keyring.Grant{
				Key:      keyring.Key{Runtime: "prod", Purpose: string(providers.Runtime), Account: "acme-bot"},
				Provider: test.provider, Host: test.host, Method: "pat", Repositories: test.repositories,
			}, keyring.Credential{Access: secret.New(sandbox.MustToken(test.provider, test.token).Text)})
			if err != nil {
				t.Fatal(err)
			}
			verdicts, err := d.Status(t.Context(), []keyring.Grant{g}, nil)
			if err != nil || verdicts[0].Status != test.want {
				t.Errorf("it is %s, want %s: %v", verdicts[0].Status, test.want, err)
			}
			proven := false
			for _, r := range s.Requests() {
				proven = proven || strings.Contains(strings.ToLower(r.Path), "/acme")
			}
			if proven != test.proven {
				t.Errorf("a repository was asked: %v", proven)
			}
		})
	}
}
