package keyring_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
)

// Whatever stands in the index, it is read as a whole or refused as a whole,
// and what a note does not touch is still there after it.
func FuzzIndex(f *testing.F) {
	for _, seed := range []string{
		``, `{`, `[]`, `null`, `{"version":1}`, `{"version":2,"entries":"later"}`,
		`{"version":1,"revision":18446744073709551615,"entries":[{"runtime":"prod","purpose":"user","account":"ada"}]}`,
		`{"version":1,"entries":[{"runtime":"a","Runtime":"b","verdict":{"x": 1},"colour":"<green>"}],"Version":1,"x":[ 1 ]}`,
		`{"version":1,"entries":[],"journal":[{"step":"save","generation":3,"keys":[{"runtime":"a"}],"write":[{"runtime":"a","store":"memory","generation":3}]}]}`,
		`{"version":1,"entries":[],"journal":[{"step":"sweep","generation":3,"keys":[],"sweep":[{"store":"memory","item":"v1/0123456789abcdef0123456789abcdef","generation":1,"head":true}]}]}`,
		`{"version":1,"entries":[],"journal":[{"step":"later"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "index.json"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		ring, err := keyring.Open(keyring.Options{Dir: dir, Store: memory.New()})
		if err != nil {
			return
		}
		before, err := ring.Grants()
		if err != nil {
			t.Fatal(err)
		}
		_ = ring.Settle(t.Context())
		for _, g := range before {
			if err := ring.Note(g.Key, func(*keyring.Grant) {}); err != nil && err != keyring.ErrNewer {
				t.Fatalf("noting nothing: %v", err)
			}
		}
		after, err := ring.Grants()
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("(-before +after):\n%s", diff)
		}
	})
}

// Whatever a store makes of an item, the ring hands out what was saved, or an
// error, and never another text.
func FuzzItems(f *testing.F) {
	f.Add("token", "", uint8(0), []byte("gt1:"))
	f.Add("\x00\xff\n", "refresh", uint8(1), []byte{})
	f.Add(string(make([]byte, 3000)), "r", uint8(2), []byte("gt1:0000000000000000:AAAA"))
	f.Fuzz(func(t *testing.T, access, refresh string, which uint8, with []byte) {
		store := memory.New()
		ring, err := keyring.Open(keyring.Options{Store: store})
		if err != nil {
			t.Fatal(err)
		}
		want := keyring.Credential{Access: secret.New(access), Refresh: secret.New(refresh)}
		if _, err := ring.Save(t.Context(), runtimeGrant, want); err != nil {
			t.Fatal(err)
		}
		got, err := ring.Credential(t.Context(), runtimeGrant.Key)
		if err != nil || value(got) != value(want) {
			t.Fatalf("it does not come back: %v", err)
		}

		items, err := store.Items(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		item, other := items[int(which)%len(items)], items[int(which/2)%len(items)]
		original, err := store.Get(t.Context(), item)
		if err != nil {
			t.Fatal(err)
		}
		swapped, err := store.Get(t.Context(), other)
		if err != nil {
			t.Fatal(err)
		}
		for _, changed := range []string{string(with), splice(original.Reveal(), with, which), swapped.Reveal()} {
			if err := store.Put(t.Context(), item, secret.New(changed)); err != nil {
				t.Fatal(err)
			}
			if got, err := ring.Credential(t.Context(), runtimeGrant.Key); err == nil && value(got) != value(want) {
				t.Fatalf("another text came back: %q", value(got))
			}
		}
	})
}

// splice overwrites a part of a text.
func splice(text string, with []byte, at uint8) string {
	changed := []byte(text)
	copy(changed[int(at)%len(changed):], with)
	return string(changed)
}
