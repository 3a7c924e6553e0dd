package keyring_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gitgrant/keyring"
)

// mutedOnes are the grants that nobody wants to hear of.
func mutedOnes(t *testing.T, p *process) []keyring.Key {
	t.Helper()
	grants, err := p.ring.Grants()
	if err != nil {
		t.Fatal(err)
	}
	var muted []keyring.Key
	for _, g := range grants {
		if g.Muted {
			muted = append(muted, g.Key)
		}
	}
	return muted
}

func TestARuntimeIsMutedAsAWhole(t *testing.T) {
	p := started(t, newWorld(quick(t)), keyring.System)
	user, other := runtimeGrant, runtimeGrant
	user.Purpose, other.Runtime = "user", "elsewhere"
	p.saves(t, runtimeGrant, short)
	p.saves(t, other, short)
	if err := p.ring.Mute(runtimeGrant.Runtime, true); err != nil {
		t.Fatal(err)
	}
	p.saves(t, runtimeGrant, long) // a new token is muted like the old one
	p.saves(t, user, short)        // and so is one that the runtime had not had
	if diff := cmp.Diff([]keyring.Key{runtimeGrant.Key, user.Key}, mutedOnes(t, p)); diff != "" {
		t.Error(diff)
	}
	if err := p.ring.Mute(runtimeGrant.Runtime, false); err != nil {
		t.Fatal(err)
	}
	stale := runtimeGrant
	stale.Muted = true // read before
	p.saves(t, stale, short)
	if muted := mutedOnes(t, p); len(muted) > 0 {
		t.Errorf("still muted: %v", muted)
	}
}

func TestARuntimeThatComesBackIsMutedAsItWas(t *testing.T) {
	p := started(t, newWorld(quick(t)), keyring.System)
	g := runtimeGrant
	g.Muted = true
	p.saves(t, g, short)
	if diff := cmp.Diff([]keyring.Key{g.Key}, mutedOnes(t, p)); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyMutesWhatIsNotThere(t *testing.T) {
	p := started(t, newWorld(quick(t)), keyring.System)
	if err := p.ring.SaveHostSecret(t.Context(), "https://git.example.com", short.Access); err != nil {
		t.Fatal(err)
	}
	for _, runtime := range []string{"nowhere", ""} {
		if err := p.ring.Mute(runtime, true); !errors.Is(err, keyring.ErrNotFound) {
			t.Errorf("%q: %v", runtime, err)
		}
	}
}

func TestAHistoryThatWouldSteerATerminalIsNotRead(t *testing.T) {
	s, p := stored(t)
	err := p.ring.Note(runtimeGrant.Key, func(g *keyring.Grant) {
		g.History = []keyring.Change{{At: time.Unix(0, 0).UTC(), Status: "valid", Why: "known"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, fact := range []string{`"valid"`, `"known"`} {
		before := s.read("index.json")
		s.edit("index.json", fact, `"\u001b[2J"`)
		s.write("index.json.bak", "{}")
		if grants, err := p.ring.Grants(); err == nil {
			t.Errorf("read %+v", grants)
		}
		s.write("index.json", before)
	}
}
