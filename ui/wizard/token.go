package wizard

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/ui/screen"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// tokenScene says what to tick where, and takes the token. What is in the field
// is told by its length and sort alone.
var tokenScene = scene{
	name: "token",
	page: tokenPage,
	keys: func(w *Wizard) []key.Binding {
		return []key.Binding{w.look.Keys.Enter, w.look.Keys.OpenPage, w.look.Keys.CopyPage}
	},
	press: func(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) { return w.pressPage(k, w.tokenAddress()) },
}

// pressPage takes the keys that open and copy the address of a page.
func (w *Wizard) pressPage(k tea.KeyPressMsg, address string) (screen.Action, bool) {
	switch {
	case key.Matches(k, w.look.Keys.OpenPage):
		return screen.Open{Address: address}, true
	case key.Matches(k, w.look.Keys.CopyPage):
		return screen.Copy{Text: address, Name: words.ThePage}, true
	}
	return nil, false
}

// tokenAddress is the page where the token is made, filled in as far as the
// host can be told.
func (w *Wizard) tokenAddress() string {
	a := w.talk.Answers()
	return w.talk.Provider().TokenPage(w.talk.Host(), a.Purpose, words.TokenName(a.Runtime, a.Purpose))
}

func tokenPage(w *Wizard, width int) widget.Page {
	t := w.look.Theme
	body := func(toTick []string) []string {
		return widget.Join(
			w.question(words.AskToken(words.HostName(w.talk.Host().URL)), "", width),
			slices.Concat(widget.Text(t.Plain, words.MakeItHere, width), widget.Link(t, w.tokenAddress(), width),
				widget.Text(t.Plain, words.AboutTokenPage(w.talk.Host().Provider), width)),
			append(widget.Text(t.Plain, words.TickThere, width), toTick...),
		)
	}
	p := widget.Page{Body: body(w.toTick(width)), Brief: body(w.toTickBriefly(width))}
	hint := words.TokenHint
	switch q := w.talk.Question(); {
	case q.Kept:
		hint = words.TokenKept
	case q.Refused:
		hint = words.TokenDead
	}
	p = w.withField(p, hint, w.looks(), width)
	if w.talk.Waiting() {
		p.Foot = append(p.Foot, w.busy(words.CheckingStore(w.talk.Store()))...)
	}
	return p
}

// toTick is what the token takes, by the host's own labels and in the
// vocabulary of its sort, and why. Before there is one, it is the common sort.
func (w *Wizard) toTick(width int) []string {
	t, purpose := w.look.Theme, w.talk.Answers().Purpose
	var lines []string
	for _, tick := range words.Ticks(w.talk.Host().Provider, purpose, w.sort()) {
		glyph := t.Accent.Render(t.Glyph.Waiting)
		if tick.Nothing {
			glyph = t.Quiet.Render(t.Glyph.None)
		}
		lines = append(lines, widget.Hang(glyph, t.Strong, tick.Label, width)...)
		lines = append(lines, widget.Indent(2, widget.Text(t.Accent, tick.Names, width-2))...)
		lines = append(lines, widget.Indent(2, widget.Text(t.Quiet, tick.Why, width-2))...)
	}
	return lines
}

// toTickBriefly is the same for a window that has no room for the reasons: what
// has to be ticked is seen as a whole.
func (w *Wizard) toTickBriefly(width int) []string {
	t, purpose := w.look.Theme, w.talk.Answers().Purpose
	var lines []string
	for _, tick := range words.Ticks(w.talk.Host().Provider, purpose, w.sort()) {
		if !tick.Nothing {
			lines = append(lines, widget.Hang(t.Accent.Render(t.Glyph.Waiting), t.Strong, tick.Brief(), width)...)
		}
	}
	return lines
}

// sort is what the token in the field looks like, or the one that was given.
func (w *Wizard) sort() providers.TokenKind {
	token, err := flows.ReadToken(w.field.Text())
	if err != nil {
		token = w.talk.Answers().Token
	}
	if token.Empty() {
		return providers.UnknownKind
	}
	return w.talk.Provider().Guess(token)
}

// looks says what is in the field without showing it.
func (w *Wizard) looks() string {
	if w.field.Text() == "" {
		return ""
	}
	token, err := flows.ReadToken(w.field.Text())
	if err != nil {
		return words.ProblemAt(err, w.look.Now()).What
	}
	return w.looksLike(token)
}

func (w *Wizard) looksLike(token secret.Secret) string {
	if other, foreign := w.talk.Elsewhere(token); foreign {
		return words.TokenElsewhere(token.Len(), other, w.talk.Host())
	}
	return words.TokenLooks(token.Len(), w.talk.Provider().Guess(token), providers.LooksMistyped(w.talk.Provider(), token))
}
