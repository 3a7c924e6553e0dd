package ui

import (
	"testing"

	"gitgrant/keyring"
)

func TestAVaultTakesThePlaceOfALockedKeychain(t *testing.T) {
	s := open(t, set{start: StartInstall, vault: true, store: inState(keyring.System, keyring.Locked)})
	toTrouble(s)
	s.expect("The keychain is locked.", "Use an encrypted vault instead")
	s.press("down", "enter")
	s.until("Choose a passphrase for the vault")
	s.write("correct horse")
	s.press("enter")
	s.until("Type the passphrase once more")
	s.write("correct mule")
	s.press("enter")
	s.until("The two passphrases differ.")
	for range 2 {
		s.write("correct horse")
		s.press("enter")
	}
	s.until("paste the token")
	s.paste(goodToken)
	s.press("enter")
	s.until("Leave without saving")
	s.press("enter")
	s.expect("an encrypted vault in your data folder")
	s.press("enter")
	s.until("prod is ready")

	g := s.grant(keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"})
	if g == nil || g.Store != keyring.Vault {
		t.Fatalf("the grant is %+v", g)
	}
	c, err := s.desk.Ring.Credential(t.Context(), g.Key)
	if err != nil || c.Access.Reveal() != goodToken {
		t.Errorf("the vault holds %d bytes, %v", c.Access.Len(), err)
	}
}
