package dashboard

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// question is what is asked before something is done that cannot be undone, or
// that can be meant in several ways.
type question struct {
	asks, explains string
	page           string // an address that belongs to it, shown as a whole
	answers        []answer
	at             int
	binding        bool // it cannot be left without an answer
	sudden         bool // it came up by itself, beneath the fingers of somebody who may be typing

	// rested is when a key counts for a sudden question: some time after it came
	// up, or into sight.
	rested time.Time
}

// answer is one answer and what follows from it; nothing where that is nil.
type answer struct {
	name   string
	action screen.Action
	doing  string // what is under way then
	stays  bool   // the question is left open: its address may still be wanted
}

func (d *Dashboard) ask(q question) { d.question = &q }

// comeUp asks what nobody has pressed a key for, or so long ago that the keys
// which follow may be meant for something else.
func (d *Dashboard) comeUp(q question) {
	q.sudden = true
	d.ask(q)
	d.InSight()
}

// InSight says that another screen than before is in sight. A question that came
// up by itself counts keys from now on.
func (d *Dashboard) InSight() {
	if q := d.question; q != nil && q.sudden {
		q.rested = d.look.Now().Add(screen.Pause)
	}
}

func (d *Dashboard) pressQuestion(k tea.KeyPressMsg) screen.Action {
	keys, q := d.look.Keys, d.question
	if now := d.look.Now(); now.Before(q.rested) {
		q.rested = now.Add(screen.Pause)
		return nil
	}
	switch {
	case key.Matches(k, keys.Up):
		q.at = max(0, q.at-1)
	case key.Matches(k, keys.Down):
		q.at = min(len(q.answers)-1, q.at+1)
	case key.Matches(k, keys.Back):
		if !q.binding {
			d.question = nil
		}
	case key.Matches(k, keys.Enter):
		a := q.answers[q.at]
		if !a.stays {
			d.question, d.doing = nil, a.doing
		}
		return a.action
	}
	return nil
}

func (d *Dashboard) questionKeys() []key.Binding {
	k := d.look.Keys
	if d.question.binding {
		return []key.Binding{k.Enter, k.Move}
	}
	return []key.Binding{k.Enter, k.Back, k.Move}
}

func (d *Dashboard) layQuestion() widget.Laid {
	t, q := d.look.Theme, d.question
	width := min(d.width, theme.TextWidth)
	var entries []widget.Entry
	for _, a := range q.answers {
		entries = append(entries, widget.Entry{Name: a.name})
	}
	p := widget.Page{Body: widget.Text(t.Strong, q.asks, width)}
	if q.page != "" { // before what there may be no room for
		p.Body = append(p.Body, widget.Link(t, q.page, width)...)
	}
	p.Body = append(p.Body, widget.Text(t.Quiet, q.explains, width)...)
	p.Foot, p.Focus = widget.Choice{Entries: entries, At: q.at}.Lines(t, width)
	return p.Lay(t, d.width, d.height)
}

// forget forgets at once where there is one thing to forget: it can be undone.
// Of several it asks which. The first answer, which a hasty Enter takes, forgets
// nothing.
func (d *Dashboard) forget(r *runtime) screen.Action {
	if len(r.tokens) == 1 {
		return screen.Forget{Grants: r.grants()}
	}
	q := question{
		asks: words.AskForget(r.name), explains: words.AboutForget(words.HostName(r.host())),
		answers: []answer{{name: words.ForgetNothing}},
	}
	for _, g := range r.grants() {
		q.answers = append(q.answers, answer{
			name: words.ForgetOne(providers.Purpose(g.Purpose), g.Account), action: screen.Forget{Grants: []keyring.Grant{g}},
		})
	}
	q.answers = append(q.answers, answer{name: words.ForgetAll(r.name), action: screen.Forget{Grants: r.grants()}})
	d.ask(q)
	return nil
}

// rotate asks before the token is replaced at its host. Where only a person can
// do that, it leads to the page.
func (d *Dashboard) rotate(g keyring.Grant) screen.Action {
	page, ok := d.managePage(g)
	switch {
	case !ok:
		return screen.Say{Text: words.NoHostFor(g)}
	case !d.desk.CanRotate(g):
		d.ask(question{
			asks: words.AskRotate(g), explains: words.RotateByHand(g), page: page,
			answers: append(onPage(page, words.RenewOnPage), answer{name: words.RotateNothing}),
		})
		return nil
	}
	return d.whoElse(screen.Share{Grant: g})
}

// Shared asks about a token, now that it is known who holds it too.
func (d *Dashboard) Shared(s screen.Share, sharing []keyring.Grant) {
	if q, ok := d.about(s, sharing); ok {
		d.comeUp(q)
	}
}

// about is the question whether a token is to be replaced or ended.
func (d *Dashboard) about(s screen.Share, sharing []keyring.Grant) (question, bool) {
	switch {
	case !s.End:
		return d.whetherRotate(s.Grant, sharing), true
	case d.desk.CanRevoke(s.Grant):
		return d.whetherRevoke(s.Grant, sharing), true
	default:
		return d.howToRevoke(s.Grant, sharing)
	}
}

// whetherRotate asks whether the token is to be replaced, which those that share
// it are told of.
func (d *Dashboard) whetherRotate(g keyring.Grant, sharing []keyring.Grant) question {
	until := d.desk.NewEnd(g)
	return question{
		asks: words.AskRotate(g), explains: words.AboutRotate(until, sharing),
		answers: []answer{
			{name: words.RotateNothing},
			{name: words.RotateIt, action: screen.Rotate{Grant: g, Until: until, Sharing: sharing}, doing: words.RotatingAt(words.HostName(g.Host))},
		},
	}
}

// whoElse finds out who else holds a token before anybody is asked about it.
// Where nobody can, the store is not asked.
func (d *Dashboard) whoElse(s screen.Share) screen.Action {
	for i := range d.runtimes {
		for _, t := range d.runtimes[i].tokens {
			if t.Key != s.Grant.Key && t.Host == s.Grant.Host && t.Account == s.Grant.Account {
				d.doing = words.WhoElse
				return s
			}
		}
	}
	if q, ok := d.about(s, nil); ok {
		d.ask(q)
	}
	return nil
}

// revoke asks before the token is ended at its host and forgotten.
func (d *Dashboard) revoke(g keyring.Grant) screen.Action {
	_, ok := d.managePage(g)
	if !ok {
		return screen.Say{Text: words.NoHostFor(g)}
	}
	return d.whoElse(screen.Share{Grant: g, End: true})
}

// whetherRevoke asks whether the token is to be ended, which is the end of it for
// those that share it.
func (d *Dashboard) whetherRevoke(g keyring.Grant, sharing []keyring.Grant) question {
	host := words.HostName(g.Host)
	return question{
		asks: words.AskRevoke(g), explains: words.AboutRevoke(sharing),
		answers: []answer{
			{name: words.RevokeNothing},
			{name: words.RevokeIt(host), action: screen.Revoke{Grant: g, Sharing: sharing}, doing: words.RevokingAt(host)},
		},
	}
}

// CannotRevoke says that no program can end a token after all.
func (d *Dashboard) CannotRevoke(g keyring.Grant, sharing []keyring.Grant) {
	if q, ok := d.howToRevoke(g, sharing); ok {
		d.comeUp(q)
	}
}

// howToRevoke leads to the page where a person ends a token that no program can
// end.
func (d *Dashboard) howToRevoke(g keyring.Grant, sharing []keyring.Grant) (question, bool) {
	page, ok := d.managePage(g)
	return question{
		asks: words.AskRevoke(g), explains: words.CannotRevoke(words.HostName(g.Host), sharing), page: page,
		answers: slices.Concat([]answer{{name: words.RevokeNothing}}, onPage(page, words.RevokeByHand), []answer{
			{name: words.RevokeOnlyHere, action: screen.Forget{Grants: []keyring.Grant{g}}},
		}),
	}, ok
}

// onPage leads to a page where a person does what no program can. Whether there
// is a browser or not, its address stays in sight.
func onPage(page, open string) []answer {
	return []answer{
		{name: open, action: screen.Open{Address: page}, stays: true},
		{name: words.CopyPageAddress, action: screen.Copy{Text: page, Name: words.ThePage}, stays: true},
	}
}

func (d *Dashboard) managePage(g keyring.Grant) (string, bool) {
	p, h, err := d.desk.HostOf(g)
	if err != nil {
		return "", false
	}
	return p.ManagePage(h), true
}

// Unsaved asks what to do about a new token that the store did not take, and
// that is nowhere but in memory.
func (d *Dashboard) Unsaved(why string) {
	d.comeUp(question{
		asks: words.SuccessorInMemory, explains: why, binding: true,
		answers: []answer{
			{name: words.SaveSuccessor, action: screen.SaveAgain{}, doing: words.SavingIt},
			{name: words.LoseSuccessor, action: screen.GiveUp{}},
		},
	})
}
