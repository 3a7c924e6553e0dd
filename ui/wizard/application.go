package wizard

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// applicationScene says how to register an OAuth application and takes its id.
var applicationScene = scene{
	name: "application",
	page: applicationPage,
	keys: applicationKeys,
	press: func(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
		return w.pressApplication(k, w.talk.Provider().Registration(w.talk.Host()).Page)
	},
}

func applicationKeys(w *Wizard) []key.Binding {
	k := w.look.Keys
	return []key.Binding{k.Enter, k.OpenPage, theme.As(k.GiveToken, words.KeyByToken), k.CopyPage}
}

func (w *Wizard) pressApplication(k tea.KeyPressMsg, page string) (screen.Action, bool) {
	if key.Matches(k, w.look.Keys.GiveToken) {
		return w.choose(flows.ByToken), true
	}
	return w.pressPage(k, page)
}

func applicationPage(w *Wizard, width int) widget.Page {
	t := w.look.Theme
	host := words.HostName(w.talk.Host().URL)
	r := w.talk.Provider().Registration(w.talk.Host())
	var form []widget.Fact
	for _, f := range r.Fields {
		form = append(form, widget.Fact{Name: f.Label, Value: words.FieldValue(f)})
	}
	step := func(n int, what string) []string {
		return widget.Hang(t.Accent.Render(fmt.Sprintf("%d", n)), t.Plain, what, width)
	}
	open := append(step(1, words.RegisterOpen), widget.Indent(2, append(widget.Link(t, r.Page, width-2), widget.Text(t.Plain, words.RegisterWay(r.Way), width-2)...))...)
	fill := append(step(2, words.RegisterFill), widget.Indent(2, widget.Facts(t, form, width-2))...)
	fill = append(fill, widget.Indent(2, widget.Text(t.Quiet, words.RegisterHTTPS(r), width-2))...)
	p := widget.Page{Body: widget.Join(
		w.question(words.AskApplication(host), words.AboutApplication, width),
		open, fill, step(3, words.RegisterCopy(r.ID, w.talk.WantsSecret())),
	)}
	return w.trying(w.withField(p, r.ID, "", width), width)
}

// trying says that the host is being asked about the application, or what to do
// where it could not be asked.
func (w *Wizard) trying(p widget.Page, width int) widget.Page {
	switch {
	case w.talk.Waiting():
		p.Foot = append(p.Foot, w.busy(words.TryingApplication(words.HostName(w.talk.Host().URL)))...)
	case w.talk.Doubted():
		p.Foot = append(p.Foot, widget.Text(w.look.Theme.Quiet, words.DoubtedAnyway, width)...)
	}
	return p
}

// secretScene takes the secret of an application, whose page is where it is
// shown. What is in the field is told by its length alone.
var secretScene = scene{
	name: "secret",
	page: secretPage,
	keys: applicationKeys,
	press: func(w *Wizard, k tea.KeyPressMsg) (screen.Action, bool) {
		return w.pressApplication(k, w.talk.Provider().Registration(w.talk.Host()).Secrets())
	},
}

func secretPage(w *Wizard, width int) widget.Page {
	t := w.look.Theme
	r := w.talk.Provider().Registration(w.talk.Host())
	where := append(widget.Text(t.Plain, words.SecretIsThere, width), widget.Link(t, r.Secrets(), width)...)
	p := widget.Page{Body: widget.Join(
		w.question(words.AskClientSecret(words.HostName(w.talk.Host().URL)), words.AboutClientSecret, width),
		append(where, widget.Text(t.Plain, words.RegisterWay(r.MadeWay), width)...),
	)}
	hint, note := words.ClientSecretHint, ""
	if w.talk.Question().Kept {
		hint = words.ClientSecretKept
	}
	if length := len(w.field.Text()); length > 0 {
		note = words.SecretLooks(length)
	}
	return w.trying(w.withField(p, hint, note, width), width)
}
