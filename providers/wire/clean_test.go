package wire_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"gitgrant/providers/wire"
)

func TestATextFromAHostIsMadeFitToBeShown(t *testing.T) {
	for name, test := range map[string]struct{ sent, want string }{
		"a name":                   {"octocat", "octocat"},
		"nothing":                  {"", ""},
		"white space around":       {" \t octo cat\r\n", "octo cat"},
		"several lines":            {"one\r\ntwo\n\n\tthree\vfour\ffive\u0085six\u2028seven\u2029eight", "one two three four five six seven eight"},
		"wide spaces":              {"a\u3000b\u00a0c", "a b c"},
		"an escape sequence":       {"\x1b[31mred\x1b[0m", "[31mred[0m"},
		"a title for the window":   {"\x1b]0;owned\x07name", "]0;ownedname"},
		"a sequence of one byte":   {"a\u009b31mb", "a31mb"},
		"control characters":       {"a\x00b\x07c\x08d\x7fe", "abcde"},
		"a bidi override":          {"admin\u202etoor\u202c", "admintoor"},
		"bidi isolates":            {"\u2066a\u2069\u200e\u200f\u061c", "a"},
		"zero widths":              {"a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u034fh\u180ei", "abcdefghi"},
		"tags":                     {"a\U000e0041\U000e007fb", "ab"},
		"variation selectors":      {"a\ufe0fb\U000e0100c", "abc"},
		"fillers":                  {"a\u3164b\u115fc\u2800d\uffa0e", "abcde"},
		"private letters":          {"a\ue000b\U000f0000c", "abc"},
		"bytes of no text":         {"a\xff\xfeb\xc3", "ab"},
		"a replacement character":  {"a\ufffdb", "ab"},
		"letters of every kind":    {"Zoë 東京 مرحبا Ω e\u0301 🙂", "Zoë 東京 مرحبا Ω e\u0301 🙂"},
		"as long as it may be":     {strings.Repeat("ä", wire.MaxText-1), strings.Repeat("ä", wire.MaxText-1)},
		"longer":                   {strings.Repeat("ä", wire.MaxText+1), strings.Repeat("ä", wire.MaxText-1) + "…"},
		"cut at a space":           {strings.Repeat("ä", wire.MaxText-2) + " more", strings.Repeat("ä", wire.MaxText-2) + "…"},
		"much longer, of no width": {strings.Repeat("\u200b", 1<<20) + "a", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := wire.Clean(test.sent); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestACleanTextIsSafeWhateverWasSent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dangerous := rapid.SampledFrom([]string{"\x1b[", "\x1b]0;", "\u009b", "\u202e", "\u2066", "\u200b", "\r\n", "\xff", "\x00", "\u2028", " ", "…", "e\u0301"})
		text := strings.Join(rapid.SliceOf(rapid.OneOf(dangerous, rapid.String())).Draw(t, "parts"), "")
		if problem := unsafe(text, wire.Clean(text)); problem != "" {
			t.Fatalf("%q is %s", text, problem)
		}
	})
}

// FuzzSanitize cleans anything.
func FuzzSanitize(f *testing.F) {
	for _, text := range []string{"octocat", "\x1b]8;;https://evil.example\x07x", "a\u009bb\u202ec\xff", strings.Repeat("é ", 400), "\u200b\u00a0…"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if problem := unsafe(text, wire.Clean(text)); problem != "" {
			t.Fatalf("%q is %s", text, problem)
		}
	})
}

// unsafe says what is wrong with a cleaned text.
func unsafe(sent, clean string) string {
	switch {
	case !utf8.ValidString(clean):
		return "no UTF-8"
	case strings.ContainsFunc(clean, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Bidi_Control) }):
		return "not without controls: " + clean
	case strings.ContainsFunc(clean, func(r rune) bool { return unicode.IsSpace(r) && r != ' ' }):
		return "not on one line: " + clean
	case clean != strings.TrimSpace(clean) || strings.Contains(clean, "  "):
		return "not free of spare space: " + clean
	case utf8.RuneCountInString(clean) > wire.MaxText:
		return "too long"
	case wire.Clean(clean) != clean:
		return "not clean at once: " + clean
	case ansi.Strip(clean) != clean:
		return "a terminal sequence: " + clean
	case utf8.ValidString(sent) && len(sent) < wire.MaxText && printable(sent) && clean != strings.TrimSpace(sent):
		return "changed without need into " + clean
	default:
		return ""
	}
}

// printable reports whether a text is visible ASCII with single spaces.
func printable(text string) bool {
	return !strings.Contains(text, "  ") && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
