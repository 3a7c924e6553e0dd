package keyring_test

import (
	"testing"

	"gitgrant/keyring"
)

func TestWhatAnotherProcessWroteIsSeenAtOnce(t *testing.T) {
	w := newWorld(quick(t))
	one, two := started(t, w, keyring.System), started(t, w, keyring.System)
	one.saves(t, runtimeGrant, short)
	for _, muted := range []bool{true, false, true} {
		if err := one.ring.Mute(runtimeGrant.Runtime, muted); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := len(mutedOnes(t, two)) > 0; got != muted {
				t.Errorf("the other process finds it muted: %t, want %t", got, muted)
			}
		}
	}
}

func TestAnIndexThatIsEmptiedIsNotTakenForOneThatWasRead(t *testing.T) {
	s, p := stored(t)
	if _, err := p.ring.Grants(); err != nil {
		t.Fatal(err)
	}
	s.write("index.json", "")
	s.write("index.json.bak", "")
	if grants, err := p.ring.Grants(); err == nil {
		t.Errorf("read %+v", grants)
	}
}
