package keyring_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
)

// shelf is a folder with an index in it, and what the tests do to it.
type shelf struct {
	t   *testing.T
	dir string
}

func (s shelf) path(name string) string { return filepath.Join(s.dir, name) }

func (s shelf) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func (s shelf) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s shelf) edit(name, old, with string) {
	s.t.Helper()
	text := s.read(name)
	if !strings.Contains(text, old) {
		s.t.Fatalf("%s does not say %s:\n%s", name, old, text)
	}
	s.write(name, strings.Replace(text, old, with, 1))
}

// stored is a ring with one grant in it, and the folder of its index.
func stored(t *testing.T) (shelf, *process) {
	t.Helper()
	dir := t.TempDir()
	p := started(t, newWorld(dir), keyring.System)
	p.saves(t, runtimeGrant, short)
	return shelf{t, dir}, p
}

func TestTheIndexKeepsWhatItDoesNotKnow(t *testing.T) {
	s, p := stored(t)
	s.edit("index.json", `"version":1,`, `"version": 1, "scopes_seen": {"a": [1, 2]},`)
	s.edit("index.json", `"method":"pat",`, `"method": "pat", "colour": "green",`)
	if err := p.ring.Note(runtimeGrant.Key, func(g *keyring.Grant) { g.Kind = "oauth" }); err != nil {
		t.Fatal(err)
	}
	p.saves(t, runtimeGrant, long)
	var index struct {
		Seen    json.RawMessage `json:"scopes_seen"`
		Entries []struct {
			Colour string `json:"colour"`
		} `json:"entries"`
	}
	if err := json.Unmarshal([]byte(s.read("index.json")), &index); err != nil {
		t.Fatal(err)
	}
	var seen struct{ A []int }
	if err := json.Unmarshal(index.Seen, &seen); err != nil || len(seen.A) != 2 {
		t.Errorf("the index lost %s, %v", index.Seen, err)
	}
	if len(index.Entries) != 1 || index.Entries[0].Colour != "green" {
		t.Errorf("the entries lost what they held: %+v", index.Entries)
	}
}

func TestAnIndexOfANewerVersionIsReadAndNotChanged(t *testing.T) {
	s, p := stored(t)
	s.edit("index.json", `"version":1,`, `"version":2,`)
	before := s.read("index.json")
	p.reads(t, runtimeGrant.Key, short)
	_, saveErr := p.ring.Save(t.Context(), userGrant, short)
	_, _, refreshErr := p.ring.Refresh(t.Context(), runtimeGrant.Key, func(g keyring.Grant, c keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		t.Error("a token was renewed that cannot be recorded")
		return g, c, nil
	})
	for name, err := range map[string]error{
		"save":    saveErr,
		"refresh": refreshErr,
		"note":    p.ring.Note(runtimeGrant.Key, func(*keyring.Grant) {}),
		"forget":  p.ring.Forget(t.Context(), runtimeGrant.Key),
	} {
		if !errors.Is(err, keyring.ErrNewer) {
			t.Errorf("%s gives %v", name, err)
		}
	}
	if after := s.read("index.json"); after != before {
		t.Errorf("it was changed to\n%s", after)
	}
}

func TestAnIndexThatANewerVersionMadeUnreadableIsNotTakenForDamaged(t *testing.T) {
	const older = `{"version":1,"revision":8,"entries":[]}`
	for name, newer := range map[string]string{
		"another shape":         `{"version":2,"revision":9,"entries":{"a":1}}`,
		"another name of steps": `{"version":2,"revision":9,"entries":[],"journal":[{"step":7}]}`,
		"what is refused here":  `{"version":2,"revision":9,"entries":[{"runtime":"a\u0007"}]}`,
	} {
		for where, files := range map[string]map[string]string{
			"the index":                        {"index.json": newer, "index.json.bak": older},
			"the backup of one that is gone":   {"index.json.bak": newer},
			"the backup of one that is broken": {"index.json": "{", "index.json.bak": newer},
		} {
			t.Run(where+" in "+name, func(t *testing.T) {
				s, p := stored(t)
				for _, file := range []string{"index.json", "index.json.bak"} {
					_ = os.Remove(s.path(file))
					if text, ok := files[file]; ok {
						s.write(file, text)
					}
				}
				_, openErr := keyring.Open(keyring.Options{Dir: s.dir, Store: memory.New()})
				_, listErr := p.ring.Grants()
				_, readErr := p.ring.Credential(t.Context(), runtimeGrant.Key)
				_, saveErr := p.ring.Save(t.Context(), userGrant, short)
				for what, err := range map[string]error{
					"open": openErr, "list": listErr, "read": readErr, "save": saveErr,
					"note":   p.ring.Note(runtimeGrant.Key, func(*keyring.Grant) {}),
					"forget": p.ring.Forget(t.Context(), runtimeGrant.Key),
					"settle": p.ring.Settle(t.Context()),
				} {
					if !errors.Is(err, keyring.ErrNewer) {
						t.Errorf("%s gives %v", what, err)
					}
				}
				for _, file := range []string{"index.json", "index.json.bak", "index.json.damaged"} {
					text, err := os.ReadFile(s.path(file))
					if want, ok := files[file]; ok && string(text) != want || !ok && err == nil {
						t.Errorf("%s was changed to\n%s", file, text)
					}
				}
			})
		}
	}
}

// A journal of a newer version is for the newer version: what its steps mean,
// and which items they name, is not known here.
func TestTheJournalOfANewerVersionIsLeftToIt(t *testing.T) {
	s, p := stored(t)
	p.saves(t, runtimeGrant, long)
	p.suffer(refused, 3, func() { p.saves(t, runtimeGrant, short) }) // what is replaced stays to be deleted
	if pending, err := p.ring.Pending(); err != nil || len(pending) != 1 {
		t.Fatalf("pending are %v, %v", pending, err)
	}
	s.edit("index.json", `"version":1,`, `"version":2,`)
	before, items := s.read("index.json"), len(p.world.items[keyring.System])
	if err := p.ring.Settle(t.Context()); !errors.Is(err, keyring.ErrNewer) {
		t.Errorf("settling gives %v", err)
	}
	if after := len(p.world.items[keyring.System]); after != items {
		t.Errorf("of %d items, %d are left", items, after)
	}
	if after := s.read("index.json"); after != before {
		t.Errorf("the index was changed to\n%s", after)
	}
}

func TestABackupStandsInForADamagedIndex(t *testing.T) {
	for name, damage := range map[string]func(s shelf){
		"cut off": func(s shelf) { s.write("index.json", s.read("index.json")[:40]) },
		"empty":   func(s shelf) { s.write("index.json", "") },
		"gone":    func(s shelf) { _ = os.Remove(s.path("index.json")) },
		"a grant twice": func(s shelf) {
			s.edit("index.json", `"entries":[`, `"entries": [{"runtime":"prod","purpose":"runtime","account":"acme-bot"},`)
		},
		"without version": func(s shelf) { s.write("index.json", `{}`) },
	} {
		t.Run(name, func(t *testing.T) {
			s, p := stored(t)
			p.saves(t, userGrant, long) // so that the backup knows the first
			damage(s)
			damaged, damagedErr := os.ReadFile(s.path("index.json"))
			p.reads(t, runtimeGrant.Key, short)
			p.saves(t, userGrant, short)
			p.reads(t, userGrant.Key, short)
			if damagedErr == nil && s.read("index.json.damaged") != string(damaged) {
				t.Error("what was damaged was not kept")
			}
			whole(t, p)
		})
	}
}

func TestADamagedIndexWithoutBackupIsAnErrorAndLeftAlone(t *testing.T) {
	s, p := stored(t)
	s.write("index.json", "{")
	s.write("index.json.bak", "{")
	if _, err := keyring.Open(keyring.Options{Dir: s.dir, Store: memory.New()}); err == nil {
		t.Error("it opened")
	}
	if _, err := p.ring.Save(t.Context(), userGrant, short); err == nil {
		t.Error("it was written over")
	}
	if s.read("index.json") != "{" {
		t.Error("it was changed")
	}
}

// Who can edit the index cannot make a token go to another host.
func TestAnEditedHostDoesNotFindTheToken(t *testing.T) {
	s, p := stored(t)
	s.edit("index.json", "https://github.com", "https://github.example")
	p.misses(t, runtimeGrant.Key, keyring.ErrNotFound)
}

func TestNotesAtOnceLoseNothing(t *testing.T) {
	s, p := stored(t)
	const notes = 20
	failures := make(chan error, notes)
	for range notes {
		go func() {
			ring, err := keyring.Open(keyring.Options{Dir: s.dir, Store: memory.New()})
			if err == nil {
				err = ring.Note(runtimeGrant.Key, func(g *keyring.Grant) { g.ClientID += "+" })
			}
			failures <- err
		}()
	}
	for range notes {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	grants, err := p.ring.Grants()
	if err != nil || grants[0].ClientID != strings.Repeat("+", notes) {
		t.Errorf("%v, %v", grants, err)
	}
}

func TestTheIndexIsReadableByPeople(t *testing.T) {
	dir := t.TempDir()
	day := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ring, err := keyring.Open(keyring.Options{Dir: dir, Store: memory.New(), Now: func() time.Time { return day }})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Save(t.Context(), runtimeGrant, short); err != nil {
		t.Fatal(err)
	}
	if _, err := ring.Save(t.Context(), userGrant, short); err != nil {
		t.Fatal(err)
	}
	want := `{"version":1,"revision":4,"entries":[
{"runtime":"prod","purpose":"runtime","account":"acme-bot","provider":"github","host":"https://github.com","method":"pat","kind":"classic-pat","store":"memory","created_at":"2026-11-23T09:00:00Z","saved_at":"2026-11-23T09:00:00Z","generation":1},
{"runtime":"prod","purpose":"user","account":"ada","provider":"github","host":"https://github.com","method":"pat","kind":"classic-pat","store":"memory","created_at":"2026-11-23T09:00:00Z","saved_at":"2026-11-23T09:00:00Z","generation":3}
]}
`
	if diff := cmp.Diff(want, shelf{t, dir}.read("index.json")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
