package ui

import (
	"strings"
	"testing"
)

func TestAPastedAddressAnswersForProviderAndHost(t *testing.T) {
	s := open(t, set{start: StartInstall})
	s.write("prod")
	s.press("enter")
	s.expect("Or paste the address of a repository")
	s.paste("https://github.com/acme/app/blob/main/README.md\n")
	s.until("· Method")
	s.expect("GitHub")
	s.press("esc")
	s.expect("· Provider")
	s.paste("https://user:hunter2@github.com/acme/app")
	s.until("The address holds a user name or a password.")
	s.never("hunter2")
	s.press("down", "enter")
	s.until("· Host")
}

func TestWhatWasWrongWithAnAnswerGoesWhenTheFieldChanges(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toToken(s)
	for name, change := range map[string]func(){
		"a paste":  func() { s.paste(goodToken) },
		"a key":    func() { s.press("x") },
		"clearing": func() { s.press("ctrl+u") },
	} {
		s.press("ctrl+u", "enter")
		s.expect("The token is empty")
		change()
		if strings.Contains(s.frame(), "The token is empty") {
			t.Errorf("%s leaves it standing:\n%s", name, s.frame())
		}
	}
}
