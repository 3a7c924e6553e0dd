package command

import (
	"cmp"
	"slices"
	"strings"
)

// veil hides names that tell whose machine this is. A name is hidden where it
// stands by itself: a host that is called git is no part of gitgrant.
type veil []veiled

type veiled struct{ name, label string }

// hide has a label stand for a name. The longest names are looked for first.
func (v *veil) hide(name, label string) {
	if name == "" {
		return
	}
	*v = append(*v, veiled{name, label})
	slices.SortStableFunc(*v, func(a, b veiled) int { return cmp.Compare(len(b.name), len(a.name)) })
}

// over is a text without the names.
func (v veil) over(text string) string {
	var b strings.Builder
	for at := 0; at < len(text); {
		found := slices.IndexFunc(v, func(one veiled) bool { return one.stands(text, at) })
		if found < 0 {
			b.WriteByte(text[at])
			at++
			continue
		}
		b.WriteString(v[found].label)
		at += len(v[found].name)
	}
	return b.String()
}

// stands reports whether the name stands at a place of a text, and is no part of
// a longer one there.
func (one veiled) stands(text string, at int) bool {
	after, here := strings.CutPrefix(text[at:], one.name)
	return here && (at == 0 || !ofName(text[at-1])) && (after == "" || !ofName(after[0]))
}

// ofName reports whether names go on with a byte. A dot ends one: what stands
// before and behind it is hidden by itself.
func ofName(c byte) bool {
	return c >= 0x80 || c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
