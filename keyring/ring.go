package keyring

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"gitgrant/keyring/durable"
)

const (
	indexFile   = "index.json"
	backupFile  = "index.json.bak"     // the last one that was good
	damagedFile = "index.json.damaged" // what the backup had to stand in for
	indexLock   = "index"
)

// Options say where a Ring lives.
type Options struct {
	// Dir is the folder of the index; empty keeps the index in memory.
	Dir string
	// Store is where credentials are written, until Use says otherwise.
	Store Store
	// Others are stores of other kinds, in which grants may rest from before:
	// they are read and emptied, and Use can turn to them. A grant that rests
	// in a store that is not given answers with a Condition for it.
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
	target atomic.Value // the Kind that is written to
	stores map[Kind]Store
	shelf  durable.Shelf
	tails  *tails
	latest latest
	now    func() time.Time
}

// Open opens the ring. It reads the index and asks no store.
func Open(o Options) (*Ring, error) {
	r := &Ring{stores: map[Kind]Store{}, shelf: durable.InMemory(), tails: &tails{}, now: o.Now}
	for _, store := range append(slices.Clone(o.Others), o.Store) {
		r.stores[store.Kind()] = store
	}
	r.target.Store(o.Store.Kind())
	if o.Dir != "" {
		r.shelf = durable.In(o.Dir)
	}
	if r.now == nil {
		r.now = time.Now
	}
	if _, err := r.load(); err != nil {
		return nil, err
	}
	return r, nil
}

// Use turns to another store of the Options: credentials are written there from
// now on, also while calls to the former one are under way. What those still do
// is reconciled by a later Settle. It holds for this Ring; Choose remembers it.
func (r *Ring) Use(kind Kind) error {
	store, err := r.storeOf(kind)
	if err == nil {
		r.target.Store(store.Kind())
	}
	return err
}

// Choose turns to a store like Use, and remembers that for those who open the
// ring later.
func (r *Ring) Choose(ctx context.Context, kind Kind) error {
	if _, err := r.storeOf(kind); err != nil {
		return err
	}
	err := r.update(ctx, func(x *index) error {
		x.Chosen = kind
		return nil
	})
	if err != nil {
		return err
	}
	return r.Use(kind)
}

// Chosen is the store that Choose remembered; empty where it never did.
func (r *Ring) Chosen() (Kind, error) {
	x, err := r.load()
	if err != nil {
		return "", err
	}
	return x.Chosen, nil
}

// Store returns the store that credentials are written to.
func (r *Ring) Store() Store { return r.stores[r.target.Load().(Kind)] }

// Stores lists all stores of the Options, in the order of their kinds.
func (r *Ring) Stores() []Store {
	var stores []Store
	for _, kind := range []Kind{System, Vault, Memory} {
		if store, ok := r.stores[kind]; ok {
			stores = append(stores, store)
		}
	}
	return stores
}

// Probe finds the state of the store that is written to, without prompting anybody.
func (r *Ring) Probe(ctx context.Context) Condition { return r.Store().Probe(ctx) }

// Wait returns once no call to a store is under way, and ErrUnknownOutcome when the
// context ends first.
func (r *Ring) Wait(ctx context.Context, kind Kind) error { return r.wait(ctx, kind) }

// Notices lists the files that were found too open and tightened.
func (r *Ring) Notices() []durable.Notice { return r.shelf.Notices() }

// Grants lists what the index knows, by runtime, purpose and account.
func (r *Ring) Grants() ([]Grant, error) {
	x, err := r.load()
	if err != nil {
		return nil, err
	}
	grants := []Grant{}
	for _, e := range x.Entries {
		if !e.isHost() {
			grants = append(grants, e.Grant)
		}
	}
	sort.Slice(grants, func(i, j int) bool { return grants[i].Key.compare(grants[j].Key) < 0 })
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
	return r.NoteAll([]Key{k}, func(_ int, g *Grant) { note(g) })
}

// NoteAll is Note for many grants in one write. Those that are not there are
// passed over; where none is, nothing is written and it says ErrNotFound.
func (r *Ring) NoteAll(keys []Key, note func(i int, g *Grant)) error {
	at := make(map[Key]int, len(keys))
	for i, k := range keys {
		at[k] = i
	}
	return r.update(context.Background(), func(x *index) error {
		noted := false
		for j := range x.Entries {
			e := &x.Entries[j]
			i, wanted := at[e.Key]
			if !wanted {
				continue
			}
			g := e.Grant
			note(i, &g)
			g.Key, g.Provider, g.Host = e.Key, e.Provider, e.Host
			g.Store, g.CreatedAt, g.SavedAt = e.Store, e.CreatedAt, e.SavedAt
			e.Grant, noted = g, true
		}
		if !noted {
			return ErrNotFound
		}
		return nil
	})
}

// Mute says of a runtime whether anybody wants to be notified about it.
func (r *Ring) Mute(runtime string, muted bool) error {
	return r.update(context.Background(), func(x *index) error {
		found := false
		for i := range x.Entries {
			if e := &x.Entries[i]; e.Runtime == runtime && !e.isHost() {
				e.Muted, found = muted, true
			}
		}
		if !found {
			return ErrNotFound
		}
		return nil
	})
}

// load reads the index, to look at it and no more: what has not changed since is
// not taken apart again.
func (r *Ring) load() (*index, error) {
	if data, err := r.shelf.Read(indexFile); err == nil {
		if x := r.latest.of(data); x != nil {
			return x, nil
		}
	}
	f, err := r.read()
	if err == nil && f.good != nil && f.damaged == nil {
		r.latest.keep(f.good, f.index)
	}
	return f.index, err
}

// latest is the index as it was last looked at, and the text that it was read
// from.
type latest struct {
	mu    sync.Mutex
	text  []byte
	index *index
}

func (l *latest) of(text []byte) *index {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.index == nil || !bytes.Equal(text, l.text) {
		return nil
	}
	return l.index
}

func (l *latest) keep(text []byte, x *index) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text, l.index = text, x
}

// file is the index as it was found.
type file struct {
	*index
	good    []byte // what the index was read from
	damaged []byte // what it should have been read from
}

// read reads the index, or the backup where the index is damaged or gone. What
// a newer version wrote is neither: nothing older ever takes its place.
func (r *Ring) read() (file, error) {
	data, err := r.shelf.Read(indexFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return file{}, err
	}
	var damage error
	if err == nil {
		x, err := parseIndex(data)
		if err == nil {
			return file{index: x, good: data}, nil
		}
		if errors.Is(err, ErrNewer) {
			return file{}, err
		}
		damage = fmt.Errorf("%w: %s: %w", ErrDamaged, indexFile, err)
	}
	backup, err := r.shelf.Read(backupFile)
	if err == nil {
		x, err := parseIndex(backup)
		if err == nil {
			return file{index: x, good: backup, damaged: data}, nil
		}
		if errors.Is(err, ErrNewer) {
			return file{}, err
		}
	}
	if damage == nil && errors.Is(err, fs.ErrNotExist) {
		return file{index: &index{Version: indexVersion}}, nil
	}
	return file{}, cmp.Or(damage, err, ErrDamaged)
}

// update changes the index under its lock. The lock is held for as long as a
// file takes to write, never across a call to a store.
func (r *Ring) update(ctx context.Context, edit func(*index) error) error {
	release, err := r.shelf.Lock(ctx, indexLock)
	if err != nil {
		return err
	}
	defer release()
	f, err := r.read()
	if err != nil {
		return err
	}
	if f.Version > indexVersion {
		return ErrNewer
	}
	f.Revision++
	if err := edit(f.index); err != nil {
		return err
	}
	return r.replace(f)
}

// replace writes the index, after what it takes the place of.
func (r *Ring) replace(f file) error {
	data, err := f.bytes()
	if err != nil {
		return err
	}
	if f.damaged != nil {
		if err := r.shelf.Write(damagedFile, f.damaged); err != nil {
			return err
		}
	}
	if f.good != nil {
		if err := r.shelf.Write(backupFile, f.good); err != nil {
			return err
		}
	}
	return r.shelf.Write(indexFile, data)
}
