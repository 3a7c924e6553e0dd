package keyring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"gitgrant/keyring/durable"
)

const (
	indexFile  = "index.json"
	backupFile = "index.json.bak"
	indexLock  = "index"
)

// Options say where a Ring lives.
type Options struct {
	// Dir is the folder of the index; empty keeps the index in memory.
	Dir string
	// Store is where credentials are written.
	Store Store
	// Others are stores of other kinds, in which grants may rest from before:
	// they are read and emptied, and written by Migrate alone. A grant that
	// rests in a store that is not given answers with a Condition for it.
	Others []Store
	// Now is the clock; nil is the system's.
	Now func() time.Time
}

// Ring is the grants of this person on this machine: a Store, and the index
// that lists what rests in it.
//
// Every change of a grant holds a lock of that grant which other processes
// respect. It is announced in the journal, done, made to count by one write,
// and only then is what it replaced deleted; a change that was interrupted is
// brought to an end, forward or back, before the grant is touched again.
type Ring struct {
	store  Store
	stores map[Kind]Store
	shelf  durable.Shelf
	now    func() time.Time
}

// Open opens the ring. It reads the index and asks no store.
func Open(o Options) (*Ring, error) {
	r := &Ring{store: o.Store, stores: map[Kind]Store{}, shelf: durable.InMemory(), now: o.Now}
	for _, store := range append(slices.Clone(o.Others), o.Store) {
		r.stores[store.Kind()] = store
	}
	if o.Dir != "" {
		r.shelf = durable.In(o.Dir)
	}
	if r.now == nil {
		r.now = time.Now
	}
	if _, _, err := r.load(); err != nil {
		return nil, err
	}
	return r, nil
}

// Store returns the store that credentials are written to.
func (r *Ring) Store() Store { return r.store }

// Probe finds the state of that store without prompting anybody.
func (r *Ring) Probe(ctx context.Context) Condition { return r.store.Probe(ctx) }

// Notices lists the files that were found too open and tightened.
func (r *Ring) Notices() []durable.Notice { return r.shelf.Notices() }

// Grants lists what the index knows, by runtime, purpose and account.
func (r *Ring) Grants() ([]Grant, error) {
	x, _, err := r.load()
	if err != nil {
		return nil, err
	}
	grants := []Grant{}
	for _, e := range x.Entries {
		if !e.isHost() {
			grants = append(grants, e.Grant)
		}
	}
	slices.SortFunc(grants, func(a, b Grant) int { return a.Key.compare(b.Key) })
	return grants, nil
}

// Of lists the grants of one runtime.
func (r *Ring) Of(runtime string) ([]Grant, error) {
	grants, err := r.Grants()
	return slices.DeleteFunc(grants, func(g Grant) bool { return g.Runtime != runtime }), err
}

// Note changes facts of a grant. What identifies it, and where and since when
// its credential rests, stays as it is.
func (r *Ring) Note(k Key, note func(*Grant)) error {
	return r.update(context.Background(), func(x *index) error {
		e := x.find(k)
		if e == nil {
			return ErrNotFound
		}
		g := e.Grant
		note(&g)
		g.Key, g.Provider, g.Host = e.Key, e.Provider, e.Host
		g.Store, g.CreatedAt, g.SavedAt = e.Store, e.CreatedAt, e.SavedAt
		e.Grant = g
		return nil
	})
}

// load reads the index, or the backup where the index is damaged or gone. The
// bytes are those that were read.
func (r *Ring) load() (*index, []byte, error) {
	x, data, err := r.read(indexFile)
	if err == nil {
		return x, data, nil
	}
	var unsafe *durable.Unsafe
	if errors.As(err, &unsafe) || errors.Is(err, fs.ErrPermission) {
		return nil, nil, err
	}
	switch x, data, backupErr := r.read(backupFile); {
	case backupErr == nil:
		return x, data, nil
	case errors.Is(err, fs.ErrNotExist) && errors.Is(backupErr, fs.ErrNotExist):
		return &index{Version: indexVersion}, nil, nil
	}
	return nil, nil, err
}

func (r *Ring) read(name string) (*index, []byte, error) {
	data, err := r.shelf.Read(name)
	if err != nil {
		return nil, nil, err
	}
	x, err := parseIndex(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s is damaged: %w", name, err)
	}
	return x, data, nil
}

// update changes the index under its lock. The lock is held for as long as a
// file takes to write, never across a call to a store.
func (r *Ring) update(ctx context.Context, edit func(*index) error) error {
	release, err := r.shelf.Lock(ctx, indexLock)
	if err != nil {
		return err
	}
	defer release()
	x, before, err := r.load()
	if err != nil {
		return err
	}
	if x.Version > indexVersion {
		return ErrNewer
	}
	x.Revision++
	if err := edit(x); err != nil {
		return err
	}
	data, err := x.bytes()
	if err != nil {
		return err
	}
	if before != nil {
		if err := r.shelf.Write(backupFile, before); err != nil {
			return err
		}
	}
	return r.shelf.Write(indexFile, data)
}
