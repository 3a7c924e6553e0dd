package theme_test

import (
	"strings"
	"testing"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/theme"
)

func TestEveryStateHasAGlyphOfOneCell(t *testing.T) {
	for _, plain := range []bool{false, true} {
		look := theme.New(theme.Options{Profile: colorprofile.TrueColor, Plain: plain})
		marks := map[string]theme.Mark{}
		for _, s := range flows.Statuses {
			marks[string(s)] = look.Status(s)
		}
		for _, s := range []providers.State{providers.Granted, providers.Implied, providers.Missing, providers.Unverifiable, providers.NotApplicable, ""} {
			marks["requirement "+string(s)] = look.Requirement(s)
		}
		for name, mark := range marks {
			if ansi.StringWidth(mark.Glyph) != 1 {
				t.Errorf("%s: the glyph is %q", name, mark.Glyph)
			}
			if plain && mark.Glyph[0] > unicode.MaxASCII {
				t.Errorf("%s: %q is not ASCII", name, mark.Glyph)
			}
		}
	}
}

func TestUnverifiableLooksLikeNeitherGrantedNorMissing(t *testing.T) {
	look := theme.New(theme.Options{Profile: colorprofile.TrueColor})
	granted, unsure, missing := look.Requirement(providers.Granted), look.Requirement(providers.Unverifiable), look.Requirement(providers.Missing)
	for _, other := range []theme.Mark{granted, missing} {
		if unsure.Glyph == other.Glyph || unsure.Style.Render("x") == other.Style.Render("x") {
			t.Errorf("%v looks like %v", unsure, other)
		}
	}
}

// styles are all roles of a theme.
func styles(look theme.Theme) map[string]lipgloss.Style {
	return map[string]lipgloss.Style{
		"plain": look.Plain, "strong": look.Strong, "quiet": look.Quiet, "rule": look.Rule, "accent": look.Accent, "key": look.Key,
		"link": look.Link, "good": look.Good, "unsure": look.Unsure, "warn": look.Warn, "bad": look.Bad, "ink": look.Ink,
	}
}

func TestAThemeUsesNoMoreColoursThanThereAre(t *testing.T) {
	for name, test := range map[string]struct {
		profile colorprofile.Profile
		never   []string
	}{
		"none":    {colorprofile.ASCII, []string{"[3", ";3", "[4", ";4", "38;", "48;"}},
		"sixteen": {colorprofile.ANSI, []string{"38;5", "38;2", "90m"}},
		"indexed": {colorprofile.ANSI256, []string{"38;2"}},
	} {
		t.Run(name, func(t *testing.T) {
			for role, style := range styles(theme.New(theme.Options{Profile: test.profile})) {
				if role == "ink" && test.profile > colorprofile.ASCII {
					continue // black on white, which every terminal makes of it
				}
				drawn := style.Underline(false).Render("x")
				for _, never := range test.never {
					if strings.Contains(drawn, never) {
						t.Errorf("%s is %q", role, drawn)
					}
				}
			}
		})
	}
}

func TestOnWhiteNoneOfTheSixteenIsYellowOrCyan(t *testing.T) {
	for role, style := range styles(theme.New(theme.Options{Profile: colorprofile.ANSI, Light: true})) {
		if drawn := style.Render("x"); strings.Contains(drawn, "33m") || strings.Contains(drawn, "36m") {
			t.Errorf("%s is %q", role, drawn)
		}
		if role == "warn" && style.Render("x") == "x" {
			t.Error("a warning looks like any text")
		}
	}
}

func TestLightAndDarkAreTwoPalettes(t *testing.T) {
	dark, light := styles(theme.New(theme.Options{Profile: colorprofile.TrueColor})), styles(theme.New(theme.Options{Profile: colorprofile.TrueColor, Light: true}))
	for _, role := range []string{"quiet", "accent", "good", "unsure", "warn", "bad"} {
		if dark[role].Render("x") == light[role].Render("x") {
			t.Errorf("%s is the same on both", role)
		}
	}
}

func TestPlainGlyphsAreForTerminalsThatHaveNoOthers(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		want bool
	}{
		"no locale":                    {nil, false},
		"a locale of UTF-8":            {map[string]string{"LANG": "de_DE.UTF-8"}, false},
		"its other spelling":           {map[string]string{"LC_ALL": "C.utf8"}, false},
		"another character set":        {map[string]string{"LANG": "de_DE.ISO-8859-1"}, true},
		"the C locale":                 {map[string]string{"LANG": "C"}, true},
		"LC_ALL comes before LANG":     {map[string]string{"LC_ALL": "C", "LANG": "C.UTF-8"}, true},
		"LC_CTYPE comes before LANG":   {map[string]string{"LC_CTYPE": "C.UTF-8", "LANG": "C"}, false},
		"the Linux console":            {map[string]string{"TERM": "linux", "LANG": "C.UTF-8"}, true},
		"a terminal that says nothing": {map[string]string{"TERM": "xterm-256color"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := theme.PlainGlyphs(func(name string) string { return test.env[name] }); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestNoKeyMeansTwoThingsOnOneScreen(t *testing.T) {
	keys := theme.NewKeys(theme.New(theme.Options{}).Glyph)
	screens := map[string][]interface{ Keys() []string }{
		"list":   {keys.Up, keys.Down, keys.PageUp, keys.PageDown, keys.First, keys.Last, keys.Enter, keys.Back, keys.New, keys.Reauthorize, keys.Check, keys.AddUser, keys.Forget, keys.Filter, keys.Unlock, keys.Reuse, keys.Rotate, keys.Revoke, keys.Mute, keys.CopyCommand, keys.Undo, keys.Sort, keys.Group, keys.Quit, keys.Help, keys.Interrupt, keys.Suspend},
		"choice": {keys.Up, keys.Down, keys.PageUp, keys.PageDown, keys.Enter, keys.Back, keys.New, keys.Mark, keys.Help, keys.Interrupt, keys.Suspend},
		"device": {keys.Copy, keys.Open, keys.NewCode, keys.ByToken, keys.Approve, keys.Back, keys.PageUp, keys.PageDown, keys.Help, keys.Interrupt, keys.Suspend},
		"field":  {keys.Enter, keys.Back, keys.Clear, keys.OpenPage, keys.GiveToken, keys.PageUp, keys.PageDown, keys.Interrupt, keys.Suspend},
	}
	for name, bindings := range screens {
		seen := map[string]bool{}
		for _, b := range bindings {
			for _, k := range b.Keys() {
				if seen[k] {
					t.Errorf("%s: %s means two things", name, k)
				}
				seen[k] = true
			}
		}
	}
}
