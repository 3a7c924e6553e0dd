package wizard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// handOffScene says what was saved where and what to do with it. No command on
// it holds a secret.
var handOffScene = scene{
	page: handOffPage,
	keys: func(w *Wizard) []key.Binding {
		if w.look.Demo {
			return choiceKeys(w)
		}
		return append(choiceKeys(w), theme.As(w.look.Keys.Copy, words.KeyCopyCommand))
	},
	press: func(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
		if saved := w.talk.Outcome().Saved; saved != nil && !w.look.Demo && key.Matches(k, w.look.Keys.Copy) {
			return screen.Copy{Text: command(*saved), Name: words.TheCommand}, true
		}
		return nil, false
	},
}

// command is what most people do next with a token.
func command(g keyring.Grant) string {
	if g.Purpose == string(providers.Runtime) {
		return words.HandOver(g.Runtime)
	}
	return words.UseCommand(g.Runtime)
}

func handOffPage(w *Wizard, width int) widget.Page {
	t := w.look.Theme
	saved := w.talk.Outcome().Saved
	if saved == nil {
		return widget.Page{}
	}
	head := append(
		widget.Hang(t.Good.Render(t.Glyph.Good), t.Strong, words.SavedHead(saved.Runtime), width),
		widget.Text(t.Quiet, words.SavedWhere(*saved), width)...,
	)
	p := widget.Page{Body: widget.Join(head, w.aboutOld(width), w.useOf(*saved, width)), Foot: w.problem(width)}
	if w.talk.Waiting() {
		p.Foot = w.busy(w.doing)
		return p
	}
	return w.withChoice(p, w.entries(func(id string) (string, string) {
		if id == flows.NextUserToken && !w.tight() {
			return words.Choice(id), words.UserNext
		}
		return words.Choice(id), ""
	}), true, width)
}

// aboutOld is what there is to say about the token that was replaced.
func (w *Wizard) aboutOld(width int) []string {
	t := w.look.Theme
	var lines []string
	for _, g := range w.talk.Given() {
		sign := t.Good.Render(t.Glyph.Good)
		if !g.Stored {
			sign = t.Bad.Render(t.Glyph.Bad)
		}
		lines = append(lines, widget.Hang(sign, t.Plain, words.GivenTo(g, w.aboutGiven(g)), width)...)
	}
	if w.talk.HasEnded() {
		return append(lines, widget.Hang(t.Good.Render(t.Glyph.Good), t.Plain, words.OldEnded(words.HostName(w.talk.Host().URL)), width)...)
	}
	old := w.talk.Former()
	if old == nil {
		return lines
	}
	page := ""
	if !w.talk.CanEnd() {
		page = w.talk.Provider().ManagePage(w.talk.Host())
	}
	lines = append(lines, widget.Text(t.Quiet, words.OldStays(words.HostName(w.talk.Host().URL), page), width)...)
	if runtimes := w.talk.Sharing(); len(runtimes) > 0 {
		lines = append(lines, widget.Text(t.Plain, words.StillUsed(runtimes), width)...)
	}
	return lines
}

func (w *Wizard) aboutGiven(g flows.Given) words.Subject {
	return words.Subject{
		Runtime: g.Grant.Runtime, Purpose: providers.Purpose(g.Grant.Purpose), Provider: w.talk.Provider(), Host: w.talk.Host(),
		Method: providers.Method(g.Grant.Method), Store: g.Grant.Store, Now: w.look.Now(),
	}
}

// useOf says what to do with what was saved.
func (w *Wizard) useOf(saved keyring.Grant, width int) []string {
	t := w.look.Theme
	if w.look.Demo {
		return widget.Text(t.Plain, words.DemoKept, width)
	}
	about := words.UseIt
	if saved.Purpose == string(providers.Runtime) {
		about = words.HandItOver
	}
	shown := func(about, command string) []string {
		return append(widget.Text(t.Plain, about, width), widget.Indent(2, widget.Text(t.Accent, command, width-2))...)
	}
	return widget.Join(
		shown(about, command(saved)),
		shown(words.LookAgain, words.StatusCommand(saved.Runtime)),
	)
}
