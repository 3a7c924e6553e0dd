// Package widget is the parts that several screens share.
//
// Rules of this package:
//
//   - A widget takes a size and returns lines. It keeps no size, starts no work
//     and knows no screen.
//   - Width is measured in cells, never in bytes or characters, and no line is
//     wider than what was asked for. What does not fit is cut with a sign.
//   - Styled pieces are rendered one by one and joined; a style is never laid
//     over text that has one already.
package widget

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"gitgrant/ui/theme"
)

// Width is how many cells a text takes.
func Width(s string) int { return ansi.StringWidth(s) }

// Fit cuts a text to a width, with a sign where it was cut.
func Fit(t theme.Theme, s string, width int) string {
	return ansi.Truncate(s, max(0, width), t.Glyph.Cut)
}

// Pad cuts or fills a text to exactly a width.
func Pad(t theme.Theme, s string, width int) string {
	s = Fit(t, s, width)
	return s + strings.Repeat(" ", max(0, width-Width(s)))
}

// Wrap breaks plain text into lines at its blanks, and within a word only where
// the word alone is too long: an address behind a slash or a sign of its query,
// anything else where the line is full. Hyphens do not break: codes and commands
// are full of them.
func Wrap(s string, width int) []string {
	width = max(1, width)
	var lines []string
	for paragraph := range strings.SplitSeq(s, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && Width(line)+1+Width(word) <= width {
				line += " " + word
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			parts := pieces(word, width)
			lines = append(lines, parts[:len(parts)-1]...)
			line = parts[len(parts)-1]
		}
		lines = append(lines, line)
	}
	return lines
}

// Where an address breaks: behind a slash or a hyphen of its path and what names
// a value, before what begins another.
const (
	breakBehind = "/-="
	breakBefore = "?&#%+"
)

// pieces cuts a word that is too long for a line, an address where one would cut
// it by hand, anything else where the line is full. Put together again they are
// the word.
func pieces(word string, width int) []string {
	var parts []string
	address := strings.Contains(word, "/")
	for Width(word) > width {
		part, _, _ := strings.Cut(ansi.Hardwrap(word, width, true), "\n")
		if part == "" {
			break // a character that is wider than the line
		}
		if address {
			part = part[:breakOf(word, len(part))]
		}
		parts, word = append(parts, part), word[len(part):]
	}
	return append(parts, word)
}

// breakOf is the last place to break an address at or before a place, unless it
// leaves more than half of the line empty.
func breakOf(address string, full int) int {
	for at := full; at > full/2; at-- {
		behind, before := address[at-1], address[at]
		scheme := behind == '/' && before == '/'
		if !scheme && (strings.IndexByte(breakBehind, behind) >= 0 || strings.IndexByte(breakBefore, before) >= 0) {
			return at
		}
	}
	return full
}

// Text is wrapped text in one style.
func Text(style lipgloss.Style, s string, width int) []string {
	if s == "" {
		return nil
	}
	lines := Wrap(s, width)
	for i, line := range lines {
		lines[i] = style.Render(line)
	}
	return lines
}

// Indent sets lines in by some cells.
func Indent(by int, lines []string) []string {
	margin := strings.Repeat(" ", by)
	indented := make([]string, len(lines))
	for i, line := range lines {
		indented[i] = margin + line
	}
	return indented
}

// Hang sets text beside a sign: the sign before the first line, the rest under
// the first word.
func Hang(sign string, style lipgloss.Style, s string, width int) []string {
	by := Width(sign) + 1
	lines := Indent(by, Text(style, s, width-by))
	if len(lines) > 0 {
		lines[0] = sign + lines[0][by-1:]
	}
	return lines
}

// Link is an address in full, which terminals that can make a hyperlink. It is
// for addresses that were checked.
func Link(t theme.Theme, address string, width int) []string {
	lines := pieces(address, max(1, width))
	for i, line := range lines {
		lines[i] = t.Link.Hyperlink(address, "id="+address).Render(line)
	}
	return lines
}

// Join puts blocks under each other with a blank line between; empty blocks
// leave none.
func Join(blocks ...[]string) []string {
	var lines []string
	for _, block := range blocks {
		if len(block) == 0 {
			continue
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, block...)
	}
	return lines
}

// Beside puts two blocks next to each other, the left one filled to a width.
func Beside(t theme.Theme, left []string, width int, right []string) []string {
	var lines []string
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		if r == "" {
			lines = append(lines, l)
			continue
		}
		lines = append(lines, Pad(t, l, width)+r)
	}
	return lines
}

// Spread puts one text at the left end of a line and one at the right. Where
// both do not fit, the left one stays.
func Spread(t theme.Theme, left, right string, width int) string {
	gap := width - Width(left) - Width(right)
	if right == "" || gap < 2 {
		return Fit(t, left, width)
	}
	return left + strings.Repeat(" ", gap) + right
}
