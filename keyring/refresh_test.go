package keyring_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
)

func TestRefreshesAtOnceFollowEachOther(t *testing.T) {
	w := newWorld(t.TempDir())
	started(t, w, keyring.System).saves(t, userGrant, keyring.Credential{Access: secret.New("t")})
	const processes = 8
	failures := make(chan error, processes)
	for range processes {
		p := started(t, w, keyring.System)
		go func() {
			_, _, err := p.ring.Refresh(t.Context(), userGrant.Key, func(g keyring.Grant, old keyring.Credential) (keyring.Grant, keyring.Credential, error) {
				return g, keyring.Credential{Access: secret.New(old.Access.Reveal() + "+")}, nil
			})
			failures <- err
		}()
	}
	for range processes {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	want := keyring.Credential{Access: secret.New("t" + strings.Repeat("+", processes))}
	started(t, w, keyring.System).reads(t, userGrant.Key, want)
}

func TestARefreshThatCannotBeSavedHandsTheTokenOver(t *testing.T) {
	p := started(t, newWorld(t.TempDir()), keyring.System)
	p.saves(t, userGrant, short)
	var got keyring.Credential
	var err error
	p.suffer(refused, 3, func() { // after the head was read, and read again
		_, got, err = p.ring.Refresh(t.Context(), userGrant.Key, func(g keyring.Grant, _ keyring.Credential) (keyring.Grant, keyring.Credential, error) {
			return g, long, nil
		})
	})
	if err == nil || value(got) != value(long) {
		t.Errorf("got %d bytes, %v", got.Access.Len(), err)
	}
	p.reads(t, userGrant.Key, short)
}

func TestARefreshedCredentialIsSavedThoughThePersonLeaves(t *testing.T) {
	w := newWorld(t.TempDir())
	started(t, w, keyring.System).saves(t, userGrant, short)
	ctx, leave := context.WithCancel(t.Context())
	_, _, err := started(t, w, keyring.System).ring.Refresh(ctx, userGrant.Key, func(g keyring.Grant, _ keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		leave()
		return g, long, nil
	})
	if err != nil {
		t.Error(err)
	}
	started(t, w, keyring.System).reads(t, userGrant.Key, long)
}

func TestARefreshThatTheHostRefusesChangesNothing(t *testing.T) {
	p := started(t, newWorld(t.TempDir()), keyring.System)
	p.saves(t, userGrant, short)
	revoked := errors.New("revoked")
	_, got, err := p.ring.Refresh(t.Context(), userGrant.Key, func(g keyring.Grant, _ keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		return g, keyring.Credential{}, revoked
	})
	if !errors.Is(err, revoked) || value(got) != value(short) {
		t.Errorf("got %d bytes, %v", got.Access.Len(), err)
	}
	p.reads(t, userGrant.Key, short)
}

func TestARefreshedCredentialStaysInItsStore(t *testing.T) {
	w := newWorld(t.TempDir())
	started(t, w, keyring.Vault).saves(t, userGrant, short)
	g, _, err := started(t, w, keyring.System).ring.Refresh(t.Context(), userGrant.Key,
		func(g keyring.Grant, _ keyring.Credential) (keyring.Grant, keyring.Credential, error) {
			return g, long, nil
		})
	if err != nil || g.Store != keyring.Vault {
		t.Errorf("it rests in %s, %v", g.Store, err)
	}
}
