// Package screen is what the root model and its screens agree on.
//
// Rules of this package:
//
//   - A screen takes keys and a size, and returns an Action and a string. It
//     starts no work, opens nothing and knows no other screen: the root does
//     what an Action says.
//   - Only the root knows which screen is open.
//   - A screen that shows nothing moving has no rhythm, and then nothing ticks.
package screen

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/ui/theme"
)

// Look is what every screen draws with. The root owns it and changes it.
type Look struct {
	Theme theme.Theme
	Keys  theme.Keys
	Now   func() time.Time
	Still bool // no motion: seconds are told instead
	Beat  int  // of the animation
	Demo  bool // a key approves what a browser would
}

// Spinner is the present picture of work under way, and nothing where motion
// is not wanted.
func (l *Look) Spinner() string {
	if l.Still {
		return ""
	}
	frames := l.Theme.Glyph.Spinner
	return l.Theme.Accent.Render(frames[l.Beat%len(frames)]) + " "
}

// Rhythm is how often a screen has something new to show by itself.
type Rhythm time.Duration

// The rhythms: nothing moves, a countdown, a spinner.
const (
	Calm    = Rhythm(0)
	Seconds = Rhythm(time.Second)
	Lively  = Rhythm(100 * time.Millisecond)
)

// Busy is the rhythm while work is under way.
func (l *Look) Busy() Rhythm {
	if l.Still {
		return Seconds
	}
	return Lively
}

// Pause is how long a person who types has to rest before a key counts for what
// appeared by itself meanwhile.
const Pause = 400 * time.Millisecond

// Screen is one of the things that can be open.
type Screen interface {
	// Title is a word or two for the title of the terminal: no host, no name,
	// no secret.
	Title() string
	// Scene names what is asked or shown. What is said of one scene is not said
	// on the next.
	Scene() string
	// Resize says how much room there is from now on.
	Resize(width, height int)
	// View draws the screen in its size. The cursor is nil where nothing is
	// typed.
	View() (content string, cursor *tea.Cursor)
	// Keys are what can be pressed now, the most useful first.
	Keys() []key.Binding
	// Typing reports whether printable keys are text.
	Typing() bool
	// Press takes a key, Paste a pasted text.
	Press(k tea.KeyPressMsg) Action
	Paste(text string) Action
	// Rhythm is how often the screen changes by itself.
	Rhythm() Rhythm
}

// Action is what a screen wants done: one of the types below, or nil.
type Action any

// What the types of an Action are.
type (
	// Work are effects of the conversation, and the turn that it is in. Open is
	// an address to show in the browser with it, where there is one.
	Work struct {
		Turn    int
		Effects []flows.Effect
		Open    string
	}
	// Copy puts a text on the clipboard. It is never a token.
	Copy struct{ Text, Name string }
	// Write puts a text into a file of the folder that the program was started
	// in. It is never a token, and it takes the place of nothing.
	Write struct {
		File string
		Text []byte
	}
	// Open shows an address in the browser. Say is what is said of it, where
	// that is more than that it opens.
	Open struct{ Address, Say string }
	// Approve approves a device code in the demo.
	Approve struct{ Code string }
	// Say shows a short message for a while.
	Say struct{ Text string }
	// Install begins an installation.
	Install struct{ Answers flows.Answers }
	// Reauthorize begins the replacement of a grant.
	Reauthorize struct{ Grant keyring.Grant }
	// Check checks grants anew.
	Check struct{ Grants []keyring.Grant }
	// Unlock opens a store that tokens rest in; a vault takes a passphrase.
	Unlock struct {
		Store      keyring.Kind
		Passphrase secret.Secret
	}
	// Forget removes grants from this machine.
	Forget struct{ Grants []keyring.Grant }
	// Undo brings back what was forgotten last.
	Undo struct{}
	// Mute says of a runtime whether anybody is notified about it.
	Mute struct {
		Runtime string
		Muted   bool
	}
	// Share finds out who else holds the token of a grant, for the question
	// whether it is to be replaced or, where End is set, ended.
	Share struct {
		Grant keyring.Grant
		End   bool
	}
	// Rotate replaces a token at its host. Sharing are those that hold it too.
	Rotate struct {
		Grant   keyring.Grant
		Until   time.Time
		Sharing []keyring.Grant
	}
	// SaveAgain tries once more to keep a new token that the store did not take.
	SaveAgain struct{}
	// GiveUp lets that token go.
	GiveUp struct{}
	// Revoke ends a token at its host, where that can be, and forgets it.
	// Sharing are those that hold it too.
	Revoke struct {
		Grant   keyring.Grant
		Sharing []keyring.Grant
	}
	// Reuse gives a user token to other runtimes too.
	Reuse struct {
		From keyring.Grant
		To   []string
	}
	// Close ends the screen.
	Close struct{}
)
