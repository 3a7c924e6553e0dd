// Package dashboard is the list of runtimes and the page of one.
//
// Rules of this package:
//
//   - It shows what is known at once and never waits: the last verdicts come
//     with the index, new ones replace them as they arrive.
//   - Only what is in sight is drawn, however long the list.
//   - The chosen runtime stays chosen by its name, whatever happens to the list
//     around it.
package dashboard

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
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

	runtimes []runtime // all of them, by name
	shown    []int     // those that the filter lets through
	chosen   string    // name of the chosen runtime
	top      int       // first one in sight
	longest  int       // width of the longest name

	filter    widget.Field
	filtering bool

	page   bool // the page of the chosen runtime is open
	grant  int  // chosen grant on it
	scroll int

	forgetting bool // asking what to forget
	forget     int  // chosen answer

	door door

	verdicts map[keyring.Key]flows.Verdict
	checking map[keyring.Key]bool
}

// runtime is a row: the grants of one name.
type runtime struct {
	name   string
	grants []keyring.Grant
}

// New makes a dashboard without runtimes.
func New(look *screen.Look, desk *flows.Desk) *Dashboard {
	return &Dashboard{
		look: look, desk: desk, filter: widget.NewField(false),
		verdicts: map[keyring.Key]flows.Verdict{}, checking: map[keyring.Key]bool{},
	}
}

// Show replaces the list, which comes by runtime and purpose. Verdicts on
// grants that are still there stay.
func (d *Dashboard) Show(grants []keyring.Grant) {
	before, place := d.verdicts, d.at()
	d.runtimes, d.longest, d.verdicts = nil, 0, map[keyring.Key]flows.Verdict{}
	for _, g := range grants {
		v, known := before[g.Key]
		if last := d.desk.LastKnown(g); !known || !last.CheckedAt.Before(v.CheckedAt) {
			v = last
		}
		d.verdicts[g.Key] = v
		if n := len(d.runtimes); n > 0 && d.runtimes[n-1].name == g.Runtime {
			d.runtimes[n-1].grants = append(d.runtimes[n-1].grants, g)
			continue
		}
		d.runtimes = append(d.runtimes, runtime{name: g.Runtime, grants: []keyring.Grant{g}})
		d.longest = max(d.longest, widget.Width(g.Runtime))
	}
	d.siftAround(place)
	if _, ok := d.current(); !ok {
		d.page, d.forgetting = false, false
	}
}

// Choose goes to a runtime.
func (d *Dashboard) Choose(name string) {
	d.chosen = name
	d.sift()
}

// Checking says which grants are being checked from now on.
func (d *Dashboard) Checking(grants []keyring.Grant) {
	for _, g := range grants {
		d.checking[g.Key] = true
	}
}

// Heard takes the verdict on a grant. It is dropped where the grant is gone.
func (d *Dashboard) Heard(k keyring.Key, v flows.Verdict) {
	delete(d.checking, k)
	if _, ok := d.verdicts[k]; ok {
		d.verdicts[k] = v
	}
}

// Rested says that no check is under way any more.
func (d *Dashboard) Rested() { d.checking = map[keyring.Key]bool{} }

// Grants are all that are listed.
func (d *Dashboard) Grants() []keyring.Grant {
	var grants []keyring.Grant
	for _, r := range d.runtimes {
		grants = append(grants, r.grants...)
	}
	return grants
}

// sift applies the filter and keeps the chosen runtime, or its place.
func (d *Dashboard) sift() { d.siftAround(d.at()) }

func (d *Dashboard) siftAround(place int) {
	defer d.follow()
	d.shown = d.shown[:0]
	wanted := strings.ToLower(strings.TrimSpace(d.filter.Text()))
	for i, r := range d.runtimes {
		if wanted == "" || strings.Contains(d.haystack(r), wanted) {
			d.shown = append(d.shown, i)
		}
	}
	if len(d.shown) == 0 {
		return
	}
	if !slices.ContainsFunc(d.shown, func(i int) bool { return d.runtimes[i].name == d.chosen }) {
		d.chosen = d.runtimes[d.shown[min(max(0, place), len(d.shown)-1)]].name
	}
}

// haystack is everything that a filter may mean.
func (d *Dashboard) haystack(r runtime) string {
	parts := []string{r.name}
	for _, g := range r.grants {
		parts = append(parts, words.Provider(providers.Kind(g.Provider)), g.Host, g.Account, words.Status(d.verdicts[g.Key].Status))
	}
	return strings.ToLower(strings.Join(parts, "\n"))
}

// at is the place of the chosen runtime among those shown.
func (d *Dashboard) at() int {
	return max(0, slices.IndexFunc(d.shown, func(i int) bool { return d.runtimes[i].name == d.chosen }))
}

// current is the chosen runtime.
func (d *Dashboard) current() (runtime, bool) {
	if len(d.shown) == 0 {
		return runtime{}, false
	}
	r := d.runtimes[d.shown[d.at()]]
	return r, r.name == d.chosen
}

func (d *Dashboard) move(by int) {
	if len(d.shown) == 0 {
		return
	}
	to := min(max(0, d.at()+by), len(d.shown)-1)
	d.chosen = d.runtimes[d.shown[to]].name
	d.grant, d.scroll = 0, 0
	d.follow()
}

// Title implements screen.Screen.
func (d *Dashboard) Title() string { return words.TitleList }

// Resize implements screen.Screen.
func (d *Dashboard) Resize(width, height int) {
	d.width, d.height = width, height
	d.follow()
	d.reveal()
}

// Typing implements screen.Screen.
func (d *Dashboard) Typing() bool { return d.filtering || d.door.asked && !d.door.opening }

// Rhythm implements screen.Screen.
func (d *Dashboard) Rhythm() screen.Rhythm {
	if len(d.checking) > 0 || d.door.opening {
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
	case d.forgetting:
		laid = d.layForget()
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
	case d.forgetting:
		return []key.Binding{k.Enter, k.Move, k.Back}
	case d.filtering:
		return []key.Binding{theme.As(k.Enter, words.KeyFilterDone), theme.As(k.Back, words.KeyFilterOff)}
	case !ok && d.filter.Text() != "":
		return []key.Binding{k.Filter, theme.As(k.Back, words.KeyFilterOff), k.New, k.Quit}
	case !ok:
		return []key.Binding{k.New, k.Quit}
	}
	if d.page {
		return d.pageKeys(r)
	}
	return d.listKeys(r)
}

// listKeys are what can be pressed in the list. The first five fit into a
// window of eighty columns.
func (d *Dashboard) listKeys(r runtime) []key.Binding {
	k := d.look.Keys
	keys := []key.Binding{theme.As(k.Enter, words.KeyOpenEntry)}
	if at, ok := d.locked(); ok {
		keys = append(keys, d.unlockKey(at))
	}
	keys = append(keys, k.New, k.Reauthorize, k.Filter)
	if d.filtered() {
		keys = append(keys, theme.As(k.Back, words.KeyFilterOff))
	}
	keys = append(keys, k.Check)
	if !r.has(providers.User) {
		keys = append(keys, k.AddUser)
	}
	return append(keys, k.Forget, k.Move, k.PageUp, k.PageDown, k.Quit)
}

func (d *Dashboard) pageKeys(r runtime) []key.Binding {
	k := d.look.Keys
	keys := []key.Binding{k.Back}
	if at, ok := d.locked(); ok {
		keys = append(keys, d.unlockKey(at))
	}
	keys = append(keys, k.Reauthorize, k.Check)
	if !r.has(providers.User) {
		keys = append(keys, k.AddUser)
	}
	keys = append(keys, k.Forget)
	if len(r.grants) > 1 {
		keys = append(keys, k.Move)
	}
	if d.layPage(d.width).Hidden > 0 {
		keys = append(keys, k.PageUp, k.PageDown)
	}
	return append(keys, k.New, k.Quit)
}

func (r runtime) has(p providers.Purpose) bool {
	return slices.ContainsFunc(r.grants, func(g keyring.Grant) bool { return g.Purpose == string(p) })
}

// of are the grants of one purpose.
func (r runtime) of(p providers.Purpose) []keyring.Grant {
	var grants []keyring.Grant
	for _, g := range r.grants {
		if g.Purpose == string(p) {
			grants = append(grants, g)
		}
	}
	return grants
}
