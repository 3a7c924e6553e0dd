package plain_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/providers"
	"gitgrant/ui/plain"
)

// page is what was said so far, for somebody who reads along.
type page struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
	return p.text.Write(b)
}

// until waits for a text behind what was read before, and returns where it ends.
func (p *page) until(t *testing.T, from int, want string) int {
	t.Helper()
	late := time.After(time.Minute) // only ever reached by a failure
	for {
		p.mu.Lock()
		said := p.text.String()
		p.mu.Unlock()
		if at := strings.Index(said[from:], want); at >= 0 {
			return from + at + len(want)
		}
		select {
		case <-p.more:
		case <-late:
			t.Fatalf("it does not say %q:\n%s", want, said)
		}
	}
}

func types(t *testing.T, keys *os.File, text string) {
	t.Helper()
	if _, err := io.WriteString(keys, text); err != nil {
		t.Fatal(err)
	}
}

func TestWhoWaitsForAnApprovalCanAskForHelpAndGoBack(t *testing.T) {
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		t.Fatal(err)
	}
	keys, tty := keyboard(t)
	go func() { _, _ = io.Copy(io.Discard, keys) }() // the echo
	out := &page{more: make(chan struct{}, 1)}
	person := &plain.Person{In: plain.NewInput(tty), Out: out, Now: time.Now}
	desk := deskOver(t, ring)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := person.Authorize(ctx, desk, nil, flows.Answers{Runtime: "prod", Purpose: providers.Runtime, Provider: providers.GitHub})
		ended <- err
	}()
	at := out.until(t, 0, "Number, or Enter for 1: ")
	types(t, keys, "\n")
	at = out.until(t, at, "Type b and press Enter to go a step back.\n")
	for _, line := range []string{"?", "what now", ""} {
		types(t, keys, line+"\n")
		if line != "" {
			at = out.until(t, at, "There is nothing to answer while this waits.")
		}
	}
	types(t, keys, "b\n")
	at = out.until(t, at, "How do you want to authorize?")
	out.until(t, at, "Number, or Enter for 1: ")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
