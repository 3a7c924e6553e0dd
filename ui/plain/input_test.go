package plain_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"

	"gitgrant/ui/plain"
	"gitgrant/ui/words"
)

// keyboard is a terminal and what is typed on it.
func keyboard(t *testing.T) (keys, tty *os.File) {
	t.Helper()
	keys, tty, err := pty.Open()
	if errors.Is(err, pty.ErrUnsupported) {
		t.Skip("this system has no pseudo-terminals for tests")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close(); _ = keys.Close() })
	return keys, tty
}

func TestASecretIsTypedUnseen(t *testing.T) {
	for name, test := range map[string]struct {
		keys, want string
		err        error
	}{
		"letters":                  {"ghp_token\r", "ghp_token", nil},
		"a mistake taken back":     {"ghx\x7fp_token\r", "ghp_token", nil},
		"a wide letter taken back": {"gé\x7fhp_token\r", "ghp_token", nil},
		"everything taken back":    {"wrong\x15ghp_token\r", "ghp_token", nil},
		"an arrow is no letter":    {"ghp\x1b[D_tok\x1bOAen\r", "ghp_token", nil},
		"a tab is no letter":       {"ghp_\ttoken\r", "ghp_token", nil},
		"a paste with both ends":   {"ghp_token\r\n", "ghp_token", nil},
		"longer than a line is":    {strings.Repeat("x", 5000) + "\r", strings.Repeat("x", 5000), nil},
		"nothing":                  {"\r", "", nil},
		"backspace with nothing":   {"\x7f\x7fa\r", "a", nil},
		"the end of the input":     {"\x04", "", io.EOF},
		"an interrupt":             {"ghp_\x03", "", context.Canceled},
	} {
		t.Run(name, func(t *testing.T) {
			keys, tty := keyboard(t)
			in := plain.NewInput(tty)
			shown := make(chan []byte)
			go func() {
				seen := make([]byte, 64<<10)
				n, _ := keys.Read(seen) // what is echoed, or the mark at the end
				shown <- seen[:n]
			}()
			got, err := in.Secret(t.Context(), func() {
				go func() { _, _ = io.WriteString(keys, test.keys) }() // it may hold more than the terminal does
			})
			if !errors.Is(err, test.err) || got != test.want {
				t.Errorf("got %d characters, %v: %.40q", len(got), err, got)
			}
			if _, err := io.WriteString(tty, "mark"); err != nil {
				t.Fatal(err)
			}
			if seen := <-shown; !bytes.Equal(seen, []byte("mark")) {
				t.Errorf("the terminal shows %q", seen)
			}
		})
	}
}

func TestNothingIsSwallowedBetweenALineAndASecret(t *testing.T) {
	keys, tty := keyboard(t)
	in := plain.NewInput(tty)
	if _, err := io.WriteString(keys, "prod\nand more\n"); err != nil {
		t.Fatal(err)
	}
	first, err := in.Line(t.Context())
	if err != nil || first != "prod" {
		t.Fatalf("got %q, %v", first, err)
	}
	second, err := in.Secret(t.Context(), func() {})
	if err != nil || second != "and more" {
		t.Errorf("got %q, %v", second, err)
	}
}

func TestAPipeIsReadLineByLine(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"lines":                 {"one\ntwo\n", []string{"one", "two"}},
		"lines of Windows":      {"one\r\ntwo\r\n", []string{"one", "two"}},
		"a last one without":    {"one\ntwo", []string{"one", "two"}},
		"empty lines are lines": {"\n\n", []string{"", ""}},
		"nothing":               {"", nil},
	} {
		t.Run(name, func(t *testing.T) {
			in := plain.NewInput(pipe(t, test.text))
			var got []string
			for {
				line, err := in.Line(t.Context())
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, line)
			}
			if strings.Join(got, "|") != strings.Join(test.want, "|") || len(got) != len(test.want) {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestInputIsBounded(t *testing.T) {
	long := strings.Repeat("x", 70<<10)
	if _, err := plain.NewInput(pipe(t, long+"\n")).Line(t.Context()); !errors.Is(err, words.TooLong()) {
		t.Errorf("a line: %v", err)
	}
	if _, err := plain.NewInput(pipe(t, long)).All(t.Context()); !errors.Is(err, words.TooLong()) {
		t.Errorf("all of it: %v", err)
	}
	if all, err := plain.NewInput(pipe(t, "a\nb\n")).All(t.Context()); err != nil || all != "a\nb\n" {
		t.Errorf("got %q, %v", all, err)
	}
}

func TestACancelledReadDoesNotWait(t *testing.T) {
	_, tty := keyboard(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := plain.NewInput(tty).Secret(ctx, func() {}); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// pipe is a file that holds a text.
func pipe(t *testing.T, text string) *os.File {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	go func() { _, _ = io.WriteString(w, text); _ = w.Close() }()
	return r
}
