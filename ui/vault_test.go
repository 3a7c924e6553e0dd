package ui

import (
	"testing"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
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

func TestALockedVaultIsOpenedFromTheList(t *testing.T) {
	s := open(t, sealedList(keyring.Vault))
	s.expect("5 runtimes")
	s.gone("checking")
	s.expect("~ locked", "p open the vault")
	s.press("enter")
	s.expect("Press p to open the vault.")
	s.press("p", "enter")
	s.expect("The passphrase is empty.")
	s.write("mule?")
	s.never("mule?", "The passphrase is empty.")
	s.press("enter")
	s.until("It is sealed by another passphrase than the one that was given.")
	s.paste("correct horse")
	s.never("another passphrase")
	s.press("enter")
	s.expect("Opening it")
	s.until("missing scopes")
	s.press("esc")
	s.gone("checking")
	s.expect("✓ valid")
	s.never("locked", "open the vault")
	s.noSecret("correct horse")
}

// openingSlowly is a list over a locked vault that opens once a channel is closed.
func openingSlowly(t *testing.T) (*stage, chan struct{}) {
	t.Helper()
	opening := make(chan struct{})
	c := sealedList(keyring.Vault)
	c.store = func() keyring.Store {
		m := inState(keyring.Vault, keyring.Ready)().(*moody)
		m.opening = opening
		return m
	}
	s := open(t, c)
	s.gone("checking")
	return s, opening
}

func TestAVaultThatOpensOnlyWhenNobodyAsksAnyMoreIsStillLookedAt(t *testing.T) {
	s, opening := openingSlowly(t)
	s.press("p")
	s.write("correct horse")
	s.press("enter", "esc")
	s.expect("5 runtimes", "locked")
	close(opening)
	s.until("✓ valid")
}

func TestALockedKeychainIsOpenedByTheDesktop(t *testing.T) {
	c := sealedList(keyring.System)
	c.store = func() keyring.Store {
		m := inState(keyring.System, keyring.Ready)().(*moody)
		m.passphrase = ""
		return m
	}
	s := open(t, c)
	s.gone("checking")
	s.expect("p open the keychain")
	s.press("p")
	s.expect("Your desktop asks for its password in a window of its own.")
	s.until("✓ valid")
}

func TestNothingIsOpenedWhereNothingIsLocked(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.never("open the vault")
	before := s.frame()
	s.press("p")
	if after := s.frame(); after != before {
		t.Errorf("the frame became\n%s", after)
	}
}

func TestAKeychainThatDoesNotAnswerCanBeWaitedFor(t *testing.T) {
	t.Parallel()
	hanging := &moody{Store: memory.New(), condition: keyring.Condition{Store: keyring.System, State: keyring.Ready}, silent: make(chan struct{})}
	s := open(t, set{start: StartInstall, store: func() keyring.Store { return hanging }})
	toSave(s, goodToken)
	s.press("enter")
	s.until("The keychain has not answered.")
	s.expect("❯ Go on waiting", "  Try to save again", "  Leave without saving")
	s.press("enter")
	s.expect("Waiting for the keychain to answer", "esc back")
	s.press("esc")
	s.expect("❯ Go on waiting")
	s.press("enter")
	close(hanging.silent)
	s.until("prod is ready")
}
