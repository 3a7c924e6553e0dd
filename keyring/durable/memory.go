package durable

import (
	"bytes"
	"context"
	"io/fs"
	"sync"
)

// Memory is a Shelf that ends with the process.
type Memory struct {
	mu    sync.Mutex
	files map[string][]byte
	locks map[string]chan struct{}
}

// InMemory returns an empty Memory.
func InMemory() *Memory {
	return &Memory{files: map[string][]byte{}, locks: map[string]chan struct{}{}}
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
	lock := m.lock(name)
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-bounded.Done():
		return nil, context.Cause(bounded)
	}
}

// TryLock implements Shelf.
func (m *Memory) TryLock(name string) (func(), bool, error) {
	lock := m.lock(name)
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, true, nil
	default:
		return nil, false, nil
	}
}

func (m *Memory) lock(name string) chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locks[name] == nil {
		m.locks[name] = make(chan struct{}, 1)
	}
	return m.locks[name]
}

// Notices implements Shelf; there is nothing to mend in memory.
func (m *Memory) Notices() []Notice { return nil }
