package command

import (
	"context"
	"errors"
	"slices"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/providers"
	"gitgrant/providers/address"
	"gitgrant/providers/cause"
	"gitgrant/providers/hosts"
)

// The exit codes, as docs/reports.md and the help of gitgrant list them.
const (
	exitFine        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitExpiring    = 3
	exitBad         = 4
	exitUnchecked   = 5
	exitInterrupted = 130
)

// ending is an error that says with which code the program ends. Without an
// error in it, everything has been said already.
type ending struct {
	code int
	err  error
}

func (e *ending) Error() string {
	if e.err == nil {
		return "said already"
	}
	return e.err.Error()
}

func (e *ending) Unwrap() error { return e.err }

// endWith ends the program with a code and no further word.
func endWith(code int) error {
	if code == exitFine {
		return nil
	}
	return &ending{code: code}
}

// misused ends the program because of how it was called.
func misused(err error) error { return &ending{code: exitUsage, err: err} }

// unreached ends a sign-in with the code of a token that could not be checked,
// where it is the network or the host that failed and nobody refused anything.
func unreached(err error) error {
	var why cause.Cause
	if errors.As(err, &why) && why.Unreached() {
		return &ending{code: exitUnchecked, err: err}
	}
	return err
}

// said reports whether there is nothing left to say: who interrupts knows.
func said(err error) bool {
	var e *ending
	return err == nil || errors.Is(err, context.Canceled) || errors.As(err, &e) && e.err == nil
}

// codeOf is the exit code of an error.
func codeOf(err error) int {
	var e *ending
	var condition keyring.Condition
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &e):
		return e.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &condition), errors.Is(err, keyring.ErrUnknownOutcome):
		return exitUnchecked
	case errors.Is(err, keyring.ErrNotFound), errors.Is(err, keyring.ErrCorrupt):
		return exitBad
	case refused(err):
		return exitUsage
	default:
		return exitFailed
	}
}

// refused reports whether an answer was no good: the person can give another.
func refused(err error) bool {
	for _, target := range []error{
		flows.ErrRuntimeName, flows.ErrTokenEmpty, flows.ErrTokenCharacters, flows.ErrTokenTooLong,
		flows.ErrClientID, flows.ErrEmail, flows.ErrUsername, flows.ErrEnd, flows.ErrNotOffered, flows.ErrUnknownRuntime, flows.ErrSameRuntime,
		address.ErrEmpty, address.ErrUserInfo, address.ErrPlainHTTP, address.ErrScheme, address.ErrHost, address.ErrExtra,
		providers.ErrNeedHost, providers.ErrOtherKind, providers.ErrForeignRepository,
		hosts.ErrUnknown, hosts.ErrShared,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	var (
		provider *flows.UnknownProviderError
		taken    *flows.TakenError
		host     *flows.OtherHostError
		kind     *flows.OtherKindError
		nothing  *flows.UnknownHostError
		account  *flows.OtherAccountError
		method   *flows.MethodError
		file     *hosts.FileError
	)
	return errors.As(err, &provider) || errors.As(err, &taken) || errors.As(err, &host) || errors.As(err, &account) ||
		errors.As(err, &method) || errors.As(err, &file) || errors.As(err, &kind) || errors.As(err, &nothing) || cause.Is(err, cause.GitHubApp)
}

// codeOfStatus is the exit code for one status.
func codeOfStatus(s flows.Status) int {
	switch s.Class() {
	case flows.Good:
		return exitFine
	case flows.Ending:
		return exitExpiring
	case flows.NotAsked:
		return exitUnchecked
	default:
		return exitBad
	}
}

// worst is the code for several tokens at once: 4 before 5 before 3.
func worst(codes []int) int {
	for _, code := range []int{exitBad, exitUnchecked, exitExpiring} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitFine
}
