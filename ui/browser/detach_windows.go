package browser

import (
	"os/exec"
	"syscall"
)

// detach keeps the signals of this console from a command.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
