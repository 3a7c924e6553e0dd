package theme

import (
	"charm.land/lipgloss/v2"

	"gitgrant/flows"
	"gitgrant/providers"
)

// Glyphs are the signs beside the words. Each is one cell wide, but for Cut
// and Arrows.
type Glyphs struct {
	Pointer string // before the chosen entry
	Good    string
	Bad     string
	Warn    string
	Unsure  string
	Unasked string // could not be asked
	None    string // there is none
	Waiting string // not known yet
	Crumb   string // between answers
	Cut     string // where text was left out
	Up      string
	Down    string
	Muted   string // nobody is notified
	Arrows  string // the keys that choose, in the help line
	Spinner []string

	// Done, Here and Ahead are the steps of a rail.
	Done, Here, Ahead string

	Border lipgloss.Border
	Blocks bool // half blocks can be drawn: a QR code fits
}

var unicodeGlyphs = Glyphs{
	Pointer: "❯", Good: "✓", Bad: "✗", Warn: "!", Unsure: "?", Unasked: "~", None: "–", Waiting: "·",
	Crumb: "›", Cut: "…", Up: "↑", Down: "↓", Muted: "⊘", Arrows: "↑↓",
	Spinner: []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"},
	Done:    "●", Here: "◉", Ahead: "○",
	Border: lipgloss.RoundedBorder(),
	Blocks: true,
}

var asciiGlyphs = Glyphs{
	Pointer: ">", Good: "+", Bad: "x", Warn: "!", Unsure: "?", Unasked: "~", None: "-", Waiting: ".",
	Crumb: ">", Cut: "...", Up: "^", Down: "v", Muted: "z", Arrows: "up/down",
	Spinner: []string{"|", "/", "-", `\`},
	Done:    "*", Here: "@", Ahead: "o",
	Border: lipgloss.ASCIIBorder(),
}

// Mark is a glyph and the tone that it and its word are written in.
type Mark struct {
	Glyph string
	Style lipgloss.Style
}

// String is the glyph in its tone.
func (m Mark) String() string { return m.Style.Render(m.Glyph) }

// Status is the mark of a verdict.
func (t Theme) Status(s flows.Status) Mark {
	switch s {
	case flows.Valid:
		return Mark{t.Glyph.Good, t.Good}
	case flows.Unverifiable:
		return Mark{t.Glyph.Unsure, t.Unsure}
	case flows.Expiring:
		return Mark{t.Glyph.Warn, t.Warn}
	case flows.Unchecked, "":
		return Mark{t.Glyph.Waiting, t.Quiet}
	}
	if s.Class() == flows.NotAsked {
		return Mark{t.Glyph.Unasked, t.Warn}
	}
	return Mark{t.Glyph.Bad, t.Bad}
}

// Requirement is the mark of a requirement. The empty state is one that is
// still being checked.
func (t Theme) Requirement(s providers.State) Mark {
	switch s {
	case providers.Granted, providers.Implied:
		return Mark{t.Glyph.Good, t.Good}
	case providers.Missing:
		return Mark{t.Glyph.Bad, t.Bad}
	case providers.Unverifiable:
		return Mark{t.Glyph.Unsure, t.Unsure}
	case providers.NotApplicable:
		return Mark{t.Glyph.None, t.Quiet}
	default:
		return Mark{t.Glyph.Waiting, t.Quiet}
	}
}
