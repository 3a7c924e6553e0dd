package keyring

import (
	"context"
	"errors"
)

// Migration is what Migrate did.
type Migration struct {
	Moved []Key
	Left  []Key // their former store does not have them, or not whole
}

// parcel is a credential on its way from one store to another.
type parcel struct {
	entry
	from       place
	credential Credential
}

// Migrate moves every credential that rests elsewhere into the store that the
// ring writes to: copies all, reads all back, lets the copies count by one
// write, and only then deletes. Interrupted before that write, the former store
// still counts, and what was copied is deleted again.
func (r *Ring) Migrate(ctx context.Context) (Migration, error) {
	to := r.Store()
	keys, err := r.Elsewhere(to.Kind())
	if err != nil || len(keys) == 0 {
		return Migration{}, err
	}
	h, err := r.begin(ctx, keys, func(x *index) []Kind { return append(resting(keys)(x), to.Kind()) })
	if err != nil {
		return Migration{}, err
	}
	defer h.release()
	parcels, left, err := r.pack(ctx, keys, to.Kind())
	if err != nil {
		return Migration{}, err
	}
	m := Migration{Left: left}
	if len(parcels) == 0 {
		return m, nil
	}
	if err := r.move(ctx, parcels, to); err != nil {
		return Migration{}, err
	}
	for _, p := range parcels {
		m.Moved = append(m.Moved, p.Key)
	}
	return m, nil
}

// Elsewhere lists what does not rest in a store, the secrets of OAuth
// applications too. It asks no store.
func (r *Ring) Elsewhere(kind Kind) ([]Key, error) {
	x, err := r.load()
	if err != nil {
		return nil, err
	}
	var keys []Key
	for _, e := range x.Entries {
		if e.Store != kind {
			keys = append(keys, e.Key)
		}
	}
	return keys, nil
}

// pack reads what is to be moved.
func (r *Ring) pack(ctx context.Context, keys []Key, to Kind) (parcels []parcel, left []Key, err error) {
	x, err := r.load()
	if err != nil {
		return nil, nil, err
	}
	for _, k := range keys {
		e := x.find(k)
		if e == nil || e.Store == to {
			continue // somebody was faster
		}
		_, c, err := r.credentialIn(ctx, x, k)
		switch {
		case errors.Is(err, ErrNotFound), errors.Is(err, ErrCorrupt):
			left = append(left, k)
		case err != nil:
			return nil, nil, err
		default:
			parcels = append(parcels, parcel{*e, e.place().withHead(), c})
		}
	}
	return parcels, left, nil
}

func (r *Ring) move(ctx context.Context, parcels []parcel, to Store) error {
	var highest uint64 // generation that the target remembers of these items
	for _, p := range parcels {
		prior, err := readHead(ctx, to, itemName(p.Grant))
		if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrCorrupt) {
			return err
		}
		highest = max(highest, prior.Generation)
	}
	var announced change
	err := r.update(ctx, func(x *index) error {
		announced = x.announceMove(to.Kind(), parcels, highest)
		return nil
	})
	if err != nil {
		return err
	}
	if err := copyTo(ctx, to, announced, parcels); err != nil {
		if !errors.Is(err, ErrUnknownOutcome) {
			_ = r.settleOne(ctx, announced.Generation) // what remains stays in the journal
		}
		return err
	}
	if _, err := r.commit(ctx, announced); err != nil {
		return err
	}
	r.sweepQuietly(ctx, announced.Generation)
	return nil
}

func (x *index) announceMove(to Kind, parcels []parcel, highest uint64) change {
	x.Revision = max(x.Revision, highest+1)
	c := change{Step: moving, Generation: x.Revision}
	for _, p := range parcels {
		e := p.entry
		e.Store, e.Generation, e.Pieces = to, c.Generation, count(p.credential)
		c.Keys = append(c.Keys, e.Key)
		c.Write = append(c.Write, e)
		c.Sweep = append(c.Sweep, p.from)
	}
	x.Journal = append(x.Journal, c)
	return c
}

// copyTo writes all parcels into a store, and then reads all back.
func copyTo(ctx context.Context, store Store, announced change, parcels []parcel) error {
	for i, e := range announced.Write {
		if err := write(ctx, store, e.place(), parcels[i].credential); err != nil {
			return err
		}
	}
	for i, e := range announced.Write {
		c, err := readCredential(ctx, store, itemName(e.Grant))
		if err != nil {
			return err
		}
		if !c.equal(parcels[i].credential) {
			return ErrCorrupt
		}
	}
	return nil
}
