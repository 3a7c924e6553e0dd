package flows

import (
	"regexp"
	"slices"
	"sync"

	"gitgrant/keyring"
	"gitgrant/providers"
)

// LastKnown is what can be said of a grant without asking anybody: the last
// verdict, moved on by the clock.
func (d *Desk) LastKnown(g keyring.Grant) Verdict {
	v, now := Remembered(g), d.Now().UTC()
	v.ExpiresAt = g.ExpiresAt
	accepted := v.Status.Accepted()
	switch {
	case !accepted && v.Status != Unchecked: // refused, whatever the date
	case !v.ExpiresAt.IsZero() && !v.ExpiresAt.After(now) && !renewable(g):
		v.Status, v.Cause = Expired, nil
	case accepted:
		checked := v.CheckedAt
		v.CheckedAt = now
		v.judge(g.Host, d.within(renewable(g)))
		v.CheckedAt = checked
	}
	return v
}

// Glance is the status and the end of LastKnown, and no more of it, at a
// fraction of the cost: a list of ten thousand is sorted and counted by them
// before twenty are read. whole says that it is all of LastKnown, since less
// would not do.
func (d *Desk) Glance(g keyring.Grant) (v Verdict, whole bool) {
	v = Verdict{Status: Unchecked, ExpiresAt: g.ExpiresAt, Expiry: providers.ExpirySource(g.ExpirySource), CheckedAt: d.Now().UTC()}
	if len(g.Verdict) > 0 {
		told := statusFirst().FindSubmatch(g.Verdict)
		if told == nil || !slices.Contains(Statuses, Status(told[1])) {
			return d.LastKnown(g), true
		}
		v.Status = Status(told[1])
	}
	near := !g.ExpiresAt.IsZero() && g.ExpiresAt.Sub(v.CheckedAt) <= d.within(renewable(g))
	switch {
	case !v.Status.Accepted() && v.Status != Unchecked:
	case near || v.Status == Expiring: // the clock has a say, or had
		return d.LastKnown(g), true
	}
	v.CheckedAt = Verdict{}.CheckedAt
	return v, false
}

// statusFirst finds the status in a verdict as encode writes it.
var statusFirst = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\s*\{\s*"status":\s*"([a-z-]+)"`) })
