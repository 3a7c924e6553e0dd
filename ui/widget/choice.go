package widget

import (
	"gitgrant/ui/theme"
)

// Entry is one thing to choose.
type Entry struct {
	Name   string
	Note   string // what it means
	Closed bool   // it cannot be taken now; the note says why
}

// Choice is a list of which one entry is chosen.
type Choice struct {
	Entries []Entry
	At      int
	// Under puts the notes under the names, where they are sentences; else they
	// stand in a column of their own if there is room for one.
	Under bool
	// Brief leaves out the notes under entries that are not chosen.
	Brief bool
}

// sideNote is the least room for a column of notes to be of use.
const sideNote = 20

// Lines draws the list. The chosen entry's name is on the line focus.
func (c Choice) Lines(t theme.Theme, width int) (lines []string, focus int) {
	names := 0
	for _, e := range c.Entries {
		names = max(names, Width(e.Name))
	}
	column := names + 5
	beside := !c.Under && width-column >= sideNote
	for i, e := range c.Entries {
		if i == c.At {
			focus = len(lines)
		}
		name := c.name(t, i, width)
		if beside && e.Note != "" {
			name[0] = Pad(t, name[0], column) + t.Quiet.Render(Fit(t, e.Note, width-column))
		}
		lines = append(lines, name...)
		if !beside && (c.Under && !c.Brief || i == c.At) {
			style := t.Quiet
			if e.Closed && i == c.At {
				style = t.Warn
			}
			lines = append(lines, Indent(4, Text(style, e.Note, width-4))...)
		}
	}
	return lines, focus
}

// name is the name of an entry, on as many lines as it takes.
func (c Choice) name(t theme.Theme, i, width int) []string {
	sign, style := " ", t.Plain
	switch {
	case i == c.At:
		sign, style = t.Accent.Render(t.Glyph.Pointer), t.Accent
	case c.Entries[i].Closed:
		style = t.Quiet
	}
	return Hang(sign, style, c.Entries[i].Name, width)
}
