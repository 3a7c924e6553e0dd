package dashboard

import (
	"strings"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// column is one column of the table. Those with a higher priority number are
// the first to go where there is little room.
type column struct {
	title    string
	least    int
	most     int
	full     int // from here on it says all it has to say; it gets that before others get more
	priority int
	order    flows.Order // that sorts by it; flows.Orders where none does
	cell     func(d *Dashboard, r *runtime, t *token, width int) string
}

// The priorities of columns: what is always there, and what goes last.
const (
	always  = 1
	soonest = 6
)

var columns = []column{
	{words.ColumnRuntime, 9, 28, 0, always, flows.ByName, nil}, // of the runtime, not of a token
	{words.ColumnToken, 7, 7, 0, always, flows.Orders, func(_ *Dashboard, _ *runtime, t *token, _ int) string { return t.Purpose }},
	{words.ColumnState, 16, 30, 22, always, flows.ByState, (*Dashboard).state},
	{words.ColumnEnds, 13, 26, 24, 2, flows.ByEnd, (*Dashboard).ends},
	{words.ColumnAccount, 10, 22, 0, 3, flows.Orders, func(_ *Dashboard, _ *runtime, t *token, _ int) string { return t.Account }},
	{words.ColumnHost, 16, 40, 0, 4, flows.ByHost, func(_ *Dashboard, _ *runtime, t *token, _ int) string { return words.HostName(t.Host) }},
	{words.ColumnChecked, 14, 16, 0, 5, flows.Orders, (*Dashboard).checked},
	{words.ColumnProvider, 17, 17, 0, soonest, flows.Orders, func(_ *Dashboard, _ *runtime, t *token, _ int) string {
		return words.Provider(providers.Kind(t.Provider))
	}},
}

const gap = 2

// fit chooses the columns that fit and spreads what is left among them. Where
// not even the first ones do, they share what there is.
func (d *Dashboard) fit(width int) (chosen []column, widths []int) {
	for priority := soonest; priority >= always; priority-- {
		chosen, widths = nil, nil
		left := width + gap
		for i, c := range columns {
			if c.priority > priority || d.byHost && c.order == flows.ByHost {
				continue // the host stands above its runtimes
			}
			if i == 0 && priority > always {
				c.least = min(max(c.least, d.longest), c.most)
			}
			if i == 0 {
				c.most = max(c.least, min(c.most, d.longest)) // room beyond the longest name is better used elsewhere
			}
			chosen, widths = append(chosen, c), append(widths, c.least)
			left -= c.least + gap
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
	for i, c := range chosen {
		more := min(left, max(0, c.full-widths[i]))
		widths[i] += more
		left -= more
	}
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

// table draws the lines that are in sight.
func (d *Dashboard) table(width int) []string {
	t := d.look.Theme
	chosen, widths := d.fit(width - 2)
	titles := make([]string, len(chosen))
	for i, c := range chosen {
		titles[i] = t.Quiet.Render(widget.Fit(t, c.title, widths[i]))
		if marked := c.title + " " + t.Glyph.Down; c.order == d.order && widget.Width(marked) <= widths[i] {
			titles[i] = t.Quiet.Render(c.title+" ") + t.Accent.Render(t.Glyph.Down)
		}
	}
	lines := []string{"  " + cells(t, titles, widths)}
	row := make([]string, len(chosen))
	for n := d.top; n < min(len(d.lines), d.top+d.rows()); n++ {
		at := d.lines[n]
		r := &d.runtimes[d.shown[at.place]]
		if at.token == hostLine {
			lines = append(lines, widget.Fit(t, t.Strong.Render(words.HostName(r.host())), width))
			continue
		}
		margin := "  "
		row[0] = ""
		if at.token == 0 || n == d.top {
			row[0] = r.name
		}
		if at.place == d.cursor && at.token == 0 {
			margin = t.Accent.Render(t.Glyph.Pointer) + " "
			row[0] = t.Accent.Render(widget.Fit(t, row[0], widths[0]))
		}
		for i := 1; i < len(chosen); i++ {
			row[i] = chosen[i].cell(d, r, d.know(d.desk, &r.tokens[at.token]), widths[i])
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

// state is the mark and the word of a token, and on the first line of a muted
// runtime that it is muted.
func (d *Dashboard) state(r *runtime, tk *token, width int) string {
	t := d.look.Theme
	mark := d.mark(tk)
	text := mark.Glyph + " " + words.Status(tk.verdict.Status)
	if !r.muted() || tk != &r.tokens[0] {
		return mark.Style.Render(widget.Fit(t, text, width))
	}
	quiet := " " + t.Glyph.Muted + " " + words.Muted
	if widget.Width(text)+widget.Width(quiet) > width {
		quiet = " " + t.Glyph.Muted
	}
	return mark.Style.Render(widget.Fit(t, text, width-widget.Width(quiet))) + t.Quiet.Render(quiet)
}

// mark is how a token stands; one that is being checked has the spinner's
// place, in its own tone, so that nothing jumps.
func (d *Dashboard) mark(tk *token) theme.Mark {
	mark := d.look.Theme.Status(tk.verdict.Status)
	if tk.checking && !d.look.Still {
		frames := d.look.Theme.Glyph.Spinner
		mark.Glyph = frames[d.look.Beat%len(frames)]
	}
	return mark
}

// ends is when a token ends: how long it has, and the day where there is room
// for it.
func (d *Dashboard) ends(_ *runtime, tk *token, width int) string {
	t, v := d.look.Theme, tk.verdict
	style := t.Plain
	switch {
	case v.ExpiresAt.IsZero():
		style = t.Quiet
	case v.Status == flows.Expiring || v.Status == flows.Expired:
		style = t.Status(v.Status).Style
	}
	text := words.ExpiryAndDay(v, d.look.Now())
	if widget.Width(text) > width {
		text = words.Expiry(v, d.look.Now())
	}
	return style.Render(widget.Fit(t, text, width))
}

// checked is when the host was last asked about a token.
func (d *Dashboard) checked(_ *runtime, tk *token, width int) string {
	t := d.look.Theme
	return t.Quiet.Render(widget.Fit(t, words.LastCheck(tk.verdict, d.look.Now()), width))
}
