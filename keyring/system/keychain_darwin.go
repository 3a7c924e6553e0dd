package system

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"

	"gitgrant/keyring"
)

const securityPath = "/usr/bin/security"

// probe asks for nothing that is behind the lock of the keychain, so that
// macOS has no reason to prompt. Over SSH there is no screen to prompt on, and
// the state of the lock can be asked for as well.
func probe(ctx context.Context) keyring.Condition {
	if _, err := os.Stat(securityPath); err != nil {
		return condition(keyring.Unsupported, clean(err.Error()))
	}
	if out, err := security(ctx, "default-keychain"); err != nil {
		return failed(ctx, keyring.NoCollection, out, err)
	}
	if remote() {
		if out, err := security(ctx, "show-keychain-info"); err != nil {
			return failed(ctx, keyring.Locked, out, err)
		}
	}
	return condition(keyring.Ready, "")
}

func remote() bool { return os.Getenv("SSH_CONNECTION") != "" || os.Getenv("SSH_TTY") != "" }

func security(ctx context.Context, arguments ...string) (string, error) {
	out, err := exec.CommandContext(ctx, securityPath, arguments...).CombinedOutput()
	return string(out), err
}

func failed(ctx context.Context, state keyring.State, out string, err error) keyring.Condition {
	if ctx.Err() != nil {
		return condition(keyring.Unresponsive, "")
	}
	return condition(state, clean(strings.Join([]string{out, err.Error()}, " ")))
}

// start has nothing to start: the keychain is there or is not.
func start(context.Context) error { return nil }

// unlock lets macOS ask for the password of the login keychain. Without a
// screen it cannot, and the person has to type it into the terminal themselves.
func unlock(ctx context.Context) error {
	if remote() {
		return condition(keyring.Locked, "run: security unlock-keychain")
	}
	if out, err := security(ctx, "show-keychain-info"); err != nil {
		return failed(ctx, keyring.Locked, out, err)
	}
	return nil
}

// list cannot be had without reading the whole keychain.
func list(context.Context) ([]string, error) { return nil, errors.ErrUnsupported }
