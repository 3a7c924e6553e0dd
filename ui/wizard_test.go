package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/internal/canary"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/providers"
	"gitgrant/providers/oauth"
)

func TestAWalkByTokenStoresTheRuntimeTokenAndThenTheUserToken(t *testing.T) {
	s := open(t, set{start: StartInstall})
	s.write("prod")
	s.press("enter")
	s.expect("Step 2 of 7 · Provider", "Runtime token › prod", "❯ GitHub", "  GitHub Enterprise")
	s.press("enter")
	s.expect("Step 3 of 7 · Method", "❯ OAuth2\n", "  Personal access token\n")
	s.press("end", "enter")
	s.until("paste the token")
	s.expect("Step 4 of 7 · Authorize", "https://github.com/settings/tokens/new", "admin:repo_hook: Full control of repository hooks")
	s.paste(goodToken)
	s.expect("40 characters, looks like a classic token.")
	s.press("enter")
	s.until("everything that it needs")
	s.expect("Step 5 of 7 · Scopes", "✓ granted", "acme-bot")
	s.press("enter")
	s.expect("Step 6 of 7 · Save", "Nothing has been written yet", "acme-bot", "https://github.com")
	if s.grant(keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}) != nil {
		t.Error("the token was stored before anybody said so")
	}
	s.press("enter")
	s.until("prod is ready")
	s.expect("Step 7 of 7 · Hand off", "❯ Set up your user token next")

	s.press("enter")
	s.until("User token › prod")
	s.until("· Method")
	s.press("end", "enter")
	s.until("paste the token")
	s.paste(personToken)
	s.press("enter")
	s.until("everything that it needs")
	s.press("enter", "enter")
	s.until("prod is ready")
	s.press("enter")
	s.wait(func() bool { return s.quit }, "the end of the program")
	for _, k := range []keyring.Key{{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}, {Runtime: "prod", Purpose: "user", Account: "octocat"}} {
		if s.grant(k) == nil {
			t.Errorf("%v was not stored", k)
		}
	}
	if got := len(s.m.outcomes); got != 2 {
		t.Errorf("%d outcomes, want 2", got)
	}
	s.noSecret(goodToken, personToken)
}

// noSecret looks for tokens in everything that was ever on the screen.
func (s *stage) noSecret(tokens ...string) {
	s.t.Helper()
	for _, token := range tokens {
		if found := canary.Search(token, map[string][]byte{"the frames": []byte(strings.Join(s.seen, "\n"))}); len(found) > 0 {
			s.t.Errorf("a token was shown: %v", found)
		}
	}
}

func TestAWalkByDeviceNeedsNoBrowser(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toDevice(s)
	s.press("o")
	s.until("no display")
	if err := s.hub.approve(""); err != nil {
		t.Fatal(err)
	}
	s.until("everything that it needs")
	s.expect("octocat", "an OAuth token")
	s.noSecret(issuedToken)
}

func TestAKeyApprovesInTheDemoAlone(t *testing.T) {
	s := open(t, set{start: StartInstall, demo: true})
	toDevice(s)
	s.press("a")
	s.until("everything that it needs")

	s = open(t, set{start: StartInstall})
	toDevice(s)
	s.never("approve  ")
	s.press("a")
	if s.hub.approved {
		t.Error("a key approved a sign-in outside of the demo")
	}
}

func TestEscGoesBackAndKeepsEveryAnswer(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toServerMethod(s)
	s.press("up", "enter")
	s.expect("· Application")
	s.write("Ov23liMine")

	s.press("esc")
	s.expect("· Method", "❯ OAuth2")
	s.press("esc")
	s.expect("· Host", "ghe.acme.example")
	s.press("esc")
	s.expect("· Provider", "❯ GitHub Enterprise")
	s.press("esc")
	s.expect("· Runtime", "Runtime token › prod")
	s.write("-2")
	s.never("› prod")
	s.press("backspace", "backspace", "esc")
	s.expect("· Runtime", "Runtime token › prod")

	s.press("enter", "enter", "enter")
	s.until("· Method")
	s.press("enter")
	s.expect("· Application", "Ov23liMine")
}

func TestAWrongTokenLeadsOnceToThePageOfThisRuntime(t *testing.T) {
	s := open(t, set{start: StartInstall})
	s.resize(200, 40)
	toToken(s)
	s.expect("description=gitgrant+prod+runtime")
	s.paste(deadToken)
	s.press("enter")
	s.until("refuses the token")
	s.expect("description=gitgrant+prod+runtime")
	if told := strings.Count(s.frame(), "https://"); told != 1 {
		t.Errorf("the address is told %d times:\n%s", told, s.frame())
	}
}

func TestATokenThatWasTypedForOneHostIsNotThereAtAnother(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toServerMethod(s)
	s.press("enter")
	s.until("paste the token")
	s.paste(goodToken)
	s.expect("40 characters")
	s.press("esc", "esc")
	s.expect("· Host")
	s.press("ctrl+u")
	s.write("ghe.closed.example")
	s.press("enter")
	s.until("· Method")
	s.press("esc", "ctrl+u")
	s.write("ghe.acme.example")
	s.press("enter")
	s.until("· Method")
	s.press("enter")
	s.until("40 characters") // what was typed for this host is still there

	s.press("esc", "esc", "esc", "up", "enter")
	s.never("3.19.1") // the version is the other host's
	s.press("end", "enter")
	s.until("paste the token")
	s.expect("Make a token at github.com")
}

func TestATokenIsTakenHoweverItIsPasted(t *testing.T) {
	for name, pasted := range map[string]string{
		"alone":                   goodToken,
		"with a line end":         goodToken + "\r\n",
		"in quotes":               `"` + goodToken + `"`,
		"as a header":             "Authorization: Bearer " + goodToken + "\n",
		"with blanks around it":   "  \t" + goodToken + "  ",
		"with invisible marks":    "\u200b" + goodToken + "\ufeff",
		"in place of another one": "",
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, set{start: StartInstall})
			toToken(s)
			if pasted == "" {
				s.paste(lackingToken)
				pasted = goodToken
			}
			s.paste(pasted)
			s.expect("40 characters, looks like a classic token.")
			s.press("enter")
			s.until("everything that it needs")
			s.noSecret(goodToken)
		})
	}
}

func TestABurstOfKeysIsAsGoodAsAPaste(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toToken(s)
	s.write("Bearer " + goodToken)
	s.press("enter")
	s.until("everything that it needs")
}

func TestMissingRightsAreSavedOnlyByAChoiceThatSaysSo(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toScopes(s, lackingToken)
	s.expect("❯ Give another token")
	s.never("❯ Continue")
	s.press("down", "down")
	s.expect("❯ Save it although rights are missing")
	s.press("enter")
	s.expect("· Save")
}

func TestWhatComesLateIsDropped(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toDevice(s)
	of, turn := s.m.work, s.m.walk.Conversation().Turn()
	s.press("esc")
	s.expect("· Method")
	s.take(eventMsg{of, flows.Event{Turn: turn, What: flows.Authorized{Token: oauth.Token{}}}})
	s.take(eventMsg{of, flows.Event{Turn: turn, What: flows.CodeIssued{Code: oauth.Code{User: "LATE-CODE", ExpiresAt: noon.Add(time.Hour)}}}})
	s.expect("· Method")
	s.never("LATE-CODE")

	s.take(eventMsg{&work{}, flows.Event{What: flows.Failed{Err: flows.ErrTokenEmpty}}})
	s.expect("· Method")
}

func TestWhatIsTypedWhileTheWizardOpensReachesIt(t *testing.T) {
	s := open(t, set{grants: several[:1]})
	s.write("nfrr")
	s.press("enter")
	s.until("· Provider")
	s.expect("Runtime token › frr")
	s.never("forgotten")
}

func TestAKeyOfAHastyPersonAnswersNothingUnseen(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toToken(s)
	s.paste(goodToken)
	s.press("enter", "enter", "enter") // the last two while the host is asked
	s.until("❯ Continue")
	s.press("enter")
	s.expect("❯ Continue")
	s.later(time.Second)
	s.press("enter")
	s.expect("· Save")
}

func TestEnterBeforeTheStoreAnsweredIsNotLost(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toMethod(s)
	s.press("end", "enter")
	s.paste(goodToken)
	s.press("enter")
	s.until("everything that it needs")
}

func TestALockedVaultIsOpenedByItsPassphrase(t *testing.T) {
	s := open(t, set{start: StartInstall, store: inState(keyring.Vault, keyring.Locked)})
	toTrouble(s)
	s.expect("The vault is locked.", "❯ Open the vault")
	s.press("enter")
	s.write("guess")
	s.press("enter")
	s.until("another passphrase")
	s.write("correct horse")
	s.never("correct horse")
	s.press("enter")
	s.until("paste the token")
}

func TestAPassphraseForANewVaultIsTypedTwice(t *testing.T) {
	s := open(t, set{start: StartInstall, store: inState(keyring.Vault, keyring.Missing)})
	toTrouble(s)
	s.press("enter", "enter")
	s.expect("The passphrase is empty.")
	s.write("correct horse")
	s.press("enter")
	s.expect("Type the passphrase once more")
	s.write("correct house")
	s.press("enter")
	s.expect("The two passphrases differ", "Choose a passphrase")
	s.write("correct horse")
	s.press("enter", "esc")
	s.expect("Choose a passphrase")
	s.write("correct horse")
	s.press("enter")
	s.write("correct horse")
	s.press("enter")
	s.until("paste the token")
}

func TestCtrlCLetsASaveFinishFirst(t *testing.T) {
	slow := &moody{Store: memory.New(), condition: keyring.Condition{Store: keyring.Vault, State: keyring.Ready}, slow: make(chan struct{})}
	s := open(t, set{start: StartInstall, store: func() keyring.Store { return slow }})
	toSave(s, goodToken)
	s.press("enter", "esc", "ctrl+c")
	s.expect("The token is being saved")
	if s.quit {
		t.Fatal("the program left a save behind")
	}
	slow.goOn()
	s.wait(func() bool { return s.quit }, "the end of the program")
	if !s.m.interrupted || s.m.outcomes[0].Saved == nil {
		t.Errorf("interrupted: %t, saved: %v", s.m.interrupted, s.m.outcomes[0].Saved)
	}
}

func TestCtrlCLeavesEveryScreenAtOnce(t *testing.T) {
	for _, scene := range scenes {
		if strings.HasPrefix(scene.name, "save ") {
			continue
		}
		t.Run(scene.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, scene.set)
			scene.walk(s)
			s.press("ctrl+c")
			s.wait(func() bool { return s.quit }, "the end of the program")
			if !s.m.interrupted {
				t.Error("it did not count as interrupted")
			}
		})
	}
}

func TestAReauthorizationThatComesBackAsSomebodyElseAsks(t *testing.T) {
	s := open(t, renewing())
	s.expect("Re-authorize runtime token", "❯ Personal access token")
	s.press("enter")
	s.until("paste the token")
	s.paste(personToken)
	s.press("enter")
	s.until("Continue")
	s.press("enter")
	s.expect("belongs to octocat", "❯ Leave without saving")
	s.press("down", "enter", "enter")
	s.until("prod is ready")
	if s.grant(keyring.Key{Runtime: "prod", Purpose: "runtime", Account: "acme-bot"}) != nil {
		t.Error("the old grant is still there")
	}
}

func TestTheCodeGoesToTheClipboardAndNothingElseDoes(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toDevice(s)
	s.press("c")
	s.until("handed to your terminal")
	s.wait(func() bool { return len(s.copied) > 0 }, "the clipboard")
	if !slices.Equal(s.copied, []string{"WDJB-MJHT"}) {
		t.Errorf("copied %q", s.copied)
	}

	s = open(t, set{start: StartInstall})
	toHandOff(s, goodToken)
	s.press("c")
	s.until("handed to your terminal")
	s.wait(func() bool { return len(s.copied) > 0 }, "the clipboard")
	if len(s.copied) != 1 || !strings.HasPrefix(s.copied[0], "gitgrant export prod --as kubernetes-secret ") || strings.Contains(s.copied[0], goodToken) {
		t.Errorf("copied %q", s.copied)
	}
}

func TestAnInstallationThatCannotBeIsRefusedBeforeAnythingOpens(t *testing.T) {
	h := newHub(t)
	d := newDesk(t, h, memory.New(), func() time.Time { return noon })
	ringOf(t, d, several[0])
	_, err := newRoot(t.Context(), Options{Desk: d, Start: StartInstall, Answers: flows.Answers{Runtime: "dev", Purpose: providers.Runtime}}, outside{send: func(tea.Msg) {}})
	if err == nil {
		t.Fatal("a runtime that has such a token was taken")
	}
}

func TestAFaultBesideTheScreensEndsTheProgramInFrontOfThem(t *testing.T) {
	msg := beside(func() tea.Msg { panic("nobody foresaw this") })()
	s := open(t, set{start: StartInstall})
	defer func() {
		if fault := recover(); fault != "nobody foresaw this" {
			t.Errorf("the fault is %v", fault)
		}
	}()
	s.m.Update(msg)
}

func TestWhatIsPastedWhileAVaultOpensIsNoPassphrase(t *testing.T) {
	opening := &moody{
		Store: memory.New(), condition: keyring.Condition{Store: keyring.Vault, State: keyring.Locked}, passphrase: "correct horse",
		opening: make(chan struct{}),
	}
	s := open(t, set{start: StartInstall, store: func() keyring.Store { return opening }})
	toTrouble(s)
	s.press("enter")
	s.write("correct horse")
	s.press("enter")
	s.expect("Opening it")
	s.paste(goodToken)
	s.write("x")
	s.never("•")
	close(opening.opening)
	s.until("paste the token")
}

func TestAWayThatIsClosedSaysWhyAndWhatToDoWhenItIsChosen(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toHost(s)
	s.write("ghe.closed.example")
	s.press("enter")
	s.until("· Method")
	s.press("down")
	s.never("✗")
	s.press("enter")
	s.expect("· Method", "✗ Personal access token is not possible", "Choose another way to")
	s.resize(40, 12)
	s.expect("✗ Personal access token is not", "way to authorize.")
}
