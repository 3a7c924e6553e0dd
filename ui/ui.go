// Package ui is the terminal UI: the one root model, which routes between the
// list of runtimes and the wizard.
//
// Rules of this package:
//
//   - Only the root knows which screen is open. Screens return what they want
//     done, and the root does it.
//   - Nothing blocks in Update, and no command reads the model: what it needs is
//     captured before it starts.
//   - What changes something at a host or in the store is seen to its end before
//     the program ends, and what came of it is said.
//   - A question that comes up late is asked only of somebody who is still where
//     they were, and takes no key that was typed before they saw it.
//   - The first frame waits for no network and no keychain.
//   - Nothing is written to the terminal while nothing happens: no tick without
//     something that moves, no cursor that blinks.
package ui

import (
	"context"
	"os"
	"sync/atomic"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/ui/browser"
	"gitgrant/ui/clipboard"
	"gitgrant/ui/theme"
)

// Start is the screen that opens first.
type Start int

// The screens to start with.
const (
	StartList Start = iota
	StartInstall
	StartReauthorize
)

// Options say what to run.
type Options struct {
	Desk    *flows.Desk
	Start   Start
	Answers flows.Answers  // given beforehand, for StartInstall and StartReauthorize
	Grant   *keyring.Grant // what StartReauthorize renews

	Theme    string // "dark" or "light"; else what the terminal says
	NoColor  bool
	NoMotion bool

	// Demo and Approve are for the demo, where a key approves a device code in
	// place of a browser.
	Demo    bool
	Approve func(userCode string) error
}

// Result is what came of it: how every conversation ended, in their order, and
// the grant whose new token is lost because the person left before it could be
// saved, and what is to be said of the changes that ended after they had chosen to
// leave.
type Result struct {
	Outcomes []flows.Outcome
	Lost     *keyring.Grant
	Told     []string
}

// ErrInterrupted says that the person left by Ctrl+C, or a signal ended the
// program. What was being saved or changed was finished.
var ErrInterrupted = tea.ErrInterrupted

// Run shows the screens until the person leaves. The error is ErrInterrupted,
// one that the answers given beforehand lead to, or the terminal's.
func Run(ctx context.Context, o Options) (Result, error) {
	// With these set, what is typed and pasted would be written to files.
	for _, name := range []string{"TEA_TRACE", "TEA_DEBUG"} {
		if err := os.Unsetenv(name); err != nil {
			return Result{}, err
		}
	}
	o.NoColor = o.NoColor || os.Getenv("NO_COLOR") != ""
	var program atomic.Pointer[tea.Program]
	m, err := newRoot(ctx, o, outside{
		send:      func(msg tea.Msg) { program.Load().Send(msg) },
		browser:   browser.New(os.Getenv),
		clipboard: clipboard.New(os.Getenv),
		plain:     theme.PlainGlyphs(os.Getenv),
	})
	if err != nil {
		return Result{}, err
	}
	// Signals come through the context of the caller, so that they take the
	// same way out as Ctrl+C.
	// Faults of the program go to the caller too, who masks what they say.
	options := []tea.ProgramOption{tea.WithoutSignalHandler(), tea.WithoutCatchPanics()}
	if o.NoColor {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	p := tea.NewProgram(m, options...)
	program.Store(p)
	stop := context.AfterFunc(ctx, func() { p.Send(interruptMsg{}) })
	defer stop()
	defer m.close()
	defer giveBack(p)
	_, err = p.Run()
	m.close()
	result := Result{Outcomes: m.outcomes, Told: m.told}
	if m.unsaved != nil {
		result.Lost = &m.unsaved.grant
	}
	if err == nil && m.interrupted {
		err = ErrInterrupted
	}
	return result, err
}

// giveBack gives the terminal back before a fault of the program goes on to
// the caller.
func giveBack(p *tea.Program) {
	if fault := recover(); fault != nil {
		_ = p.ReleaseTerminal()
		panic(fault)
	}
}
