package system_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	gokeyring "github.com/zalando/go-keyring"

	"gitgrant/keyring"
	"gitgrant/keyring/system"
)

// keychain stands where go-keyring does, and behaves as the keychains of this
// world are known to.
type keychain struct {
	mu    sync.Mutex
	items map[string]string
	calls int

	limit        func(service, user, password string) error
	dismissSet   bool          // a prompt was dismissed, and go-keyring says nil
	dismissErase bool          // the same for deleting
	garble       bool          // what is kept is not what was given
	fail         error         // what every call says
	hang         chan struct{} // calls begin, and go on when it is closed
	hangFrom     int           // the first call that does, counted from 1
	begun        chan struct{} // if there is one, gets a token when a call begins
	pace         time.Duration // how long a call takes
}

func newKeychain() *keychain {
	return &keychain{items: map[string]string{}}
}

func (k *keychain) enter() error {
	k.mu.Lock()
	k.calls++
	hang := k.hang
	if k.calls < k.hangFrom {
		hang = nil
	}
	k.mu.Unlock()
	if k.begun != nil {
		k.begun <- struct{}{}
	}
	if hang != nil {
		<-hang
	}
	time.Sleep(k.pace)
	return k.fail
}

func (k *keychain) Set(service, user, password string) error {
	if err := k.enter(); err != nil {
		return err
	}
	if k.limit != nil {
		if err := k.limit(service, user, password); err != nil {
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case k.dismissSet:
	case k.garble:
		k.items[user] = password[1:]
	default:
		k.items[user] = password
	}
	return nil
}

func (k *keychain) Get(_, user string) (string, error) {
	if err := k.enter(); err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	password, ok := k.items[user]
	if !ok {
		return "", gokeyring.ErrNotFound
	}
	return password, nil
}

func (k *keychain) Delete(_, user string) error {
	if err := k.enter(); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.items[user]; !ok {
		return gokeyring.ErrNotFound
	}
	if !k.dismissErase {
		delete(k.items, user)
	}
	return nil
}

func (k *keychain) called() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.calls
}

func (k *keychain) list(context.Context) ([]string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Sorted(maps.Keys(k.items)), nil
}

// store is a Store over the keychain, in a state.
func (k *keychain) store(state keyring.State) *system.Store {
	return system.New(system.Options{Keychain: k, List: k.list, Probe: in(state)})
}

func in(state keyring.State) func(context.Context) keyring.Condition {
	return func(context.Context) keyring.Condition {
		return keyring.Condition{Store: keyring.System, State: state}
	}
}

// The limits of go-keyring on Windows: the blob of a credential.
func windowsLimit(_, _, password string) error {
	if len(password) > 2560 {
		return gokeyring.ErrSetDataTooBig
	}
	return nil
}

// The limits of go-keyring on macOS: a line of security -i, in base64.
func macLimit(service, user, password string) error {
	encoded := (len(password) + 2) / 3 * 4
	line := fmt.Sprintf("add-generic-password -U -s %s -a %s -w go-keyring-base64:\n", service, user)
	if len(line)+encoded > 4096 {
		return gokeyring.ErrSetDataTooBig
	}
	return nil
}

var errFull = errors.New("no space left on device")
