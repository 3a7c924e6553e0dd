package term_test

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
	xterm "golang.org/x/term"

	"gitgrant/internal/term"
)

// program names the one of this file's programs that the test binary is to be
// instead of running tests.
const program = "TERM_TEST_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(program) {
	case "":
		goleak.VerifyTestMain(m)
	case "show":
		show()
	case "echo":
		echo()
	case "tea":
		tea()
	}
}

// show writes its second argument as it is and exits with its first.
func show() {
	code, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	fmt.Print(os.Args[2])
	os.Exit(code)
}

// echo writes its arguments as they are and then shows, quoted, whatever comes
// in, each piece on the same line, until it reads a q.
func echo() {
	state, err := xterm.MakeRaw(0)
	if err != nil {
		panic(err)
	}
	defer func() { _ = xterm.Restore(0, state) }()
	fmt.Print(strings.Join(os.Args[1:], ""), "ready\r\n")
	piece := make([]byte, 4096)
	for {
		n, err := os.Stdin.Read(piece)
		if err != nil || bytes.Equal(piece[:n], []byte("q")) {
			return
		}
		fmt.Printf("%+q", string(piece[:n]))
	}
}

func start(t *testing.T, which string, o term.Options, args ...string) *term.Terminal {
	t.Helper()
	o.Cmd = append([]string{os.Args[0]}, args...)
	// A program under the race detector would rest for a second at its end.
	o.Env = append(o.Env, program+"="+which, "GORACE=atexit_sleep_ms=0")
	return term.Start(t, o)
}

func TestTheScreenIsWhatAPersonSees(t *testing.T) {
	for name, test := range map[string]struct{ output, want string }{
		"plain lines":                      {"one\ntwo  \n", "one\ntwo\n\n"},
		"a cell drawn over":                {"status: valid\x1b[1;9Hvoid!", "status: void!\n\n\n"},
		"boxes and marks":                  {"╭─╮ ✓ é", "╭─╮ ✓ é\n\n\n"},
		"keyboard modes move no cursor":    {"ab\x1b[>1u\x1b[=1;1u\x1b[<1ucd", "abcd\n\n\n"},
		"the alternate screen goes away":   {"before\x1b[?1049hinside\x1b[?1049l", "before\n\n\n"},
		"a hyperlink is its text":          {"\x1b]8;;https://git.example\x07link\x1b]8;;\x07!", "link!\n\n\n"},
		"an update that was never ended":   {"old\x1b[?2026h\rnew", "new\n\n\n"},
		"a sequence that was never ended":  {"text\x1b[31", "text\n\n\n"},
		"bytes that are no text are blank": {"a\xff\xfeb", "ab\n\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			screen := start(t, "show", term.Options{Cols: 20, Rows: 4}, "0", test.output)
			if code := screen.Exit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if got := screen.Screen(); got != test.want {
				t.Errorf("the screen is %q, not %q", got, test.want)
			}
		})
	}
}

func TestRawKeepsEveryByteThatTheProgramWrote(t *testing.T) {
	output := "secret\x1b[2J\x1b]0;title\x07\x1b[Hshown"
	screen := start(t, "show", term.Options{}, "0", output)
	screen.Exit()
	if got := string(screen.Raw()); got != output {
		t.Errorf("the bytes are %q, not %q", got, output)
	}
}

func TestASynchronizedUpdateShowsAsOne(t *testing.T) {
	screen := start(t, "echo", term.Options{}, "whole\r\n", "\x1b[?2026h", "half")
	screen.WaitUntil(func(string) bool { return bytes.Contains(screen.Raw(), []byte("half")) })
	if got := screen.Screen(); strings.Contains(got, "half") || !strings.Contains(got, "whole") {
		t.Errorf("the screen shows a frame that is not complete: %q", got)
	}
	screen.Press("q")
	screen.Exit()
}

func TestQuestionsOfAProgramAreAnswered(t *testing.T) {
	for name, test := range map[string]struct {
		question, answer string
		dark             bool
	}{
		"a dark background":            {"\x1b]11;?\x07", "\x1b]11;rgb:1111/1111/1111\x1b\\", true},
		"a light background":           {"\x1b]11;?\x1b\\", "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", false},
		"the text on dark":             {"\x1b]10;?\x07", "\x1b]10;rgb:eeee/eeee/eeee\x1b\\", true},
		"the text on light":            {"\x1b]10;?\x07", "\x1b]10;rgb:0000/0000/0000\x1b\\", false},
		"what the terminal is":         {"\x1b[c", "\x1b[?62;22c", false},
		"which version it is":          {"\x1b[>c", "\x1b[>1;10;0c", false},
		"synchronized updates":         {"\x1b[?2026$p", "\x1b[?2026;2$y", false},
		"bracketed paste, when on":     {"\x1b[?2004h\x1b[?2004$p", "\x1b[?2004;1$y", false},
		"a mode that nobody knows":     {"\x1b[?2027$p", "\x1b[?2027;0$y", false},
		"where the cursor is":          {"\x1b[3;7H\x1b[6n", "\x1b[3;7R", false},
		"whether the terminal is well": {"\x1b[5n", "\x1b[0n", false},
		"the kitty keyboard protocol":  {"\x1b[?u", "\x1b[?0u", false},
	} {
		t.Run(name, func(t *testing.T) {
			screen := start(t, "echo", term.Options{Dark: test.dark}, test.question, "\r\n")
			screen.WaitFor(fmt.Sprintf("%+q", test.answer))
			screen.Press("q")
			screen.Exit()
		})
	}
}

func TestKeysSendWhatXtermSends(t *testing.T) {
	for key, want := range map[string]string{
		"enter": "\r", "esc": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "backspace": "\x7f", "space": " ",
		"up": "\x1b[A", "down": "\x1b[B", "pgdown": "\x1b[6~", "f1": "\x1bOP", "ctrl+c": "\x03", "ctrl+u": "\x15",
		"j": "j", "/": "/", "é": "é",
	} {
		t.Run(key, func(t *testing.T) {
			screen := start(t, "echo", term.Options{})
			screen.WaitFor("ready")
			screen.Press(key)
			screen.WaitFor(fmt.Sprintf("%+q", want))
			screen.Press("q")
			screen.Exit()
		})
	}
}

func TestAPasteIsBracketedWhereTheProgramAskedForIt(t *testing.T) {
	for name, test := range map[string]struct{ mode, want string }{
		"asked":     {"\x1b[?2004h", "\x1b[200~one\rtwo\x1b[201~"},
		"not asked": {"", "one\rtwo"},
		"withdrawn": {"\x1b[?2004h\x1b[?2004l", "one\rtwo"},
	} {
		t.Run(name, func(t *testing.T) {
			screen := start(t, "echo", term.Options{}, test.mode)
			screen.WaitFor("ready")
			screen.Paste("one\ntwo")
			screen.WaitFor(fmt.Sprintf("%+q", test.want))
			screen.Press("q")
			screen.Exit()
		})
	}
}

func TestNothingOfTheTestsEnvironmentIsInherited(t *testing.T) {
	t.Setenv("TERM_TEST_SECRET", "inherited")
	screen := term.Start(t, term.Options{Cmd: []string{"/usr/bin/env"}, Env: []string{"GIVEN=yes"}})
	screen.Exit()
	want := "TERM=xterm-256color\nGIVEN=yes"
	if got := strings.TrimSpace(screen.Screen()); got != want {
		t.Errorf("the environment is %q, not %q", got, want)
	}
}

func TestTheExitCodeIsTheProgramsOwn(t *testing.T) {
	if code := start(t, "show", term.Options{}, "3", "bye").Exit(); code != 3 {
		t.Errorf("exit code %d", code)
	}
}

func TestASignalIsAnExitCodeToo(t *testing.T) {
	screen := term.Start(t, term.Options{Cmd: []string{"/bin/sh", "-c", "kill -TERM $$"}})
	if code := screen.Exit(); code != 128+15 {
		t.Errorf("exit code %d", code)
	}
}

func TestAProgramThatStillRunsEndsWithItsTest(t *testing.T) {
	t.Run("the test", func(t *testing.T) {
		start(t, "echo", term.Options{}).WaitFor("ready")
	})
	if err := goleak.Find(); err != nil {
		t.Error(err)
	}
}
