package words

import (
	"time"

	"gitgrant/flows"
	"gitgrant/providers"
)

// WayHere is what there is to know about a way to authorize from here, for a
// list of them: why it is closed, else what it takes.
func WayHere(w flows.Way) string {
	if w.Closed != nil {
		m := ProblemAt(w.Closed, time.Time{})
		return join(m.What, m.Why)
	}
	var about string
	for _, r := range w.Remarks {
		switch r {
		case flows.WantsApplication:
			about = join(about, "It takes an OAuth application, and none is known here: the wizard shows how to register one.")
		case flows.WantsSecret:
			about = join(about, "It takes the secret of the OAuth application, which is not known here.")
		default:
			about = join(about, remark(r, w.Remarks))
		}
	}
	if w.Since != "" {
		about = join(about, "The host has it from version "+w.Since+" on.")
	}
	if w.Best {
		about = join(about, "Recommended here.")
	}
	return about
}

// WaysFor is the head of such a list.
func WaysFor(p providers.Purpose) string { return "for a " + string(p) + " token:" }

// OrPossible is what is said of a way about which there is nothing to know.
func OrPossible(about string) string { return orElse(about, "Possible.") }
