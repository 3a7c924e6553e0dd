package flows

import (
	"slices"
	"time"

	"gitgrant/keyring"
)

// WhySaved is the reason of a change that came with a new token, beside the
// kinds of causes.
const WhySaved = "saved"

// longestHistory is how many changes of its status a grant remembers.
const longestHistory = 20

// record makes a verdict the last one on a grant. Where the status is another
// than before, that goes into the history.
func record(g *keyring.Grant, v Verdict) {
	g.Verdict = encode(v)
	n := len(g.History)
	if n > 0 && g.History[n-1].Status == string(v.Status) {
		return
	}
	c := keyring.Change{At: v.CheckedAt, Status: string(v.Status)}
	if v.Cause != nil {
		c.Why = string(v.Cause.Kind)
	}
	add(g, c)
}

func add(g *keyring.Grant, c keyring.Change) {
	c.At = c.At.UTC().Truncate(time.Second)
	history := append(slices.Clone(g.History), c)
	g.History = history[max(0, len(history)-longestHistory):]
}

// inherit gives a grant that is about to be saved the history of the one that
// it takes the place of.
func (d *Desk) inherit(w SaveGrant) keyring.Grant {
	g := w.Grant
	former := w.Grant.Key
	if w.Old != nil {
		former = *w.Old
	}
	if grants, err := d.Ring.Of(former.Runtime); err == nil {
		if i := slices.IndexFunc(grants, func(other keyring.Grant) bool { return other.Key == former }); i >= 0 {
			g.History = grants[i].History
		}
	}
	add(&g, keyring.Change{At: d.Now(), Status: string(Remembered(g).Status), Why: WhySaved})
	return g
}
