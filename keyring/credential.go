package keyring

import (
	"context"
	"slices"
)

// Credential reads the credential of a grant. The errors are ErrNotFound where
// index or store do not have it, a Condition where its store cannot be used,
// ErrUnknownOutcome where the store does not answer, and ErrCorrupt where it
// answers with something else than was saved.
func (r *Ring) Credential(ctx context.Context, k Key) (Credential, error) {
	x, err := r.load()
	if err != nil {
		return Credential{}, err
	}
	if x, err = r.settled(ctx, x, k); err != nil {
		return Credential{}, err
	}
	_, c, err := r.credentialIn(ctx, x, k)
	return c, err
}

// settled settles what is pending for a grant, and returns the index after it.
// Where that cannot be done now, what counted before still does.
func (r *Ring) settled(ctx context.Context, x *index, k Key) (*index, error) {
	pending := slices.ContainsFunc(x.Journal, func(c change) bool { return c.touches([]Key{k}) })
	if !pending || x.Version > indexVersion {
		return x, nil
	}
	for _, c := range x.Journal {
		if c.touches([]Key{k}) {
			_ = r.settleAlone(ctx, c)
		}
	}
	x, err := r.load()
	return x, err
}

func (r *Ring) credentialIn(ctx context.Context, x *index, k Key) (Grant, Credential, error) {
	e := x.find(k)
	if e == nil {
		return Grant{}, Credential{}, ErrNotFound
	}
	store, err := r.storeOf(e.Store)
	if err != nil {
		return Grant{}, Credential{}, err
	}
	c, err := readCredential(ctx, store, itemName(e.Grant))
	return e.Grant, c, err
}

// Refresh replaces a credential by one that renew obtains from it. The grant is
// locked for other processes all the while and read again under that lock:
// where another process has just renewed it, renew finds that in what it is
// given, and returns it as it is. A new credential is durable before it is
// returned; once renew has it, the end of the context does not keep it from
// being saved.
//
// Others note facts of the grant meanwhile. Those are kept where renew leaves
// them alone: what was begun at the host, and what it was proven against; and in
// any case what was told of it, and that it is muted. What was found out about
// the former token meanwhile goes with that.
//
// Where renew succeeded and the store then failed, the new credential is
// returned together with the error: it exists nowhere else, and it is for the
// caller to keep it until a Save succeeds.
func (r *Ring) Refresh(ctx context.Context, k Key, renew func(Grant, Credential) (Grant, Credential, error)) (Grant, Credential, error) {
	h, err := r.begin(ctx, []Key{k}, resting([]Key{k}))
	if err != nil {
		return Grant{}, Credential{}, err
	}
	defer h.release()
	x, err := r.load()
	if err != nil {
		return Grant{}, Credential{}, err
	}
	if x.Version > indexVersion {
		return Grant{}, Credential{}, ErrNewer // a renewed token could not be recorded
	}
	former, old, err := r.credentialIn(ctx, x, k)
	if err != nil {
		return Grant{}, Credential{}, err
	}
	g, c, err := renew(former, old)
	if err != nil || c.equal(old) {
		return former, old, err
	}
	g.Key, g.Provider, g.Host = former.Key, former.Provider, former.Host
	renewed := g
	renewed.SavedAt = r.now().UTC()
	saved, err := r.save(context.WithoutCancel(ctx), r.stores[former.Store], k, &former, renewed, c)
	if err != nil {
		return g, c, err
	}
	return saved, c, nil
}

// Rewrite saves what a grant holds once more, in the store where it rests: who is
// about to obtain another token knows by that that the store would take it. What
// it holds is returned with the grant, which was saved when it was.
func (r *Ring) Rewrite(ctx context.Context, k Key) (Grant, Credential, error) {
	h, err := r.begin(ctx, []Key{k}, resting([]Key{k}))
	if err != nil {
		return Grant{}, Credential{}, err
	}
	defer h.release()
	x, err := r.load()
	if err != nil {
		return Grant{}, Credential{}, err
	}
	former, c, err := r.credentialIn(ctx, x, k)
	if err != nil {
		return Grant{}, Credential{}, err
	}
	saved, err := r.save(ctx, r.stores[former.Store], k, &former, former, c)
	return saved, c, err
}

func (c Credential) equal(other Credential) bool {
	return c.Access.Equal(other.Access) && c.Refresh.Equal(other.Refresh)
}

// Forget deletes credentials and the grants with them. From the moment the
// journal says so the grants are gone; where the store fails after that, the
// error is returned and the rest is done by a later Settle. A store that cannot
// be used now is a Condition, and then nothing is changed.
func (r *Ring) Forget(ctx context.Context, keys ...Key) error {
	h, err := r.begin(ctx, keys, resting(keys))
	if err != nil {
		return err
	}
	defer h.release()
	if err := r.reachable(ctx, keys); err != nil {
		return err
	}
	var announced change
	err = r.update(ctx, func(x *index) error {
		announced = x.announceForget(keys)
		return nil
	})
	if err != nil {
		return err
	}
	return r.sweep(ctx, announced.Generation)
}

func (x *index) announceForget(keys []Key) change {
	x.supersede(keys)
	c := change{Step: sweeping, Generation: x.Revision, Keys: keys}
	for _, k := range keys {
		if e := x.find(k); e != nil {
			c.Sweep = append(c.Sweep, e.place().withHead())
			x.remove(k)
		}
	}
	if len(c.Sweep) > 0 {
		x.Journal = append(x.Journal, c)
	}
	return c
}

// reachable returns a Condition if grants rest in a store that cannot be asked.
// A vault that is missing holds nothing, and a service that is not running is
// started by the first call.
func (r *Ring) reachable(ctx context.Context, keys []Key) error {
	x, err := r.load()
	if err != nil {
		return err
	}
	for _, k := range keys {
		e := x.find(k)
		if e == nil {
			continue
		}
		store, err := r.storeOf(e.Store)
		if err != nil {
			return err
		}
		if at := store.Probe(ctx); !at.Usable() && at.State != Missing && at.State != Activatable {
			return at
		}
	}
	return nil
}
