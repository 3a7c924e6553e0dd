package dashboard

import (
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// chooser is the choice of the runtimes that a user token is used for too, and
// then what came of each.
type chooser struct {
	from   keyring.Grant
	others []other
	shown  []int // those that the filter lets through
	at     int   // among those

	filter    widget.Field
	filtering bool

	naming bool // the name of a runtime that is not known yet is being typed
	field  widget.Field
	slip   string

	busy   bool
	given  []flows.Given
	rested time.Time // when a key counts again for what came after those that found nothing to take them
}

// other is a runtime that can have the token too.
type other struct {
	name   string
	has    bool // it has a token of the same account, which would be replaced
	fresh  bool // it is not known yet
	marked bool
}

// reuse opens the choice. Runtimes on other hosts have no use for the token.
func (d *Dashboard) reuse(from keyring.Grant) screen.Action {
	c := &chooser{from: from, field: widget.NewField(false), filter: widget.NewField(false)}
	for i := range d.runtimes {
		r := &d.runtimes[i]
		if r.name == from.Runtime || r.host() != from.Host {
			continue
		}
		has := slices.ContainsFunc(r.tokens, func(t token) bool { return t.Purpose == string(user) && t.Account == from.Account })
		c.others = append(c.others, other{name: r.name, has: has})
	}
	c.naming = len(c.others) == 0
	c.sift("")
	d.chooser = c
	return nil
}

// sift applies the filter. keep is the name that stays chosen where it is still
// there.
func (c *chooser) sift(keep string) {
	wanted := strings.ToLower(strings.TrimSpace(c.filter.Text()))
	c.shown, c.at = c.shown[:0], 0
	for i, o := range c.others {
		if !strings.Contains(strings.ToLower(o.name), wanted) {
			continue
		}
		if o.name == keep {
			c.at = len(c.shown)
		}
		c.shown = append(c.shown, i)
	}
}

// current is the chosen one; nil where the filter lets none through.
func (c *chooser) current() *other {
	if len(c.shown) == 0 {
		return nil
	}
	return &c.others[c.shown[c.at]]
}

// name is that of the chosen one.
func (c *chooser) name() string {
	if o := c.current(); o != nil {
		return o.name
	}
	return ""
}

func (c *chooser) filtered() bool { return c.filtering || c.filter.Text() != "" }

// Reused shows what came of it.
func (d *Dashboard) Reused(given []flows.Given) {
	if d.chooser != nil {
		d.chooser.busy, d.chooser.given = false, given
	}
}

// NotReused says why nothing came of it.
func (d *Dashboard) NotReused(why string) {
	if d.chooser != nil {
		d.chooser.busy, d.chooser.slip = false, why
	}
}

func (d *Dashboard) pressChooser(k tea.KeyPressMsg) screen.Action {
	keys, c := d.look.Keys, d.chooser
	switch {
	case c.busy || d.look.Now().Before(c.rested):
		c.rested = d.look.Now().Add(screen.Pause)
		return nil
	case len(c.given) > 0:
		if key.Matches(k, keys.Enter, keys.Back, keys.Quit) {
			d.chooser = nil
		}
		return nil
	case c.naming:
		d.pressName(k)
		return nil
	case c.filtering:
		d.pressOthersFilter(k)
		return nil
	}
	c.slip = ""
	switch {
	case key.Matches(k, keys.Back) && c.filtered():
		keep := c.name()
		c.filter.Set("")
		c.sift(keep)
	case key.Matches(k, keys.Back):
		d.chooser = nil
	case key.Matches(k, keys.Filter):
		c.filtering = true
	case key.Matches(k, keys.Mark) && c.current() != nil:
		c.current().marked = !c.current().marked
		c.at++
	case key.Matches(k, keys.New):
		c.naming = true
		c.field.Set("")
	case key.Matches(k, keys.Enter):
		return c.begin()
	}
	c.at += d.stride(k)
	c.at = min(max(0, c.at), max(0, len(c.shown)-1))
	return nil
}

// stride is how many rows a key goes down the list.
func (d *Dashboard) stride(k tea.KeyPressMsg) int {
	keys, page := d.look.Keys, max(1, d.height/2)
	switch {
	case key.Matches(k, keys.Up):
		return -1
	case key.Matches(k, keys.Down):
		return 1
	case key.Matches(k, keys.PageUp):
		return -page
	case key.Matches(k, keys.PageDown):
		return page
	}
	return 0
}

// pressOthersFilter takes what is typed into the filter.
func (d *Dashboard) pressOthersFilter(k tea.KeyPressMsg) {
	keys, c := d.look.Keys, d.chooser
	keep := c.name()
	switch {
	case key.Matches(k, keys.Enter):
		c.filtering = c.filter.Veiled()
	case key.Matches(k, keys.Back):
		c.filtering = false
		c.filter.Set("")
	case key.Matches(k, keys.Clear):
		c.filter.Set("")
	case k.Code == tea.KeyUp:
		c.at = max(0, c.at-1)
		return
	case k.Code == tea.KeyDown:
		c.at = min(max(0, len(c.shown)-1), c.at+1)
		return
	default:
		c.filter.Press(k)
	}
	d.veil(&c.filter)
	c.sift(keep)
}

// begin gives the token to those that are marked, also where the filter hides
// them; where none is, to the one that is chosen.
func (c *chooser) begin() screen.Action {
	var names []string
	for _, o := range c.others {
		if o.marked {
			names = append(names, o.name)
		}
	}
	if len(names) == 0 && c.current() == nil {
		return nil
	}
	if len(names) == 0 {
		names = []string{c.current().name}
	}
	c.busy = true
	return screen.Reuse{From: c.from, To: names}
}

// pressName takes the name of a runtime that is not known yet.
func (d *Dashboard) pressName(k tea.KeyPressMsg) {
	keys, c := d.look.Keys, d.chooser
	switch {
	case key.Matches(k, keys.Back):
		c.naming, c.slip = false, ""
		if len(c.others) == 0 {
			d.chooser = nil
		}
	case key.Matches(k, keys.Clear):
		c.field.Set("")
		c.slip = ""
	case key.Matches(k, keys.Enter):
		d.takeName(c.field.Text())
	default:
		c.field.Press(k)
		c.slip = ""
	}
	d.veil(&c.field)
	if c.naming && c.field.Veiled() {
		c.slip = words.NoTokenTyped
	}
}

func (d *Dashboard) takeName(name string) {
	c := d.chooser
	if c.field.Veiled() {
		return
	}
	if err := d.desk.CanReuse(c.from, []string{name}); err != nil {
		c.slip = words.ProblemAt(err, d.look.Now()).String()
		return
	}
	c.naming, c.slip = false, ""
	at := slices.IndexFunc(c.others, func(o other) bool { return o.name == name })
	if at < 0 {
		at = len(c.others)
		c.others = append(c.others, other{name: name, fresh: true})
	}
	c.others[at].marked = true
	c.filter.Set("")
	c.sift(name)
}

func (d *Dashboard) chooserKeys() []key.Binding {
	k, c := d.look.Keys, d.chooser
	switch {
	case c.busy:
		return nil
	case len(c.given) > 0:
		return []key.Binding{theme.As(k.Enter, words.KeyClose)}
	case c.naming:
		return []key.Binding{theme.As(k.Enter, words.KeyTake), k.Back, k.Clear}
	case c.filtering:
		return []key.Binding{theme.As(k.Enter, words.KeyFilterDone), theme.As(k.Back, words.KeyFilterOff)}
	default:
		back := k.Back
		if c.filtered() {
			back = theme.As(k.Back, words.KeyFilterOff)
		}
		return []key.Binding{k.Mark, theme.As(k.Enter, words.KeyUseIt), theme.As(k.New, words.KeyOtherName), back, k.Filter, k.Move, k.PageUp, k.PageDown}
	}
}

func (d *Dashboard) layChooser() widget.Laid {
	t, c := d.look.Theme, d.chooser
	width := min(d.width, theme.TextWidth)
	p := widget.Page{Head: append(widget.Text(t.Strong, words.AskReuse(c.from), width), "")}
	var caret *tea.Cursor
	switch {
	case len(c.given) > 0:
		for _, g := range c.given {
			sign := t.Good.Render(t.Glyph.Good)
			if !g.Stored {
				sign = t.Bad.Render(t.Glyph.Bad)
			}
			about := words.About(d.desk, g.Grant)
			about.Now = d.look.Now()
			p.Body = append(p.Body, widget.Hang(sign, t.Plain, words.GivenTo(g, about), width)...)
		}
		return p.Lay(t, d.width, d.height)
	case c.naming:
		p.Body = widget.Text(t.Quiet, words.AboutOtherName(words.HostName(c.from.Host)), width)
		lines, x, y := c.field.Lines(t, words.RuntimeHint, min(width, doorWidth), d.height > 14)
		p.Foot, p.Focus, p.Cursor = lines, y, widget.Caret(x, y)
	default:
		if d.height > 14 {
			p.Head = append(p.Head[:len(p.Head)-1], append(widget.Text(t.Quiet, words.AboutReuse(c.from), width), "")...)
		}
		p.Foot, p.Focus = d.others(width)
		if c.filtered() {
			field, x, _ := c.filter.Lines(t, words.FilterHint, width-len(filterPrompt), false)
			p.Head = append(p.Head[:len(p.Head)-1], t.Quiet.Render(filterPrompt)+strings.TrimPrefix(field[0], t.Accent.Render(t.Glyph.Pointer)+" "), "")
			if c.filtering {
				caret = widget.Caret(x, len(p.Head)-2)
			}
		}
	}
	if c.busy {
		p.Foot = append(p.Foot, "", d.look.Spinner()+t.Plain.Render(words.CheckingAt(words.HostName(c.from.Host))))
		p.Focus = len(p.Foot) - 1
	}
	if c.slip != "" {
		p.Foot, p.Urgent = append(p.Foot, widget.Hang(t.Bad.Render(t.Glyph.Bad), t.Plain, c.slip, width)...), true
	}
	laid := p.Lay(t, d.width, d.height)
	if caret != nil {
		laid.Cursor = caret
	}
	return laid
}

// others draws those around the chosen one: as many as can be in sight.
func (d *Dashboard) others(width int) (lines []string, focus int) {
	t, c := d.look.Theme, d.chooser
	if len(c.shown) == 0 {
		return widget.Text(t.Quiet, words.NothingFound, width), 0
	}
	from := min(max(0, c.at-d.height), max(0, len(c.shown)-1))
	to := min(len(c.shown), c.at+d.height)
	column := 0
	for _, at := range c.shown[from:to] {
		column = max(column, widget.Width(c.others[at].name))
	}
	column = min(column+6, max(width-12, width/2))
	for i := from; i < to; i++ {
		o := c.others[c.shown[i]]
		margin, style := "  ", t.Plain
		if i == c.at {
			margin, style, focus = t.Accent.Render(t.Glyph.Pointer)+" ", t.Accent, len(lines)
		}
		box := t.Quiet.Render("[ ]")
		if o.marked {
			box = t.Good.Render("[x]")
		}
		line := widget.Pad(t, margin+style.Render(widget.Fit(t, o.name, column-4))+" ", column) + box + " "
		about, room := words.AboutOther(o.has, o.fresh), width-column-6
		if widget.Width(about) > room {
			about = words.BriefOther(o.has, o.fresh)
		}
		lines = append(lines, line+t.Quiet.Render(widget.Fit(t, about, room)))
	}
	return lines, focus
}
