package keyring

import (
	"context"
	"slices"
)

// hold is the exclusive right to change some grants, on this machine.
type hold struct {
	ring     *Ring
	keys     []Key
	releases []func()
}

// hold waits for the locks of the grants, in an order that cannot deadlock.
func (r *Ring) hold(ctx context.Context, keys ...Key) (*hold, error) {
	if err := r.wait(ctx); err != nil {
		return nil, err
	}
	h := &hold{ring: r, keys: keys}
	for _, name := range lockNames(keys) {
		release, err := r.shelf.Lock(ctx, name)
		if err != nil {
			h.unlock()
			return nil, err
		}
		h.releases = append(h.releases, release)
	}
	return h, nil
}

// tryHold takes the locks if all are free. It returns nil where somebody is at
// work on one of the grants, and will end what is in the journal for them.
func (r *Ring) tryHold(keys ...Key) (*hold, error) {
	h := &hold{ring: r, keys: keys}
	for _, name := range lockNames(keys) {
		release, taken, err := r.shelf.TryLock(name)
		if err != nil || !taken {
			h.unlock()
			return nil, err
		}
		h.releases = append(h.releases, release)
	}
	return h, nil
}

func lockNames(keys []Key) []string {
	var names []string
	for _, k := range keys {
		names = append(names, "locks/"+digest(k.Runtime, k.Purpose, k.Account))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// release gives the grants back, but not while a call of ours that passed its
// deadline may still write: until it is over, no other process may take what
// it finds for the result.
func (h *hold) release() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if h.ring.wait(ended) == nil {
		h.unlock()
		return
	}
	go func() {
		_ = h.ring.wait(context.Background())
		h.unlock()
	}()
}

func (h *hold) unlock() {
	for _, release := range h.releases {
		release()
	}
}

// wait returns once no store has a call under way.
func (r *Ring) wait(ctx context.Context) error {
	for _, store := range r.stores {
		if waiter, ok := store.(Waiter); ok {
			if err := waiter.Wait(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
