// Package theme is how gitgrant looks in a terminal: colours by role, glyphs,
// and the keys.
//
// Rules of this package:
//
//   - A colour is a role, never a decoration. Who draws asks for Good or Quiet
//     and does not know which colour that is.
//   - No state is told by colour alone: a Mark is a glyph and a tone, and a word
//     stands beside it.
//   - Sixteen colours are enough. Where there are more, the same roles get
//     calmer shades; where there are none, weight and glyphs remain.
package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
)

// Theme is a look: styles by role and the glyphs.
type Theme struct {
	Dark    bool
	Colours bool
	Glyph   Glyphs

	Plain  lipgloss.Style // text
	Strong lipgloss.Style // the question, names
	Quiet  lipgloss.Style // explanations, what is not chosen
	Rule   lipgloss.Style // lines and frames
	Accent lipgloss.Style // where the person is: the chosen entry, the present step
	Key    lipgloss.Style // names of keys in the help line
	Link   lipgloss.Style // addresses
	Good   lipgloss.Style
	Unsure lipgloss.Style // nothing proves it, nothing speaks against it
	Warn   lipgloss.Style
	Bad    lipgloss.Style
	Ink    lipgloss.Style // dark on light whatever the background: the QR code
}

// Options say what a theme is for.
type Options struct {
	Light   bool // the background is light
	Profile colorprofile.Profile
	Plain   bool // glyphs of ASCII alone
}

// shade is one role in 16, 256 and all colours, on dark and on light.
type shade struct{ dark16, dark256, dark, light16, light256, light string }

// The palette. The 16 colours are the terminal's own, and not every one of them
// can be read on white: yellow cannot, cyan hardly. There a blue and weight take
// their place.
var (
	accent = shade{"5", "147", "#B4A7F5", "5", "55", "#5B3FD6"}
	good   = shade{"2", "114", "#8BD49C", "2", "28", "#1A7F37"}
	unsure = shade{"6", "117", "#86C9F4", "4", "25", "#0B62A8"}
	warn   = shade{"3", "222", "#EFC97A", "", "94", "#8A5A00"}
	bad    = shade{"1", "210", "#F48FA0", "1", "160", "#C4203A"}
	quiet  = shade{"", "246", "#949BAB", "", "241", "#5C626E"}
	rule   = shade{"", "240", "#4E5564", "", "250", "#BEC4CE"}
)

// New makes a theme.
func New(o Options) Theme {
	t := Theme{Dark: !o.Light, Colours: o.Profile > colorprofile.ASCII, Glyph: unicodeGlyphs}
	if o.Plain {
		t.Glyph = asciiGlyphs
	}
	paint := func(s shade) lipgloss.Style {
		c := s.on(o)
		if c == nil {
			return lipgloss.NewStyle()
		}
		return lipgloss.NewStyle().Foreground(c)
	}
	t.Plain = lipgloss.NewStyle()
	t.Strong = lipgloss.NewStyle().Bold(true)
	// Bright black, the usual grey of the sixteen, is the background itself in
	// some palettes. Faint is what remains.
	t.Quiet, t.Rule = paint(quiet), paint(rule)
	if quiet.on(o) == nil {
		t.Quiet, t.Rule = t.Quiet.Faint(true), t.Rule.Faint(true)
	}
	t.Accent = paint(accent).Bold(true)
	t.Key = lipgloss.NewStyle().Bold(true)
	t.Link = paint(accent).Underline(true)
	t.Good, t.Unsure, t.Warn, t.Bad = paint(good), paint(unsure), paint(warn), paint(bad)
	if t.Colours && warn.on(o) == nil {
		t.Warn = t.Warn.Bold(true)
	}
	t.Ink = lipgloss.NewStyle()
	if t.Colours {
		t.Ink = t.Ink.Foreground(lipgloss.Color("#000000")).Background(lipgloss.Color("#FFFFFF"))
	}
	return t
}

func (s shade) on(o Options) color.Color {
	basic, full, indexed := s.dark16, s.dark, s.dark256
	if o.Light {
		basic, full, indexed = s.light16, s.light, s.light256
	}
	switch {
	case o.Profile <= colorprofile.ASCII:
		return nil
	case o.Profile == colorprofile.ANSI && basic == "":
		return nil
	}
	return lipgloss.Complete(o.Profile)(lipgloss.Color(basic), lipgloss.Color(indexed), lipgloss.Color(full))
}

// PlainGlyphs reports whether a terminal is to be given ASCII alone: the Linux
// console has no such glyphs in its font, and another character set would
// garble them. No locale at all is taken for UTF-8, as containers have it.
func PlainGlyphs(env func(string) string) bool {
	if env("TERM") == "linux" {
		return true
	}
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(env(name)); locale != "" {
			return !strings.Contains(locale, "utf-8") && !strings.Contains(locale, "utf8")
		}
	}
	return false
}
