package keyring

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sort"
)

// Settle waits until no call is under way, and brings every interrupted change
// to its end: one whose commit was reached counts, any other is undone. What
// another process is at work on is left to it. Call it at start, and to learn
// what became of a call with an unknown outcome.
//
// The error is the first reason why something had to stay in the journal.
func (r *Ring) Settle(ctx context.Context) error {
	if err := r.wait(ctx, slices.Collect(maps.Keys(r.stores))...); err != nil {
		return err
	}
	x, err := r.load()
	if err != nil {
		return err
	}
	var first error
	for _, c := range x.Journal {
		if err := r.settleAlone(ctx, c); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// Pending lists the grants with a change that could not be brought to its end.
func (r *Ring) Pending() ([]Key, error) {
	x, err := r.load()
	if err != nil {
		return nil, err
	}
	var keys []Key
	for _, c := range x.Journal {
		keys = append(keys, c.Keys...)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i].compare(keys[j]) < 0 })
	return slices.Compact(keys), nil
}

// settleAlone settles a change if nobody holds its grants.
func (r *Ring) settleAlone(ctx context.Context, c change) error {
	h, err := r.tryHold(c.Keys...)
	if h == nil {
		return err
	}
	defer h.release()
	return r.settleOne(ctx, c.Generation)
}

// settleFor settles what is pending for the grants of a hold. What cannot be
// settled may stay, and is superseded by what comes; but nothing comes to a
// store in which a call may still write.
func (r *Ring) settleFor(ctx context.Context, h *hold, about func(*index) []Kind) error {
	x, err := r.load()
	if err != nil {
		return err
	}
	for _, c := range x.Journal {
		if !c.touches(h.keys) {
			continue
		}
		err := r.settleHolding(ctx, h, c)
		late := func(kind Kind) bool { return slices.Contains(c.stores(), kind) }
		if errors.Is(err, ErrUnknownOutcome) && slices.ContainsFunc(about(x), late) {
			return err
		}
	}
	return nil
}

// settleHolding settles a change that concerns grants of the hold, and perhaps
// others, of which nobody else may be at work.
func (r *Ring) settleHolding(ctx context.Context, h *hold, c change) error {
	others := slices.DeleteFunc(slices.Clone(c.Keys), func(k Key) bool { return slices.Contains(h.keys, k) })
	rest, err := r.tryHold(others...)
	if err != nil {
		return err
	}
	if rest == nil {
		return ErrBusy
	}
	defer rest.release()
	return r.settleOne(ctx, c.Generation)
}

// settleOne brings a change to its end. The journal is read again, now that the
// grants are held: whoever held them before may have ended it.
func (r *Ring) settleOne(ctx context.Context, generation uint64) error {
	x, err := r.load()
	if err != nil {
		return err
	}
	c := x.pending(generation)
	if c == nil {
		return nil
	}
	if x.Version > indexVersion {
		return ErrNewer
	}
	for _, kind := range c.stores() {
		if barred, err := r.barred(c.Keys, kind); err != nil {
			return err
		} else if barred {
			return ErrUnknownOutcome
		}
	}
	if _, err := r.decide(ctx, *c); err != nil {
		return err
	}
	return r.sweep(ctx, generation)
}

// decide makes a change count or undoes it, and reports which. A step that is
// not known here is of a newer version, which will know what to do.
func (r *Ring) decide(ctx context.Context, c change) (landed bool, err error) {
	switch c.Step {
	case saving:
		if landed, err = r.landed(ctx, c); err != nil {
			return false, err
		}
	case moving:
	default:
		return true, nil
	}
	return landed, r.update(ctx, func(x *index) error {
		if landed {
			x.commit(c.Generation)
		} else {
			x.abort(c.Generation)
		}
		return nil
	})
}

// landed reports whether the head of a save was written.
func (r *Ring) landed(ctx context.Context, c change) (bool, error) {
	for _, e := range c.Write {
		store, err := r.storeOf(e.Grant.Store)
		if err != nil {
			return false, err
		}
		h, err := readHead(ctx, store, itemName(e.Grant))
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrCorrupt):
			return false, nil
		case err != nil:
			return false, err
		case h.Generation != e.Generation:
			return false, nil
		}
	}
	return true, nil
}

// storeOf returns the store of a kind, or a Condition where it is not given.
func (r *Ring) storeOf(kind Kind) (Store, error) {
	if store, ok := r.stores[kind]; ok {
		return store, nil
	}
	return nil, Condition{Store: kind, State: Locked, Detail: "it is not open"}
}
