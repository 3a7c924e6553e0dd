package command_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"gitgrant/internal/canary"
	"gitgrant/internal/term"
	"gitgrant/providers/sandbox"
)

// home is a place for one test: a sandbox, folders, and an environment that
// leads there.
type home struct {
	t      testing.TB
	dir    string
	server *sandbox.Server
}

func newHome(t testing.TB) *home {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Interval: time.Second}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	h := &home{t: t, dir: t.TempDir(), server: server}
	h.write("config/hosts.yaml", string(server.HostsYAML(server.URL())))
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	h.write("identity", identity.String()+"\n")
	h.write("tmp/mine", "") // what is left in the folder for such files is looked at too
	return h
}

func (h *home) path(name string) string { return filepath.Join(h.dir, filepath.FromSlash(name)) }

func (h *home) write(name, text string) {
	h.t.Helper()
	if err := os.MkdirAll(filepath.Dir(h.path(name)), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(h.path(name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

func (h *home) env(more ...string) []string {
	return append([]string{
		"HOME=" + h.dir, "TMPDIR=" + h.path("tmp"), "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "GORACE=atexit_sleep_ms=0",
		"GITGRANT_CONFIG_DIR=" + h.path("config"), "GITGRANT_DATA_DIR=" + h.path("data"),
		"GITGRANT_STORE=vault", "GITGRANT_VAULT_IDENTITY_FILE=" + h.path("identity"),
	}, more...)
}

// program is gitgrant itself.
func program(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("gitgrant")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// screen runs gitgrant in a terminal.
func (h *home) screen(env []string, args ...string) *term.Terminal {
	h.t.Helper()
	return h.run(env, append([]string{program(h.t)}, args...)...)
}

// run runs any command in a terminal.
func (h *home) run(env []string, command ...string) *term.Terminal {
	h.t.Helper()
	return term.Start(h.t, term.Options{Cmd: command, Env: env, Cols: 100, Rows: 40, Dark: true})
}

func (h *home) read(name string) string {
	h.t.Helper()
	text, err := os.ReadFile(h.path(name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// piped runs gitgrant to its end without a terminal.
func (h *home) piped(input string, args ...string) (out []byte, code int) {
	h.t.Helper()
	cmd := exec.Command(program(h.t), args...)
	cmd.Env, cmd.Stdin = h.env(), strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		h.t.Fatal(err)
	}
	return out, cmd.ProcessState.ExitCode()
}

func (h *home) install(runtime, token string) {
	h.t.Helper()
	if out, code := h.piped(text(token), "install", runtime, "--provider", "github", "--token-stdin"); code != 0 {
		h.t.Fatalf("install ended with %d: %s", code, out)
	}
}

func text(token string) string { return sandbox.MustToken("github", token).Text }

func (h *home) exits(screen *term.Terminal, want int) {
	h.t.Helper()
	if code := screen.Exit(); code != want {
		h.t.Errorf("exit code %d, not %d:\n%s", code, want, screen.Screen())
	}
}

// holdsNone looks for a token in everything that a terminal was sent, and in
// every file.
func (h *home) holdsNone(token string, screen *term.Terminal) {
	h.t.Helper()
	places, err := canary.Files(h.dir)
	if err != nil {
		h.t.Fatal(err)
	}
	places["the terminal"] = screen.Raw()
	for _, found := range canary.Search(token, places) {
		h.t.Errorf("%s", found)
	}
}

func TestLinesInATerminalTakeATokenUnseen(t *testing.T) {
	h := newHome(t)
	screen := h.screen(h.env(), "install", "--plain")
	for _, answer := range []struct{ wait, with string }{
		{"What is the runtime called?", "prod"},
		{"Where are the Git repositories of prod?", "1"},
		{"How do you want to authorize?", "2"},
		{"not shown while you type:", text("runtime")},
		{"What is to be done with this token?", ""},
		{"Save this token?", ""},
		{"What next?", "2"},
	} {
		screen.WaitFor(answer.wait)
		screen.WaitUntil(func(s string) bool { return strings.HasSuffix(strings.TrimSpace(s), ":") })
		screen.Type(answer.with + "\r")
		screen.WaitUntil(func(s string) bool { return !strings.HasSuffix(strings.TrimSpace(s), answer.wait) })
	}
	h.exits(screen, 0)
	h.holdsNone(text("runtime"), screen)
	if bytes.ContainsRune(screen.Raw(), '\x1b') {
		t.Errorf("lines hold escape sequences: %q", screen.Raw())
	}
}

func TestAnInterruptLeavesAnyQuestion(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		env  string
		wait string
	}{
		"a question in lines":  {[]string{"install", "--plain"}, "TERM=xterm", "What is the runtime called?"},
		"a dumb terminal":      {[]string{"install"}, "TERM=dumb", "What is the runtime called?"},
		"a secret in lines":    {[]string{"install", "prod", "--provider", "github", "--method", "pat"}, "TERM=dumb", "not shown while you type:"},
		"a token by flags":     {[]string{"check", "--provider", "github"}, "TERM=xterm", "Token:"},
		"the wizard":           {[]string{"install"}, "TERM=xterm-256color", "Step 1 of"},
		"gitgrant alone":       {nil, "TERM=xterm-256color", "Step 1 of"},
		"a code that is shown": {[]string{"install", "prod", "--provider", "github", "--method", "device", "--no-input"}, "TERM=xterm", "enter the code"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			screen := h.screen(h.env(test.env), test.args...)
			screen.WaitFor(test.wait)
			screen.Press("ctrl+c")
			h.exits(screen, 130)
		})
	}
}

func TestTheListOpensOnATerminalAndIsLeftWithQ(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	screen := h.screen(h.env("TEA_TRACE="+h.path("trace"), "TEA_DEBUG=1"))
	screen.WaitFor("prod")
	screen.Press("q")
	h.exits(screen, 0)
	if _, err := os.Stat(h.path("trace")); err == nil {
		t.Error("what was typed went into a file")
	}
}

func TestATokenIsNotPrintedToATerminal(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	screen := h.screen(h.env(), "token", "prod")
	h.exits(screen, 2)
	h.holdsNone(text("runtime"), screen)
	if !strings.Contains(screen.Screen(), "was not printed") {
		t.Errorf("it does not say so:\n%s", screen.Screen())
	}
	screen = h.screen(h.env(), "token", "prod", "--show")
	h.exits(screen, 0)
	if got := strings.TrimSpace(screen.Screen()); got != text("runtime") {
		t.Errorf("the screen shows %q", got)
	}
}

func TestAVaultIsOpenedByHand(t *testing.T) {
	h := newHome(t)
	byHand := func(args ...string) *term.Terminal {
		return h.screen(h.env("GITGRANT_VAULT_IDENTITY_FILE="), args...)
	}
	screen := byHand("install", "prod", "--provider", "github", "--token-stdin")
	screen.WaitFor("Token:")
	screen.Type(text("runtime") + "\r")
	screen.WaitFor("Passphrase for the new vault:")
	screen.Type("opensesame\r")
	screen.WaitFor("The same passphrase again:")
	screen.Type("opensesame\r")
	h.exits(screen, 0)
	h.holdsNone("opensesame", screen)
	h.holdsNone(text("runtime"), screen)

	screen = byHand("status")
	screen.WaitFor("Passphrase of the vault:")
	screen.Type("closesesame\r")
	screen.WaitFor("another passphrase than the one that was given")
	screen.WaitUntil(func(s string) bool { return strings.Count(s, "Passphrase of the vault:") == 2 })
	screen.Type("opensesame\r")
	screen.WaitFor("✓ valid")
	h.exits(screen, 0)

	screen = byHand()
	screen.WaitFor("~ locked")
	screen.Type("p")
	screen.WaitFor("What is the passphrase of the vault?")
	screen.Type("opensesame\r")
	screen.WaitFor("✓ valid")
	screen.Type("q")
	h.exits(screen, 0)
	h.holdsNone("opensesame", screen)

	screen = byHand("status", "--no-input")
	h.exits(screen, 5)
}

func TestASecretIsNotAskedForWhereNothingMayBe(t *testing.T) {
	h := newHome(t)
	screen := h.screen(h.env(), "check", "--provider", "github", "--no-input")
	h.exits(screen, 2)
	if !strings.Contains(screen.Screen(), "--no-input forbids") {
		t.Errorf("it says:\n%s", screen.Screen())
	}
}

func TestColoursAreForTerminalsThatTakeThem(t *testing.T) {
	h := newHome(t)
	h.install("prod", "runtime")
	for name, test := range map[string]struct {
		env     string
		args    []string
		colours bool
	}{
		"a terminal":       {"TERM=xterm-256color", nil, true},
		"NO_COLOR":         {"NO_COLOR=on", nil, false},
		"an empty one":     {"NO_COLOR=", nil, true},
		"--no-color":       {"TERM=xterm-256color", []string{"--no-color"}, false},
		"--plain":          {"TERM=xterm-256color", []string{"--plain"}, false},
		"a dumb terminal":  {"TERM=dumb", nil, false},
		"another language": {"LANG=C", nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			screen := h.screen(h.env(test.env), append([]string{"status", "--offline"}, test.args...)...)
			h.exits(screen, 0)
			if got := bytes.Contains(screen.Raw(), []byte("\x1b[")); got != test.colours {
				t.Errorf("colours: %t\n%q", got, screen.Raw())
			}
		})
	}
}

func TestABrowserIsGivenTheAddressAndNothingElse(t *testing.T) {
	h := newHome(t)
	h.write("browse", "#!/bin/sh\n(echo \"$@\"; cat /proc/$PPID/cmdline; env) > "+h.path("seen.part")+" && mv "+h.path("seen.part")+" "+h.path("seen")+"\n")
	if err := os.Chmod(h.path("browse"), 0o700); err != nil {
		t.Fatal(err)
	}
	args := []string{"install", "prod", "--provider", "github", "--method", "device"}
	screen := h.screen(h.env("BROWSER="+h.path("browse")), args...)
	screen.WaitFor("enter the code")
	code := codeOn(screen.Screen())
	if err := h.server.Approve(code); err != nil {
		t.Fatalf("approving %q: %v", code, err)
	}
	h.exits(screen, 0)
	seen, err := os.ReadFile(h.path("seen"))
	if err != nil {
		t.Fatal(err)
	}
	if page := h.server.URL() + "/github/login/device"; !strings.HasPrefix(string(seen), page+"\n") {
		t.Errorf("the browser was given %q", seen)
	}
	out, _ := h.piped("", "token", "prod")
	h.holdsNone(strings.TrimSpace(string(out)), screen)

	screen = h.screen(h.env("BROWSER="+h.path("never")), append(args, "--no-input", "--purpose", "user")...)
	screen.WaitFor("enter the code")
	if err := h.server.Approve(codeOn(screen.Screen())); err != nil {
		t.Fatal(err)
	}
	h.exits(screen, 0)
}

func codeOn(screen string) string {
	_, after, _ := strings.Cut(strings.Join(strings.Fields(screen), " "), "enter the code ")
	code, _, _ := strings.Cut(after, " ")
	return code
}

func TestASignalEndsACommandThatWaits(t *testing.T) {
	h := newHome(t)
	for name, signal := range map[string]os.Signal{"interrupt": os.Interrupt, "termination": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(program(t), "install", "prod", "--provider", "github", "--method", "device")
			cmd.Env = h.env()
			errs, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			waitFor(t, errs, "enter the code")
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the code is what counts
			if code := cmd.ProcessState.ExitCode(); code != 130 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestTheSandboxServesUntilItIsInterrupted(t *testing.T) {
	h := newHome(t)
	cmd := exec.Command(program(t), "sandbox", "--approve", "auto")
	cmd.Env = h.env()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	served := waitFor(t, out, "ready\n")
	h.write("config/hosts.yaml", strings.TrimSuffix(served, "ready\n"))
	if out, code := h.piped(text("user"), "check", "--provider", "github", "--purpose", "user"); code != 0 {
		t.Errorf("check ended with %d: %s", code, out)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	help, _ := h.piped("", "sandbox", "--help")
	for _, token := range sandbox.Tokens() {
		if !bytes.Contains(help, []byte(token.Text)) || !bytes.Contains(help, []byte(token.About)) {
			t.Errorf("the help does not list %s", token.Name)
		}
	}
	for line := range strings.Lines(string(help)) {
		if strings.HasSuffix(line, " \n") {
			t.Errorf("a line of the help is padded: %.60q", line)
		}
	}
}

// waitFor reads until a text has come.
func waitFor(t *testing.T, from interface{ Read([]byte) (int, error) }, text string) string {
	t.Helper()
	var all strings.Builder
	piece := make([]byte, 4096)
	for !strings.Contains(all.String(), text) {
		n, err := from.Read(piece)
		all.Write(piece[:n])
		if err != nil {
			t.Fatalf("%v after %q", err, all.String())
		}
	}
	return all.String()
}
