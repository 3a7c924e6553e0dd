package theme

import (
	"charm.land/bubbles/v2/key"

	"gitgrant/ui/words"
)

// Keys are all the keys of the terminal UI. A screen lists those that can be
// pressed on it, and the help line shows what it lists.
type Keys struct {
	Move                                    key.Binding // all of the next, for the help line
	Up, Down, PageUp, PageDown, First, Last key.Binding

	Enter, Back, Clear key.Binding

	OtherFlow                             key.Binding // among the ways to authorize
	Copy, Open, NewCode, ByToken, Approve key.Binding // while a code waits
	OpenPage, GiveToken, CopyPage         key.Binding // the same beside a field
	WriteValues                           key.Binding // once a token is stored

	New, Reauthorize, Check, AddUser, Forget, Filter, Unlock, Quit key.Binding // in the list
	Reuse, Rotate, Revoke, Mute, CopyCommand, Undo                 key.Binding // on a runtime
	Sort, Group                                                    key.Binding // of the list
	Mark                                                           key.Binding // in a list of which several can be chosen

	Help, Interrupt, Suspend key.Binding
}

// NewKeys are the keys as they are bound.
func NewKeys(g Glyphs) Keys {
	bind := func(shown, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, what))
	}
	return Keys{
		Move:     bind(g.Arrows, words.KeyMove, "up", "down", "k", "j"),
		Up:       bind("k", words.KeyUp, "up", "k"),
		Down:     bind("j", words.KeyDown, "down", "j"),
		PageUp:   bind("pgup", words.KeyPageUp, "pgup"),
		PageDown: bind("pgdn", words.KeyPageDown, "pgdown"),
		First:    bind("home", words.KeyFirst, "home", "g"),
		Last:     bind("end", words.KeyLast, "end", "G"),

		Enter: bind("enter", words.KeyContinue, "enter"),
		// Two quick escapes arrive as alt+esc through tmux.
		Back:  bind("esc", words.KeyBack, "esc", "alt+esc"),
		Clear: bind("ctrl+u", words.KeyClear, "ctrl+u"),

		OtherFlow: bind("f", words.KeyByBrowser, "f"),
		Copy:      bind("c", words.KeyCopyCode, "c", "ctrl+y"),
		Open:      bind("o", words.KeyOpenBrowser, "o", "ctrl+o"),
		NewCode:   bind("n", words.KeyNewCode, "n"),
		ByToken:   bind("t", words.KeyByToken, "t", "ctrl+t"),
		Approve:   bind("a", words.KeyApprove, "a"),
		OpenPage:  bind("ctrl+o", words.KeyOpenPage, "ctrl+o"),
		CopyPage:  bind("ctrl+y", words.KeyCopyPage, "ctrl+y"),
		GiveToken: bind("ctrl+t", words.KeyByToken, "ctrl+t"),

		WriteValues: bind("w", words.KeyWriteValues, "w"),

		New:         bind("n", words.KeyNew, "n"),
		Reauthorize: bind("r", words.KeyReauthorize, "r"),
		Check:       bind("c", words.KeyCheck, "c"),
		AddUser:     bind("a", words.KeyAddUser, "a"),
		Forget:      bind("f", words.KeyForget, "f"),
		Filter:      bind("/", words.KeyFilter, "/"),
		Unlock:      bind("p", words.KeyOpenVault, "p"),
		Quit:        bind("q", words.KeyQuit, "q"),

		Reuse:       bind("e", words.KeyReuse, "e"),
		Rotate:      bind("t", words.KeyRotate, "t"),
		Revoke:      bind("x", words.KeyRevoke, "x"),
		Mute:        bind("m", words.KeyMute, "m"),
		CopyCommand: bind("y", words.KeyCopyCommand, "y"),
		Undo:        bind("u", words.KeyUndo, "u"),
		Sort:        bind("s", words.KeySort, "s"),
		Group:       bind("h", words.KeyGroup, "h"),
		Mark:        bind("space", words.KeyMark, "space"),

		Help:      bind("f1", words.KeyHelp, "f1", "?"),
		Interrupt: bind("ctrl+c", words.KeyInterrupt, "ctrl+c"),
		Suspend:   bind("ctrl+z", words.KeySuspend, "ctrl+z"),
	}
}

// As is the same key under another name in the help line.
func As(b key.Binding, what string) key.Binding {
	b.SetHelp(b.Help().Key, what)
	return b
}
