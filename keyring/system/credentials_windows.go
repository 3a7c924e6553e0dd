package system

import (
	"context"
	"errors"

	gokeyring "github.com/zalando/go-keyring"

	"gitgrant/keyring"
)

// probe reads an item that does not exist. Credential Manager never prompts;
// what can fail is a session without one, as over SSH.
func probe(ctx context.Context) keyring.Condition {
	answers := make(chan error, 1)
	go func() {
		_, err := gokeyring.Get(service, "v1/probe")
		answers <- err
	}()
	select {
	case err := <-answers:
		if err == nil || errors.Is(err, gokeyring.ErrNotFound) {
			return condition(keyring.Ready, "")
		}
		return condition(keyring.Denied, clean(err.Error()))
	case <-ctx.Done():
		return condition(keyring.Unresponsive, "")
	}
}

// start has nothing to start.
func start(context.Context) error { return nil }

// unlock has nothing to unlock: who is signed in has the credentials open.
func unlock(context.Context) error { return nil }

// list is not offered by go-keyring.
func list(context.Context) ([]string, error) { return nil, errors.ErrUnsupported }
