package wizard

import (
	"charm.land/bubbles/v2/key"

	"gitgrant/flows"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// storeScene says why the store cannot be used and what can be done about it.
var storeScene = scene{name: "store", page: storePage, keys: choiceKeys}

// passphraseScene takes the passphrase of a vault, twice where it seals a new
// one.
var passphraseScene = scene{name: "passphrase", page: passphrasePage, keys: func(w *Wizard) []key.Binding {
	if w.talk.Waiting() {
		return nil
	}
	return []key.Binding{theme.As(w.look.Keys.Enter, words.KeyContinue)}
}}

func storePage(w *Wizard, width int) widget.Page {
	t, q := w.look.Theme, w.talk.Question()
	trouble := words.StoreTrouble(*q.Trouble)
	p := widget.Page{Body: widget.Join(
		append(widget.Hang(t.Warn.Render(t.Glyph.Warn), t.Strong, trouble.What, width), widget.Indent(2, widget.Text(t.Quiet, trouble.Why, width-2))...),
		w.problem(width),
	)}
	return w.withChoice(p, w.entries(func(id string) (string, string) {
		name := words.Choice(id)
		if id == flows.OpenStore {
			name = words.OpenStoreName(*q.Trouble)
		}
		return name, words.AboutStoreChoice(id, *q.Trouble)
	}), true, width)
}

func passphrasePage(w *Wizard, width int) widget.Page {
	q := w.talk.Question()
	again := !w.first.Empty()
	p := widget.Page{Body: w.question(words.AskPassphrase(q.Creates, again), words.AboutPassphrase(q.Creates), width)}
	if q.Trouble != nil && q.Trouble.Wrong {
		p.Body = append(p.Body, widget.Text(w.look.Theme.Plain, words.StoreTrouble(*q.Trouble).Why, width)...)
	}
	if w.talk.Waiting() {
		p.Foot = w.busy(words.OpeningStore)
		return p
	}
	hint := words.PassphraseHint
	if again {
		hint = words.PassphraseAgain
	}
	return w.withField(p, hint, "", width)
}
