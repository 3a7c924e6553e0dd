package keyring

import (
	"context"
	"sync"

	"gitgrant/keyring/secret"
)

// Snapshotter is a Store that reads all of its items at the cost of one. What
// it returns finds an item among them, or ErrNotFound.
type Snapshotter interface {
	Snapshot(ctx context.Context) (func(item string) (secret.Secret, error), error)
}

// Reading reads the credentials of many grants: the index, and a store that can
// be read as a whole, are read once for all of them. It is for one pass over
// the ring, and does not see what is saved after it began.
type Reading struct {
	ring    *Ring
	entries map[Key]*entry
	pending map[Key]bool // grants that the journal has something about

	mu        sync.Mutex
	snapshots map[Kind]*snapshot
}

// snapshot is a store as it was when it was first needed.
type snapshot struct {
	Store
	once sync.Once
	find func(item string) (secret.Secret, error)
	err  error
}

// Get looks into the snapshot.
func (s *snapshot) Get(_ context.Context, item string) (secret.Secret, error) {
	if s.err != nil {
		return secret.Secret{}, s.err
	}
	return s.find(item)
}

// Read begins a Reading. It asks no store.
func (r *Ring) Read() (*Reading, error) {
	x, err := r.load()
	if err != nil {
		return nil, err
	}
	reading := &Reading{ring: r, entries: map[Key]*entry{}, pending: map[Key]bool{}, snapshots: map[Kind]*snapshot{}}
	for i := range x.Entries {
		reading.entries[x.Entries[i].Key] = &x.Entries[i]
	}
	for _, c := range x.Journal {
		for _, k := range c.Keys {
			reading.pending[k] = true
		}
	}
	return reading, nil
}

// Credential is Ring.Credential for one of many. It may be called by several at
// once.
func (r *Reading) Credential(ctx context.Context, k Key) (Credential, error) {
	if r.pending[k] {
		return r.ring.Credential(ctx, k)
	}
	e := r.entries[k]
	if e == nil {
		return Credential{}, ErrNotFound
	}
	store, err := r.ring.storeOf(e.Store)
	if err != nil {
		return Credential{}, err
	}
	if whole, ok := store.(Snapshotter); ok {
		store = r.snapshot(ctx, store, whole)
	}
	return readCredential(ctx, store, itemName(e.Grant))
}

func (r *Reading) snapshot(ctx context.Context, store Store, whole Snapshotter) Store {
	r.mu.Lock()
	s := r.snapshots[store.Kind()]
	if s == nil {
		s = &snapshot{Store: store}
		r.snapshots[store.Kind()] = s
	}
	r.mu.Unlock()
	s.once.Do(func() { s.find, s.err = whole.Snapshot(ctx) })
	return s
}
