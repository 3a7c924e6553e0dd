package dashboard

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/words"
)

// Press implements screen.Screen.
func (d *Dashboard) Press(k tea.KeyPressMsg) screen.Action {
	keys := d.look.Keys
	switch {
	case d.door.asked:
		return d.pressDoor(k)
	case d.forgetting:
		return d.pressForget(k)
	case d.filtering:
		d.pressFilter(k)
		return nil
	case key.Matches(k, keys.Quit):
		return screen.Close{}
	case key.Matches(k, keys.New):
		return screen.Install{}
	case key.Matches(k, keys.Unlock):
		return d.unlock()
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
		d.sift()
	}
}

func (d *Dashboard) pressList(k tea.KeyPressMsg, r runtime, ok bool) screen.Action {
	keys := d.look.Keys
	switch {
	case key.Matches(k, keys.Up):
		d.move(-1)
	case key.Matches(k, keys.Down):
		d.move(1)
	case key.Matches(k, keys.PageUp):
		d.move(-max(1, d.rows()-1))
	case key.Matches(k, keys.PageDown):
		d.move(max(1, d.rows()-1))
	case key.Matches(k, keys.First):
		d.move(-len(d.shown))
	case key.Matches(k, keys.Last):
		d.move(len(d.shown))
	case key.Matches(k, keys.Filter):
		d.filtering = len(d.runtimes) > 0
		d.follow()
	case !ok:
	case key.Matches(k, keys.Enter):
		d.page, d.grant, d.scroll = true, 0, 0
	case key.Matches(k, keys.Reauthorize) && len(r.grants) > 1:
		d.page, d.grant = true, d.worst(r)
		d.reveal()
		return screen.Say{Text: words.ChooseToken}
	default:
		return d.act(k, r, 0)
	}
	return nil
}

// worst is the grant that most likely is to be renewed.
func (d *Dashboard) worst(r runtime) int {
	worst := 0
	for i, g := range r.grants {
		if badness(d.verdicts[g.Key].Status) > badness(d.verdicts[r.grants[worst].Key].Status) {
			worst = i
		}
	}
	return worst
}

func badness(s flows.Status) int {
	switch s.Class() {
	case flows.Bad:
		return 3
	case flows.Ending:
		return 2
	case flows.NotAsked:
		return 1
	default:
		return 0
	}
}

func (d *Dashboard) pressPage(k tea.KeyPressMsg, r runtime) screen.Action {
	keys := d.look.Keys
	hidden := d.layPage(d.width).Hidden
	switch {
	case key.Matches(k, keys.Up):
		d.grant = max(0, d.grant-1)
	case key.Matches(k, keys.Down):
		d.grant = min(len(r.grants)-1, d.grant+1)
	case key.Matches(k, keys.PageUp):
		d.scroll = max(0, min(d.scroll, hidden)-d.height/2)
		return nil
	case key.Matches(k, keys.PageDown):
		d.scroll = min(d.scroll+d.height/2, hidden)
		return nil
	default:
		return d.act(k, r, min(d.grant, len(r.grants)-1))
	}
	d.reveal()
	return nil
}

// reveal scrolls the page to the chosen grant.
func (d *Dashboard) reveal() {
	r, ok := d.current()
	if !d.page || !ok {
		return
	}
	d.grant = min(d.grant, len(r.grants)-1)
	d.scroll = min(d.sections(r, min(d.width, theme.TextWidth)).starts[d.grant], d.layPage(d.width).Hidden)
}

// act is what can be done to a runtime wherever it is shown.
func (d *Dashboard) act(k tea.KeyPressMsg, r runtime, grant int) screen.Action {
	keys := d.look.Keys
	switch {
	case key.Matches(k, keys.Reauthorize):
		return screen.Reauthorize{Grant: r.grants[grant]}
	case key.Matches(k, keys.Check):
		if d.page {
			return screen.Check{Grants: r.grants}
		}
		return screen.Check{Grants: d.Grants()}
	case key.Matches(k, keys.AddUser) && !r.has(providers.User):
		return screen.Install{Answers: flows.Answers{Runtime: r.name, Purpose: providers.User}}
	case key.Matches(k, keys.Forget):
		d.forgetting, d.forget = true, 0
	}
	return nil
}

func (d *Dashboard) pressFilter(k tea.KeyPressMsg) {
	keys := d.look.Keys
	switch {
	case key.Matches(k, keys.Enter):
		d.filtering = false
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
	d.sift()
}

// Paste implements screen.Screen.
func (d *Dashboard) Paste(text string) screen.Action {
	switch {
	case d.door.asked && !d.door.opening:
		d.door.field.Paste(text)
		d.door.slip = ""
	case d.filtering:
		d.filter.Paste(text)
		d.sift()
	}
	return nil
}

func (d *Dashboard) pressForget(k tea.KeyPressMsg) screen.Action {
	keys := d.look.Keys
	r, _ := d.current()
	answers := d.forgettable(r)
	switch {
	case key.Matches(k, keys.Up):
		d.forget = max(0, d.forget-1)
	case key.Matches(k, keys.Down):
		d.forget = min(len(answers)-1, d.forget+1)
	case key.Matches(k, keys.Back):
		d.forgetting = false
	case key.Matches(k, keys.Enter):
		d.forgetting = false
		if chosen := answers[min(d.forget, len(answers)-1)].grants; len(chosen) > 0 {
			return screen.Forget{Grants: chosen}
		}
	}
	return nil
}

// forgettable are the answers to the question what to forget. The first one,
// which a hasty Enter takes, forgets nothing.
func (d *Dashboard) forgettable(r runtime) []answer {
	answers := []answer{{}}
	for _, g := range r.grants {
		answers = append(answers, answer{[]keyring.Grant{g}})
	}
	if len(r.grants) > 1 {
		answers = append(answers, answer{r.grants})
	}
	return answers
}

// answer is a set of grants to forget.
type answer struct{ grants []keyring.Grant }
