// Package dashboard is the list of runtimes, the page of one, and what is asked
// before something is done with them.
//
// Rules of this package:
//
//   - It shows what is known at once and never waits: the last verdicts come
//     with the index, new ones replace them as they arrive.
//   - Only what is in sight is drawn, however long the list, and a key costs the
//     same in a list of ten and of ten thousand.
//   - The chosen runtime stays chosen by its name, whatever happens to the list
//     around it. Rows change their place when a person asks for it or when the
//     checks are over, never under a finger.
//   - What can be undone is done at once; what cannot is asked, and the answer
//     that a hasty Enter takes does nothing.
package dashboard

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// Dashboard implements screen.Screen.
type Dashboard struct {
	look *screen.Look
	desk *flows.Desk

	width, height int

	ring
	view

	filter    widget.Field
	filtering bool

	page   bool // the page of the chosen runtime is open
	grant  int  // chosen grant on it
	scroll int

	door     door
	question *question
	chooser  *chooser

	checks   bool   // checks are under way, or what they found is being written down
	doing    string // what is being done at a host; empty where nothing is
	undoable bool   // something can be undone
}

// New makes a dashboard without runtimes.
func New(look *screen.Look, desk *flows.Desk) *Dashboard {
	return &Dashboard{look: look, desk: desk, filter: widget.NewField(false)}
}

// Show replaces the list, which comes by runtime and purpose. Verdicts on
// grants that are still there stay, and so do the chosen ones. The page of a
// runtime that is gone closes: another one's would stand beneath the same finger.
func (d *Dashboard) Show(grants []keyring.Grant) {
	place, name, key := d.at(), d.chosen, d.token()
	d.ring = d.renewed(d.desk, grants)
	d.sift("", place)
	r, ok := d.current()
	if !ok || r.name != name {
		d.page, d.grant = false, 0
		return
	}
	d.grant = max(0, slices.IndexFunc(r.tokens, func(t token) bool { return t.Key == key }))
}

// Choose goes to a runtime in the list.
func (d *Dashboard) Choose(name string) {
	d.page = d.page && d.chosen == name
	d.chosen = name
	d.sift("", d.at())
}

// Place is where in the list somebody is, to tell later whether they still are.
type Place struct {
	scene, runtime string
	token          keyring.Key
	typing         bool
}

// InList reports whether the list itself is what they see.
func (p Place) InList() bool { return p.scene == "list" }

// Place is where somebody is now.
func (d *Dashboard) Place() Place {
	p := Place{scene: d.Scene(), runtime: d.chosen, typing: d.Typing()}
	if d.page {
		p.token = d.token()
	}
	return p
}

// token is the chosen token of the chosen runtime.
func (d *Dashboard) token() keyring.Key {
	r, ok := d.current()
	if !ok {
		return keyring.Key{}
	}
	return r.tokens[min(d.grant, len(r.tokens)-1)].Key
}

// Checking says which grants are being checked from now on.
func (d *Dashboard) Checking(grants []keyring.Grant) {
	d.checks = true
	for _, g := range grants {
		d.wait(g.Key, true)
	}
}

// Unheard says that nothing is going to be heard of a grant after all.
func (d *Dashboard) Unheard(k keyring.Key) { d.wait(k, false) }

// Heard takes the verdict on a grant. It is dropped where the grant is gone.
func (d *Dashboard) Heard(k keyring.Key, v flows.Verdict) {
	d.wait(k, false)
	d.tell(k, v)
}

// Rested says that no check is under way any more. Now the rows take the place
// that their verdicts give them.
func (d *Dashboard) Rested() {
	for i := range d.runtimes {
		for j := range d.runtimes[i].tokens {
			d.runtimes[i].tokens[j].checking = false
		}
	}
	d.tally.checking, d.checks = 0, false
	d.sift("", d.at())
}

// Done says that what was being done at a host is over.
func (d *Dashboard) Done() { d.doing = "" }

// Undoable says whether something can be undone.
func (d *Dashboard) Undoable(can bool) { d.undoable = can }

// Title implements screen.Screen.
func (d *Dashboard) Title() string { return words.TitleList }

// Scene implements screen.Screen.
func (d *Dashboard) Scene() string {
	switch {
	case d.door.asked:
		return "door"
	case d.question != nil:
		return "question"
	case d.chooser != nil:
		return "chooser"
	case d.page:
		return "page"
	default:
		return "list"
	}
}

// Resize implements screen.Screen.
func (d *Dashboard) Resize(width, height int) {
	d.width, d.height = width, height
	d.follow()
	d.reveal()
}

// Typing implements screen.Screen.
func (d *Dashboard) Typing() bool {
	return d.filtering || d.door.asked && !d.door.opening || d.chooser != nil && (d.chooser.naming || d.chooser.filtering)
}

// Rhythm implements screen.Screen.
func (d *Dashboard) Rhythm() screen.Rhythm {
	if d.checks || d.door.opening || d.doing != "" {
		return d.look.Busy()
	}
	return screen.Calm
}

// View implements screen.Screen.
func (d *Dashboard) View() (string, *tea.Cursor) {
	var laid widget.Laid
	switch {
	case d.door.asked:
		laid = d.layDoor()
	case d.question != nil:
		laid = d.layQuestion()
	case d.chooser != nil:
		laid = d.layChooser()
	case d.page:
		laid = d.layPage(d.width)
	default:
		laid = d.layList()
	}
	return strings.Join(laid.Lines, "\n"), laid.Cursor
}

// Keys implements screen.Screen.
func (d *Dashboard) Keys() []key.Binding {
	k := d.look.Keys
	r, ok := d.current()
	switch {
	case d.door.asked:
		return d.doorKeys()
	case d.question != nil:
		return d.questionKeys()
	case d.chooser != nil:
		return d.chooserKeys()
	case d.filtering:
		return []key.Binding{theme.As(k.Enter, words.KeyFilterDone), theme.As(k.Back, words.KeyFilterOff)}
	case !ok && d.filter.Text() != "":
		return append([]key.Binding{k.Filter, theme.As(k.Back, words.KeyFilterOff), k.New}, d.lastKeys()...)
	case !ok:
		return append([]key.Binding{k.New}, d.lastKeys()...)
	}
	if d.page {
		return d.pageKeys(r)
	}
	return d.listKeys(r)
}

// lastKeys are the keys that are always there.
func (d *Dashboard) lastKeys() []key.Binding {
	if d.undoable {
		return []key.Binding{d.look.Keys.Undo, d.look.Keys.Quit}
	}
	return []key.Binding{d.look.Keys.Quit}
}

// listKeys are what can be pressed in the list. The first five fit into a
// window of eighty columns.
func (d *Dashboard) listKeys(r *runtime) []key.Binding {
	k := d.look.Keys
	keys := []key.Binding{theme.As(k.Enter, words.KeyOpenEntry)}
	if at, ok := d.locked(); ok {
		keys = append(keys, d.unlockKey(at))
	}
	if d.undoable {
		keys = append(keys, k.Undo)
	}
	keys = append(keys, k.New, k.Reauthorize, k.Filter)
	if d.filtered() {
		keys = append(keys, theme.As(k.Back, words.KeyFilterOff))
	}
	keys = append(keys, k.Check)
	keys = append(keys, d.deeds(r)...)
	return append(keys, k.Sort, k.Group, k.Move, k.PageUp, k.PageDown, k.Quit)
}

func (d *Dashboard) pageKeys(r *runtime) []key.Binding {
	k := d.look.Keys
	keys := []key.Binding{k.Back}
	if at, ok := d.locked(); ok {
		keys = append(keys, d.unlockKey(at))
	}
	if d.undoable {
		keys = append(keys, k.Undo)
	}
	keys = append(append(keys, k.Reauthorize, k.Check), d.deeds(r)...)
	if len(r.tokens) > 1 {
		keys = append(keys, k.Move)
	}
	if d.layPage(d.width).Hidden > 0 {
		keys = append(keys, k.PageUp, k.PageDown)
	}
	return append(keys, k.New, k.Quit)
}

// deeds are the keys that do something with a runtime, beside the first ones.
func (d *Dashboard) deeds(r *runtime) []key.Binding {
	k := d.look.Keys
	var keys []key.Binding
	if r.has(user) {
		keys = append(keys, k.Reuse)
	} else {
		keys = append(keys, k.AddUser)
	}
	mute := k.Mute
	if r.muted() {
		mute = theme.As(mute, words.KeyUnmute)
	}
	return append(keys, k.CopyCommand, k.Rotate, k.Revoke, k.Forget, mute)
}
