package ui

import (
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
)

// What is typed before a question is there is not meant for it, wherever the
// person is by then.
func TestAQuestionThatComesLateIsNotAskedOfSomebodyWhoIsElsewhere(t *testing.T) {
	for name, away := range map[string][]string{
		"in the filter":               {"/", "p"},
		"at another runtime":          {"down"},
		"on the page":                 {"enter"},
		"at the keys":                 {"?"},
		"at another runtime's page":   {"down", "enter"},
		"at what the filter has left": {"/", "t", "e", "s", "enter"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, set{grants: alike})
			s.gone("checking")
			s.press("x")
			s.expect("looking who else uses the token")
			s.press(away...)
			s.wait(func() bool { return s.m.list.Rhythm() == 0 }, "the end of the look")
			s.press("down", "enter")
			s.wait(func() bool { return s.m.changing == 0 }, "the end of what was begun")
			s.never("Keep it", "was ended")
			if len(s.m.list.Grants()) != len(alike) {
				t.Error("a token is gone")
			}
		})
	}
}

func TestAQuestionThatComesLateTakesNoKeyThatWasNotMeantForIt(t *testing.T) {
	s := open(t, set{grants: alike})
	s.gone("checking")
	s.press("x")
	s.until("❯ Keep it")
	s.press("down", "enter")
	s.expect("❯ Keep it")
	s.later(time.Second)
	s.press("down")
	s.expect("❯ End it at github.com")
}

func TestAHostThatTurnsOutToHaveNoWayToEndATokenSaysSoToSomebodyWhoIsElsewhere(t *testing.T) {
	s := open(t, set{grants: []stored{{"prod", "runtime", "acme-bot", goodToken}, {"test", "user", "octocat", personToken}}})
	s.gone("checking")
	s.hub.unrevoked = true
	s.press("x")
	s.expect("Keep it")
	s.press("down", "enter", "down")
	s.until("github.com has no way for a program to end this token.")
	s.expect("❯ test")
}

// A new token that is in memory alone is asked about wherever the person is. The
// keys count once they see it.
func TestAQuestionThatWasCoveredTakesNoKeyBeforeItWasInSight(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.press("f1")
	s.take(unsavedMsg{s.m.list.Grants()[0], nil, &flows.UnsavedError{Err: keyring.ErrUnknownOutcome}})
	s.later(time.Minute)
	s.press("esc", "down", "enter")
	s.expect("The new token is not stored yet.", "❯ Try to save it once more")
}

func TestUndoingTwiceAtOnceBringsBackTwo(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "f")
	s.until("of staging forgotten")
	s.press("u", "u")
	s.until("1 token of staging is back.")
	s.press("end", "f")
	s.until("of staging forgotten")
	s.press("home", "down", "f")
	s.until("of edge-eu-west forgotten")
	s.press("u", "u", "u")
	s.wait(func() bool { return s.m.changing == 0 && len(s.m.list.Grants()) == len(several) }, "both of them")
	s.never("u undo")
	s.holds(keyring.Key{Runtime: "staging", Purpose: "runtime", Account: "acme-bot"}, endingToken)
	s.holds(keyring.Key{Runtime: "edge-eu-west", Purpose: "runtime", Account: "acme-bot"}, finelyToken)
}

func TestWhatDidNotComeBackCanBeUndoneOnceMore(t *testing.T) {
	store := &picky{Store: memory.New()}
	s := open(t, set{grants: spread, store: func() keyring.Store { return store }})
	s.gone("checking")
	s.press("f")
	s.until("of corp-edge forgotten")
	store.refuses.Store(true)
	s.press("u")
	s.wait(func() bool { return s.m.changing == 0 }, "the end of the undo")
	s.never("is back", "❯ corp-edge")
	s.expect("u undo")
	store.refuses.Store(false)
	s.press("u")
	s.until("1 token of corp-edge is back.")
	s.holds(corpEdge, goodToken)
}

func TestWhatComesBackDoesNotDrawAwayWhoeverHasGoneElsewhere(t *testing.T) {
	for name, away := range map[string][]string{"at another runtime": {"u", "down"}, "on a page": {"enter", "u"}} {
		t.Run(name, func(t *testing.T) {
			s := open(t, set{grants: spread})
			s.gone("checking")
			s.press("end", "f")
			s.until("of prod forgotten")
			s.press("home")
			s.press(away...)
			where := s.m.list.Place()
			s.until("1 token of prod is back.")
			if s.m.list.Place() != where {
				t.Errorf("the frame became\n%s", s.frame())
			}
		})
	}
}

func TestThePageOfARuntimeThatIsGoneCloses(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.press("enter")
	s.expect("Rests in")
	s.press("f")
	s.until("of corp-edge forgotten")
	s.expect("❯ corp-main", "3 runtimes")
	s.never("Rests in")
}

func TestThePageStaysThatOfItsRuntimeWhateverTheFilterFinds(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	s.press("/")
	s.write("missing")
	s.press("enter", "enter")
	s.expect("corp-main", "Rests in")
	s.m.list.Heard(keyring.Key{Runtime: "corp-main", Purpose: "runtime", Account: "acme-bot"}, flows.Verdict{Status: flows.Valid, CheckedAt: noon})
	s.m.list.Rested()
	s.expect("corp-main", "Rests in", "✓ valid")
}

func TestTheChosenTokenOfAPageStaysChosen(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.resize(100, 80)
	s.press("end", "up", "enter", "down")
	s.expect("❯ User token")
	grants := s.m.list.Grants()
	another := grants[4]
	another.Account = "zz-bot"
	s.m.list.Show(append(append(append([]keyring.Grant{}, grants[:5]...), another), grants[5:]...))
	s.expect("❯ User token")
}

func TestAChangeDuringACheckChecksNothingAnew(t *testing.T) {
	s := open(t, set{grants: append([]stored{{"aaa", "runtime", "acme-bot", silentToken}}, spread...)})
	s.until("checking 1 token")
	s.press("end", "m")
	s.until("prod is muted")
	s.expect("checking 1 token")
	s.press("f")
	s.until("of prod forgotten")
	s.expect("checking 1 token")
	s.press("u")
	s.until("1 token of prod is back.")
	s.until("checking 1 token")
	s.expect("❯ prod")
	checks := 0
	for _, frame := range s.seen {
		if strings.Contains(frame, "checking 3 tokens") {
			checks++
		}
	}
	if checks > 1 {
		t.Errorf("the check began anew")
	}
}

func TestACheckOfOnePageLeavesTheOthersTheirCheck(t *testing.T) {
	s := open(t, set{grants: append([]stored{{"aaa", "runtime", "acme-bot", silentToken}}, spread...)})
	s.until("checking 1 token")
	s.press("end", "enter", "c")
	s.until("✓ valid")
	s.press("esc")
	s.until("checking 1 token")
}

func TestAListThatWasReadEarlierDoesNotTakeThePlaceOfALaterOne(t *testing.T) {
	s := open(t, set{grants: spread})
	s.gone("checking")
	early := s.m.hand.read()
	s.press("f")
	s.until("of corp-edge forgotten")
	s.take(early)
	s.expect("3 runtimes")
	s.never("corp-edge  runtime")
}

func TestAnAnswerThatComesWhileOneHastensIsSeen(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.press("end", "up", "e", "space", "enter", "enter")
	s.until("✓ dev")
	s.press("enter")
	s.expect("✓ dev")
	s.later(time.Second)
	s.press("enter")
	s.never("✓ dev, user token")
}

func TestWhatIsTypedAtAQuestionThatGoesAwayByItselfMeansNothingInTheList(t *testing.T) {
	s, opening := openingSlowly(t)
	s.press("p")
	s.write("correct horse")
	s.press("enter", "esc", "p")
	s.write("correct")
	close(opening)
	s.until("5 runtimes")
	s.write(" fuchsia q")
	s.until("✓ valid")
	s.expect("5 runtimes", "❯ dev")
	if s.quit {
		t.Error("a letter of the passphrase left the program")
	}
	s.later(time.Second)
	s.press("down")
	s.expect("❯ edge-eu-west")
}

func TestAVaultThatStaysLockedDoesNotDisturbWhoeverTypesAnew(t *testing.T) {
	s, opening := openingSlowly(t)
	s.press("p")
	s.write("mule")
	s.press("enter", "esc", "p")
	s.write("correct")
	close(opening)
	s.until("It is sealed by another passphrase")
	s.write(" horse")
	s.press("enter")
	s.until("✓ valid")
}

func TestTheCursorOfALongFilterStandsWhereItGoesOn(t *testing.T) {
	long := strings.Repeat("x", 120) + "END"
	s := open(t, set{grants: []stored{{long, "runtime", "acme-bot", goodToken}}})
	s.gone("checking")
	s.resize(160, 30)
	s.press("/")
	s.write(long)
	s.expect("Rests in") // beside the list
	cursor := s.m.View().Cursor
	line, _, _ := strings.Cut(strings.Split(s.frame(), "\n")[cursor.Y], "│")
	if at := strings.Index(line, "END") + 3; at < 3 || cursor.X != len([]rune(line[:at])) {
		t.Errorf("the cursor is in column %d of %q", cursor.X, line)
	}
}

func TestForgettingTwiceAtOnceForgetsOnce(t *testing.T) {
	store := &stalling{picky: &picky{Store: memory.New()}}
	s := open(t, set{grants: spread, store: func() keyring.Store { return store }})
	s.gone("checking")
	goOn := store.stall()
	s.press("f", "f")
	goOn()
	s.wait(func() bool { return s.m.changing == 0 }, "the end of it")
	s.expect("1 token of corp-edge forgotten on this machine. Press u to undo that.", "3 runtimes")
	s.press("u")
	s.until("1 token of corp-edge is back.")
	s.never("u undo")
	s.gone("checking")
	s.press("f")
	s.until("of corp-edge forgotten")
}

func TestWhatWasInstalledIsChosenInTheList(t *testing.T) {
	for name, away := range map[string][]string{"❯ zeta": nil, "❯ corp-main": {"down"}} {
		t.Run(name, func(t *testing.T) {
			s := open(t, set{grants: spread})
			s.gone("checking")
			s.press("n")
			s.until("· Runtime")
			s.write("zeta")
			s.press("enter", "enter")
			s.until("· Method")
			s.press("end", "enter")
			s.gone("Looking at")
			s.paste(goodToken)
			s.press("enter")
			s.until("❯ Continue")
			s.press("enter", "enter")
			s.until("zeta is ready")
			s.press("end", "enter")
			s.press(away...)
			s.until("5 runtimes")
			s.expect(name)
		})
	}
}
