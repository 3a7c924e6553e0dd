package keyring

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Report holds the index against the stores.
type Report struct {
	Missing []Key       // the index names them, their store does not have them
	Corrupt []Key       // their store has something else than was saved
	Strays  []Stray     // a store has them, and nothing names them
	Unasked []Condition // stores of which nothing can be said now
}

// Stray is an item that neither the index nor the journal names.
type Stray struct {
	Store Kind
	Item  string
}

// Inspect settles what is pending and holds the index against every store that
// is ready. It changes nothing else, and says nothing of a store that is not.
func (r *Ring) Inspect(ctx context.Context) (Report, error) {
	if err := r.Settle(ctx); errors.Is(err, ErrUnknownOutcome) {
		return Report{}, err
	} // what cannot be settled for another reason is named by the journal
	var report Report
	for kind, store := range r.stores {
		if at := store.Probe(ctx); !at.Usable() {
			report.Unasked = append(report.Unasked, at)
			continue
		}
		if err := r.inspect(ctx, kind, store, &report); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

// inspect lists the items before it reads the index, so that what another
// process saves meanwhile is not taken for a stray.
func (r *Ring) inspect(ctx context.Context, kind Kind, store Store, report *Report) error {
	items, err := listed(ctx, store)
	if err != nil {
		return err
	}
	x, err := r.load()
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, e := range x.Entries {
		if e.Store != kind {
			continue
		}
		switch _, err := readCredential(ctx, store, itemName(e.Grant)); {
		case errors.Is(err, ErrNotFound):
			report.Missing = append(report.Missing, e.Key)
		case errors.Is(err, ErrCorrupt):
			report.Corrupt = append(report.Corrupt, e.Key)
		case err != nil:
			return err
		}
		if err := nameItems(ctx, store, e.place().withHead(), named); err != nil {
			return err
		}
	}
	for _, c := range x.Journal {
		for _, at := range slices.Concat(c.begun(), c.Sweep) {
			if at.Store != kind {
				continue
			}
			if err := nameItems(ctx, store, at.withHead(), named); err != nil {
				return err
			}
		}
	}
	return strays(ctx, kind, store, items, named, report)
}

// listed names the items of this program, where the store can.
func listed(ctx context.Context, store Store) ([]string, error) {
	lister, ok := store.(Lister)
	if !ok {
		return nil, nil
	}
	items, err := lister.Items(ctx)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, nil
	}
	return items, err
}

// nameItems names the items of a place, and those that its head speaks of.
func nameItems(ctx context.Context, store Store, at place, named map[string]bool) error {
	for _, name := range at.items() {
		named[name] = true
	}
	h, err := readHead(ctx, store, at.Item)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrCorrupt) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range (place{Item: at.Item, Generation: h.Generation, Pieces: h.pieces()}).items() {
		named[name] = true
	}
	return nil
}

// strays looks at each again: it may have been deleted since it was listed.
func strays(ctx context.Context, kind Kind, store Store, items []string, named map[string]bool, report *Report) error {
	for _, item := range items {
		if named[item] || !strings.HasPrefix(item, itemPrefix) {
			continue
		}
		_, err := store.Get(ctx, item)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		report.Strays = append(report.Strays, Stray{kind, item})
	}
	return nil
}

// Discard deletes strays. A person has to agree to it: where the index was
// lost, a stray may be a token that is still wanted.
func (r *Ring) Discard(ctx context.Context, strays ...Stray) error {
	for _, stray := range strays {
		store, err := r.storeOf(stray.Store)
		if err != nil {
			return err
		}
		if err := store.Delete(ctx, stray.Item); err != nil {
			return err
		}
	}
	return nil
}
