package dashboard

import (
	"cmp"
	"strings"

	tea "charm.land/bubbletea/v2"

	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// listWidth is the least of the list beside a page, in cells.
const listWidth = 66

func (d *Dashboard) layList() widget.Laid {
	t := d.look.Theme
	width := d.width
	beside := d.width >= theme.TwoPanes && len(d.shown) > 0
	if beside {
		width = max(d.width-theme.TextWidth-3, listWidth)
	}
	p := widget.Page{Head: d.head(width)}
	if len(d.shown) == 0 {
		p.Body = d.nothing(min(width, theme.TextWidth))
	} else {
		p.Foot = d.table(width)
	}
	laid := p.Lay(t, width, d.height)
	laid.Cursor = d.filterCursor(width)
	if beside {
		page := d.layPage(d.width - width - 3)
		line := " " + t.Rule.Render(t.Glyph.Border.Left) + " "
		for i := range laid.Lines {
			laid.Lines[i] = widget.Pad(t, laid.Lines[i], width) + line + page.Lines[i]
		}
	}
	return laid
}

// head is what stands above the table: how things are, and the filter where
// there is one.
func (d *Dashboard) head(width int) []string {
	t := d.look.Theme
	lines := []string{d.summary(width)}
	if d.filtered() {
		field, _, _ := d.filter.Lines(t, words.FilterHint, width-len(filterPrompt), false)
		lines = append(lines, t.Quiet.Render(filterPrompt)+strings.TrimPrefix(field[0], t.Accent.Render(t.Glyph.Pointer)+" "))
	}
	return append(lines, "")
}

// summary is the first line: how many there are, how they stand, what goes on
// and where in the list one is, as far as there is room.
func (d *Dashboard) summary(width int) string {
	t := d.look.Theme
	program := t.Accent.Render(words.Program)
	if len(d.runtimes) == 0 {
		return program
	}
	brief := t.Quiet.Render(words.BriefSummary(len(d.runtimes), d.tally.bad, d.tally.ending))
	full := program + "  " + t.Quiet.Render(words.Summary(len(d.runtimes), d.tally.bad, d.tally.ending))
	place := t.Quiet.Render(words.Place(min(d.cursor+1, len(d.shown)), len(d.shown)))
	all := place
	if busy := d.progress(); busy != "" {
		all = busy + "  " + place
	}
	for _, line := range [][2]string{{full, all}, {brief, all}, {brief, cmp.Or(d.progress(), place)}} {
		if widget.Width(line[0])+widget.Width(line[1])+2 <= width {
			return widget.Spread(t, line[0], line[1], width)
		}
	}
	return widget.Fit(t, cmp.Or(d.progress(), brief), width)
}

const filterPrompt = "/ "

// filterCursor is where the filter goes on, in a list of a width.
func (d *Dashboard) filterCursor(width int) *tea.Cursor {
	if !d.filtering {
		return nil
	}
	_, x, _ := d.filter.Lines(d.look.Theme, words.FilterHint, width-len(filterPrompt), false)
	return widget.Caret(x, 1)
}

// progress is what goes on; empty where nothing does.
func (d *Dashboard) progress() string {
	t := d.look.Theme
	switch {
	case d.doing != "":
		return d.look.Spinner() + t.Quiet.Render(d.doing)
	case d.checks:
		return d.look.Spinner() + t.Quiet.Render(words.CheckingTokens(d.tally.checking))
	default:
		return ""
	}
}

// nothing is what stands where no runtime is listed.
func (d *Dashboard) nothing(width int) []string {
	t := d.look.Theme
	if d.filter.Veiled() {
		return widget.Text(t.Plain, words.NoTokenTyped, width)
	}
	if len(d.runtimes) > 0 {
		return widget.Text(t.Quiet, words.NothingFound, width)
	}
	return widget.Join(
		widget.Text(t.Strong, words.EmptyHead, width),
		widget.Text(t.Quiet, words.EmptyText, width),
		widget.Text(t.Plain, words.EmptyStart, width),
	)
}
