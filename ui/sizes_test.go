package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"gitgrant/keyring"
)

// Every screen fits every window: no line is wider, none is too many, the
// cursor is inside, and the keys are always in sight.
func TestEveryScreenFitsEveryWindow(t *testing.T) {
	for _, scene := range scenes {
		t.Run(scene.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, scene.set)
			scene.walk(s)
			for width := 1; width <= 60; width++ {
				for height := 1; height <= 30; height++ {
					s.fits(width, height)
				}
			}
			for _, size := range [][2]int{{80, 24}, {111, 30}, {115, 12}, {116, 40}, {120, 12}, {250, 60}, {1000, 500}} {
				s.fits(size[0], size[1])
			}
		})
	}
}

func (s *stage) fits(width, height int) {
	s.t.Helper()
	s.m.width, s.m.height = width, height
	s.m.resize()
	view := s.m.View()
	lines := strings.Split(view.Content, "\n")
	if len(lines) > height {
		s.t.Fatalf("%d lines at %dx%d:\n%s", len(lines), width, height, ansi.Strip(view.Content))
	}
	for _, line := range lines {
		if w := ansi.StringWidth(line); w > width {
			s.t.Fatalf("a line of %d cells at %dx%d: %q", w, width, height, ansi.Strip(line))
		}
	}
	if c := view.Cursor; c != nil && (c.X < 0 || c.X >= width || c.Y < 0 || c.Y >= height) {
		s.t.Fatalf("the cursor is at %d,%d at %dx%d", c.X, c.Y, width, height)
	}
	if width < leastWidth || height < leastHeight {
		return
	}
	if last := ansi.Strip(lines[len(lines)-1]); !strings.Contains(last, "f1 keys") && !strings.Contains(last, "close") {
		s.t.Fatalf("no keys at %dx%d:\n%s", width, height, ansi.Strip(view.Content))
	}
	if view.Cursor == nil && s.m.screen().Typing() && !s.m.keys {
		s.t.Fatalf("no cursor at %dx%d:\n%s", width, height, ansi.Strip(view.Content))
	}
}

func TestATooSmallTerminalSaysWhatItNeedsAndLetsOneLeave(t *testing.T) {
	s := open(t, set{start: StartInstall})
	s.resize(39, 11)
	s.expect("Terminal too small", "39x11", "40x12")
	s.write("x")
	s.paste("y")
	s.resize(40, 12)
	s.never("x")
	s.resize(39, 11)
	s.press("ctrl+c")
	s.wait(func() bool { return s.quit }, "the end of the program")
}

func TestASizeThatNoTerminalHasIsNotBelieved(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {-1, 24}, {80, 0}} {
		if w, h := plausible(size[0], size[1]); w != 80 || h != 24 {
			t.Errorf("%v became %dx%d", size, w, h)
		}
	}
	if w, h := plausible(65535, 65535); w > 1000 || h > 500 {
		t.Errorf("a huge size became %dx%d", w, h)
	}
}

func TestNothingIsDrawnBeforeTheSizeIsKnown(t *testing.T) {
	s := open(t, set{grants: several})
	s.m.width, s.m.height = 0, 0
	if got := s.m.View().Content; got != "" {
		t.Errorf("drew %q", got)
	}
}

func TestWideAndCombiningCharactersKeepTheColumns(t *testing.T) {
	s := open(t, set{})
	var grants []keyring.Grant
	for _, account := range []string{"平仮名-ユーザー", "e\u0301lodie-with-a-rather-long-login-name", "👩‍🚀-astronaut"} {
		grants = append(grants, keyring.Grant{Key: keyring.Key{Runtime: "prod", Purpose: "user", Account: account}, Provider: "github", Host: "https://github.com"})
	}
	s.m.list.Show(grants)
	s.press("enter")
	for width := 40; width <= 130; width++ {
		s.fits(width, 24)
	}
	s.press("f")
	for width := 40; width <= 130; width++ {
		s.fits(width, 24)
	}
}

func TestTheCursorStandsBehindWideCharacters(t *testing.T) {
	s := open(t, set{start: StartInstall})
	for _, step := range []struct {
		typed string
		cells int
	}{{"ab", 2}, {"平", 4}, {"e\u0301", 5}} {
		s.write(step.typed)
		if got := s.m.View().Cursor.X; got != 4+step.cells {
			t.Errorf("after %q the cursor is in column %d, want %d", step.typed, got, 4+step.cells)
		}
	}
	s.press("left")
	s.write(strings.Repeat("x", 200))
	if got := s.m.View().Cursor.X; got < 0 || got > 70 {
		t.Errorf("the cursor left its field: column %d", got)
	}
}

func TestTheWaysOutFitIntoEightyColumns(t *testing.T) {
	for name, c := range map[string]set{"for good": {start: StartInstall}, "in the demo": {start: StartInstall, demo: true}} {
		t.Run(name, func(t *testing.T) {
			s := open(t, c)
			toDevice(s)
			s.expect("t token instead", "esc back", "f1 keys")
		})
	}
	for name, c := range map[string]set{"the list": {grants: several}, "a list over a locked keychain": sealedList(keyring.System)} {
		t.Run(name, func(t *testing.T) {
			s := open(t, c)
			s.gone("checking")
			s.expect("/ filter", "f1 keys")
		})
	}
}

func TestTheWayOutOfAQuestionFitsIntoTheSmallestWindow(t *testing.T) {
	s := open(t, set{grants: several})
	s.gone("checking")
	s.resize(40, 12)
	s.press("end", "x")
	s.until("Keep it")
	s.expect("enter continue  esc back")
}

func TestWhatAWayMeansIsSeenAsAWholeInTheSmallestWindow(t *testing.T) {
	s := open(t, set{start: StartInstall})
	s.resize(40, 12)
	toMethod(s)
	s.expect("❯ OAuth2", "Recommended here.", "Personal access token")
}
