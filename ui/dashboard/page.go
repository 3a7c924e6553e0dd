package dashboard

import (
	"slices"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// sections are the tokens of a runtime under each other, and the line on which
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
	head := append(
		widget.Text(t.Accent, r.name, text),
		widget.Text(t.Quiet, words.Provider(providers.Kind(r.tokens[0].Provider))+", "+words.HostName(r.host()), text)...,
	)
	if r.muted() {
		head = append(head, widget.Hang(t.Quiet.Render(t.Glyph.Muted), t.Quiet, words.AboutMuted, text)...)
	}
	page := widget.Page{Head: append(head, ""), Body: d.sections(r, text).lines}
	if d.page {
		page.Scroll = d.scroll
	}
	if d.doing != "" && d.page {
		page.Foot = []string{d.look.Spinner() + t.Quiet.Render(d.doing)}
	}
	return page.Lay(t, width, d.height)
}

func (d *Dashboard) sections(r *runtime, width int) sections {
	t := d.look.Theme
	var s sections
	add := func(block []string) {
		if len(s.lines) > 0 {
			s.lines = append(s.lines, "")
		}
		s.lines = append(s.lines, block...)
	}
	for i := range r.tokens {
		if len(s.lines) > 0 {
			s.starts = append(s.starts, len(s.lines)+1)
		} else {
			s.starts = append(s.starts, 0)
		}
		add(d.section(d.know(d.desk, &r.tokens[i]), d.page && i == d.grant, len(r.tokens) > 1, min(width, theme.TextWidth)))
	}
	for _, p := range providers.Purposes {
		if !r.has(p) {
			add(widget.Indent(2, widget.Text(t.Quiet, words.NoTokenOf(p), min(width, theme.TextWidth)-2)))
		}
	}
	return s
}

// section is one token: how it stands and why, what to do, what was found, where
// it rests, and how it stood before.
func (d *Dashboard) section(tk *token, chosen, several bool, width int) []string {
	t, v := d.look.Theme, tk.verdict
	mark := d.mark(tk)
	name := words.Purpose(providers.Purpose(tk.Purpose))
	title := "  " + t.Strong.Render(name)
	if chosen && several {
		title = t.Accent.Render(t.Glyph.Pointer + " " + name)
	}
	text := width - 2
	subject := d.subject(tk)
	return append(
		[]string{widget.Fit(t, title+"  "+mark.Style.Render(mark.Glyph+" "+words.Status(v.Status)), width)},
		widget.Indent(2, widget.Join(
			append(widget.Text(t.Plain, words.Reason(v, subject), text), widget.Text(t.Quiet, d.next(v, subject), text)...),
			widget.Facts(t, d.facts(tk), text),
			d.findings(tk, text),
			d.history(tk, text),
		))...,
	)
}

// next is the way on. A key does here what a command does elsewhere.
func (d *Dashboard) next(v flows.Verdict, s words.Subject) string {
	if v.Condition != nil && flows.CanOpen(*v.Condition) {
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

func (d *Dashboard) subject(tk *token) words.Subject {
	s := words.About(d.desk, tk.Grant)
	s.Now = d.look.Now()
	return s
}

func (d *Dashboard) facts(tk *token) []widget.Fact {
	now, v := d.look.Now(), tk.verdict
	facts := []widget.Fact{
		{Name: words.FactAccount, Value: tk.Account},
		{Name: words.FactMethod, Value: words.Method(providers.Method(tk.Method))},
		{Name: words.FactKind, Value: words.KindLabel(providers.TokenKind(tk.Kind))},
		{Name: words.FactExpires, Value: words.EndsOn(v, now)},
		{Name: words.FactRests, Value: words.WhereItRests(tk.Store)},
	}
	if !tk.SavedAt.IsZero() {
		facts = append(facts, widget.Fact{Name: words.FactSaved, Value: words.Ago(now, tk.SavedAt)})
	}
	if !v.LastUsed.IsZero() {
		facts = append(facts, widget.Fact{Name: words.FactUsed, Value: words.Ago(now, v.LastUsed)})
	}
	if !v.CheckedAt.IsZero() {
		facts = append(facts, widget.Fact{Name: words.FactChecked, Value: words.Ago(now, v.CheckedAt)})
	}
	return slices.DeleteFunc(facts, func(f widget.Fact) bool { return f.Value == "" })
}

func (d *Dashboard) findings(tk *token, width int) []string {
	if len(tk.verdict.Findings) == 0 {
		return nil
	}
	policy, purpose := providers.PolicyOf(providers.Kind(tk.Provider)), providers.Purpose(tk.Purpose)
	var rows []widget.Finding
	for _, f := range tk.verdict.Findings {
		r, _ := policy.Requirement(purpose, f.Name)
		rows = append(rows, widget.Finding{Finding: f, Why: words.Because(r.Why[purpose])})
	}
	lines := widget.Findings(d.look.Theme, rows, width)
	if tk.verdict.Status.Gone() {
		return append(widget.Text(d.look.Theme.Quiet, words.WhileGood+":", width), lines...)
	}
	return lines
}

// history is how the token stood before, the latest change first.
func (d *Dashboard) history(tk *token, width int) []string {
	if len(tk.History) == 0 {
		return nil
	}
	t := d.look.Theme
	lines := widget.Text(t.Quiet, words.HistoryHead, width)
	for _, c := range slices.Backward(tk.History) {
		mark := t.Status(flows.Status(c.Status))
		lines = append(lines, widget.Hang(mark.String(), t.Plain, words.Changed(c), width)...)
	}
	return lines
}
