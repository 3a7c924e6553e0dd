package wizard

import (
	"errors"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/providers/cause"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// The first four questions: which runtime, on which kind of host, where, and
// how to authorize there.
var (
	runtimeScene  = scene{name: "runtime", page: runtimePage, keys: fieldKeys}
	providerScene = scene{name: "provider", page: providerPage, keys: providerKeys, press: pressProvider}
	hostScene     = scene{name: "host", page: hostPage, keys: fieldKeys}
	methodScene   = scene{name: "method", page: methodPage, keys: methodKeys, press: pressMethod}
)

func runtimePage(w *Wizard, width int) widget.Page {
	p := widget.Page{Body: w.question(words.AskRuntime, words.AboutRuntime(w.talk.Answers().Purpose), width)}
	return w.withField(p, words.RuntimeHint, "", width)
}

func providerPage(w *Wizard, width int) widget.Page {
	p := widget.Page{Body: w.question(words.AskProvider(w.talk.Answers().Runtime), "", width)}
	if !w.Typing() {
		p.Foot = w.problem(width)
	}
	p = w.withChoice(p, w.entries(func(id string) (string, string) {
		return words.Provider(providers.Kind(id)), words.AboutProvider(providers.Kind(id))
	}), false, width)
	switch {
	case w.talk.Waiting():
		p.Foot = append(p.Foot, w.busy(words.FindingHost)...)
	case w.Typing():
		if !w.tight() {
			p.Foot = append(p.Foot, "")
		}
		return w.withField(p, "", "", width)
	case !w.tight():
		p.Foot = append(p.Foot, "")
		p.Foot = append(p.Foot, widget.Text(w.look.Theme.Quiet, words.OrAddressHere, width)...)
	}
	return p
}

// lead points to the provider that is called as what was typed. Where none is, it
// is an address, or a git remote.
func (w *Wizard) lead() {
	q, typed := w.talk.Question(), strings.ToLower(strings.TrimSpace(w.field.Text()))
	switch {
	case !q.TakesAddress:
		return
	case typed == "":
		w.at = max(0, index(q.Options, q.Default))
		return
	}
	w.at = slices.IndexFunc(q.Options, func(o flows.Option) bool {
		return strings.Contains(strings.ToLower(words.Provider(providers.Kind(o.ID))), typed) || o.ID == typed
	})
}

func providerKeys(w *Wizard) []key.Binding {
	if w.Typing() && w.at < 0 {
		return []key.Binding{theme.As(w.look.Keys.Enter, words.KeyFindHost)}
	}
	return choiceKeys(w)
}

// pressProvider takes letters for the name of a provider or for an address, until
// an arrow chooses.
func pressProvider(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
	keys := w.look.Keys
	switch typing := w.Typing(); {
	case w.talk.Waiting() || !typing && strings.TrimSpace(k.Text) == "":
		return nil, false
	case typing && key.Matches(k, keys.Enter) && !w.field.Veiled():
		if w.at < 0 {
			return w.answer(flows.Answer{Text: strings.TrimSpace(w.field.Text())}), true
		}
		return w.choose(w.talk.Question().Options[w.at].ID), true
	case typing && k.Text == "" && key.Matches(k, keys.Up, keys.Down):
		at := w.at
		w.field.Set("")
		w.changed()
		w.at = at
		return w.pressChoice(k), true
	}
	return w.pressField(k), true
}

func hostPage(w *Wizard, width int) widget.Page {
	kind := w.talk.Answers().Provider
	p := widget.Page{Body: w.question(words.AskHost(kind), words.AboutHost, width)}
	p = w.withField(p, words.HostHint(kind), "", width)
	switch {
	case w.talk.Waiting():
		p.Foot = append(p.Foot, w.busy(words.MeetingHost(w.talk.Host().URL))...)
	case unmet(w.talk.Question().Problem) && !w.edited:
		p.Foot = append(p.Foot, widget.Text(w.look.Theme.Quiet, words.UnmetAnyway, width)...)
	}
	return p
}

func methodPage(w *Wizard, width int) widget.Page {
	host := words.HostName(w.talk.Host().URL)
	explains := ""
	if w.met != "" && w.metAt == w.talk.Host().URL {
		explains = words.HostAnswered(w.talk.Answers().Provider, host, w.met)
	}
	p := widget.Page{Body: w.question(words.AskMethod, explains, width)}
	q := w.talk.Question()
	entries := w.entries(func(id string) (string, string) {
		o := q.Options[index(q.Options, id)]
		how := ""
		if !w.tight() {
			how = words.PressFor(w.look.Keys.OtherFlow.Help().Key)
		}
		return words.Method(providers.Method(id)), words.AboutMethod(o, w.talk.Host(), how)
	})
	// Why a way is closed stands beside it, and once it was tried under them all.
	var tried *flows.MethodError
	if errors.As(q.Problem, &tried) {
		if i := index(q.Options, string(tried.Method)); i >= 0 {
			entries[i].Note = ""
		}
	}
	p = w.withChoice(p, entries, true, width)
	if problem := w.problem(width); len(problem) > 0 {
		p.Urgent = true
		if !w.tight() {
			p.Foot = append(p.Foot, "")
		}
		p.Foot = append(p.Foot, problem...)
	}
	if warning := words.TooMany(w.talk.Crowd()); warning != "" {
		t := w.look.Theme
		p.Foot = append(p.Foot, widget.Hang(t.Warn.Render(t.Glyph.Warn), t.Plain, warning, width)...)
	}
	return p
}

// otherFlow is the flow of OAuth2 that is not offered first, where it can be
// taken.
func (w *Wizard) otherFlow() (id string, open bool) {
	for _, o := range w.talk.Question().Options {
		if o.Other != nil && o.Other.Closed == nil {
			return o.Other.ID, true
		}
	}
	return "", false
}

func methodKeys(w *Wizard) []key.Binding {
	keys := choiceKeys(w)
	if other, open := w.otherFlow(); open {
		keys = append(keys, theme.As(w.look.Keys.OtherFlow, words.ToFlow(other)))
	}
	return keys
}

func pressMethod(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
	other, open := w.otherFlow()
	if !open || !key.Matches(k, w.look.Keys.OtherFlow) {
		return nil, false
	}
	return w.choose(other), true
}

// unmet reports whether a host that did not answer may be taken all the same.
func unmet(problem error) bool {
	var why cause.Cause
	return errors.As(problem, &why) && why.Kind != cause.WrongHost
}
