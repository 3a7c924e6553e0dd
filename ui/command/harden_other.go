//go:build !linux

package command

// shield does nothing: these systems have no such switch, or have it thrown.
func shield() {}

func isShielded() bool { return false }
