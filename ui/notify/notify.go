// Package notify shows a notification on the desktop.
//
// Rules of this package:
//
//   - Nothing is started to show one: where no session bus is running, none is
//     brought up, and Show says that there is no desktop.
//   - A desktop may read markup, a script or an option into what it is shown, so
//     that only letters, digits, blanks and harmless punctuation go there.
//   - It is bounded in time. A desktop that does not answer keeps nobody waiting.
package notify

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
)

// ErrNoDesktop says that there is nobody here to show a notification to.
var ErrNoDesktop = errors.New("there is no desktop here to notify")

// patience is how long a desktop has to take a notification.
const patience = 5 * time.Second

const program = "gitgrant"

// Show shows a notification.
func Show(ctx context.Context, title, body string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	shown := make(chan error, 1)
	go func() { shown <- show(ctx, inert(title), inert(body)) }()
	select {
	case err := <-shown:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inert leaves of a text what no desktop can take for anything but a text.
func inert(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || strings.ContainsRune(".,:;!?()+@/_-“”’", r) {
			return r
		}
		return ' '
	}, text)
	return strings.TrimLeft(strings.Join(strings.Fields(text), " "), "-/@")
}
