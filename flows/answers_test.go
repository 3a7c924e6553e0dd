package flows_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gitgrant/flows"
)

func TestATokenIsReadHoweverItWasCopied(t *testing.T) {
	for name, text := range map[string]string{
		"as it is":                      "ghp_abc123",
		"with a newline":                "ghp_abc123\n",
		"with blanks and CR LF around":  " \t ghp_abc123 \r\n",
		"in double quotes":              `"ghp_abc123"`,
		"in single quotes":              "'ghp_abc123'",
		"with Bearer":                   "Bearer ghp_abc123",
		"with token":                    "token ghp_abc123",
		"as a header":                   "Authorization: Bearer ghp_abc123",
		"as a header in quotes":         `"Authorization: bearer ghp_abc123"`,
		"with a byte order mark":        "\ufeffghp_abc123",
		"with zero-width spaces around": "\u200bghp_abc123\u200b",
	} {
		t.Run(name, func(t *testing.T) {
			token, err := flows.ReadToken(text)
			if err != nil || token.Reveal() != "ghp_abc123" {
				t.Errorf("read %d characters, %v", token.Len(), err)
			}
		})
	}
}

func TestWhatIsNoTokenIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want error
	}{
		"nothing":             {"", flows.ErrTokenEmpty},
		"blanks":              {" \r\n\t", flows.ErrTokenEmpty},
		"a blank inside":      {"ghp_a b", flows.ErrTokenCharacters},
		"a newline inside":    {"ghp_a\nb", flows.ErrTokenCharacters},
		"a control character": {"ghp_a\x1b[31mb", flows.ErrTokenCharacters},
		"a letter not ASCII":  {"ghp_ä", flows.ErrTokenCharacters},
		"a zero-width inside": {"ghp_\u200bab", flows.ErrTokenCharacters},
		"more than any token": {strings.Repeat("x", 6001), flows.ErrTokenTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			if token, err := flows.ReadToken(tc.text); !errors.Is(err, tc.want) || !token.Empty() {
				t.Errorf("error is %v, want %v", err, tc.want)
			}
		})
	}
}

func TestATokenThatWasReadIsSendableAndReadsAsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token, err := flows.ReadToken(rapid.String().Draw(t, "text"))
		if err != nil {
			return
		}
		if !token.Sendable() {
			t.Fatalf("%q can not be sent", token.Reveal())
		}
		again, err := flows.ReadToken(token.Reveal())
		if err == nil && again.Len() > token.Len() {
			t.Fatalf("%q grew", token.Reveal())
		}
	})
}

func TestARuntimeNameIsOneThatKubernetesTakes(t *testing.T) {
	for name, good := range map[string]bool{
		"prod": true, "a": true, "prod-2": true, strings.Repeat("a", 63): true,
		"": false, "Prod": false, "2prod": false, "prod-": false, "-prod": false, "prod_1": false, "pro d": false,
		"prod\n": false, "pröd": false, strings.Repeat("a", 64): false, "../prod": false,
	} {
		if err := flows.CheckRuntimeName(name); (err == nil) != good {
			t.Errorf("%q: %v", name, err)
		}
	}
}
