package ui

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"gitgrant/flows"
	"gitgrant/internal/canary"
	"gitgrant/internal/term"
	"gitgrant/keyring"
	"gitgrant/keyring/memory"
	"gitgrant/providers"
	"gitgrant/providers/github"
	"gitgrant/providers/hosts"
)

// inTerminal names the address of the hub for a test binary that is to be the
// program instead of running tests.
const inTerminal = "UI_TEST_HUB"

// faulty gives that program a fault, which shows at the choice of a provider.
const faulty = "UI_TEST_FAULT"

func TestMain(m *testing.M) {
	if at := os.Getenv(inTerminal); at != "" {
		os.Exit(program(at))
	}
	os.Exit(m.Run())
}

// program is the terminal UI over a memory ring, with GitHub at an address. It
// exits as the command does.
func program(at string) (code int) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Println("a fault:", fault)
			code = 1
		}
	}()
	known := []providers.Provider{github.Cloud()}
	book, err := hosts.Parse("hosts.yaml", fmt.Appendf(nil, "hosts:\n  - {host: github.com, provider: github, api_url: %q}\n", at+"/api"), known)
	if err != nil {
		panic(err)
	}
	ring, err := keyring.Open(keyring.Options{Store: memory.New()})
	if err != nil {
		panic(err)
	}
	d := &flows.Desk{Providers: known, Hosts: book, Ring: ring, UserAgent: "gitgrant/test", Now: time.Now, Within: flows.DefaultWithin}
	o := Options{Desk: d, Start: StartInstall, Theme: "auto"}
	if os.Getenv(faulty) != "" {
		d.Hosts = nil
	}
	result, err := Run(context.Background(), o)
	switch {
	case err == ErrInterrupted:
		return 130
	case err != nil:
		panic(err)
	}
	for _, o := range result.Outcomes {
		fmt.Println("saved", o.Saved != nil)
	}
	return 0
}

func inATerminal(t *testing.T, env ...string) *term.Terminal {
	t.Helper()
	h := newHub(t)
	return term.Start(t, term.Options{
		Cmd: []string{os.Args[0]}, Dark: true,
		// A program under the race detector would rest for a second at its end.
		Env: append(env, inTerminal+"="+h.URL, "GORACE=atexit_sleep_ms=0"),
	})
}

func TestAWalkInATerminalShowsNoTokenAndLeavesItAsItWas(t *testing.T) {
	screen := inATerminal(t)
	walkToToken(screen)
	screen.Paste("Bearer " + goodToken + "\n")
	screen.WaitFor("40 characters, looks like a classic token.")
	screen.Press("enter")
	screen.WaitFor("❯ Continue")
	screen.Press("enter")
	screen.WaitFor("❯ Save")
	screen.Resize(40, 12)
	screen.WaitUntil(func(text string) bool {
		return strings.Contains(text, "enter save") && len(strings.Split(text, "\n")) <= 13
	})
	screen.Press("enter")
	screen.WaitFor("prod is ready")
	screen.Press("down")
	screen.WaitFor("❯ Done")
	screen.Press("enter")
	if code := screen.Exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	screen.WaitFor("saved true")
	if left := strings.TrimSpace(screen.Screen()); left != "saved true" {
		t.Errorf("the program left behind %q", left)
	}
	if found := canary.Search(goodToken, map[string][]byte{"the terminal": screen.Raw()}); len(found) > 0 {
		t.Errorf("the token was written: %v", found)
	}
}

func TestAFaultGivesTheTerminalBackAndReachesTheCaller(t *testing.T) {
	screen := inATerminal(t, faulty+"=1")
	screen.WaitFor("Step 1 of 7 · Runtime")
	screen.Type("prod")
	screen.WaitFor("prod")
	screen.Press("enter")
	screen.WaitFor("Step 2 of 7 · Provider")
	screen.Press("enter")
	if code := screen.Exit(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if left := strings.TrimSpace(screen.Screen()); !strings.HasPrefix(left, "a fault: ") {
		t.Errorf("the terminal shows\n%s", left)
	}
	if _, _, visible := screen.Cursor(); !visible {
		t.Error("the cursor is hidden")
	}
}

func TestCtrlCInATerminalEndsWith130(t *testing.T) {
	screen := inATerminal(t)
	screen.WaitFor("Step 1 of 7")
	screen.Press("ctrl+c")
	if code := screen.Exit(); code != 130 {
		t.Errorf("exit code %d", code)
	}
}

// walkToToken walks to the field for the token.
func walkToToken(screen *term.Terminal) {
	screen.WaitFor("Step 1 of 7 · Runtime")
	screen.Type("prod")
	screen.WaitFor("prod")
	screen.Press("enter")
	screen.WaitFor("Step 2 of 7 · Provider")
	screen.Press("enter")
	screen.WaitFor("❯ Personal access token")
	screen.Press("enter")
	screen.WaitFor("paste the token")
}

// How long is long enough is told by a spinner on another screen: while it
// turns once, an idle screen writes nothing.
func TestAnIdleScreenWritesNothing(t *testing.T) {
	idle, busy := inATerminal(t), inATerminal(t)
	walkToToken(idle)
	walkToToken(busy)
	busy.Paste(silentToken)
	busy.Press("enter")
	busy.WaitFor("Asking github.com")

	before := len(idle.Raw())
	for _, picture := range []string{"⠹", "⠴", "⠏", "⠹"} {
		busy.WaitFor(picture + " Asking github.com")
	}
	if after := len(idle.Raw()); after != before {
		t.Errorf("%d bytes were written while nothing happened: %q", after-before, idle.Raw()[before:])
	}
	for _, screen := range []*term.Terminal{idle, busy} {
		screen.Press("ctrl+c")
		screen.Exit()
	}
}

func TestNoColourMeansNone(t *testing.T) {
	for _, value := range []string{"1", "yes", "0"} {
		screen := inATerminal(t, "NO_COLOR="+value)
		screen.WaitFor("Step 1 of 7")
		if raw := string(screen.Raw()); strings.Contains(raw, "\x1b[38;") || strings.Contains(raw, "[1;38;") {
			t.Errorf("NO_COLOR=%s wrote a colour", value)
		}
		screen.Press("ctrl+c")
		screen.Exit()
	}
}

func TestTypedAndPastedTextIsWrittenToNoTraceFile(t *testing.T) {
	trace := t.TempDir() + "/trace"
	screen := inATerminal(t, "TEA_TRACE="+trace)
	screen.WaitFor("Step 1 of 7")
	screen.Paste(goodToken)
	screen.Press("ctrl+c")
	screen.Exit()
	if _, err := os.Stat(trace); !os.IsNotExist(err) {
		t.Errorf("a trace was written: %v", err)
	}
}
