package wizard

import (
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"gitgrant/flows"
	"gitgrant/providers"
	"gitgrant/providers/oauth"
	"gitgrant/ui/screen"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// deviceScene waits for a person to approve a code in a browser, on this
// machine or on any other. Whether a browser opens here changes nothing.
var deviceScene = scene{name: "device", page: devicePage, keys: deviceKeys, press: pressDevice}

func deviceKeys(w *Wizard) []key.Binding {
	k := w.look.Keys
	if w.talk.Code() == nil {
		return choiceKeys(w)
	}
	// The ways out fit into a window of eighty columns, also in the demo.
	out := []key.Binding{k.ByToken}
	if w.canGoBack() {
		out = append(out, w.backKey())
	}
	if w.look.Demo {
		return slices.Concat([]key.Binding{k.Approve, k.Copy}, out, []key.Binding{k.Open, k.NewCode})
	}
	return slices.Concat([]key.Binding{k.Copy, k.Open}, out, []key.Binding{k.NewCode})
}

func pressDevice(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
	keys, code := w.look.Keys, w.talk.Code()
	switch {
	case code == nil:
		return nil, false
	case key.Matches(k, keys.Copy):
		return screen.Copy{Text: code.User, Name: words.TheCode}, true
	case key.Matches(k, keys.Open):
		return screen.Open{Address: pageOf(code)}, true
	case key.Matches(k, keys.NewCode):
		return w.choose(flows.SignInAgain), true
	case key.Matches(k, keys.ByToken):
		return w.choose(flows.ByToken), true
	case w.look.Demo && key.Matches(k, keys.Approve):
		return screen.Approve{Code: code.User}, true
	}
	return nil, false
}

// pageOf is the page with the code filled in, where the host has one.
func pageOf(code *oauth.Code) string {
	if code.Complete != "" {
		return code.Complete
	}
	return code.Page
}

func devicePage(w *Wizard, width int) widget.Page {
	host := words.HostName(w.talk.Host().URL)
	if code := w.talk.Code(); code != nil {
		return w.codePage(code, host, width)
	}
	return w.signInPage(words.AskingForCode(host), width)
}

// signInPage is what stands before and after the wait for approval.
func (w *Wizard) signInPage(doing string, width int) widget.Page {
	host := words.HostName(w.talk.Host().URL)
	switch {
	case w.talk.Waiting():
		return widget.Page{Body: widget.Join(
			w.question(words.AskDevice(host), "", width),
			w.busy(doing),
		)}
	case w.talk.Question().Problem == nil:
		p := widget.Page{Body: w.question(words.SignedIn(host), words.SignedInKept, width)}
		return w.withChoice(p, w.entries(signInWord), true, width)
	default:
		p := widget.Page{Body: widget.Join(w.question(words.NotSignedIn(host), "", width), w.problem(width))}
		return w.withChoice(p, w.entries(signInWord), true, width)
	}
}

func signInWord(id string) (name, note string) { return words.Choice(id), "" }

// codePage puts the code first, then where it goes. The picture is for a phone
// and is the first to give way.
func (w *Wizard) codePage(code *oauth.Code, host string, width int) widget.Page {
	t := w.look.Theme
	scopes := providers.PolicyOf(w.talk.Host().Provider).Scopes(w.talk.Answers().Purpose, providers.OAuthToken)
	picture, text := w.picture(code, width)
	link := widget.Link(t, code.Page, text)
	if w.tight() {
		// The code is what a person is here for: it does not scroll away.
		line := t.Plain.Render(words.TheCodeIs) + " " + t.Accent.Render(code.User)
		body := slices.Concat(w.question(words.AskDevice(host), "", text), link, widget.Text(t.Quiet, words.AsksFor(scopes), text))
		return widget.Page{Body: body, Foot: []string{line, w.countdown(code)}}
	}
	ask := w.question(words.AskDevice(host), words.AsksFor(scopes), text)
	page := append(widget.Text(t.Plain, words.OpenThisPage, text), link...)
	box := append(widget.Text(t.Plain, words.EnterThisCode, text), w.codeBox(code.User)...)
	body, foot := widget.Join(ask, page, box), []string{w.countdown(code)}
	if picture != nil {
		return widget.Page{Body: widget.Beside(t, widget.Join(body, foot), width-widget.Width(picture[0]), picture)}
	}
	return widget.Page{Body: body, Foot: foot}
}

// codeText is the least width of text beside the picture.
const codeText = 36

// picture is the QR code where there is room for it beside the text, and the
// width that remains for the text. The address is not broken for its sake.
func (w *Wizard) picture(code *oauth.Code, width int) (picture []string, text int) {
	picture = widget.QR(w.look.Theme, pageOf(code))
	if len(picture) == 0 || len(picture)+headLines > w.height {
		return nil, width
	}
	for gutter := 3; gutter > 0; gutter-- {
		text = width - widget.Width(picture[0]) - gutter
		if text >= max(codeText, widget.Width(code.Page)) {
			return picture, text
		}
	}
	return nil, width
}

func (w *Wizard) codeBox(code string) []string {
	t := w.look.Theme
	box := lipgloss.NewStyle().Border(t.Glyph.Border).BorderForeground(t.Rule.GetForeground()).Padding(0, 3)
	return strings.Split(box.Render(t.Accent.Render(code)), "\n")
}

// lowTime is when the countdown asks for attention.
const lowTime = time.Minute

func (w *Wizard) countdown(code *oauth.Code) string {
	return w.timeLeft(words.WaitingForApproval, code.ExpiresAt)
}

// timeLeft says what is waited for, and for how long it can be.
func (w *Wizard) timeLeft(waiting string, until time.Time) string {
	t := w.look.Theme
	left := until.Sub(w.look.Now())
	style := t.Quiet
	if left < lowTime {
		style = t.Warn
	}
	return t.Plain.Render(waiting) + "  " + style.Render(words.TimeLeft(left))
}
