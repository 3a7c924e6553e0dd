package wizard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/flows/handover"
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
	name: "hand-off",
	page: handOffPage,
	keys: func(w *Wizard) []key.Binding {
		if w.look.Demo {
			return choiceKeys(w)
		}
		keys := append(choiceKeys(w), theme.As(w.look.Keys.Copy, words.KeyCopyCommand))
		if w.hasValues() {
			keys = append(keys, w.look.Keys.WriteValues)
		}
		return keys
	},
	press: func(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
		saved := w.talk.Outcome().Saved
		switch {
		case saved == nil || w.look.Demo:
			return nil, false
		case key.Matches(k, w.look.Keys.Copy):
			return screen.Copy{Text: words.NextCommands(*saved)[0].Command, Name: words.TheCommand}, true
		case w.hasValues() && key.Matches(k, w.look.Keys.WriteValues):
			return w.writeValues(*saved), true
		default:
			return nil, false
		}
	},
}

// hasValues reports whether there is something to install with the token.
func (w *Wizard) hasValues() bool {
	saved := w.talk.Outcome().Saved
	return saved != nil && saved.Purpose == string(providers.Runtime)
}

func (w *Wizard) writeValues(saved keyring.Grant) screen.Action {
	text, err := handover.Write(handover.HelmValues, w.handover(saved), handover.Options{})
	if err != nil {
		return screen.Say{Text: words.Problem(err).String()}
	}
	return screen.Write{File: words.ValuesFile(saved.Runtime), Text: text}
}

func (w *Wizard) handover(saved keyring.Grant) handover.Subject {
	return flows.HandoverOf(w.talk.Provider(), w.talk.Host(), saved)
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
	var blocks [][]string
	for _, next := range words.NextCommands(saved) {
		blocks = append(blocks, append(
			widget.Text(t.Plain, next.About, width), widget.Indent(2, widget.Text(t.Accent, next.Command, width-2))...,
		))
	}
	if w.hasValues() {
		for _, c := range handover.Caveats(handover.HelmValues, w.handover(saved), flows.ShortLived(saved)) {
			blocks = append(blocks, widget.Hang(t.Warn.Render(t.Glyph.Warn), t.Plain, words.Caveat(c, w.handover(saved)).String(), width))
		}
	}
	return widget.Join(blocks...)
}
