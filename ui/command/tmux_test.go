package command_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"gitgrant/internal/canary"
)

// pane is gitgrant in a real tmux, which draws what a terminal would. Unlike the
// emulator of the other tests it knows wide characters, and it is what many
// people sit in.
type pane struct {
	t      testing.TB
	tmux   string
	socket string
}

// newPane starts a server of its own, which ends with the test, and runs a
// command in it.
func (h *home) newPane(cols, rows int, command ...string) *pane {
	h.t.Helper()
	tmux, err := exec.LookPath("tmux")
	if err != nil {
		h.t.Skip("tmux is not installed")
	}
	dir, err := os.MkdirTemp("", "tmux") // the path of a socket may not be as long as the folder of a test is
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := &pane{t: h.t, tmux: tmux, socket: filepath.Join(dir, "socket")}
	h.t.Cleanup(func() { _ = p.command("kill-server").Run() }) // it may have ended with its program
	args := []string{"-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows), "env", "-i", "TERM=tmux-256color"}
	p.do(append(append(args, h.env()...), command...)...)
	p.do("set-option", "-g", "escape-time", "10")
	return p
}

func (p *pane) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.tmux, append([]string{"-S", p.socket}, args...)...)
	cmd.Env = []string{"PATH=/usr/bin:/bin", "LANG=C.UTF-8"}
	return cmd
}

func (p *pane) do(args ...string) {
	p.t.Helper()
	if out, err := p.command(args...).CombinedOutput(); err != nil {
		p.t.Fatalf("tmux %s: %v: %s", args[0], err, out)
	}
}

func (p *pane) press(keys ...string) {
	p.t.Helper()
	p.do(append([]string{"send-keys"}, keys...)...)
}

func (p *pane) write(text string) {
	p.t.Helper()
	p.do("send-keys", "-l", text)
}

// paste pastes as a person does: between brackets, where the program asked.
func (p *pane) paste(text string) {
	p.t.Helper()
	p.do("set-buffer", "-b", "token", text)
	p.do("paste-buffer", "-d", "-p", "-b", "token")
}

func (p *pane) screen() string {
	out, err := p.command("capture-pane", "-p").Output()
	if err != nil {
		return "" // the program has ended, and its server with it
	}
	return string(out)
}

// until waits for a state of the screen.
func (p *pane) until(texts ...string) {
	p.t.Helper()
	var screen string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		screen = p.screen()
		missing := false
		for _, text := range texts {
			missing = missing || !strings.Contains(strings.Join(strings.Fields(screen), " "), text)
		}
		if !missing {
			return
		}
	}
	p.t.Fatalf("waited in vain for %q:\n%s", texts, screen)
}

// ended waits for the end of the program, with which its server ends.
func (p *pane) ended() {
	p.t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if p.command("has-session").Run() != nil {
			return
		}
	}
	p.t.Fatalf("it did not end:\n%s", p.screen())
}

func TestTheWalkInTmuxStoresBothTokens(t *testing.T) {
	for name, size := range map[string][2]int{"80x24": {80, 24}, "40x12": {40, 12}} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			p := h.newPane(size[0], size[1], program(t), "install")
			p.until("Step 1 of", "What is the runtime called?")
			p.write("prod")
			p.press("Enter")
			p.until("· Provider", "❯ GitHub")
			p.press("Enter")
			p.until("· Method")
			p.press("End", "Enter")
			p.until("· Authorize", "paste the token")
			p.paste(text("runtime"))
			p.until("40 characters, looks like a classic token.")
			p.press("Escape")
			p.until("· Method", "❯ Personal access token")
			p.press("Enter")
			p.until("40 characters")
			p.press("Enter")
			p.until("· Scopes", "everything that it needs", "❯ Continue")
			p.press("Enter")
			p.until("· Save", "❯ Save")
			p.press("Enter")
			p.until("· Hand off", "prod is ready", "❯ Set up your user token next")
			p.press("Enter")
			p.until("User token ›", "· Method")
			p.press("End", "Enter")
			p.until("paste the token")
			p.paste(text("user"))
			p.until("40 characters")
			p.press("Enter")
			p.until("❯ Continue")
			p.press("Enter")
			p.until("❯ Save")
			p.press("Enter")
			p.until("· Hand off", "❯ Done")
			p.press("Enter")
			p.ended()
			for _, purpose := range []string{"runtime", "user"} {
				if out, code := h.piped("", "token", "prod", "--purpose", purpose); code != 0 || string(bytes.TrimSpace(out)) != text(purpose) {
					t.Errorf("the %s token was not stored: %d, %s", purpose, code, out)
				}
			}
		})
	}
}

// A window that gets smaller and larger in the middle of a question, and a
// program that is put aside and called back, lose nothing that was typed.
func TestTmuxMaySuspendAndResizeAtAnyMoment(t *testing.T) {
	h := newHome(t)
	p := h.newPane(80, 24, "/bin/bash", "--norc", "-i")
	p.write(program(t) + " install")
	p.press("Enter")
	p.until("What is the runtime called?")
	p.write("prod-eu")
	p.until("│ prod-eu")
	p.do("resize-window", "-x", "39", "-y", "12")
	p.until("Terminal too small", "39x12, it needs 40x12.")
	p.do("resize-window", "-x", "200", "-y", "50")
	p.until("◉ Runtime", "│ prod-eu")
	p.do("resize-window", "-x", "40", "-y", "12")
	p.until("❯ prod-eu")

	p.press("C-z")
	p.until("Stopped")
	p.do("resize-window", "-x", "80", "-y", "24")
	p.write("fg")
	p.press("Enter")
	p.until("What is the runtime called?", "│ prod-eu")
	p.press("Enter")
	p.until("· Provider", "Runtime token › prod-eu")
	p.press("C-c")
	p.write("echo it ended with $?")
	p.press("Enter")
	p.until("it ended with 130")
}

func TestTmuxShowsATitleWithoutNamesAndPutsNoTokenAnywhere(t *testing.T) {
	h := newHome(t)
	p := h.newPane(80, 24, program(t), "install", "prod", "--provider", "github", "--method", "pat")
	p.until("paste the token")
	p.paste(text("runtime"))
	p.until("40 characters")
	p.press("Enter")
	p.until("everything that it needs")
	title, err := p.command("display-message", "-p", "#{pane_title}").Output()
	if err != nil || strings.TrimSpace(string(title)) != "gitgrant: Scopes" {
		t.Errorf("the title is %q, %v", title, err)
	}
	everything, err := p.command("capture-pane", "-p", "-e", "-S", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range canary.Search(text("runtime"), map[string][]byte{"the screen": everything}) {
		t.Error(found)
	}
	p.press("C-c")
	p.ended()
}
