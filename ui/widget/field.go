package widget

import (
	"strings"
	"unicode"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"gitgrant/ui/theme"
)

// Field is one line of text to type. The text input edits; the drawing is
// done here, since its cursor counts characters where a screen counts cells.
type Field struct {
	input  textinput.Model
	masked bool
	veiled bool // what it holds now is not to be seen
}

// maxTyped bounds what a field holds; what is longer is no answer to anything
// that is asked here.
const maxTyped = 64 << 10

// NewField makes an empty field. A masked one never shows its text.
func NewField(masked bool) Field {
	input := textinput.New()
	input.SetVirtualCursor(false)
	input.CharLimit = maxTyped
	// It would read the system's clipboard, which nobody asked for.
	input.KeyMap.Paste = key.NewBinding()
	input.Focus()
	return Field{input: input, masked: masked}
}

// Veil hides the text of a field that usually shows it, or shows it again.
func (f *Field) Veil(on bool) { f.veiled = on }

// Veiled reports whether it is hidden so.
func (f Field) Veiled() bool { return f.veiled }

// Text is what was typed.
func (f Field) Text() string { return f.input.Value() }

// Set replaces the text, in sight, and goes to its end.
func (f *Field) Set(text string) {
	f.veiled = false
	f.input.SetValue(strings.Map(onlyText, text))
	f.input.CursorEnd()
}

// Press takes a key.
func (f *Field) Press(k tea.KeyPressMsg) { f.input, _ = f.input.Update(k) }

// Paste puts a text in at the cursor, without its line ends and without blanks
// around it.
func (f *Field) Paste(text string) {
	text = strings.TrimSpace(strings.Map(onlyText, text))
	f.input, _ = f.input.Update(tea.PasteMsg{Content: text})
}

func onlyText(r rune) rune {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return ' '
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// Lines draws the field, framed where there is room for a frame. The cursor is
// at column x of line y.
func (f Field) Lines(t theme.Theme, hint string, width int, framed bool) (lines []string, x, y int) {
	if framed {
		text, at := f.window(t, hint, width-4)
		side := t.Rule.Render(t.Glyph.Border.Left)
		edge := func(left, right string) string {
			return t.Rule.Render(left + strings.Repeat(t.Glyph.Border.Top, max(0, width-2)) + right)
		}
		return []string{
			edge(t.Glyph.Border.TopLeft, t.Glyph.Border.TopRight),
			side + " " + Pad(t, text, width-4) + " " + side,
			edge(t.Glyph.Border.BottomLeft, t.Glyph.Border.BottomRight),
		}, at + 2, 1
	}
	text, at := f.window(t, hint, width-2)
	return []string{t.Accent.Render(t.Glyph.Pointer) + " " + text}, at + 2, 0
}

// Caret is the cursor of a field. It does not blink: an idle screen stays
// silent.
func Caret(x, y int) *tea.Cursor {
	c := tea.NewCursor(x, y)
	c.Shape, c.Blink = tea.CursorBar, false
	return c
}

// window is the part of the text around the cursor that fits. One cell is kept
// for the cursor behind the last character.
func (f Field) window(t theme.Theme, hint string, width int) (text string, at int) {
	if f.Text() == "" {
		return t.Quiet.Render(Fit(t, hint, width)), 0
	}
	runes := []rune(f.Text())
	before, after := string(runes[:f.input.Position()]), string(runes[f.input.Position():])
	if f.masked || f.veiled {
		before, after = mask(t, before), mask(t, after)
	}
	room := max(1, width-1)
	if over := Width(before) - room; over > 0 {
		before = ansi.TruncateLeft(before, over+Width(t.Glyph.Cut), t.Glyph.Cut)
	}
	at = Width(before)
	return t.Plain.Render(before + Fit(t, after, width-at)), at
}

func mask(t theme.Theme, text string) string {
	dot := "•"
	if !t.Glyph.Blocks {
		dot = "*"
	}
	return strings.Repeat(dot, len([]rune(text)))
}
