package keyring

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// Two kinds of lock guard a grant, on this machine and between its processes.
// One is held by whoever changes the grant, for as long as that takes. The
// other, of the grant and one store, is held for as long as a call that passed
// its deadline may still write there: meanwhile nobody takes what is found in
// that store for the result, while the grant can be saved in another one.

// hold is the exclusive right to change some grants.
type hold struct {
	ring     *Ring
	keys     []Key
	releases []func()
}

// begin waits for the right to change grants, and settles what is pending for
// them in the stores that the change is about.
func (r *Ring) begin(ctx context.Context, keys []Key, about func(*index) []Kind) (*hold, error) {
	x, err := r.load()
	if err != nil {
		return nil, err
	}
	if err := r.wait(ctx, about(x)...); err != nil {
		return nil, err
	}
	h := &hold{ring: r, keys: keys}
	begun := false
	defer func() {
		if !begun {
			h.release()
		}
	}()
	for _, name := range lockNames(keys) {
		release, err := r.shelf.Lock(ctx, name)
		if err != nil {
			return nil, err
		}
		h.releases = append(h.releases, release)
	}
	if err := r.settleFor(ctx, h, about); err != nil {
		return nil, err
	}
	begun = true
	return h, nil
}

// only is for a change that is about one store, wherever its grants rest.
func only(store Store) func(*index) []Kind {
	return func(*index) []Kind { return []Kind{store.Kind()} }
}

// resting are the stores in which grants rest.
func resting(keys []Key) func(*index) []Kind {
	return func(x *index) []Kind {
		var kinds []Kind
		for _, k := range keys {
			if e := x.find(k); e != nil && !slices.Contains(kinds, e.Store) {
				kinds = append(kinds, e.Store)
			}
		}
		return kinds
	}
}

// tryHold takes the right to change grants if nobody has it, else it returns
// nil: who is at work on a grant will end what is in the journal for it.
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

// release gives the grants back. Where a call is still under way, its store
// stays barred for them until it is over.
func (h *hold) release() {
	defer h.unlock()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for kind, store := range h.ring.stores {
		if waiter, ok := store.(Waiter); ok && waiter.Wait(ended) != nil {
			h.ring.tails.follow(kind, waiter, h.bar(kind))
		}
	}
}

// bar takes the locks of the grants in a store. They are shared, since the calls
// of two processes can outlive them.
func (h *hold) bar(kind Kind) []func() {
	var releases []func()
	for _, name := range lockNames(h.keys) {
		if release, taken, err := h.ring.shelf.TryShare(tailName(name, kind)); err == nil && taken {
			releases = append(releases, release)
		}
	}
	return releases
}

func (h *hold) unlock() {
	for _, release := range h.releases {
		release()
	}
}

// barred reports whether a call of anybody may still write items of the grants
// in a store.
func (r *Ring) barred(keys []Key, kind Kind) (bool, error) {
	for _, name := range lockNames(keys) {
		release, taken, err := r.shelf.TryLock(tailName(name, kind))
		if err != nil || !taken {
			return true, err
		}
		release()
	}
	return false, nil
}

// lockNames are in an order in which nobody deadlocks.
func lockNames(keys []Key) []string {
	var names []string
	for _, k := range keys {
		names = append(names, "locks/"+digest(k.Runtime, k.Purpose, k.Account))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func tailName(name string, kind Kind) string { return fmt.Sprintf("%s-%s", name, kind) }

// wait returns once no call to the stores is under way, nor what follows it.
func (r *Ring) wait(ctx context.Context, kinds ...Kind) error {
	for _, kind := range kinds {
		if waiter, ok := r.stores[kind].(Waiter); ok {
			if err := waiter.Wait(ctx); err != nil {
				return err
			}
		}
	}
	return r.tails.wait(ctx, kinds)
}

// tails are the calls of this process that outlived what they were made for.
type tails struct {
	mu   sync.Mutex
	open []tail
}

type tail struct {
	kind Kind
	over chan struct{}
}

// follow releases locks once no call to a store is under way.
func (t *tails) follow(kind Kind, waiter Waiter, releases []func()) {
	following := tail{kind, make(chan struct{})}
	t.mu.Lock()
	t.open = append(t.open, following)
	t.mu.Unlock()
	go func() {
		_ = waiter.Wait(context.Background())
		for _, release := range releases {
			release()
		}
		t.mu.Lock()
		t.open = slices.DeleteFunc(t.open, func(other tail) bool { return other == following })
		t.mu.Unlock()
		close(following.over)
	}()
}

func (t *tails) wait(ctx context.Context, kinds []Kind) error {
	t.mu.Lock()
	open := slices.Clone(t.open)
	t.mu.Unlock()
	for _, following := range open {
		if !slices.Contains(kinds, following.kind) {
			continue
		}
		select {
		case <-following.over:
		case <-ctx.Done():
			return ErrUnknownOutcome
		}
	}
	return nil
}

// Alone runs do while no other process that asks for it works on the same
// runtime: what do looks up still holds when it saves.
func (r *Ring) Alone(ctx context.Context, runtime string, do func() error) error {
	release, err := r.shelf.Lock(ctx, "locks/"+digest("runtime alone", runtime))
	if err != nil {
		return err
	}
	defer release()
	return do()
}
