package command

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"gitgrant/keyring/secret"
	"gitgrant/providers/sandbox"
)

func TestWhatLooksLikeATokenIsMasked(t *testing.T) {
	var m masks
	m.learn(secret.New("no-shape-at-all"))
	m.learn(secret.New("a")) // hidden in every word, it would be plain to see
	shapes := []string{
		"glpat-abcdefghijklmnopqrst", "gloas-abcdefghijklmnop", "ATATT3xFfGF0abcdefgh", "ATCTT3xFfGN0abcdefgh", "ATBBabcdefgh",
		"BBDC-MDAwMDAwMDAw", "OTg3NjU0MzIxMDk4OlNvbWV0aGluZ05vYm9keUd1ZXNz", "AGE-SECRET-KEY-1QQPQQPQQ", "0123456789abcdef0123456789abcdef01234567", "no-shape-at-all",
	}
	for _, token := range sandbox.Tokens() {
		shapes = append(shapes, token.Text)
	}
	for _, shape := range shapes {
		for _, around := range []string{shape, "token=" + shape + "&x", `{"t":"` + shape + `"}`, "Authorization: Bearer " + shape, "at " + shape + "\n"} {
			if got := m.mask(around); strings.Contains(got, shape[len(shape)-8:]) {
				t.Errorf("%q is left in %q", shape, got)
			}
		}
	}
	for _, harmless := range []string{"gitgrant status prod", "the bearer of news", "github.com", "admin:repo_hook", "glass-house"} {
		if got := m.mask(harmless); got != harmless {
			t.Errorf("%q became %q", harmless, got)
		}
	}
}

// A fault of the program is told on a terminal that is as it was found, and
// without a secret.
func TestAFaultIsToldWithoutASecret(t *testing.T) {
	token := sandbox.MustToken("github", "runtime").Text
	read := capture(t, func(s *session) {
		s.debug = true
		s.broke(errors.New("no "+token+" here"), []byte("goroutine 1\nmain.f("+token+")"))
	})
	if strings.Contains(read, token[8:]) {
		t.Errorf("the token is in %q", read)
	}
	if !strings.Contains(read, "gitgrant: Something in gitgrant itself is broken: no ••• here.") || !strings.Contains(read, "goroutine 1") {
		t.Errorf("it says %q", read)
	}
}

func TestAFaultWithoutDebugShowsNoStack(t *testing.T) {
	read := capture(t, func(s *session) { s.broke("index out of range", []byte("goroutine 1")) })
	if strings.Contains(read, "goroutine") || strings.Contains(read, "\x1b") {
		t.Errorf("it says %q", read)
	}
}

func TestAFaultOnTheScreenLeavesTheScreen(t *testing.T) {
	read := capture(t, func(s *session) {
		s.onScreen = true
		s.broke("index out of range", nil)
	})
	if !strings.Contains(read, "\x1b[?1049l") || !strings.Contains(read, "\x1b[?25h") {
		t.Errorf("the terminal is left with %q", read)
	}
}

// capture is what a session writes to its two outputs.
func capture(t *testing.T, do func(*session)) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := newSession()
	s.out, s.errs = &stream{File: w}, w
	do(s)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
