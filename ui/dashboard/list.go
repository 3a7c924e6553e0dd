package dashboard

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// Measures of the layout, in cells.
const (
	listWidth = 66 // least of the list beside a page
	narrow    = 60 // below, only what is needed
	gap       = 2
)

// column is one column of the list. Those with a higher priority number are the
// first to go where there is little room.
type column struct {
	title    string
	short    string // where the title does not fit
	least    int
	most     int
	priority int
	cell     func(d *Dashboard, r runtime, width int) string
}

var columns = []column{
	{words.ColumnRuntime, words.ColumnRuntime, 10, 28, 0, func(_ *Dashboard, r runtime, _ int) string { return r.name }},
	{words.ColumnRuntimeToken, words.ShortRuntimeToken, 16, 22, 1, func(d *Dashboard, r runtime, width int) string { return d.state(r, providers.Runtime, width) }},
	{words.ColumnUserToken, words.ShortUserToken, 16, 22, 1, func(d *Dashboard, r runtime, width int) string { return d.state(r, providers.User, width) }},
	{words.ColumnEnds, words.ColumnEnds, 12, 14, 2, func(d *Dashboard, r runtime, width int) string { return d.ends(r, width) }},
	{words.ColumnProvider, words.ColumnProvider, 17, 17, 3, func(_ *Dashboard, r runtime, _ int) string {
		return words.Provider(providers.Kind(r.grants[0].Provider))
	}},
	{words.ColumnHost, words.ColumnHost, 16, 40, 4, func(_ *Dashboard, r runtime, _ int) string { return words.HostName(r.grants[0].Host) }},
}

// fit chooses the columns that fit and spreads what is left among them. Where
// not even the first ones do, they share what there is.
func (d *Dashboard) fit(width int) (chosen []column, widths []int) {
	for priority := 4; priority >= 1; priority-- {
		chosen, widths = nil, nil
		left := width + gap
		for i, c := range columns {
			if i == 0 {
				c.least = min(max(c.least, d.longest), c.most)
			}
			if c.priority <= priority {
				chosen, widths = append(chosen, c), append(widths, c.least)
				left -= c.least + gap
			}
		}
		if left >= 0 {
			return chosen, spread(chosen, widths, left)
		}
	}
	for i := range widths {
		widths[i] = max(0, (width-gap*(len(widths)-1))/len(widths))
	}
	return chosen, widths
}

func spread(chosen []column, widths []int, left int) []int {
	for given := true; left > 0 && given; {
		given = false
		for i, c := range chosen {
			if left > 0 && widths[i] < c.most {
				widths[i]++
				left--
				given = true
			}
		}
	}
	return widths
}

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
		laid := p.Lay(t, width, d.height)
		laid.Cursor = d.filterCursor()
		return laid
	}
	p.Foot = d.table(width)
	laid := p.Lay(t, width, d.height)
	laid.Cursor = d.filterCursor()
	if beside {
		page := d.layPage(d.width - width - 3)
		line := t.Rule.Render(t.Glyph.Border.Left) + " "
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
	left := t.Accent.Render(words.Program)
	if summary := t.Quiet.Render(d.summary()); len(d.runtimes) > 0 && width < narrow {
		left = summary
	} else if len(d.runtimes) > 0 {
		left += "  " + summary
	}
	lines := []string{widget.Spread(t, left, d.progress(), width)}
	if d.filtered() {
		field, _, _ := d.filter.Lines(t, words.FilterHint, width-len(filterPrompt), false)
		lines = append(lines, t.Quiet.Render(filterPrompt)+strings.TrimPrefix(field[0], t.Accent.Render(t.Glyph.Pointer)+" "))
	}
	return append(lines, "")
}

const filterPrompt = "/ "

func (d *Dashboard) filterCursor() *tea.Cursor {
	if !d.filtering {
		return nil
	}
	_, x, _ := d.filter.Lines(d.look.Theme, words.FilterHint, d.width-len(filterPrompt), false)
	return widget.Caret(x, 1)
}

// summary says how many there are and how they stand.
func (d *Dashboard) summary() string {
	var bad, ending int
	for _, v := range d.verdicts {
		switch v.Status.Class() {
		case flows.Bad:
			bad++
		case flows.Ending:
			ending++
		}
	}
	return words.Summary(len(d.runtimes), bad, ending)
}

// progress is what goes on, or where in a long list one is.
func (d *Dashboard) progress() string {
	t := d.look.Theme
	switch {
	case len(d.checking) > 0:
		return d.look.Spinner() + t.Quiet.Render(words.CheckingTokens(len(d.checking)))
	case d.filter.Text() != "" || len(d.shown) > d.rows():
		return t.Quiet.Render(words.Place(min(d.at()+1, len(d.shown)), len(d.shown)))
	default:
		return ""
	}
}

// rows is how many runtimes are in sight, below the head and the titles.
func (d *Dashboard) rows() int {
	above := 3
	if d.filtered() {
		above++
	}
	return max(1, d.height-above)
}

// follow moves the window so that the chosen runtime is in it.
func (d *Dashboard) follow() {
	at, rows := d.at(), d.rows()
	d.top = min(max(min(d.top, at), at-rows+1), max(0, len(d.shown)-rows))
}

func (d *Dashboard) filtered() bool { return d.filtering || d.filter.Text() != "" }

// table draws the runtimes that are in sight.
func (d *Dashboard) table(width int) []string {
	t := d.look.Theme
	chosen, widths := d.fit(width - 2)
	at := d.at()
	title := make([]string, len(chosen))
	for i, c := range chosen {
		name := c.title
		if widget.Width(name) > widths[i] {
			name = c.short
		}
		title[i] = t.Quiet.Render(widget.Fit(t, name, widths[i]))
	}
	lines := []string{"  " + cells(t, title, widths)}
	for n := d.top; n < min(len(d.shown), d.top+d.rows()); n++ {
		r := d.runtimes[d.shown[n]]
		row := make([]string, len(chosen))
		for i, c := range chosen {
			row[i] = c.cell(d, r, widths[i])
		}
		margin := "  "
		if n == at {
			margin = t.Accent.Render(t.Glyph.Pointer) + " "
			row[0] = t.Accent.Render(widget.Fit(t, row[0], widths[0]))
		}
		lines = append(lines, margin+cells(t, row, widths))
	}
	return lines
}

// cells puts the cells of a row next to each other.
func cells(t theme.Theme, row []string, widths []int) string {
	var line strings.Builder
	for i, cell := range row {
		if i == len(row)-1 {
			line.WriteString(widget.Fit(t, cell, widths[i]))
			break
		}
		line.WriteString(widget.Pad(t, cell, widths[i]) + strings.Repeat(" ", gap))
	}
	return line.String()
}

// state is the mark and the word of the grants of one purpose: of several, the
// worst and how many.
func (d *Dashboard) state(r runtime, p providers.Purpose, width int) string {
	t := d.look.Theme
	grants := r.of(p)
	if len(grants) == 0 {
		return t.Quiet.Render(t.Glyph.None + " " + words.NoToken)
	}
	worst := grants[0]
	for _, g := range grants {
		if badness(d.verdicts[g.Key].Status) > badness(d.verdicts[worst.Key].Status) {
			worst = g
		}
	}
	word := words.Status(d.verdicts[worst.Key].Status)
	if len(grants) > 1 {
		word += words.OfSeveral(len(grants))
	}
	mark := d.mark(worst)
	return mark.Style.Render(widget.Fit(t, mark.Glyph+" "+word, width))
}

// mark is how a grant stands; one that is being checked has the spinner's
// place, in its own tone, so that nothing jumps.
func (d *Dashboard) mark(g keyring.Grant) theme.Mark {
	mark := d.look.Theme.Status(d.verdicts[g.Key].Status)
	if d.checking[g.Key] && !d.look.Still {
		frames := d.look.Theme.Glyph.Spinner
		mark.Glyph = frames[d.look.Beat%len(frames)]
	}
	return mark
}

// ends is when the first of the tokens ends.
func (d *Dashboard) ends(r runtime, width int) string {
	t := d.look.Theme
	var soonest flows.Verdict
	for _, g := range r.grants {
		v := d.verdicts[g.Key]
		if soonest.CheckedAt.IsZero() && soonest.ExpiresAt.IsZero() || !v.ExpiresAt.IsZero() && (soonest.ExpiresAt.IsZero() || v.ExpiresAt.Before(soonest.ExpiresAt)) {
			soonest = v
		}
	}
	style := t.Plain
	switch {
	case soonest.ExpiresAt.IsZero():
		style = t.Quiet
	case soonest.Status == flows.Expiring || soonest.Status == flows.Expired:
		style = t.Status(soonest.Status).Style
	}
	return style.Render(widget.Fit(t, words.Expiry(soonest, d.look.Now()), width))
}

// nothing is what stands where no runtime is listed.
func (d *Dashboard) nothing(width int) []string {
	t := d.look.Theme
	if len(d.runtimes) > 0 {
		return widget.Text(t.Quiet, words.NothingFound, width)
	}
	return widget.Join(
		widget.Text(t.Strong, words.EmptyHead, width),
		widget.Text(t.Quiet, words.EmptyText, width),
		widget.Text(t.Plain, words.EmptyStart, width),
	)
}
