package wizard

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// scopesScene shows what the host says of the token, requirement by
// requirement, while it says it. A better token is taken in its place.
var scopesScene = scene{name: "scopes", page: scopesPage, keys: scopesKeys}

func scopesKeys(w *Wizard) []key.Binding {
	if w.Typing() {
		return []key.Binding{theme.As(w.look.Keys.Enter, words.KeyTake)}
	}
	return choiceKeys(w)
}

func scopesPage(w *Wizard, width int) widget.Page {
	t := w.look.Theme
	host := words.HostName(w.talk.Host().URL)
	v := flows.Verdict{Status: flows.Unchecked}
	if w.talk.Verdict() != nil {
		v = *w.talk.Verdict()
	}
	var whose []string
	if v.Account.Login != "" {
		whose = widget.Text(t.Plain, words.Whose(v, w.look.Now()), width)
	}
	q := w.talk.Question()
	var judged []string
	if !w.talk.Waiting() && !w.Typing() {
		judged = append(w.judgement(v, width), w.excess(v, width)...)
		if q.TakesToken && v.Status.Class() != flows.Good {
			judged = append(judged, widget.Text(t.Quiet, words.PasteBetter, width)...)
		}
	}
	p := widget.Page{}
	full := w.findings(v)
	brief := slices.Clone(full)
	for i, f := range brief {
		brief[i] = f.Brief()
	}
	body := func(findings []widget.Finding) []string {
		rows := widget.Findings(t, findings, width)
		if w.tight() {
			return slices.Concat(judged, whose, rows)
		}
		return widget.Join(append(w.question(words.AskScopes(host), "", width), whose...), rows)
	}
	p.Body, p.Brief = body(full), body(brief)
	if !w.tight() {
		p.Foot, p.Urgent = append(judged, ""), true
	}
	switch {
	case w.Typing():
		p.Foot = widget.Text(t.Strong, words.BetterToken, width)
		return w.withField(p, "", w.looks(), width)
	case w.talk.Waiting():
		p.Foot = w.busy(words.CheckingAt(host))
		return p
	}
	return w.withChoice(p, w.entries(func(id string) (string, string) { return words.Choice(id), "" }), true, width)
}

// findings are the requirements: those that the host has answered about, and
// before it has, those that it is asked about. What is not needed there comes
// last.
func (w *Wizard) findings(v flows.Verdict) []widget.Finding {
	policy, purpose := providers.PolicyOf(w.talk.Host().Provider), w.talk.Answers().Purpose
	findings := v.Findings
	if len(findings) == 0 && w.talk.Waiting() {
		for _, r := range policy.Requirements(purpose) {
			findings = append(findings, providers.Finding{Name: r.Name, Label: r.Label})
		}
	}
	var rows, moot []widget.Finding
	for _, f := range findings {
		r, _ := policy.Requirement(purpose, f.Name)
		row := widget.Finding{Finding: f, Why: words.Because(r.Why[purpose])}
		if f.State == providers.NotApplicable || f.State == "" && len(r.Needs[0].Names()) == 0 {
			moot = append(moot, row)
			continue
		}
		rows = append(rows, row)
	}
	return append(rows, moot...)
}

func (w *Wizard) excess(v flows.Verdict, width int) []string {
	if len(v.Excess) == 0 {
		return nil
	}
	t := w.look.Theme
	return widget.Hang(t.Warn.Render(t.Glyph.Warn), t.Quiet, words.Excess(v.Excess), width)
}

// judgement is the verdict in a sentence, and the way out where there has to be
// one.
func (w *Wizard) judgement(v flows.Verdict, width int) []string {
	t := w.look.Theme
	if problem := w.problem(width); len(problem) > 0 {
		return problem
	}
	mark := t.Status(v.Status)
	return widget.Hang(mark.String(), t.Plain, w.sentence(v), width)
}

func (w *Wizard) sentence(v flows.Verdict) string {
	a, subject := w.talk.Answers(), words.Present(w.talk, w.look.Now())
	reason := words.Reason(v, subject)
	switch v.Status {
	case flows.Valid:
		return words.AllGranted
	case flows.MissingScopes:
		return reason + " " + words.MakeBetter(a.Method, w.talk.Host().Provider)
	case flows.Unverifiable, flows.Expiring:
		return reason
	}
	next := words.Next(v, subject)
	if !strings.Contains(next.Do, next.Page) {
		return reason + " " + next.Do + " " + next.Page
	}
	return reason + " " + next.Do
}
