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
	p := widget.Page{Body: widget.Join(head, w.useOf(*saved, width))}
	return w.withChoice(p, w.entries(func(id string) (string, string) {
		if id == flows.NextUserToken && !w.tight() {
			return words.Choice(id), words.UserNext
		}
		return words.Choice(id), ""
	}), true, width)
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
