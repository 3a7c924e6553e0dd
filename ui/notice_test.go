package ui

import (
	"strings"
	"testing"

	"gitgrant/ui/words"
)

func TestWhatWasSaidGoesWithTheScreenThatItWasSaidOn(t *testing.T) {
	for name, c := range map[string]struct {
		set  set
		walk func(*stage)
		said string
		away string
	}{
		"from a question of the wizard": {set{start: StartInstall}, func(s *stage) { toDevice(s); s.press("o"); s.until("no display") }, "no display", "t"},
		"from the list to a page":       {set{grants: spread}, func(s *stage) { s.gone("checking"); s.press("s") }, "Sorted by", "enter"},
		"from the list to the wizard":   {set{grants: spread}, func(s *stage) { s.gone("checking"); s.press("s") }, "Sorted by", "n"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, c.set)
			c.walk(s)
			s.expect(c.said)
			s.press(c.away)
			s.gone(c.said)
		})
	}
}

func TestWhatIsSaidTooLateIsNotSaidOnAnotherScreen(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toDevice(s)
	s.take(sayMsg{words.NoBrowserOpened, "token"})
	s.never("No browser opened")
	s.take(sayMsg{words.NoBrowserOpened, "device"})
	s.expect("No browser opened")
}

func TestAKeyCopiesTheAddressThatATokenIsMadeAt(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toToken(s)
	s.press("ctrl+y")
	s.until("The address of the page was handed to your terminal")
	s.wait(func() bool { return len(s.copied) == 1 }, "the address on the clipboard")
	if !strings.HasPrefix(s.copied[0], "https://github.com/settings/tokens/new?") {
		t.Errorf("copied %q", s.copied)
	}
}

// Esc on the first step of what was offered after a save has nowhere to go back
// to: it leaves, and what was stored stays.
func TestEscLeavesTheUserTokenThatWasOffered(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toHandOff(s, goodToken)
	s.press("enter")
	s.until("User token ›")
	s.expect("· Method", "esc leave")
	s.press("end", "enter")
	s.until("paste the token")
	s.press("esc")
	s.expect("· Method", "❯ Personal access token")
	s.press("esc")
	s.wait(func() bool { return s.quit }, "the end of the program")
	if got := s.m.outcomes; len(got) != 2 || got[0].Saved == nil || got[1].Saved != nil || s.m.interrupted {
		t.Errorf("outcomes %+v, interrupted %t", got, s.m.interrupted)
	}
}

func TestATokenThatWasRefusedIsNotOfferedAgain(t *testing.T) {
	s := open(t, set{start: StartInstall})
	toScopes(s, deadToken)
	s.press("enter")
	s.until("another one: the last was refused")
	s.press("enter")
	s.expect("The token is empty", "· Authorize")
	s.paste(goodToken)
	s.press("enter")
	s.until("everything that it needs")
	s.press("esc")
	s.expect("kept from before")
	s.press("enter")
	s.expect("everything that it needs")
}
