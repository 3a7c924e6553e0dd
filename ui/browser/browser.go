// Package browser opens an address in the person's browser.
//
// Rules of this package:
//
//   - Only https is opened, and http on this very machine: whatever else an
//     address says, no program is started for it. What is handed over is the
//     address written anew, not what was given.
//   - BROWSER is what the person wishes: a list of commands separated by colons,
//     tried in their order, %s standing for the address. No shell reads it.
//   - Nothing that a browser prints reaches the terminal, and nothing that ends
//     the program ends a browser.
//   - A browser that does not open is a message and never the end of anything.
package browser

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"

	system "github.com/cli/browser"

	"gitgrant/providers/address"
)

// Why an address was not opened.
var (
	ErrAddress = errors.New("the address is not one that a browser is started for")
	ErrNoWay   = errors.New("no browser can be opened from here")
	ErrFailed  = errors.New("no browser started")
)

// Browser opens addresses.
type Browser struct {
	env func(string) string
}

// What a browser has to say is not for the screen that it was opened from. The
// library keeps this for the whole program, so it is said once.
func init() { system.Stdout, system.Stderr = io.Discard, io.Discard }

// New is the browser of an environment.
func New(env func(string) string) *Browser { return &Browser{env: env} }

// Open shows an address. It waits for the command that opens the browser to end
// or to go on for a moment, so it is called beside everything else.
func (b *Browser) Open(ctx context.Context, text string) error {
	text, ok := address.Page(text)
	if !ok {
		return ErrAddress
	}
	if list := b.env("BROWSER"); list != "" {
		return b.wished(ctx, list, text)
	}
	if b.blind() {
		return ErrNoWay
	}
	if err := system.OpenURL(text); err != nil {
		return ErrFailed
	}
	return nil
}

// Here reports whether there is a way to show a page. Nothing is tried.
func (b *Browser) Here() bool { return b.env("BROWSER") != "" || !b.blind() }

// blind reports whether there is nothing here to show a page on: a remote login
// or a machine without a display.
func (b *Browser) blind() bool {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return b.env("SSH_CONNECTION") != ""
	}
	for _, name := range []string{"DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"} {
		if b.env(name) != "" {
			return false
		}
	}
	return true
}

// wished tries the commands of BROWSER.
func (b *Browser) wished(ctx context.Context, list, text string) error {
	for command := range strings.SplitSeq(list, ":") {
		words := strings.Fields(command)
		if len(words) == 0 {
			continue
		}
		placed := false
		for i, word := range words[1:] {
			if strings.Contains(word, "%s") {
				words[i+1], placed = strings.ReplaceAll(word, "%s", text), true
			}
		}
		if !placed {
			words = append(words, text)
		}
		if err := show(ctx, words); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return ErrFailed
}

// settled is how long a command may take to fail. One that still runs then is a
// browser of its own, and not what calls one that runs already.
const settled = time.Second

// show starts a command that outlives this program, and waits until it is known
// to show something.
func show(ctx context.Context, words []string) error {
	cmd := exec.Command(words[0], words[1:]...) //nolint:noctx // the person's own words, and a browser that stays
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(settled):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
