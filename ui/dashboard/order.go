package dashboard

import (
	"slices"
	"strings"

	"gitgrant/flows"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

func width(s string) int { return widget.Width(s) }

// view is the order in which the runtimes are shown, and where in it one is.
type view struct {
	shown  []int  // those that the filter lets through, in order
	lines  []line // what is drawn of them
	starts []int  // the line on which each of shown begins
	chosen string // name of the chosen runtime
	cursor int    // its place among shown
	top    int    // first line in sight
	order  flows.Order
	byHost bool
}

// line is one line of the table: a token, or the name of a host above those who
// are there.
type line struct {
	place int // among shown
	token int // host where it is the name of a host
}

const hostLine = -1

// rank is what a runtime is sorted by.
func (r *runtime) rank(at int) flows.Rank {
	k := flows.Rank{At: at, Host: r.host()}
	for i := range r.tokens {
		k.Count(r.tokens[i].verdict.Status, r.tokens[i].verdict.ExpiresAt)
	}
	return k
}

// sift applies the filter and the order, and keeps the chosen runtime or, where
// that is gone, the place. A runtime whose page is open is not filtered away. among is the filter that what is shown now has passed
// already; empty looks at all.
func (d *Dashboard) sift(among string, place int) {
	wanted := d.wanted()
	if among != "" && strings.HasPrefix(wanted, among) {
		d.shown = slices.DeleteFunc(d.shown, func(i int) bool { return !d.fits(&d.runtimes[i], wanted) })
	} else {
		d.shown = d.shown[:0]
		for i := range d.runtimes {
			if r := &d.runtimes[i]; wanted == "" || d.fits(r, wanted) || d.page && r.name == d.chosen {
				d.shown = append(d.shown, i)
			}
		}
		d.sort()
	}
	d.lay()
	d.cursor = min(max(0, place), max(0, len(d.shown)-1))
	for at, i := range d.shown {
		if d.runtimes[i].name == d.chosen {
			d.cursor = at
			break
		}
	}
	if len(d.shown) > 0 {
		d.chosen = d.runtimes[d.shown[d.cursor]].name
	}
	d.follow()
}

func (d *Dashboard) wanted() string { return strings.ToLower(strings.TrimSpace(d.filter.Text())) }

// fits reports whether a runtime holds a text in one of its columns.
func (d *Dashboard) fits(r *runtime, wanted string) bool {
	if strings.Contains(r.facts, wanted) {
		return true
	}
	for i := range r.tokens {
		v := &r.tokens[i].verdict
		if strings.Contains(words.Status(v.Status), wanted) || strings.Contains(words.Ends(*v, d.look.Now()), wanted) {
			return true
		}
	}
	return false
}

func (d *Dashboard) sort() {
	if d.order == flows.ByName && !d.byHost {
		return // as they come
	}
	ranks := make([]flows.Rank, len(d.shown))
	for n, i := range d.shown {
		ranks[n] = d.runtimes[i].rank(i)
	}
	slices.SortFunc(ranks, func(a, b flows.Rank) int { return d.order.Compare(a, b, d.byHost) })
	for n, k := range ranks {
		d.shown[n] = k.At
	}
}

// lay puts what is shown into lines.
func (d *Dashboard) lay() {
	d.lines, d.starts = d.lines[:0], d.starts[:0]
	for place, i := range d.shown {
		if d.byHost && (place == 0 || d.runtimes[d.shown[place-1]].host() != d.runtimes[i].host()) {
			d.lines = append(d.lines, line{place, hostLine})
		}
		d.starts = append(d.starts, len(d.lines))
		for t := range d.runtimes[i].tokens {
			d.lines = append(d.lines, line{place, t})
		}
	}
}

// at is the place of the chosen runtime among those shown.
func (d *Dashboard) at() int { return d.cursor }

// current is the chosen runtime.
func (d *Dashboard) current() (*runtime, bool) {
	if len(d.shown) == 0 {
		return &runtime{}, false
	}
	return &d.runtimes[d.shown[d.cursor]], true
}

func (d *Dashboard) move(by int) { d.goTo(d.cursor + by) }

func (d *Dashboard) goTo(place int) {
	if len(d.shown) == 0 {
		return
	}
	d.cursor = min(max(0, place), len(d.shown)-1)
	d.chosen = d.runtimes[d.shown[d.cursor]].name
	d.grant, d.scroll = 0, 0
	d.follow()
}

// turn goes on or back by what is in sight.
func (d *Dashboard) turn(pages int) {
	if len(d.shown) == 0 {
		return
	}
	to := d.starts[d.cursor] + pages*max(1, d.rows()-1)
	to = d.lines[min(max(0, to), len(d.lines)-1)].place
	if to == d.cursor {
		to += pages
	}
	d.goTo(to)
}

// rows is how many lines of the table are in sight, below the head and the
// titles.
func (d *Dashboard) rows() int {
	above := 3
	if d.filtered() {
		above++
	}
	return max(1, d.height-above)
}

// follow moves the window so that the chosen runtime is in it, with the name of
// its host where that stands above it.
func (d *Dashboard) follow() {
	if len(d.shown) == 0 {
		d.top = 0
		return
	}
	r, _ := d.current()
	rows := d.rows()
	first := d.starts[d.cursor]
	last := min(first+len(r.tokens), first+rows) - 1
	if first > 0 && d.lines[first-1].token == hostLine && last-first+1 < rows {
		first--
	}
	d.top = min(max(min(d.top, first), last-rows+1), max(0, len(d.lines)-rows))
}

func (d *Dashboard) filtered() bool { return d.filtering || d.filter.Text() != "" }
