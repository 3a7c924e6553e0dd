package ui

import (
	"testing"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
)

func TestThoseThatShareATokenAreNamedBeforeItIsEndedAndRevokedAfterwards(t *testing.T) {
	s := open(t, set{grants: alike})
	s.gone("checking")
	s.press("x")
	s.asked("It is also the user token of prod and staging")
	s.press("down", "enter")
	s.until("It was also the user token of prod and staging")
	s.expect("prod       user     ✗ revoked", "staging    user     ✗ revoked", "test       user     ✓ valid", "3 runtimes")
	s.noSecret(personToken)
}

func TestThoseThatShareATokenGetTheNewOne(t *testing.T) {
	s := open(t, set{grants: []stored{
		{"corp-a", "runtime", "acme-bot", endingToken}, {"corp-b", "runtime", "acme-bot", endingToken}, {"corp-c", "runtime", "acme-bot", lackingToken},
	}})
	s.gone("checking")
	s.press("t")
	s.asked("It is also the runtime token of corp-b")
	s.press("down", "enter")
	s.until("It was also the runtime token of")
	for name, token := range map[string]string{"corp-a": nextToken, "corp-b": nextToken, "corp-c": lackingToken} {
		s.holds(keyring.Key{Runtime: name, Purpose: "runtime", Account: "acme-bot"}, token)
	}
}

func TestNobodyIsAskedWhereTheStoreDoesNotShowWhoSharesAToken(t *testing.T) {
	box := &moody{Store: memory.New(), condition: keyring.Condition{Store: keyring.Vault, State: keyring.Ready, Seal: "passphrase"}, passphrase: "open"}
	s := open(t, set{grants: alike, store: func() keyring.Store { return box }, locked: true})
	s.gone("checking")
	s.press("x")
	s.until("The vault is locked.")
	s.never("Keep it")
}

func TestAQuestionThatComesLateIsNotAsked(t *testing.T) {
	s := open(t, set{grants: alike})
	s.gone("checking")
	s.press("x", "n")
	s.until("Step 1")
	s.press("esc")
	s.until("4 runtimes")
	s.never("Keep it")
	s.press("x")
	s.until("Keep it")
}
