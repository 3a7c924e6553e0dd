//go:build linux

package notify_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/godbus/dbus/v5"

	"gitgrant/ui/notify"
)

// inSession runs this test again inside a D-Bus session of its own, and reports
// whether it is there.
func inSession(t *testing.T) bool {
	t.Helper()
	if os.Getenv("NOTIFY_TEST_SESSION") == t.Name() {
		return true
	}
	if _, err := exec.LookPath("dbus-run-session"); err != nil {
		t.Skip("dbus-run-session is not installed (Debian: dbus-daemon)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Env = append(os.Environ(), "NOTIFY_TEST_SESSION="+t.Name())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	return false
}

// desktop is a notification service of somebody else's.
type desktop struct{ shown chan [2]string }

// Notify is what the desktop is called by.
func (d desktop) Notify(app string, _ uint32, _, title, body string, _ []string, _ map[string]dbus.Variant, _ int32) (uint32, *dbus.Error) {
	d.shown <- [2]string{app + ": " + title, body}
	return 1, nil
}

func listen(t *testing.T) desktop {
	t.Helper()
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	d := desktop{make(chan [2]string, 8)}
	if err := conn.Export(d, "/org/freedesktop/Notifications", "org.freedesktop.Notifications"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.RequestName("org.freedesktop.Notifications", dbus.NameFlagDoNotQueue); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestADesktopIsShownTheText(t *testing.T) {
	if !inSession(t) {
		return
	}
	d := listen(t)
	if err := notify.Show(t.Context(), "prod: the runtime token ends in 3 days", "Run gitgrant reauthorize prod."); err != nil {
		t.Fatal(err)
	}
	if got := <-d.shown; got != [2]string{"gitgrant: prod: the runtime token ends in 3 days", "Run gitgrant reauthorize prod."} {
		t.Errorf("it was shown %q", got)
	}
}

func TestNothingThatADesktopReadsIntoATextReachesIt(t *testing.T) {
	if !inSession(t) {
		return
	}
	d := listen(t)
	hostile := "--urgency <b>x</b> <a href='https://evil.example'>\x1b[31m\u202e`id`$(id)&amp;\"\r\n"
	if err := notify.Show(t.Context(), hostile, hostile); err != nil {
		t.Fatal(err)
	}
	got := <-d.shown
	for _, text := range got {
		if strings.ContainsAny(text, "<>&`$\"'\\") || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("it was shown %q", text)
		}
	}
	if strings.HasPrefix(got[1], "-") {
		t.Errorf("it reads like an option: %q", got[1])
	}
}

func TestASessionWithoutADesktopIsAnError(t *testing.T) {
	if !inSession(t) {
		return
	}
	if err := notify.Show(t.Context(), "title", "body"); err == nil {
		t.Error("nobody was there, and nothing was said")
	}
}

func TestNoBusIsStartedWhereNoneIs(t *testing.T) {
	// A dbus-launch in the way would be seen.
	dir := t.TempDir()
	trap := "#!/bin/sh\ntouch " + dir + "/started\nexit 1\n"
	for _, name := range []string{"dbus-launch", "dbus-daemon", "notify-send", "kdialog"} {
		if err := os.WriteFile(dir+"/"+name, []byte(trap), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	t.Setenv("XDG_RUNTIME_DIR", dir)
	for _, address := range []string{"", "unix:path=" + dir + "/nobody"} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if err := notify.Show(t.Context(), "title", "body"); !errors.Is(err, notify.ErrNoDesktop) {
			t.Errorf("with the address %q: %v", address, err)
		}
	}
	if _, err := os.Stat(dir + "/started"); err == nil {
		t.Error("something was started")
	}
}
