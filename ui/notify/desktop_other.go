//go:build windows || darwin

package notify

import (
	"context"

	"github.com/gen2brain/beeep"
)

func show(_ context.Context, title, body string) error {
	beeep.AppName = program
	return beeep.Notify(title, body, "")
}

// Here reports whether a desktop would take a notification: these systems come
// with theirs.
func Here(context.Context) bool { return true }
