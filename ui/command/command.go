// Package command is the command line of gitgrant.
//
// Rules of this package:
//
//   - One file a command, one options struct each. What a screen needs as well
//     is in flows; what is said is in words.
//   - Reports go to standard output, everything else to standard error, and no
//     escape sequence goes into a pipe.
//   - Where nobody may be asked, the message names the flags that answer.
//   - No command but token, export, exec and git-credential lets a secret out,
//     and they do so into a pipe or into the environment of one command.
//   - Nothing is opened before it is needed: neither the index nor the keychain
//     nor the network is in the way of a command that does without.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"gitgrant/keyring"
	"gitgrant/ui/words"
)

// unshielded is a variable for those who work on gitgrant: set to anything, it
// lets debuggers and core files see the memory of the program.
const unshielded = "GITGRANT_UNSHIELDED"

// Main runs the program on what the system gave it, and returns the code to
// exit with.
func Main() (code int) { return runWith(newRoot) }

func runWith(commands func(*session, []string) *cobra.Command) (code int) {
	// Bubble Tea writes what is typed into the files that these two name.
	for _, name := range []string{"TEA_TRACE", "TEA_DEBUG"} {
		_ = os.Unsetenv(name)
	}
	shield()
	s := newSession()
	s.coresAgain = noCores()
	defer s.close()
	defer func() {
		if fault := recover(); fault != nil {
			s.broke(fault, debug.Stack())
			code = exitFailed
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // who interrupts twice does not want to wait

	err := commands(s, os.Args[1:]).ExecuteContext(ctx)
	var child *childEnded
	if errors.As(err, &child) {
		return child.status
	}
	if ctx.Err() != nil {
		s.log.Debug("interrupted", "error", err)
		return exitInterrupted
	}
	if s.out.lost != nil {
		s.warn(words.NotWritten(s.out.lost))
		return exitFailed
	}
	s.explain(err)
	return codeOf(err)
}

// explain tells a person why a command ended, unless everything has been said.
func (s *session) explain(err error) {
	if said(err) {
		return
	}
	s.log.Debug("ended", "error", err)
	if at := (keyring.Condition{}); errors.As(err, &at) {
		s.log.Debug("the store", "store", at.Store, "state", at.State, "detail", at.Detail)
	}
	s.warn(words.Problem(err))
}

// warn prints a message on standard error.
func (s *session) warn(message fmt.Stringer) {
	fmt.Fprintln(s.errs, "gitgrant: "+s.masks.mask(message.String()))
}
