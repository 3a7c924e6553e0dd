package ui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// Measures of the frame, in cells.
const (
	leastWidth  = 40
	leastHeight = 12
	mostWidth   = 148 // of what a screen is given; wider windows get margins
	mostColumns = 240 // the same for the list, which has columns to fill it
	mostSaid    = 3   // lines of a message
	airyHeight  = 20  // from here on there is a blank line at the top
	airyWidth   = 60  // from here on the margin is two cells
)

// room is what is left for a screen, and where it begins.
func (m *root) room() (left, top, width, height int) {
	margin := 1
	if m.width >= airyWidth {
		margin = 2
	}
	if m.height >= airyHeight {
		top = 1
	}
	most := mostWidth
	if m.walk == nil {
		most = mostColumns
	}
	width = max(0, min(m.width-2*margin, most))
	foot := len(m.message(width)) + 1 // the keys
	return max(margin, (m.width-width)/2), top, width, max(0, m.height-top-foot)
}

func (m *root) resize() {
	_, _, width, height := m.room()
	m.list.Resize(width, height)
	if m.walk != nil {
		m.walk.Resize(width, height)
	}
}

func (m *root) tooSmall() bool { return m.width < leastWidth || m.height < leastHeight }

// View implements tea.Model.
func (m *root) View() tea.View {
	view := tea.View{AltScreen: true, WindowTitle: words.Title(m.screen().Title())}
	switch {
	case m.width == 0:
		return view // not sized yet
	case m.tooSmall():
		view.Content = m.smallness()
		return view
	}
	left, top, width, _ := m.room()
	content, cursor := m.screenView()
	lines := slices.Concat(
		slices.Repeat([]string{""}, top),
		strings.Split(content, "\n"),
		m.message(width),
		[]string{widget.Help(m.look.Theme, m.shownKeys(), width)},
	)
	view.Content = strings.Join(widget.Indent(left, lines), "\n")
	if cursor != nil {
		cursor.X += left
		cursor.Y += top
		view.Cursor = cursor
	}
	return view
}

func (m *root) screenView() (string, *tea.Cursor) {
	if m.keys {
		return strings.Join(m.layKeys().Lines, "\n"), nil
	}
	return m.screen().View()
}

func (m *root) smallness() string {
	t := m.look.Theme
	var lines []string
	for line := range strings.SplitSeq(words.TooSmall(m.width, m.height, leastWidth, leastHeight), "\n") {
		lines = append(lines, widget.Text(t.Plain, line, m.width)...)
	}
	return strings.Join(lines[:min(len(lines), m.height)], "\n")
}

// message is what was said last, or that the person leaves. Where nothing is said
// its line is blank, and where there is little room there is none.
func (m *root) message(width int) []string {
	said := m.said
	if m.leaving {
		said = words.ChangeLeave
	}
	switch {
	case said == "" && m.height < airyHeight:
		return nil
	case said == "":
		return []string{""}
	}
	t := m.look.Theme
	lines := widget.Hang(t.Accent.Render(t.Glyph.Here), t.Plain, said, min(width, theme.TextWidth))
	return lines[:min(len(lines), mostSaid)]
}

// shownKeys are the keys of the help line: the screen's, and the way to all of
// them.
func (m *root) shownKeys() []key.Binding {
	k := m.look.Keys
	switch {
	case m.keys:
		return []key.Binding{theme.As(k.Back, words.KeyClose)}
	case m.leaving:
		return nil
	}
	return append(m.screen().Keys(), k.Help)
}

// layKeys lists every key that can be pressed on the screen below it.
func (m *root) layKeys() widget.Laid {
	t, k := m.look.Theme, m.look.Keys
	_, _, width, height := m.room()
	width = min(width, theme.TextWidth)
	here, other := facts(m.screen().Keys()), facts([]key.Binding{k.Help, k.Interrupt, k.Suspend})
	align(here, other)
	p := widget.Page{
		Head: append(widget.Text(t.Accent, words.KeysHead, width), ""),
		Body: widget.Join(
			append(widget.Text(t.Strong, words.KeysHere, width), widget.Facts(t, here, width)...),
			append(widget.Text(t.Strong, words.KeysOther, width), widget.Facts(t, other, width)...),
		),
		Scroll: m.scroll,
	}
	return p.Lay(t, width, height)
}

func facts(bindings []key.Binding) []widget.Fact {
	var facts []widget.Fact
	for _, b := range bindings {
		if b.Enabled() {
			facts = append(facts, widget.Fact{Name: b.Help().Key, Value: words.KeyMeans(b.Help().Desc)})
		}
	}
	return facts
}

// align gives the names of several blocks one width, so that their values stand
// under each other.
func align(blocks ...[]widget.Fact) {
	column := 0
	for _, f := range slices.Concat(blocks...) {
		column = max(column, widget.Width(f.Name))
	}
	for _, block := range blocks {
		for i := range block {
			block[i].Name += strings.Repeat(" ", column-widget.Width(block[i].Name))
		}
	}
}
