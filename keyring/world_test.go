package keyring_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
)

// world is what outlives a process: the folder of the index, and the stores.
type world struct {
	dir    string
	mu     sync.Mutex
	items  map[keyring.Kind]map[string]secret.Secret
	locked map[keyring.Kind]bool
}

func newWorld(dir string) *world {
	return &world{
		dir:    dir,
		items:  map[keyring.Kind]map[string]secret.Secret{keyring.System: {}, keyring.Vault: {}},
		locked: map[keyring.Kind]bool{},
	}
}

// fault is what befalls one call to a store.
type fault string

const (
	none         fault = "nothing"
	killedBefore fault = "the process is killed before it"
	killedAfter  fault = "the process is killed after it"
	refused      fault = "it is refused"
	lied         fault = "it is done, and said to be refused"
	hungAndDone  fault = "it passes its deadline and is done later"
	hungAndLost  fault = "it passes its deadline and is never done"
)

var faults = []fault{none, killedBefore, killedAfter, refused, lied, hungAndDone, hungAndLost}

// errKilled is what a killed process panics with.
var errKilled = errors.New("killed")

// process is one run of the program: a ring with its view of the stores.
type process struct {
	world *world
	ring  *keyring.Ring
	kind  keyring.Kind // the store it writes to

	mu      sync.Mutex
	due     int           // calls until the fault strikes
	fault   fault         // what strikes
	hung    keyring.Kind  // the store of a call that hangs
	pending chan struct{} // open while it does
	late    func()        // what it does when it goes on
}

func (w *world) start(writesTo keyring.Kind) (*process, error) {
	p := &process{world: w, kind: writesTo, fault: none}
	var err error
	p.ring, err = keyring.Open(keyring.Options{
		Dir: w.dir, Store: &view{p, writesTo}, Others: []keyring.Store{&view{p, other(writesTo)}},
	})
	return p, err
}

// suffer does something during which a fault strikes at one of its calls, and
// reports whether the process survived.
func (p *process) suffer(f fault, due int, do func()) (survived bool) {
	p.mu.Lock()
	p.fault, p.due = f, due
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.fault = none
		p.mu.Unlock()
		if r := recover(); r != nil && r != any(errKilled) {
			panic(r)
		} else if r != nil {
			survived = false
		}
	}()
	do()
	return true
}

// resume lets a call that hangs go on to its end.
func (p *process) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending != nil {
		p.late()
		close(p.pending)
		p.pending = nil
	}
}

// strikes says what befalls the call that is being made.
func (p *process) strikes() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due--
	if p.due == 0 {
		return p.fault
	}
	return none
}

// hangs returns what is closed when the call that hangs is over, if one does.
func (p *process) hangs() (keyring.Kind, chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hung, p.pending
}

// other is the store of a process that is not this one.
func other(kind keyring.Kind) keyring.Kind {
	if kind == keyring.Vault {
		return keyring.System
	}
	return keyring.Vault
}

// view is a store as one process sees it.
type view struct {
	process *process
	kind    keyring.Kind
}

func (v *view) Kind() keyring.Kind { return v.kind }

func (v *view) Probe(context.Context) keyring.Condition {
	v.process.world.mu.Lock()
	defer v.process.world.mu.Unlock()
	if v.process.world.locked[v.kind] {
		return v.condition(keyring.Locked)
	}
	return v.condition(keyring.Ready)
}

func (v *view) condition(state keyring.State) keyring.Condition {
	return keyring.Condition{Store: v.kind, State: state}
}

func (v *view) Wait(ctx context.Context) error {
	kind, pending := v.process.hangs()
	if kind != v.kind || pending == nil {
		return nil
	}
	select {
	case <-pending:
		return nil
	case <-ctx.Done():
		return keyring.ErrUnknownOutcome
	}
}

func (v *view) Put(_ context.Context, item string, value secret.Secret) error {
	return v.call(func() { v.process.world.items[v.kind][item] = value })
}

func (v *view) Delete(_ context.Context, item string) error {
	return v.call(func() { delete(v.process.world.items[v.kind], item) })
}

func (v *view) Get(_ context.Context, item string) (value secret.Secret, err error) {
	var found bool
	if err := v.call(func() { value, found = v.process.world.items[v.kind][item] }); err != nil {
		return secret.Secret{}, err
	}
	if !found {
		return secret.Secret{}, keyring.ErrNotFound
	}
	return value, nil
}

func (v *view) Items(context.Context) ([]string, error) {
	v.process.world.mu.Lock()
	defer v.process.world.mu.Unlock()
	return slices.Sorted(maps.Keys(v.process.world.items[v.kind])), nil
}

// call makes a call, with whatever befalls it.
func (v *view) call(do func()) error {
	if kind, pending := v.process.hangs(); kind == v.kind && pending != nil {
		return v.condition(keyring.Unresponsive)
	}
	if at := v.Probe(context.Background()); !at.Usable() {
		return at
	}
	done := func() {
		v.process.world.mu.Lock()
		defer v.process.world.mu.Unlock()
		do()
	}
	switch v.process.strikes() {
	case killedBefore:
		panic(errKilled)
	case killedAfter:
		done()
		panic(errKilled)
	case refused:
		return v.condition(keyring.Denied)
	case lied:
		done()
		return v.condition(keyring.Denied)
	case hungAndDone:
		return v.hang(done)
	case hungAndLost:
		return v.hang(func() {})
	}
	done()
	return nil
}

func (v *view) hang(late func()) error {
	v.process.mu.Lock()
	defer v.process.mu.Unlock()
	v.process.hung, v.process.pending, v.process.late = v.kind, make(chan struct{}), late
	return keyring.ErrUnknownOutcome
}
