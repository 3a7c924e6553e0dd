package wizard

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/ui/screen"
	"gitgrant/ui/words"
)

// Press implements screen.Screen.
func (w *Wizard) Press(k tea.KeyPressMsg) screen.Action {
	keys := w.look.Keys
	switch {
	case key.Matches(k, keys.Back):
		return w.back()
	case key.Matches(k, keys.PageDown):
		w.scroll = min(w.scroll+w.page(), w.lay().Hidden)
		return nil
	case key.Matches(k, keys.PageUp):
		w.scroll = max(0, min(w.scroll, w.lay().Hidden)-w.page())
		return nil
	case w.hasty():
		return nil
	}
	if press := w.scene().press; press != nil {
		if action, taken := press(w, k); taken {
			return action
		}
	}
	if w.Typing() {
		return w.pressField(k)
	}
	return w.pressChoice(k)
}

// page is how far a key scrolls: most of what is in sight.
func (w *Wizard) page() int { return max(1, w.height/3) }

// hasty reports whether a key comes so soon after those that found nothing to
// take them that it was hardly meant for what is on the screen now.
func (w *Wizard) hasty() bool {
	if w.pressed.IsZero() || w.talk.Waiting() {
		return false
	}
	now := w.look.Now()
	if now.Sub(w.pressed) < screen.Pause {
		w.pressed = now
		return true
	}
	w.pressed = time.Time{}
	return false
}

func (w *Wizard) pressField(k tea.KeyPressMsg) screen.Action {
	keys := w.look.Keys
	switch {
	case key.Matches(k, keys.Clear):
		w.field.Set("")
		w.changed()
		return nil
	case key.Matches(k, keys.Enter):
		return w.enter()
	}
	w.field.Press(k)
	w.changed()
	return nil
}

// changed forgets what was wrong with what was in the field before.
func (w *Wizard) changed() {
	w.slip, w.edited = "", true
	w.veil()
	w.lead()
}

// veil hides what was typed where everybody can read it, from the character on
// that makes a token of it.
func (w *Wizard) veil() {
	q := w.talk.Question()
	w.field.Veil((q.Ask == flows.AskText || q.TakesAddress) && w.talk.LooksLikeToken(w.field.Text()))
}

// enter gives what is in the field.
func (w *Wizard) enter() screen.Action {
	switch q := w.talk.Question(); {
	case w.field.Veiled():
		w.slip = words.NoTokenTyped
		return nil
	case q.Ask == flows.AskText:
		return w.answer(flows.Answer{Text: w.field.Text()})
	case q.Ask == flows.AskPassphrase:
		return w.givePassphrase(q)
	default:
		if w.talk.Waiting() && q.Ask == flows.AskToken {
			w.eager = true // the store is still being looked at
			return nil
		}
		return w.giveToken()
	}
}

func (w *Wizard) giveToken() screen.Action {
	return w.answer(flows.Answer{Secret: secret.New(w.field.Text())})
}

func (w *Wizard) givePassphrase(q flows.Question) screen.Action {
	typed := secret.New(w.field.Text())
	switch {
	case typed.Empty():
		w.slip = words.PassphraseEmpty
		return nil
	case q.Creates && w.first.Empty():
		w.first = typed
		w.field.Set("")
		return nil
	case q.Creates && !w.first.Equal(typed):
		w.first, w.slip = secret.Secret{}, words.PassphraseDiffers
		w.field.Set("")
		return nil
	}
	w.first = secret.Secret{}
	w.field.Set("")
	return w.answer(flows.Answer{Secret: typed})
}

func (w *Wizard) pressChoice(k tea.KeyPressMsg) screen.Action {
	keys, q := w.look.Keys, w.talk.Question()
	if q.TakesToken && k.Text != "" {
		w.field.Press(k)
		w.changed()
		return nil
	}
	if w.talk.Waiting() || len(q.Options) == 0 {
		w.pressed, w.pasted = w.look.Now(), false
		return nil
	}
	pasted := w.pasted
	w.pasted = false
	switch {
	case pasted && key.Matches(k, keys.Enter) && w.talk.Verdict() != nil && !w.talk.Verdict().Status.Storable(false):
		return nil // it ends the paste, and was not meant for what that came to
	case key.Matches(k, keys.Up):
		w.at = max(0, w.at-1)
	case key.Matches(k, keys.Down):
		w.at = min(len(q.Options)-1, w.at+1)
	case key.Matches(k, keys.First):
		w.at = 0
	case key.Matches(k, keys.Last):
		w.at = len(q.Options) - 1
	case key.Matches(k, keys.Enter):
		return w.choose(q.Options[w.at].ID)
	}
	return nil
}

// Paste implements screen.Screen.
func (w *Wizard) Paste(text string) screen.Action {
	switch q := w.talk.Question(); {
	case q.Ask == flows.AskToken:
		// A token comes as a whole: a second paste takes the place of the first.
		w.field.Set(cleaned(text))
		w.changed()
		return nil
	case q.Ask == flows.AskReturn:
		return w.bring(text)
	case q.Ask == flows.AskSecret:
		w.field.Set(strings.TrimSpace(text))
		w.changed()
		return nil
	case q.TakesToken:
		return w.pasteBetter(text)
	case q.TakesAddress && w.talk.LooksLikeToken(text):
		return screen.Say{Text: words.NoTokenHere}
	case q.TakesAddress && !w.talk.Waiting() && !w.Typing():
		return w.answer(flows.Answer{Text: strings.TrimSpace(text)})
	case w.Typing() && q.Ask == flows.AskText && w.talk.LooksLikeToken(text):
		return screen.Say{Text: words.NoTokenHere}
	case w.Typing():
		if !w.edited { // what was there by itself, or from before
			w.field.Set("")
		}
		w.field.Paste(text)
		w.changed()
		return nil
	case q.Step == flows.StepScopes:
		return screen.Say{Text: words.NoPasteHere}
	}
	return nil
}

// pasteBetter takes a token in place of the one on the screen and has it
// checked at once. What is no token stays in the field, with the reason.
func (w *Wizard) pasteBetter(text string) screen.Action {
	w.field.Set(cleaned(text))
	token, err := flows.ReadToken(text)
	if err != nil {
		w.slip = words.ProblemAt(err, w.look.Now()).String()
		return nil
	}
	w.field.Set("")
	w.pasted = true
	return w.answer(flows.Answer{Secret: token})
}

// cleaned is the token in a text, or the text where there is none in it.
func cleaned(text string) string {
	token, err := flows.ReadToken(text)
	if err != nil {
		return text
	}
	return token.Reveal()
}
