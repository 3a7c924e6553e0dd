package term

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// keys are what xterm sends for the keys that have names.
var keys = map[string]string{
	"enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z",
	"backspace": "\x7f", "delete": "\x1b[3~", "insert": "\x1b[2~", "space": " ",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
	"home": "\x1b[H", "end": "\x1b[F", "pgup": "\x1b[5~", "pgdown": "\x1b[6~",
	"f1": "\x1bOP", "f2": "\x1bOQ", "f3": "\x1bOR", "f4": "\x1bOS",
}

// Type sends the text as if it were typed, character by character.
func (term *Terminal) Type(text string) {
	term.t.Helper()
	if _, err := term.pty.WriteString(text); err != nil {
		term.t.Fatalf("cannot type into the terminal: %v", err)
	}
}

// Press presses keys one after the other: a name such as "enter", "shift+tab"
// or "ctrl+c", or a single character. As in any terminal, Esc with another key
// close behind it reads as Alt with that key: wait for what Esc does before
// pressing on.
func (term *Terminal) Press(names ...string) {
	term.t.Helper()
	for _, name := range names {
		bytes, known := sequence(name)
		if !known {
			term.t.Fatalf("there is no key %q", name)
		}
		term.Type(bytes)
	}
}

func sequence(name string) (string, bool) {
	if bytes, ok := keys[name]; ok {
		return bytes, true
	}
	if letter, ok := strings.CutPrefix(name, "ctrl+"); ok && len(letter) == 1 && letter[0] >= 'a' && letter[0] <= 'z' {
		return string(letter[0] & 0x1f), true
	}
	return name, utf8.RuneCountInString(name) == 1
}

// Paste pastes the text as xterm does: a newline arrives as a carriage return,
// and the whole is bracketed where the program asked for bracketed pastes.
func (term *Terminal) Paste(text string) {
	term.t.Helper()
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r")
	if term.bracketsPastes() {
		text = "\x1b[200~" + text + "\x1b[201~"
	}
	term.Type(text)
}

func (term *Terminal) bracketsPastes() bool {
	term.mu.Lock()
	defer term.mu.Unlock()
	return slices.Contains(term.stream.modes, modeBracketedPaste)
}
