//go:build unix

package browser

import (
	"os/exec"
	"syscall"
)

// detach keeps the signals of this terminal from a command.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
