//go:build !race

// The walk reads what other goroutines own, at moments at which they rest. The
// race detector sees no difference.

package ui

import (
	"testing"

	"gitgrant/internal/canary"
	"gitgrant/keyring"
)

// parts are the stand-ins of these tests, which know secrets by heart.
var parts = []string{"ui.hub", "ui.moody", "ui.rotating", "ui.provider"}

// Everything that the program remembers while a token is in its hands is walked
// through, wherever it leads: nothing holds the token in the clear, and nothing
// shows it when it is printed, logged, marshalled or put into an error.
func TestNoStateOfTheProgramShowsASecret(t *testing.T) {
	types := map[string]bool{}
	for name, one := range map[string]struct {
		with    set
		walk    func(s *stage, look func(secrets ...string))
		through []string
	}{
		"a token": {set{start: StartInstall}, func(s *stage, look func(...string)) {
			toToken(s)
			s.paste(goodToken)
			look(goodToken)
			s.press("enter")
			s.until("everything that it needs")
			look(goodToken)
			s.press("enter")
			look(goodToken)
			s.press("enter")
			s.until("prod is ready")
			look(goodToken)
		}, []string{"wizard.Wizard", "flows.Conversation", "flows.Answers", "providers.Credential", "flows.Desk", "keyring.Ring", "flows.Verdict", "secret.Secret"}},
		"a device code": {set{start: StartInstall}, func(s *stage, look func(...string)) {
			toDevice(s)
			look(deviceCode)
			if err := s.hub.approve(""); err != nil {
				t.Fatal(err)
			}
			s.until("everything that it needs")
			look(deviceCode, issuedToken) // nothing is asked in the background any more
			s.press("enter", "enter")
			s.until("prod is ready")
			look(deviceCode, issuedToken)
		}, []string{"oauth.Code", "flows.Outcome"}},
		"the passphrase of a vault": {set{start: StartInstall, vault: true, store: inState(keyring.System, keyring.Locked)}, func(s *stage, look func(...string)) {
			toTrouble(s)
			s.press("down", "enter")
			s.until("Choose a passphrase for the vault")
			s.write(passphrase)
			look(passphrase)
			s.press("enter")
			s.until("Type the passphrase once more")
			look(passphrase)
			s.write(passphrase)
			look(passphrase)
			s.press("enter")
			s.gone("Opening")
			look(passphrase)
		}, nil},
		"the secret of an application": {secretWanted(), func(s *stage, look func(...string)) {
			s.write(applicationSecret)
			look(applicationSecret)
			s.press("enter")
			s.until("does not know the OAuth application")
			look(applicationSecret)
		}, nil},
		"the secret of an application that is not given yet": {idWanted(), func(s *stage, look func(...string)) {
			toSecret(s, "gitgrant")
			s.write(applicationSecret)
			s.press("esc")
			look(applicationSecret)
			s.press("enter")
			look(applicationSecret)
		}, nil},
		"a stored grant": {set{grants: several}, func(s *stage, look func(...string)) {
			s.gone("checking")
			look(goodToken, personToken)
			s.press("enter")
			look(goodToken, personToken)
		}, []string{"dashboard.Dashboard", "keyring.Grant", "memory.Store"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, one.with)
			seen := map[string]bool{}
			one.walk(s, func(secrets ...string) {
				t.Helper()
				for _, secret := range secrets {
					found, looked := canary.Held(secret, "gitgrant", parts, s.m)
					for _, f := range found {
						t.Errorf("%s", f)
					}
					for _, name := range looked {
						seen[name], types[name] = true, true
					}
				}
			})
			for _, name := range one.through {
				if !seen[name] {
					t.Errorf("no %s was looked at", name)
				}
			}
		})
	}
	if len(types) < 40 {
		t.Errorf("only %d types were looked at: %v", len(types), types)
	}
}
