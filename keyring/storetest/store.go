// Package storetest holds what every Store must do, and what a Ring over it
// must, so that one suite runs against all of them.
package storetest

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
)

// Contract runs the suite of a Store that is ready and empty, and leaves it so.
func Contract(t *testing.T, store keyring.Store) {
	ctx := t.Context()
	if at := store.Probe(ctx); !at.Usable() {
		t.Fatalf("the store to test is not usable: %v (%s)", at, at.Detail)
	}
	put := func(t *testing.T, item, text string) {
		t.Helper()
		if err := store.Put(ctx, item, secret.New(text)); err != nil {
			t.Fatalf("put %s: %v", item, err)
		}
	}
	holds := func(t *testing.T, item, want string) {
		t.Helper()
		got, err := store.Get(ctx, item)
		if err != nil || got.Reveal() != want {
			t.Fatalf("get %s: %d bytes, %v; want %d bytes", item, got.Len(), err, len(want))
		}
	}
	gone := func(t *testing.T, item string) {
		t.Helper()
		if got, err := store.Get(ctx, item); !errors.Is(err, keyring.ErrNotFound) {
			t.Fatalf("get %s: %d bytes, %v; want ErrNotFound", item, got.Len(), err)
		}
	}
	remove := func(t *testing.T, item string) {
		t.Helper()
		if err := store.Delete(ctx, item); err != nil {
			t.Fatalf("delete %s: %v", item, err)
		}
	}

	t.Run("an item that was never put is not found", func(t *testing.T) {
		gone(t, "v1/never")
	})
	t.Run("an item comes back as it was put", func(t *testing.T) {
		for _, text := range []string{"x", printable(1799), printable(1800), `it's "$HOME" \n %s & <b>`} {
			put(t, "v1/item", text)
			holds(t, "v1/item", text)
		}
		remove(t, "v1/item")
	})
	t.Run("a snapshot finds what was there when it was taken", func(t *testing.T) {
		whole, ok := store.(keyring.Snapshotter)
		if !ok {
			t.Skip("this store reads item by item")
		}
		put(t, "v1/item", "former")
		find, err := whole.Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		put(t, "v1/item", "latter")
		if got, err := find("v1/item"); err != nil || got.Reveal() != "former" {
			t.Errorf("%d bytes, %v", got.Len(), err)
		}
		if _, err := find("v1/never"); !errors.Is(err, keyring.ErrNotFound) {
			t.Errorf("an item that is not there: %v", err)
		}
		remove(t, "v1/item")
	})
	t.Run("putting again replaces", func(t *testing.T) {
		put(t, "v1/item", "former")
		put(t, "v1/item", "latter")
		holds(t, "v1/item", "latter")
		remove(t, "v1/item")
	})
	t.Run("a deleted item is not found", func(t *testing.T) {
		put(t, "v1/item", "text")
		remove(t, "v1/item")
		gone(t, "v1/item")
	})
	t.Run("deleting what is not there is no error", func(t *testing.T) {
		remove(t, "v1/never")
	})
	t.Run("a name that begins like another is another item", func(t *testing.T) {
		put(t, "v1/item", "head")
		put(t, "v1/item/1/access/0", "piece")
		remove(t, "v1/item")
		holds(t, "v1/item/1/access/0", "piece")
		remove(t, "v1/item/1/access/0")
	})
	t.Run("items can be listed where the store can", func(t *testing.T) {
		lister, ok := store.(keyring.Lister)
		if !ok {
			t.Skip("this store cannot list")
		}
		if items := list(t, lister); len(items) > 0 {
			t.Fatalf("the suite left %q", items)
		}
		put(t, "v1/one", "1")
		put(t, "v1/two", "2")
		if items := list(t, lister); !slices.Equal(items, []string{"v1/one", "v1/two"}) {
			t.Errorf("listed %q", items)
		}
		remove(t, "v1/one")
		remove(t, "v1/two")
	})
}

func list(t *testing.T, lister keyring.Lister) []string {
	t.Helper()
	items, err := lister.Items(t.Context())
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip("this store cannot list here")
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(items)
	return items
}

// printable is a text of visible ASCII in which no part equals the next.
func printable(size int) string {
	var b strings.Builder
	for n := 0; b.Len() < size; n++ {
		b.WriteByte(byte(0x21 + (n*7+n/94)%94))
	}
	return b.String()
}
