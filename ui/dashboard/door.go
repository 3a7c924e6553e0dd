package dashboard

import (
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"gitgrant/flows"
	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/ui/screen"
	"gitgrant/ui/theme"
	"gitgrant/ui/widget"
	"gitgrant/ui/words"
)

// door is the question for the passphrase of a vault that tokens rest in.
type door struct {
	asked   bool
	opening bool
	field   widget.Field
	slip    string    // why the vault is still locked
	rested  time.Time // when a key counts again, after the question went away by itself
}

// Unlocked says that a store is open. Whoever is typing a passphrase all the same
// has to rest before a key means something in the list.
func (d *Dashboard) Unlocked() {
	typing := d.door.asked && !d.door.opening
	d.door = door{}
	if typing {
		d.door.rested = d.look.Now().Add(screen.Pause)
	}
}

// Refused says why a store is still locked, and reports whether somebody waits
// to hear it. Whoever asks anew by now goes on typing.
func (d *Dashboard) Refused(why string) bool {
	if !d.door.opening {
		return false
	}
	d.door = door{asked: true, field: widget.NewField(true), slip: why}
	return true
}

// locked is a store that tokens rest in and that can be opened from here.
func (d *Dashboard) locked() (at keyring.Condition, ok bool) {
	for i := 0; d.tally.sealed > 0 && i < len(d.runtimes); i++ {
		for _, t := range d.runtimes[i].tokens {
			if at := t.verdict.Condition; at != nil && flows.CanOpen(*at) {
				return *at, true
			}
		}
	}
	return keyring.Condition{}, false
}

// unlock asks for the passphrase of a vault; for a keychain the desktop asks.
func (d *Dashboard) unlock() screen.Action {
	switch at, ok := d.locked(); {
	case !ok:
		return nil
	case at.Store == keyring.Vault:
		d.door = door{asked: true, field: widget.NewField(true)}
		return nil
	default:
		return screen.Unlock{Store: at.Store}
	}
}

func (d *Dashboard) pressDoor(k tea.KeyPressMsg) screen.Action {
	keys := d.look.Keys
	switch {
	case key.Matches(k, keys.Back):
		d.door = door{}
	case d.door.opening:
	case key.Matches(k, keys.Enter):
		return d.givePassphrase()
	case key.Matches(k, keys.Clear):
		d.door.field.Set("")
	default:
		d.door.field.Press(k)
		d.door.slip = ""
	}
	return nil
}

func (d *Dashboard) givePassphrase() screen.Action {
	typed := secret.New(d.door.field.Text())
	if typed.Empty() {
		d.door.slip = words.PassphraseEmpty
		return nil
	}
	d.door = door{asked: true, opening: true, field: widget.NewField(true)}
	return screen.Unlock{Store: keyring.Vault, Passphrase: typed}
}

// doorKeys are what can be pressed at the question.
func (d *Dashboard) doorKeys() []key.Binding {
	k := d.look.Keys
	switch {
	case d.door.opening:
		return []key.Binding{k.Back}
	case d.door.field.Text() != "":
		return []key.Binding{k.Enter, k.Back, k.Clear}
	default:
		return []key.Binding{k.Enter, k.Back}
	}
}

// unlockKey is the key that opens a store, named after what it opens.
func (d *Dashboard) unlockKey(at keyring.Condition) key.Binding {
	if at.Store == keyring.System {
		return theme.As(d.look.Keys.Unlock, words.KeyOpenKeychain)
	}
	return d.look.Keys.Unlock
}

const doorWidth = 64

// layDoor asks for the passphrase.
func (d *Dashboard) layDoor() widget.Laid {
	t := d.look.Theme
	width := min(d.width, theme.TextWidth)
	p := widget.Page{Body: append(
		widget.Text(t.Strong, words.AskPassphrase(false, false), width),
		widget.Text(t.Quiet, words.AboutPassphrase(false), width)...,
	)}
	if d.look.Demo {
		p.Body = append(p.Body, widget.Text(t.Plain, words.DemoVault, width)...)
	}
	if d.door.opening {
		p.Foot = []string{d.look.Spinner() + t.Plain.Render(words.OpeningStore)}
		return p.Lay(t, d.width, d.height)
	}
	lines, x, y := d.door.field.Lines(t, words.PassphraseHint, min(width, doorWidth), true)
	p.Foot, p.Focus, p.Cursor = lines, y, widget.Caret(x, y)
	if d.door.slip != "" {
		p.Foot, p.Urgent = append(p.Foot, widget.Hang(t.Bad.Render(t.Glyph.Bad), t.Plain, d.door.slip, width)...), true
	}
	return p.Lay(t, d.width, d.height)
}
