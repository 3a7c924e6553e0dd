package ui

import (
	"testing"

	"gitgrant/providers"
)

// idWanted knows no application of a host that wants its secret too.
func idWanted() set {
	s := byBrowser(providers.Bitbucket)
	s.answers.ClientID = ""
	return s
}

func toSecret(s *stage, id string) {
	s.t.Helper()
	s.press("ctrl+u")
	s.write(id)
	s.press("enter")
	s.expect("Give the secret of the application")
}

func TestASecretThatIsTypedAndNotGivenStaysAtItsApplication(t *testing.T) {
	s := open(t, idWanted())
	toSecret(s, "gitgrant")
	s.write(applicationSecret)
	s.expect("29 characters", "esc back")
	s.press("esc")
	s.expect("gitgrant")
	s.press("enter")
	s.expect("29 characters")

	s.press("esc")
	toSecret(s, "another")
	s.never("29 characters") // it belongs to the other application
	s.press("esc")
	toSecret(s, "gitgrant")
	s.expect("29 characters")
	s.noSecret(applicationSecret)
}
