package wizard

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring/secret"
	"gitgrant/providers"
	"gitgrant/providers/oauth"
	"gitgrant/ui/screen"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// browserScene waits for a browser to come back, or for a person who brings the
// address that it ended on. Whether a browser opens here changes nothing.
var browserScene = scene{name: "browser", page: browserPage, keys: browserKeys, press: pressBrowser}

// browserKeys begin with the one that is of use: in a low window there is room
// for hardly another, and the address is not there to be read.
func browserKeys(w *Wizard) []key.Binding {
	k := w.look.Keys
	switch {
	case w.talk.Page() == nil:
		return choiceKeys(w)
	case w.field.Text() != "":
		return []key.Binding{k.Enter, k.OpenPage, k.CopyPage, k.GiveToken}
	case w.talk.Obstructed():
		return []key.Binding{k.CopyPage, k.OpenPage, k.GiveToken}
	default:
		return []key.Binding{k.OpenPage, k.CopyPage, k.GiveToken}
	}
}

func pressBrowser(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
	keys, page := w.look.Keys, w.talk.Page()
	switch {
	case page == nil:
		return nil, false
	case key.Matches(k, keys.CopyPage):
		return screen.Copy{Text: page.Address, Name: words.ThePage}, true
	case key.Matches(k, keys.OpenPage):
		return screen.Open{Address: page.Address}, true
	case key.Matches(k, keys.GiveToken):
		return w.choose(flows.ByToken), true
	case key.Matches(k, keys.Enter) && w.field.Text() == "":
		return nil, true
	}
	return nil, false
}

func browserPage(w *Wizard, width int) widget.Page {
	if page := w.talk.Page(); page != nil {
		return w.consentPage(page, width)
	}
	return w.signInPage(words.OpeningDoor, width)
}

// consentPage says where to go. The address is long, so that in a low window it
// gives way to the keys that open and copy it.
func (w *Wizard) consentPage(page *oauth.Page, width int) widget.Page {
	t := w.look.Theme
	scopes := providers.PolicyOf(w.talk.Host().Provider).Scopes(w.talk.Answers().Purpose, providers.OAuthToken)
	bring := words.BringReturn
	if !page.Listening {
		bring = words.BringReturnAlways
	}
	head := w.question(words.AskDevice(words.HostName(w.talk.Host().URL)), words.AsksFor(scopes), width)
	link := append(widget.Text(t.Plain, words.OpenInBrowser, width), widget.Link(t, page.Address, width)...)
	if w.tight() {
		link = widget.Text(t.Plain, words.PageIsLong, width)
	}
	p := widget.Page{Body: widget.Join(head, link, widget.Text(t.Plain, bring, width))}
	note := ""
	if length := len(w.field.Text()); length > 0 {
		note = words.SecretLooks(length)
	}
	p = w.withField(p, words.ReturnHint, note, width)
	p.Foot = append(p.Foot, w.timeLeft(words.WaitingForBrowser, page.ExpiresAt))
	return p
}

// opening shows the page of consent in the browser at once, where there is one
// that can come back.
func (w *Wizard) opening(action screen.Action) screen.Action {
	work, ok := action.(screen.Work)
	if page := w.talk.Page(); ok && page != nil && !w.talk.Obstructed() {
		work.Open = page.Address
		return work
	}
	return action
}

// bring gives the address that the browser ended on. A paste takes the place of
// what is in the field and is given at once.
func (w *Wizard) bring(text string) screen.Action {
	w.field.Set(strings.Join(slices.Collect(strings.FieldsSeq(text)), ""))
	return w.answer(flows.Answer{Secret: secret.New(w.field.Text())})
}
