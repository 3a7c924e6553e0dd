package durable

import (
	"bytes"
	"context"
	"io/fs"
	"sync"
)

// Memory is a Shelf that ends with the process.
type Memory struct {
	mu       sync.Mutex
	files    map[string][]byte
	holders  map[string]int // of each lock; alone is one that does not share
	released chan struct{}  // closed, and made anew, when a lock is given back
}

const alone = -1

// InMemory returns an empty Memory.
func InMemory() *Memory {
	return &Memory{files: map[string][]byte{}, holders: map[string]int{}, released: make(chan struct{})}
}

// Read implements Shelf.
func (m *Memory) Read(name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return bytes.Clone(data), nil
}

// Write implements Shelf.
func (m *Memory) Write(name string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.files[name] = bytes.Clone(data)
	return nil
}

// Lock implements Shelf.
func (m *Memory) Lock(ctx context.Context, name string) (func(), error) {
	bounded, cancel := context.WithTimeoutCause(ctx, patience, ErrBusy)
	defer cancel()
	for {
		m.mu.Lock()
		released := m.released
		m.mu.Unlock()
		if release, taken, _ := m.TryLock(name); taken {
			return release, nil
		}
		select {
		case <-released:
		case <-bounded.Done():
			return nil, context.Cause(bounded)
		}
	}
}

// TryLock implements Shelf.
func (m *Memory) TryLock(name string) (func(), bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holders[name] != 0 {
		return nil, false, nil
	}
	m.holders[name] = alone
	return func() { m.release(name) }, true, nil
}

// TryShare implements Shelf.
func (m *Memory) TryShare(name string) (func(), bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.holders[name] == alone {
		return nil, false, nil
	}
	m.holders[name]++
	return func() { m.release(name) }, true, nil
}

func (m *Memory) release(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.holders[name] = max(0, m.holders[name]-1)
	close(m.released)
	m.released = make(chan struct{})
}

// Notices implements Shelf; there is nothing to mend in memory.
func (m *Memory) Notices() []Notice { return nil }
