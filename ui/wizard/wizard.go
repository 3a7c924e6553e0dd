// Package wizard is the screens of install and reauthorize.
//
// Rules of this package:
//
//   - The conversation decides: which question is next, what may be chosen and
//     what is wrong with an answer. A screen asks it and draws.
//   - A token is in a masked field and in the conversation, and in no line that
//     is drawn.
//   - An answer that was typed and not given yet stays when one goes back.
//   - What appears by itself does not take a key that was meant for what it
//     replaced.
package wizard

import (
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// Wizard is the screens around one conversation. It implements screen.Screen.
type Wizard struct {
	look *screen.Look
	talk *flows.Conversation
	// Out says what Esc on the first step does, in the word of the help line: it
	// leads back to the list, or out where a token was stored just before. Empty
	// is nothing.
	Out string

	width, height int

	place  place
	at     int // chosen option
	scroll int
	field  widget.Field
	drafts map[string]secret.Secret // typed and not given yet, by question
	first  secret.Secret            // a passphrase typed once; the second time has to be the same
	pasted bool                     // a better token was pasted, and no key pressed since
	edited bool                     // the field holds something else than what was answered last
	slip   string                   // what was wrong with the typing, which the conversation never saw

	met     string // the version that the host at metAt told
	metAt   string
	since   time.Time // when the present wait began
	pressed time.Time // the last key that nothing was there to take
	eager   bool      // Enter was pressed before its question could take it
	leaving bool      // as soon as the save has ended
	doing   string    // what is under way on the last step
}

// place is which question is on the screen; local state belongs to one place.
type place struct {
	step    flows.Step
	topic   flows.Topic
	ask     flows.Ask
	waiting bool
	trouble bool
	options string
}

// New shows a conversation.
func New(look *screen.Look, talk *flows.Conversation) *Wizard {
	w := &Wizard{look: look, talk: talk, drafts: map[string]secret.Secret{}}
	w.arrive()
	return w
}

// Outcome is how the conversation stands.
func (w *Wizard) Outcome() flows.Outcome { return w.talk.Outcome() }

// Conversation is what the screens are about.
func (w *Wizard) Conversation() *flows.Conversation { return w.talk }

// Leave ends the screens as soon as nothing is being saved, and reports
// whether that is now.
func (w *Wizard) Leave() bool {
	w.leaving = true
	return !w.talk.Saving()
}

// Take hands the conversation what came of its work.
func (w *Wizard) Take(ev flows.Event) screen.Action {
	if met, ok := ev.What.(flows.HostMet); ok && ev.Turn == w.talk.Turn() {
		w.met, w.metAt = met.Version, w.talk.Host().URL
	}
	if found, ok := ev.What.(flows.HostFound); ok && ev.Turn == w.talk.Turn() {
		w.met, w.metAt = found.Version, found.Host.URL
	}
	action := w.move(func() []flows.Effect { return w.talk.Take(ev) })
	if _, opened := ev.What.(flows.PageOpened); opened {
		return w.opening(action)
	}
	if w.eager && !w.talk.Waiting() {
		w.eager = false
		if w.place.ask == flows.AskToken {
			return w.giveToken()
		}
	}
	return action
}

// Title implements screen.Screen.
func (w *Wizard) Title() string { return string(w.talk.Step()) }

// Resize implements screen.Screen.
func (w *Wizard) Resize(width, height int) { w.width, w.height = width, height }

// Typing implements screen.Screen.
func (w *Wizard) Typing() bool {
	switch q := w.talk.Question(); q.Ask {
	case flows.AskText, flows.AskPassphrase, flows.AskSecret:
		return !w.talk.Waiting()
	case flows.AskToken, flows.AskReturn:
		return true
	default:
		// A better token opens its field with its first key, and an address too.
		return w.opens(q) && w.field.Text() != ""
	}
}

// opens reports whether a choice has a field that opens with its first key.
func (w *Wizard) opens(q flows.Question) bool {
	return q.TakesToken || q.TakesAddress && !w.talk.Waiting()
}

// Rhythm implements screen.Screen.
func (w *Wizard) Rhythm() screen.Rhythm {
	switch {
	case w.talk.Code() != nil, w.talk.Page() != nil:
		return screen.Seconds
	case w.talk.Waiting():
		return w.look.Busy()
	default:
		return screen.Calm
	}
}

// arrive prepares what belongs to the question that is on the screen now.
func (w *Wizard) arrive() {
	q := w.talk.Question()
	now := place{step: q.Step, topic: q.Topic, ask: q.Ask, waiting: w.talk.Waiting(), trouble: q.Trouble != nil, options: ids(q.Options)}
	if now == w.place {
		return
	}
	before := w.place
	w.place = now
	if now.waiting && !before.waiting {
		w.since = w.look.Now()
	}
	w.at = max(0, index(q.Options, q.Default))
	if now.step == before.step && now.topic == before.topic && now.ask == before.ask && now.trouble == before.trouble {
		w.lead()
		return // the same question: what was typed stays
	}
	w.scroll, w.slip, w.edited, w.first, w.eager = 0, "", false, secret.Secret{}, false
	w.field = widget.NewField(hidden(q))
	if name, ok := w.draftOf(q); ok {
		draft, kept := w.drafts[name]
		if !kept {
			draft = secret.New(q.Default)
		}
		w.field.Set(draft.Reveal())
		w.veil()
	}
}

// hidden reports whether what is typed at a question is not shown.
func hidden(q flows.Question) bool {
	switch q.Ask {
	case flows.AskToken, flows.AskPassphrase, flows.AskSecret, flows.AskReturn:
		return true
	default:
		return q.TakesToken
	}
}

// draftOf names what is typed at a question. A token belongs to one host, and a
// secret to one application there: at another it is not there, so that nobody
// sends it by a quick Enter.
func (w *Wizard) draftOf(q flows.Question) (name string, ok bool) {
	switch q.Ask {
	case flows.AskText:
		return string(q.Step) + " " + string(q.Topic), true
	case flows.AskToken:
		return string(q.Step) + " " + w.talk.Host().URL, true
	case flows.AskSecret:
		return string(q.Step) + " " + w.talk.Host().URL + " " + w.talk.Host().ClientID, true
	default:
		return "", false
	}
}

// move lets the conversation move, and keeps what was typed unless it became an
// answer.
func (w *Wizard) move(step func() []flows.Effect) screen.Action {
	steps, before := w.talk.Trail()
	q := w.talk.Question()
	name, typed := w.draftOf(q)
	if typed {
		w.drafts[name] = secret.New(w.field.Text())
	}
	effects := step()
	now := slices.Index(steps, w.talk.Step())
	if onward := now < 0 || now > before || now == before && q.Ask == flows.AskToken && w.talk.Question().Topic != q.Topic; typed && onward {
		delete(w.drafts, name)
	}
	w.arrive()
	if w.talk.Outcome().Ended || w.leaving && !w.talk.Saving() {
		return screen.Close{}
	}
	return screen.Work{Turn: w.talk.Turn(), Effects: effects}
}

func (w *Wizard) answer(a flows.Answer) screen.Action {
	w.slip, w.edited = "", false
	return w.move(func() []flows.Effect { return w.talk.Answer(a) })
}

func (w *Wizard) choose(id string) screen.Action {
	w.doing = words.EndingOld
	if id == flows.GiveOthers {
		w.doing = words.GivingNew
	}
	return w.answer(flows.Answer{Text: id})
}

func (w *Wizard) back() screen.Action {
	w.slip, w.edited = "", false
	switch _, current := w.talk.Trail(); {
	case w.talk.Saving():
		return nil
	case !w.first.Empty():
		w.first = secret.Secret{}
		w.field.Set("")
		return nil
	case w.opens(w.talk.Question()) && w.field.Text() != "":
		w.field.Set("")
		w.lead()
		return nil
	case current == 0 && w.Out != "" && !w.inside():
		return screen.Close{}
	}
	return w.move(func() []flows.Effect {
		effects, _ := w.talk.Back()
		return effects
	})
}

func (w *Wizard) canGoBack() bool {
	_, current := w.talk.Trail()
	switch {
	case w.talk.Saving() || w.talk.Step() == flows.StepHandOff:
		return false
	default:
		return current > 0 || w.Out != "" || w.inside()
	}
}

// backKey is Esc under the name of what it does.
func (w *Wizard) backKey() key.Binding {
	if _, current := w.talk.Trail(); current == 0 && !w.inside() {
		return theme.As(w.look.Keys.Back, w.Out)
	}
	return w.look.Keys.Back
}

// inside reports whether Esc leads back within the step.
func (w *Wizard) inside() bool {
	return !w.first.Empty() || w.place.ask == flows.AskPassphrase || w.talk.Patient() || w.talk.Inside()
}

// elapsed tells how long the present wait lasts, where nothing moves.
func (w *Wizard) elapsed() string {
	if !w.look.Still {
		return ""
	}
	return words.Elapsed(w.look.Now().Sub(w.since))
}

// busy is one line for work under way.
func (w *Wizard) busy(what string) []string {
	return []string{w.look.Spinner() + w.look.Theme.Plain.Render(what) + w.look.Theme.Quiet.Render(w.elapsed())}
}

func ids(options []flows.Option) string {
	var b strings.Builder
	for _, o := range options {
		b.WriteString(o.ID + " ")
	}
	return b.String()
}

func index(options []flows.Option, id string) int {
	return slices.IndexFunc(options, func(o flows.Option) bool { return o.ID == id })
}

// Keys implements screen.Screen.
func (w *Wizard) Keys() []key.Binding {
	keys := w.look.Keys
	bindings := w.scene().keys(w)
	if w.canGoBack() && w.talk.Code() == nil { // beside a code it has its place
		bindings = slices.Insert(bindings, min(1, len(bindings)), w.backKey())
	}
	if w.lay().Hidden > 0 {
		bindings = append(bindings, theme.As(keys.PageDown, words.KeyMore))
	}
	if w.Typing() && w.field.Text() != "" {
		bindings = append(bindings, keys.Clear)
	}
	return bindings
}
