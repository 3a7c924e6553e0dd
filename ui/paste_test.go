package ui

import "testing"

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
