package command

import (
	"bytes"
	"io"
	"sync"
)

// heldBack bounds what is held: it is the end of a story that explains it.
const heldBack = 1 << 20

// told is where the lines of --debug go. While the screens have the terminal,
// they are held, and follow once it is given back.
type told struct {
	mu      sync.Mutex
	to      io.Writer
	holding bool
	held    []byte
}

// Write takes whole lines.
func (t *told) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.holding {
		return t.to.Write(b)
	}
	t.held = append(t.held, b...)
	if over := len(t.held) - heldBack; over > 0 {
		end := bytes.IndexByte(t.held[over:], '\n')
		t.held = append([]byte(nil), t.held[over+end+1:]...)
	}
	return len(b), nil
}

func (t *told) hold() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.holding = true
}

// letGo writes what was held.
func (t *told) letGo() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.holding = false
	if len(t.held) > 0 {
		_, _ = t.to.Write(t.held) // whom else could one tell
		t.held = nil
	}
}
