//go:build unix

package command_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gitgrant/internal/canary"
)

// The tests of this file and of its neighbours attack the program in ways that
// are numbered in docs/security.md.

// spied has a home whose browser writes down what it sees: its arguments, those
// of every process, its environment and its open files.
func spied(t *testing.T) *home {
	t.Helper()
	h := newHome(t)
	if err := syscall.Mkfifo(h.path("seen"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.write("browse", `#!/bin/sh
exec > "`+h.path("seen")+`"
echo "address $1"
for f in /proc/[0-9]*/cmdline; do tr '\0' ' ' 2>/dev/null < $f; echo; done
tr '\0' '\n' < /proc/$$/environ | sed 's/^/environment /'
ls -l /proc/$$/fd
`)
	if err := os.Chmod(h.path("browse"), 0o700); err != nil {
		t.Fatal(err)
	}
	return h
}

// linesOf are those of what the browser saw that begin with a word.
func linesOf(seen, word string) (lines []string) {
	for line := range strings.Lines(seen) {
		if rest, ok := strings.CutPrefix(line, word+" "); ok {
			lines = append(lines, strings.TrimSpace(rest))
		}
	}
	return lines
}

// throughBrowser signs in through the browser that spies, and returns what it saw
// and what went to and fro.
func throughBrowser(t *testing.T) (h *home, e *eavesdropper, seen string) {
	t.Helper()
	h = spied(t)
	e = listen(t, h)
	screen := h.screen(h.env("BROWSER="+h.path("browse")), "install", "lab", "--provider", "gitlab", "--method", "browser", "--purpose", "user")
	seen = h.read("seen") // a pipe: this waits for the browser
	page := linesOf(seen, "address")[0]
	resp, err := http.PostForm(page, url.Values{"decision": {"approve"}, "login": {"octocat"}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	h.exits(screen, 0)
	seen += string(screen.Raw())
	return h, e, seen
}

// inherited reports whether a file is one that the tests themselves were started
// with, and that everything below them has.
func inherited(target string) bool {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, entry := range entries {
		if own, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil && own == target {
			return true
		}
	}
	return false
}

func TestAdversaryOfTheProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux shows processes as files")
	}
	h, e, seen := throughBrowser(t)

	t.Run("1 arguments of every process hold no token", func(t *testing.T) {
		page, err := url.Parse(linesOf(seen, "address")[0])
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"client_id", "code_challenge", "code_challenge_method", "redirect_uri", "response_type", "scope", "state"}
		var names []string
		for name := range page.Query() {
			names = append(names, name)
		}
		if slices.Sort(names); !slices.Equal(names, want) {
			t.Errorf("the page is asked for with %v", names)
		}
		there, known := e.heard([]byte(seen))
		there = slices.DeleteFunc(there, func(name string) bool { return name == "state" }) // the page brings it back
		if len(there) > 0 || !known["access_token"] || !known["code_verifier"] {
			t.Errorf("of %v the browser saw %v", known, there)
		}
	})
	t.Run("2 environment of a child is the one that was inherited", func(t *testing.T) {
		given := append(h.env("BROWSER="+h.path("browse")), "TERM=", "COLORTERM=")
		for _, variable := range linesOf(seen, "environment") {
			name, _, _ := strings.Cut(variable, "=")
			known := slices.ContainsFunc(given, func(g string) bool { return strings.HasPrefix(g, name+"=") })
			if !known {
				t.Errorf("the browser has been given %s", name)
			}
		}
	})
	t.Run("3 no file is left open for a child", func(t *testing.T) {
		links := 0
		for line := range strings.Lines(seen) {
			if _, target, ok := strings.Cut(strings.TrimSpace(line), " -> "); ok {
				links++
				if own := []string{"/dev/null", h.path("browse"), h.path("seen")}; !slices.Contains(own, target) && !inherited(target) {
					t.Errorf("it has %s", target)
				}
			}
		}
		if links < 3 {
			t.Error("no file was seen: nothing was tried")
		}
	})
	t.Run("4 canary is nowhere", func(t *testing.T) {
		places, err := canary.Files(h.dir)
		if err != nil {
			t.Fatal(err)
		}
		places["what was seen and shown"] = []byte(seen)
		for name, content := range places {
			there, _ := e.heard(content)
			there = slices.DeleteFunc(there, func(name string) bool { return name == "state" })
			if len(there) > 0 {
				t.Errorf("%s holds %v", name, there)
			}
		}
	})
}

// A fault of the program that quotes a token, in the middle of the screens.
func TestAdversaryOfTheProcess5FaultThatQuotesAToken(t *testing.T) {
	broken, err := exec.LookPath("broken")
	if err != nil {
		t.Fatal(err)
	}
	for name, flag := range map[string]string{"without a stack": "", "with one": "--debug"} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			screen := h.run(h.env("TERM=xterm-256color"), "sh", "-c", "cd "+h.dir+"; stty -a >before; "+broken+" install "+flag+"; echo ended with $?; stty -a >after; cmp before after && echo the terminal is as it was")
			screen.WaitFor("Step 1 of")
			screen.Type("prod")
			screen.WaitFor("prod")
			screen.Press("enter")
			screen.WaitFor("· Provider")
			screen.Press("enter")
			h.exits(screen, 0)
			_, left, _ := strings.Cut(string(screen.Raw()), "\x1b[?1049l") // what follows the other screen
			for _, want := range []string{"gitgrant: Something in gitgrant itself is broken: no host for •••", "ended with 1", "the terminal is as it was"} {
				if !strings.Contains(left, want) {
					t.Errorf("it does not say %q:\n%s", want, left)
				}
			}
			if stack := strings.Contains(left, "goroutine "); stack != (flag != "") {
				t.Errorf("a stack is shown: %t\n%s", stack, left)
			}
			if _, _, visible := screen.Cursor(); !visible || strings.Contains(left, "Step 2") {
				t.Errorf("the cursor is visible: %t; the screen shows\n%s", visible, left)
			}
			h.holdsNone(text("runtime"), screen)
		})
	}
}

func TestAdversaryOfTheProcess7NobodyLooksIntoItsMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has the switch")
	}
	for name, test := range map[string]struct {
		env      string
		shielded bool
	}{"as it is": {"A=", true}, "for those who work on it": {"GITGRANT_UNSHIELDED=1", false}} {
		t.Run(name, func(t *testing.T) {
			at := serving(t, test.env)
			var status syscall.Stat_t
			if err := syscall.Stat(at+"/environ", &status); err != nil {
				t.Fatal(err)
			}
			if shielded := int(status.Uid) == 0; shielded != test.shielded {
				t.Errorf("its files in /proc belong to %d", status.Uid)
			}
			limits, err := os.ReadFile(at + "/limits") // for everybody to read
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(limits)) {
				if rest, ok := strings.CutPrefix(line, "Max core file size"); ok && test.shielded && strings.Fields(rest)[0] != "0" {
					t.Errorf("it may leave a core file: %s", line)
				}
			}
		})
	}
}

// serving runs the program as somebody who is not root, whose processes are
// looked into by nobody but root where they are shielded, and returns its folder
// in /proc.
func serving(t *testing.T, env string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "shield") //nolint:usetesting // others than its owner are to reach it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	content, err := os.ReadFile(program(t))
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "gitgrant")
	if err := os.WriteFile(copied, content, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(copied, "sandbox")
	cmd.Env = []string{"HOME=" + dir, env}
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	waitFor(t, out, "ready\n")
	return fmt.Sprintf("/proc/%d", cmd.Process.Pid)
}

func TestAdversaryOfTheProcess10KilledTerminalShowsNoToken(t *testing.T) {
	h := newHome(t)
	screen := h.run(h.env("TERM=xterm-256color"), "sh", "-c", "echo $$ > "+h.path("pid")+"; exec "+program(t)+" install prod --provider github --method pat")
	screen.WaitFor("· Authorize")
	screen.Paste(text("runtime"))
	screen.WaitFor("40 characters")
	screen.Press("ctrl+z") // no shell is behind it that would take it up again
	screen.Resize(60, 20)
	screen.WaitFor("40 characters")
	h.holdsNone(text("runtime"), screen)
	var pid int
	if _, err := fmt.Sscan(h.read("pid"), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	h.exits(screen, 128+int(syscall.SIGKILL))
	h.holdsNone(text("runtime"), screen)
}

func TestAdversaryOfTheProcess11FilesArePrivateUnderAnyUmask(t *testing.T) {
	for _, umask := range []string{"000", "077"} {
		t.Run(umask, func(t *testing.T) {
			h := newHome(t)
			cmd := exec.Command("sh", "-c", "umask "+umask+"; exec "+program(t)+" install prod --provider github --token-stdin")
			cmd.Env, cmd.Stdin = h.env(), strings.NewReader(text("runtime"))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			files := 0
			err := filepath.Walk(h.path("data"), func(path string, info os.FileInfo, err error) error {
				if err == nil && info.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s has the mode %v", path, info.Mode())
				}
				files++
				return err
			})
			if err != nil || files < 3 {
				t.Errorf("%d files, %v: nothing was tried", files, err)
			}
		})
	}
}
