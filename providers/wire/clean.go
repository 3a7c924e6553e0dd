package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is the length in runes that a text from a host is cut to.
const MaxText = 300

// Clean makes a text from a host fit to be stored and shown: valid UTF-8 on
// one line, without control characters (C0, DEL, C1), bidirectional overrides,
// zero-width and other invisible characters, at most MaxText runes long. What
// is cut off is marked.
func Clean(text string) string { return clean(text, MaxText) }

func clean(text string, limit int) string {
	if len(text) > 8*limit {
		text = text[:8*limit]
	}
	var b strings.Builder
	runes, gap := 0, false
	for _, r := range strings.ToValidUTF8(text, "") {
		if unicode.IsSpace(r) {
			gap = b.Len() > 0
			continue
		}
		if !shown(r) {
			continue
		}
		if gap {
			b.WriteByte(' ')
			runes++
			gap = false
		}
		if runes >= limit-1 {
			return strings.TrimRight(b.String(), " ") + "…"
		}
		b.WriteRune(r)
		runes++
	}
	return b.String()
}

// shown leaves out everything that has no ink of its own, apart from combining
// marks, which belong to the letter before them.
func shown(r rune) bool {
	return r != utf8.RuneError && unicode.IsGraphic(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!unicode.Is(unicode.Variation_Selector, r) && r != '\u00ad' && r != '\u034f' && r != '\u2800'
}
