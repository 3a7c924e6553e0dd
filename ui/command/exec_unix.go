//go:build unix

package command

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// passedOn are the signals that a command gets from whoever sends them to this
// process.
var passedOn = []os.Signal{
	unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2,
}

// fromTerminal reports whether a signal is one that the keys of a terminal send
// to everybody in front of it: the command has it already, and many take the
// second one for impatience.
func (s *session) fromTerminal(signal os.Signal) bool {
	if signal != unix.SIGINT && signal != unix.SIGQUIT {
		return false
	}
	for _, stream := range []*os.File{s.in, s.out.File, s.errs} {
		if group, err := unix.IoctlGetInt(int(stream.Fd()), unix.TIOCGPGRP); err == nil {
			return group == unix.Getpgrp()
		}
	}
	return false
}

// exitStatus is the status of a command as a shell tells it.
func exitStatus(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
