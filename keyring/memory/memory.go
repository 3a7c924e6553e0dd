// Package memory is a Store that ends with the process: for the demo, and for
// those who want nothing kept.
package memory

import (
	"context"
	"maps"
	"slices"
	"sync"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
)

// Store keeps items in memory. It is always ready.
type Store struct {
	mu    sync.Mutex
	items map[string]secret.Secret
}

// New returns an empty Store.
func New() *Store { return &Store{items: map[string]secret.Secret{}} }

// Kind implements keyring.Store.
func (s *Store) Kind() keyring.Kind { return keyring.Memory }

// Probe implements keyring.Store.
func (s *Store) Probe(context.Context) keyring.Condition {
	return keyring.Condition{Store: keyring.Memory, State: keyring.Ready}
}

// Put implements keyring.Store.
func (s *Store) Put(_ context.Context, item string, value secret.Secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items[item] = value
	return nil
}

// Get implements keyring.Store.
func (s *Store) Get(_ context.Context, item string) (secret.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.items[item]
	if !ok {
		return secret.Secret{}, keyring.ErrNotFound
	}
	return value, nil
}

// Delete implements keyring.Store.
func (s *Store) Delete(_ context.Context, item string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.items, item)
	return nil
}

// Items implements keyring.Lister.
func (s *Store) Items(context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.items)), nil
}
