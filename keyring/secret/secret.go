// Package secret holds the one type that carries a credential through the
// program.
//
// Rules of this package:
//
//   - A Secret prints itself nowhere: not through fmt (also not as an
//     unexported field under %+v, where fmt cannot call methods), not through
//     slog, JSON, YAML, text marshalling or an error.
//   - The plain value leaves by one door, Reveal, so that every place where a
//     credential is in the clear can be found by one search.
//   - There is no way to unmarshal into a Secret: credentials come from a
//     person, a host or a Store, each of which builds one with New.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// Mask is what stands wherever a Secret is printed.
const Mask = "•••"

// Secret is an immutable piece of confidential text. The zero value is empty.
//
// The text sits behind a closure: reflection-based printers see a function
// pointer, whatever the verb and however deep the field.
type Secret struct {
	open func() string
}

// New wraps text. An empty text gives the zero Secret.
func New(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{open: func() string { return text }}
}

// Reveal returns the plain text.
func (s Secret) Reveal() string {
	if s.open == nil {
		return ""
	}
	return s.open()
}

// Empty reports whether there is nothing inside.
func (s Secret) Empty() bool { return s.open == nil }

// Len is the size in bytes, which may be shown.
func (s Secret) Len() int { return len(s.Reveal()) }

// Equal compares in constant time for equal lengths.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// Sendable reports whether the text consists of visible ASCII only, which is
// all that may go into a header; everything else is refused before it is sent.
func (s Secret) Sendable() bool {
	text := s.Reveal()
	for i := range len(text) {
		if text[i] < 0x21 || text[i] > 0x7e {
			return false
		}
	}
	return text != ""
}

func (s Secret) mask() string {
	if s.Empty() {
		return ""
	}
	return Mask
}

// String returns the mask.
func (s Secret) String() string { return s.mask() }

// GoString returns the mask.
func (s Secret) GoString() string { return s.mask() }

// Format writes the mask for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.mask()) }

// LogValue returns the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.mask()) }

// MarshalText returns the mask; JSON and YAML encoders use it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.mask()), nil }
