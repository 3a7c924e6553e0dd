package ui

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/keyring/secret"
)

var corpEdge = keyring.Key{Runtime: "corp-edge", Purpose: "runtime", Account: "acme-bot"}

// rotatingSlowly is a list in which a token is being replaced at a host that
// answers only once it is let.
func rotatingSlowly(t *testing.T, store keyring.Store) (s *stage, answer func()) {
	t.Helper()
	gate, begun := make(chan struct{}), make(chan struct{})
	s = open(t, set{grants: spread[:1], store: func() keyring.Store { return store }})
	s.gone("checking")
	s.hub.rotated = func() { close(begun); <-gate }
	s.press("t")
	s.expect("Replace it")
	s.press("down", "enter")
	s.expect("replacing the token at ghe.acme.example")
	<-begun
	return s, func() { close(gate) }
}

func TestWhoeverLeavesDuringARotationLeavesOnceItIsOver(t *testing.T) {
	for key, interrupted := range map[string]bool{"q": false, "ctrl+c": true} {
		t.Run(key, func(t *testing.T) {
			s, answer := rotatingSlowly(t, memory.New())
			s.press(key)
			s.expect("A change is under way. gitgrant leaves as soon as that is done.")
			s.press("f", "n", key) // nothing new is begun
			if s.quit {
				t.Fatal("the program left a rotation behind")
			}
			answer()
			s.wait(func() bool { return s.quit }, "the end of the program")
			s.holds(corpEdge, nextToken)
			if g := s.grant(corpEdge); g.Intent != nil || g.ExpiresAt.IsZero() {
				t.Errorf("the grant is %+v", g)
			}
			if s.m.interrupted != interrupted {
				t.Errorf("interrupted: %t", s.m.interrupted)
			}
			if len(s.m.told) != 1 {
				t.Errorf("it leaves behind %q", s.m.told)
			}
		})
	}
}

func TestWhoeverLeavesTheWizardDuringARotationLeavesOnceItIsOver(t *testing.T) {
	s, answer := rotatingSlowly(t, memory.New())
	s.press("n")
	s.until("· Runtime")
	s.press("ctrl+c")
	s.expect("gitgrant leaves as soon as that is done", "replacing the token at ghe.acme.example")
	if s.quit {
		t.Fatal("the program left a rotation behind")
	}
	answer()
	s.wait(func() bool { return s.quit }, "the end of the program")
	s.holds(corpEdge, nextToken)
}

func TestTheEndOfTheProgramWaitsForARotation(t *testing.T) {
	s, answer := rotatingSlowly(t, memory.New())
	go answer()
	s.close()
	s.holds(corpEdge, nextToken)
}

// A check may be renewing a token, whose new one is nowhere else.
func TestTheEndOfTheProgramWaitsForACheck(t *testing.T) {
	store := &stalling{picky: &picky{Store: memory.New()}, held: make(chan struct{}, 1)}
	s := open(t, set{grants: spread[:1], store: func() keyring.Store { return store }})
	s.gone("checking")
	goOn := store.stall()
	s.press("c")
	<-store.held
	go goOn()
	s.close()
	if reads := store.reads.Load(); reads == 0 {
		t.Error("it did not wait")
	}
}

func TestWhoeverLeavesIsAskedWhereTheNewTokenWouldBeLost(t *testing.T) {
	store := &picky{Store: memory.New()}
	s, answer := rotatingSlowly(t, store)
	s.press("q")
	store.refuses.Store(true)
	answer()
	s.until("The new token is not stored yet.")
	if s.quit || s.m.leaving {
		t.Fatal("the token is lost")
	}
	store.refuses.Store(false)
	s.later(time.Second)
	s.press("enter")
	s.until("was replaced at ghe.acme.example")
	s.holds(corpEdge, nextToken)
	if s.m.unsaved != nil {
		t.Error("it counts as unsaved")
	}
}

func TestATokenIsUnsavedUntilTheStoreHasTakenIt(t *testing.T) {
	store := &stalling{picky: &picky{Store: memory.New()}}
	s, answer := rotatingSlowly(t, store)
	store.refuses.Store(true)
	answer()
	s.until("The new token is not stored yet.")
	s.later(time.Second)
	goOn := store.stall()
	s.press("enter")
	s.expect("Saving")
	if s.m.unsaved == nil {
		t.Error("whoever leaves now would lose it without a word")
	}
	s.press("ctrl+c")
	if s.quit {
		t.Fatal("the program left a save behind")
	}
	goOn()
	s.until("The new token is not stored yet.")
	s.press("ctrl+c")
	s.wait(func() bool { return s.quit }, "the end of the program")
	if s.m.unsaved == nil || !s.m.interrupted {
		t.Errorf("unsaved %v, interrupted %t", s.m.unsaved, s.m.interrupted)
	}
}

func TestWhatASignalInterruptsLeavesWithTheNameOfTheTokenThatIsLost(t *testing.T) {
	store := &picky{Store: memory.New()}
	s, answer := rotatingSlowly(t, store)
	ctx, cancel := context.WithCancel(s.m.ctx)
	s.m.ctx = ctx
	cancel()
	s.take(interruptMsg{})
	store.refuses.Store(true)
	answer()
	s.wait(func() bool { return s.quit }, "the end of the program")
	if s.m.unsaved == nil || s.m.unsaved.grant.Key != corpEdge {
		t.Errorf("lost is %v", s.m.unsaved)
	}
}

func TestWhatIsComingBackIsBackBeforeTheProgramEnds(t *testing.T) {
	store := &stalling{picky: &picky{Store: memory.New()}}
	s := open(t, set{grants: spread, store: func() keyring.Store { return store }})
	s.gone("checking")
	s.press("f")
	s.until("Press u to undo that.")
	goOn := store.stall()
	s.press("u", "q")
	s.expect("gitgrant leaves as soon as that is done.")
	goOn()
	s.wait(func() bool { return s.quit }, "the end of the program")
	s.holds(corpEdge, goodToken)
}

// stalling is a picky store that, for a while, does not go on.
type stalling struct {
	*picky
	gate  chan struct{}
	held  chan struct{} // hears that a read is held; nil hears nothing
	reads atomic.Int64  // that were held and went on
}

// stall holds every call until goOn is called.
func (b *stalling) stall() (goOn func()) {
	gate := make(chan struct{})
	b.gate = gate
	return func() { close(gate) }
}

// Put implements keyring.Store.
func (b *stalling) Put(ctx context.Context, item string, value secret.Secret) error {
	if b.gate != nil {
		<-b.gate
	}
	return b.picky.Put(ctx, item, value)
}

// Delete implements keyring.Store.
func (b *stalling) Delete(ctx context.Context, item string) error {
	if b.gate != nil {
		<-b.gate
	}
	return b.picky.Delete(ctx, item)
}

func TestWhoeverHasLeftHearsOfNoKeyToPress(t *testing.T) {
	store := &stalling{picky: &picky{Store: memory.New()}}
	s := open(t, set{grants: spread, store: func() keyring.Store { return store }})
	s.gone("checking")
	goOn := store.stall()
	s.press("f", "end", "m", "q")
	goOn()
	s.wait(func() bool { return s.quit }, "the end of the program")
	if told := strings.Join(s.m.told, " "); told != "1 token of corp-edge forgotten on this machine." {
		t.Errorf("it leaves behind %q", told)
	}
}

// Get implements keyring.Store.
func (b *stalling) Get(ctx context.Context, item string) (secret.Secret, error) {
	if b.gate != nil {
		select {
		case b.held <- struct{}{}:
		default:
		}
		<-b.gate
		b.reads.Add(1)
	}
	return b.picky.Get(ctx, item)
}
