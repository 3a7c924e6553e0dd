package flows

import "gitgrant/keyring"

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
		v.judge(d.within(renewable(g)))
		v.CheckedAt = checked
	}
	return v
}
