package wizard

import (
	"slices"

	"charm.land/bubbles/v2/key"

	"gitgrant/flows"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// saveScene shows what will be written and where, before anything is.
var saveScene = scene{
	name: "save",
	page: savePage,
	keys: func(w *Wizard) []key.Binding {
		bindings := choiceKeys(w)
		if len(bindings) > 0 && w.chosen() == flows.SaveIt {
			bindings[0] = theme.As(bindings[0], words.KeySave)
		}
		return bindings
	},
}

func (w *Wizard) chosen() string {
	if q := w.talk.Question(); w.at < len(q.Options) {
		return q.Options[w.at].ID
	}
	return ""
}

func savePage(w *Wizard, width int) widget.Page {
	t, a := w.look.Theme, w.talk.Answers()
	v := flows.Verdict{}
	if w.talk.Verdict() != nil {
		v = *w.talk.Verdict()
	}
	facts := widget.Facts(t, slices.Concat(
		[]widget.Fact{
			{Name: words.FactRuntime, Value: a.Runtime},
			{Name: words.FactPurpose, Value: words.Purpose(a.Purpose)},
			{Name: words.FactAccount, Value: v.Account.Login},
		},
		w.names(),
		[]widget.Fact{
			{Name: words.FactHost, Value: w.talk.Host().URL},
			{Name: words.FactKind, Value: words.KindLabel(v.Kind)},
			{Name: words.FactExpires, Value: words.EndsOn(v, w.look.Now())},
			{Name: words.FactRests, Value: words.WhereItRests(w.talk.Store())},
		},
	), width)
	problem := w.problem(width)
	p := widget.Page{Body: facts, Foot: problem, Urgent: true}
	if !w.tight() {
		p.Body = widget.Join(w.question(words.AskSave, words.AboutSaving(w.talk.Late()), width), facts)
	}
	if len(problem) == 0 {
		p.Body = widget.Join(p.Body, w.advice(v, width))
	}
	switch {
	case w.talk.Patient():
		p.Foot = w.busy(words.WaitingForStore(w.talk.Store()))
		return p
	case w.talk.Waiting():
		p.Foot = w.busy(words.SavingIt)
		if w.leaving {
			p.Foot = append(p.Foot, widget.Text(t.Quiet, words.SavingLeave, width)...)
		}
		return p
	}
	return w.withChoice(p, w.entries(func(id string) (string, string) { return words.Choice(id), "" }), true, width)
}

// names are the user names beside the token, where there are two: nobody is to
// find out later which of them stands where.
func (w *Wizard) names() []widget.Fact {
	names := w.talk.Provider().Names(w.talk.Identity())
	if names.REST == "" {
		return nil
	}
	return []widget.Fact{{Name: words.FactEmail, Value: names.REST}, {Name: words.FactGit, Value: names.Git}}
}

// advice is what a person may want to know before saving.
func (w *Wizard) advice(v flows.Verdict, width int) []string {
	t := w.look.Theme
	var lines []string
	if old := w.talk.Old(); old != nil {
		lines = append(lines, widget.Text(t.Quiet, words.Replaces(old.Account), width)...)
	}
	for _, c := range w.talk.Concerns() {
		lines = append(lines, widget.Hang(t.Warn.Render(t.Glyph.Warn), t.Plain, words.Concern(c, v.Account.Login), width)...)
	}
	return lines
}
