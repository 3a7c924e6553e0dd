package dashboard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// Press implements screen.Screen.
func (d *Dashboard) Press(k tea.KeyPressMsg) screen.Action {
	keys := d.look.Keys
	switch {
	case d.door.asked:
		return d.pressDoor(k)
	case d.look.Now().Before(d.door.rested):
		d.door.rested = d.look.Now().Add(screen.Pause)
		return nil
	case d.question != nil:
		return d.pressQuestion(k)
	case d.chooser != nil:
		return d.pressChooser(k)
	case d.filtering:
		d.pressFilter(k)
		return nil
	case key.Matches(k, keys.Quit):
		return screen.Close{}
	case key.Matches(k, keys.New):
		return screen.Install{}
	case key.Matches(k, keys.Unlock):
		return d.unlock()
	case key.Matches(k, keys.Undo) && d.undoable:
		return screen.Undo{}
	case key.Matches(k, keys.Back):
		d.back()
		return nil
	}
	r, ok := d.current()
	if d.page && ok {
		return d.pressPage(k, r)
	}
	return d.pressList(k, r, ok)
}

func (d *Dashboard) back() {
	switch {
	case d.page:
		d.page = false
	case d.filter.Text() != "":
		d.filter.Set("")
		d.sift("", d.at())
	}
}

func (d *Dashboard) pressList(k tea.KeyPressMsg, r *runtime, ok bool) screen.Action {
	keys := d.look.Keys
	switch {
	case key.Matches(k, keys.Up):
		d.move(-1)
	case key.Matches(k, keys.Down):
		d.move(1)
	case key.Matches(k, keys.PageUp):
		d.turn(-1)
	case key.Matches(k, keys.PageDown):
		d.turn(1)
	case key.Matches(k, keys.First):
		d.goTo(0)
	case key.Matches(k, keys.Last):
		d.goTo(len(d.shown) - 1)
	case key.Matches(k, keys.Filter):
		d.filtering = len(d.runtimes) > 0
		d.follow()
	case key.Matches(k, keys.Sort):
		d.order = d.order.Next()
		d.sift("", d.at())
		return screen.Say{Text: words.Sorted(d.order)}
	case key.Matches(k, keys.Group):
		d.byHost = !d.byHost
		d.sift("", d.at())
	case !ok:
	case key.Matches(k, keys.Enter):
		d.page, d.grant, d.scroll = true, 0, 0
	default:
		return d.fromList(k, r)
	}
	return nil
}

// fromList does something to the chosen runtime. A key that is about one token
// takes the only one, or the only one in need; of others the person chooses on
// the page.
func (d *Dashboard) fromList(k tea.KeyPressMsg, r *runtime) screen.Action {
	keys := d.look.Keys
	var among []int
	switch {
	case key.Matches(k, keys.Reauthorize):
		worst, only := r.worst()
		if len(r.tokens) == 1 || only {
			return d.act(k, r, worst)
		}
	case key.Matches(k, keys.Rotate, keys.Revoke):
		if len(r.tokens) == 1 {
			return d.act(k, r, 0)
		}
	case key.Matches(k, keys.Reuse) && r.has(user):
		if among = r.of(user); len(among) == 1 {
			return d.act(k, r, among[0])
		}
	default:
		return d.act(k, r, 0)
	}
	d.page, d.scroll = true, 0
	d.grant, _ = r.worst()
	if len(among) > 0 {
		d.grant = among[0]
	}
	d.reveal()
	return screen.Say{Text: words.ChooseToken(k.String())}
}

func (d *Dashboard) pressPage(k tea.KeyPressMsg, r *runtime) screen.Action {
	keys := d.look.Keys
	hidden := d.layPage(d.width).Hidden
	switch {
	case key.Matches(k, keys.Up):
		d.grant = max(0, d.grant-1)
	case key.Matches(k, keys.Down):
		d.grant = min(len(r.tokens)-1, d.grant+1)
	case key.Matches(k, keys.PageUp):
		d.scroll = max(0, min(d.scroll, hidden)-d.height/2)
		return nil
	case key.Matches(k, keys.PageDown):
		d.scroll = min(d.scroll+d.height/2, hidden)
		return nil
	default:
		return d.act(k, r, min(d.grant, len(r.tokens)-1))
	}
	d.reveal()
	return nil
}

// reveal scrolls the page to the chosen token.
func (d *Dashboard) reveal() {
	r, ok := d.current()
	if !d.page || !ok {
		return
	}
	d.grant = min(d.grant, len(r.tokens)-1)
	d.scroll = min(d.sections(r, min(d.width, theme.TextWidth)).starts[d.grant], d.layPage(d.width).Hidden)
}

// act is what can be done to a runtime wherever it is shown. at is the token
// that is meant.
func (d *Dashboard) act(k tea.KeyPressMsg, r *runtime, at int) screen.Action {
	keys, g := d.look.Keys, r.tokens[at].Grant
	switch {
	case key.Matches(k, keys.Reauthorize):
		return screen.Reauthorize{Grant: g}
	case key.Matches(k, keys.Check):
		if d.page {
			return screen.Check{Grants: r.grants()}
		}
		return screen.Check{Grants: d.Grants()}
	case key.Matches(k, keys.AddUser) && !r.has(user):
		return screen.Install{Answers: flows.Answers{Runtime: r.name, Purpose: user}}
	case key.Matches(k, keys.Mute):
		return screen.Mute{Runtime: r.name, Muted: !r.muted()}
	case key.Matches(k, keys.CopyCommand):
		return d.copy(g)
	case d.doing != "":
		return screen.Say{Text: words.OneAtATime} // what follows may be about a token that is gone by then
	case key.Matches(k, keys.Forget):
		return d.forget(r)
	case key.Matches(k, keys.Reuse):
		return d.share(g)
	case key.Matches(k, keys.Rotate):
		return d.rotate(g)
	case key.Matches(k, keys.Revoke):
		return d.revoke(g)
	}
	return nil
}

func (d *Dashboard) share(g keyring.Grant) screen.Action {
	if g.Purpose != string(user) {
		return screen.Say{Text: words.OnlyUserTokens}
	}
	return d.reuse(g)
}

// copy puts the command that hands the token over on the clipboard. It holds no
// secret: it asks for the token when it runs.
func (d *Dashboard) copy(g keyring.Grant) screen.Action {
	if d.look.Demo {
		return screen.Say{Text: words.DemoKept}
	}
	return screen.Copy{Text: words.NextCommands(g)[0].Command, Name: words.TheCommand}
}

func (d *Dashboard) pressFilter(k tea.KeyPressMsg) {
	keys, before := d.look.Keys, d.wanted()
	switch {
	case key.Matches(k, keys.Enter):
		d.filtering = d.filter.Veiled()
	case key.Matches(k, keys.Back):
		d.filtering = false
		d.filter.Set("")
	case key.Matches(k, keys.Clear):
		d.filter.Set("")
	case k.Code == tea.KeyUp:
		d.move(-1)
		return
	case k.Code == tea.KeyDown:
		d.move(1)
		return
	default:
		d.filter.Press(k)
	}
	d.veil(&d.filter)
	d.sift(before, d.at())
}

// veil hides what was typed where everybody can read it, from the character on
// that makes a token of it.
func (d *Dashboard) veil(f *widget.Field) {
	f.Veil(flows.LooksLikeToken(d.desk.Providers, f.Text()))
}

// Paste implements screen.Screen.
func (d *Dashboard) Paste(text string) screen.Action {
	switch {
	case d.door.asked && !d.door.opening:
		d.door.field.Paste(text)
		d.door.slip = ""
	case !d.Typing():
	case flows.LooksLikeToken(d.desk.Providers, text):
		return screen.Say{Text: words.NoTokenHere}
	case d.chooser != nil && d.chooser.naming:
		d.chooser.field.Paste(text)
		d.chooser.slip = ""
	case d.chooser != nil:
		keep := d.chooser.name()
		d.chooser.filter.Paste(text)
		d.chooser.sift(keep)
	case d.filtering:
		before := d.wanted()
		d.filter.Paste(text)
		d.sift(before, d.at())
	}
	return nil
}
