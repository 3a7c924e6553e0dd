//go:build linux

package command_test

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"gitgrant/internal/canary"
)

// notifications is a desktop of somebody else's.
type notifications struct{ shown chan string }

// Notify is what a desktop is called by.
func (d notifications) Notify(_ string, _ uint32, _, title, body string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.shown <- title + "\n" + body
	return 1, nil
}

func TestADesktopHearsOfATokenOnce(t *testing.T) {
	if os.Getenv("WATCH_TEST_SESSION") == "" {
		if _, err := exec.LookPath("dbus-run-session"); err != nil {
			t.Skip("dbus-run-session is not installed (Debian: dbus-daemon)")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "dbus-run-session", "--", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
		cmd.Env = append(os.Environ(), "WATCH_TEST_SESSION=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	d := notifications{make(chan string, 8)}
	if err := conn.Export(d, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	h := newHome(t)
	h.installEnding("prod", "expires-in-5-days")
	for round, want := range []int{1, 0} {
		cmd := exec.Command(program(t), "watch", "--once")
		cmd.Env = h.env("DBUS_SESSION_BUS_ADDRESS=" + os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
		if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 3 {
			t.Fatalf("it ended with %d: %s", cmd.ProcessState.ExitCode(), out)
		}
		if n := len(d.shown); n != want {
			t.Fatalf("round %d showed %d notifications", round, n)
		}
		if want == 1 {
			shown := <-d.shown
			if !strings.HasPrefix(shown, "prod: the runtime token ends in ") || !strings.Contains(shown, "Run gitgrant reauthorize prod") {
				t.Errorf("it was shown %q", shown)
			}
			for _, found := range canary.Search(text("expires-in-5-days"), map[string][]byte{"the notification": []byte(shown)}) {
				t.Error(found)
			}
		}
	}
}

// installEnding stores a token that ends soon.
func (h *home) installEnding(runtime, token string) {
	h.t.Helper()
	if out, code := h.piped(text(token), "install", runtime, "--provider", "github", "--token-stdin"); code != 3 {
		h.t.Fatalf("install ended with %d: %s", code, out)
	}
}

func TestWatchingGoesOnUntilASignal(t *testing.T) {
	for name, signal := range map[string]os.Signal{"terminated": syscall.SIGTERM, "interrupted": os.Interrupt} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			h.install("prod", "runtime")
			cmd := exec.Command(program(t), "watch", "--interval", "1s")
			cmd.Env = h.env("DBUS_SESSION_BUS_ADDRESS=unix:path=" + h.path("nobody"))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = cmd.Process.Kill() }()
			asked := func() int {
				n := 0
				for _, r := range h.server.Requests() {
					if strings.HasSuffix(r.Path, "/user") {
						n++
					}
				}
				return n
			}
			said := make(chan string, 8)
			go func() {
				defer close(said)
				for lines := bufio.NewScanner(out); lines.Scan(); {
					said <- lines.Text()
				}
			}()
			for before := asked(); asked() < before+2; {
				select {
				case line, goesOn := <-said:
					t.Fatalf("there is no news, and it says %q; it goes on: %v", line, goesOn)
				case <-time.After(20 * time.Millisecond):
				}
			}
			answer, err := http.Post(h.server.URL()+"/github/api/credentials/revoke", "application/json", strings.NewReader(`{"credentials":["`+text("runtime")+`"]}`))
			if err != nil || answer.StatusCode != http.StatusAccepted {
				t.Fatal(answer, err)
			}
			if line := <-said; !strings.Contains(line, "prod: the runtime token is refused.") {
				t.Errorf("it said %q", line)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if _ = cmd.Wait(); cmd.ProcessState.ExitCode() != 130 {
				t.Errorf("it ended with %d", cmd.ProcessState.ExitCode())
			}
		})
	}
}
