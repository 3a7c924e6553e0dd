package keyring

import (
	"context"
	"errors"
	"slices"
)

// Save stores a grant and its credential, as a whole or not at all. A grant of
// the same key is replaced.
//
// ErrUnknownOutcome says that the store has not answered in time: the caller
// keeps the credential, and calls Save again, or Settle to see what became of it.
func (r *Ring) Save(ctx context.Context, g Grant, c Credential) (Grant, error) {
	return r.Replace(ctx, g.Key, g, c)
}

// Replace saves a grant and lets go of an old one, in one change. It is what
// happens when the account behind a grant changes.
func (r *Ring) Replace(ctx context.Context, old Key, g Grant, c Credential) (Grant, error) {
	store := r.Store()
	h, err := r.begin(ctx, []Key{old, g.Key}, only(store))
	if err != nil {
		return Grant{}, err
	}
	defer h.release()
	g.SavedAt = r.now().UTC()
	return r.save(ctx, store, old, nil, g, c)
}

// save does the work of Replace under its hold, with nothing pending. Read is
// what a refresh has made the grant from; nil for one that is saved as it is.
func (r *Ring) save(ctx context.Context, store Store, old Key, read *Grant, g Grant, c Credential) (Grant, error) {
	g.Store, g.Renewable = store.Kind(), !c.Refresh.Empty()
	e := entry{Grant: g, Pieces: count(c)}
	prior, err := readHead(ctx, store, itemName(g))
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrCorrupt) {
		return Grant{}, err
	}
	var announced change
	err = r.update(ctx, func(x *index) error {
		announced = x.announceSave(old, read, &e, prior)
		return nil
	})
	if err != nil {
		return Grant{}, err
	}
	if err := write(ctx, store, e.place(), c); err != nil {
		return r.salvage(ctx, announced, err)
	}
	x, err := r.commit(ctx, announced)
	if err != nil {
		return Grant{}, err
	}
	r.sweepQuietly(ctx, announced.Generation)
	return x.listed(e.Grant), nil
}

// announceSave writes into the journal what is about to be done. The
// generation is above any that was used for the item, also where the index was
// lost and only the head remembers.
func (x *index) announceSave(old Key, read *Grant, e *entry, prior head) change {
	x.Revision = max(x.Revision, prior.Generation+1)
	e.Generation = x.Revision
	e.CreatedAt = e.SavedAt
	here := e.place()
	c := change{Step: saving, Generation: e.Generation, Keys: slices.Compact([]Key{e.Key, old}), Read: read}
	if prior.Generation > 0 {
		c.Sweep = append(c.Sweep, place{Store: here.Store, Item: here.Item, Generation: prior.Generation, Pieces: prior.pieces()})
	}
	for _, k := range c.Keys {
		former := x.find(k)
		if former == nil {
			continue
		}
		if k == e.Key {
			e.CreatedAt = former.CreatedAt
		}
		if at := former.place(); at.Store != here.Store || at.Item != here.Item {
			c.Sweep = append(c.Sweep, at.withHead())
		} else if at.Generation != prior.Generation {
			c.Sweep = append(c.Sweep, at)
		}
	}
	c.Write = []entry{*e}
	x.Journal = append(x.Journal, c)
	return c
}

// salvage brings a save that failed to its end at once, where the store lets
// us. A head that was written although the store said otherwise is a success.
func (r *Ring) salvage(ctx context.Context, announced change, cause error) (Grant, error) {
	if errors.Is(cause, ErrUnknownOutcome) {
		return Grant{}, cause
	}
	landed, err := r.decide(ctx, announced)
	if err != nil {
		return Grant{}, cause
	}
	r.sweepQuietly(ctx, announced.Generation)
	if !landed {
		return Grant{}, cause
	}
	x, err := r.load()
	if err != nil {
		return Grant{}, err
	}
	return x.listed(announced.Write[0].Grant), nil
}

// commit makes an announced change count in the index, and returns that. The
// store has done its part by then, and it is too late to give up.
func (r *Ring) commit(ctx context.Context, announced change) (after *index, err error) {
	err = r.update(context.WithoutCancel(ctx), func(x *index) error {
		x.commit(announced.Generation)
		after = x
		return nil
	})
	return after, err
}

// sweepQuietly deletes what a change replaced. The change counts already; what
// cannot be deleted now stays in the journal.
func (r *Ring) sweepQuietly(ctx context.Context, generation uint64) {
	_ = r.sweep(ctx, generation)
}

// sweep deletes the leftovers of a change and strikes it off the journal.
func (r *Ring) sweep(ctx context.Context, generation uint64) error {
	x, err := r.load()
	if err != nil {
		return err
	}
	c := x.pending(generation)
	if c == nil || c.Step != sweeping {
		return nil
	}
	for _, at := range c.Sweep {
		if err := r.empty(ctx, at); err != nil {
			return err
		}
	}
	return r.update(ctx, func(x *index) error {
		x.strike(generation)
		return nil
	})
}

// empty deletes the items of a place: the head first, so that nothing ever
// points at pieces that are gone.
func (r *Ring) empty(ctx context.Context, at place) error {
	store, err := r.storeOf(at.Store)
	if err != nil {
		return err
	}
	items := at.items()
	if at.Head {
		h, err := readHead(ctx, store, at.Item)
		switch {
		case err == nil && h.Generation > at.Generation:
			items = items[1:] // saved anew since: that head stays
		case err == nil && h.Generation < at.Generation:
			former := place{Item: at.Item, Generation: h.Generation, Pieces: h.pieces()}
			items = append(items, former.items()...)
		case err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrCorrupt):
			return err
		}
	}
	for _, item := range items {
		if err := store.Delete(ctx, item); err != nil {
			return err
		}
	}
	return nil
}
