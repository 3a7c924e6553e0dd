package dashboard

import (
	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// sections are the grants of a runtime under each other, and the line on which
// each begins.
type sections struct {
	lines  []string
	starts []int
}

// layPage draws everything about the chosen runtime.
func (d *Dashboard) layPage(width int) widget.Laid {
	t := d.look.Theme
	width = max(0, width)
	r, ok := d.current()
	if !ok {
		return widget.Page{}.Lay(t, width, d.height)
	}
	text := min(width, theme.TextWidth)
	g := r.grants[0]
	head := append(
		widget.Text(t.Accent, r.name, text),
		widget.Text(t.Quiet, words.Provider(providers.Kind(g.Provider))+", "+words.HostName(g.Host), text)...,
	)
	page := widget.Page{Head: append(head, ""), Body: d.sections(r, text).lines}
	if d.page {
		page.Scroll = d.scroll
	}
	return page.Lay(t, width, d.height)
}

func (d *Dashboard) sections(r runtime, width int) sections {
	t := d.look.Theme
	var s sections
	add := func(block []string) {
		if len(s.lines) > 0 {
			s.lines = append(s.lines, "")
		}
		s.lines = append(s.lines, block...)
	}
	for i, g := range r.grants {
		if len(s.lines) > 0 {
			s.starts = append(s.starts, len(s.lines)+1)
		} else {
			s.starts = append(s.starts, 0)
		}
		add(d.section(g, d.page && i == d.grant, len(r.grants) > 1, min(width, theme.TextWidth)))
	}
	for _, p := range providers.Purposes {
		if !r.has(p) {
			add(widget.Indent(2, widget.Text(t.Quiet, words.NoTokenOf(p), min(width, theme.TextWidth)-2)))
		}
	}
	return s
}

// section is one grant: how it stands and why, what to do, what was found, and
// where it rests.
func (d *Dashboard) section(g keyring.Grant, chosen, several bool, width int) []string {
	t := d.look.Theme
	v := d.verdicts[g.Key]
	mark := d.mark(g)
	name := words.Purpose(providers.Purpose(g.Purpose))
	title := "  " + t.Strong.Render(name)
	if chosen && several {
		title = t.Accent.Render(t.Glyph.Pointer + " " + name)
	}
	text := width - 2
	subject := d.subject(g)
	return append(
		[]string{widget.Fit(t, title+"  "+mark.Style.Render(mark.Glyph+" "+words.Status(v.Status)), width)},
		widget.Indent(2, widget.Join(
			append(widget.Text(t.Plain, words.Reason(v, subject), text), widget.Text(t.Quiet, d.next(v, subject), text)...),
			widget.Facts(t, d.facts(g, v), text),
			d.findings(g, v, text),
		))...,
	)
}

// next is the way on. A key does here what a command does elsewhere.
func (d *Dashboard) next(v flows.Verdict, s words.Subject) string {
	if v.Condition != nil && canOpen(*v.Condition) {
		return words.PressToOpen(v.Condition.Store)
	}
	switch v.Status {
	case flows.Valid:
		return ""
	case flows.Expiring, flows.Expired, flows.Revoked, flows.Rejected, flows.MissingScopes, flows.Absent:
		return words.PressToRenew
	case flows.Unchecked:
		return words.PressToCheck
	default:
		step := words.Next(v, s)
		return step.Do
	}
}

func (d *Dashboard) subject(g keyring.Grant) words.Subject {
	s := words.Subject{
		Runtime: g.Runtime, Purpose: providers.Purpose(g.Purpose),
		Host:   providers.Host{Provider: providers.Kind(g.Provider), URL: g.Host},
		Method: providers.Method(g.Method), Store: g.Store, Now: d.look.Now(),
	}
	if p, h, err := d.desk.HostOf(g); err == nil {
		s.Provider, s.Host = p, h
	}
	return s
}

func (d *Dashboard) facts(g keyring.Grant, v flows.Verdict) []widget.Fact {
	now := d.look.Now()
	facts := []widget.Fact{
		{Name: words.FactAccount, Value: g.Account},
		{Name: words.FactKind, Value: words.KindLabel(providers.TokenKind(g.Kind))},
		{Name: words.FactExpires, Value: words.EndsOn(v, now)},
		{Name: words.FactRests, Value: words.WhereItRests(g.Store)},
	}
	if !g.SavedAt.IsZero() {
		facts = append(facts, widget.Fact{Name: words.FactSaved, Value: words.Ago(now, g.SavedAt)})
	}
	if !v.LastUsed.IsZero() {
		facts = append(facts, widget.Fact{Name: words.FactUsed, Value: words.Ago(now, v.LastUsed)})
	}
	if !v.CheckedAt.IsZero() {
		facts = append(facts, widget.Fact{Name: words.FactChecked, Value: words.Ago(now, v.CheckedAt)})
	}
	return facts
}

func (d *Dashboard) findings(g keyring.Grant, v flows.Verdict, width int) []string {
	if len(v.Findings) == 0 {
		return nil
	}
	policy, purpose := providers.PolicyOf(providers.Kind(g.Provider)), providers.Purpose(g.Purpose)
	var rows []widget.Finding
	for _, f := range v.Findings {
		r, _ := policy.Requirement(purpose, f.Name)
		rows = append(rows, widget.Finding{Finding: f, Why: words.Because(r.Why[purpose])})
	}
	return widget.Findings(d.look.Theme, rows, width)
}

// layForget asks what to forget.
func (d *Dashboard) layForget() widget.Laid {
	t := d.look.Theme
	width := min(d.width, theme.TextWidth)
	r, _ := d.current()
	var entries []widget.Entry
	for _, a := range d.forgettable(r) {
		switch len(a.grants) {
		case 0:
			entries = append(entries, widget.Entry{Name: words.ForgetNothing})
		case 1:
			g := a.grants[0]
			entries = append(entries, widget.Entry{Name: words.ForgetOne(providers.Purpose(g.Purpose), g.Account)})
		default:
			entries = append(entries, widget.Entry{Name: words.ForgetAll(r.name)})
		}
	}
	p := widget.Page{Body: append(
		widget.Text(t.Strong, words.AskForget(r.name), width),
		widget.Text(t.Quiet, words.AboutForget(words.HostName(hostOf(r))), width)...,
	)}
	p.Foot, p.Focus = widget.Choice{Entries: entries, At: d.forget}.Lines(t, width)
	return p.Lay(t, d.width, d.height)
}

func hostOf(r runtime) string {
	if len(r.grants) == 0 {
		return ""
	}
	return r.grants[0].Host
}
