package command_test

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestAKeychainIsLookedAfter runs scripts against a real gnome-keyring, which
// every script has to itself, open and empty.
func TestAKeychainIsLookedAfter(t *testing.T) {
	needKeychain(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/keychain",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			if err := setUp(env); err != nil {
				return err
			}
			return openKeychain(env)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"run":  func(ts *testscript.TestScript, _ bool, args []string) { run(ts, args); letNothingOut(ts) },
			"hand": func(ts *testscript.TestScript, _ bool, args []string) { run(ts, args) },
		},
	})
}

func needKeychain(t testing.TB) {
	t.Helper()
	for program, of := range map[string]string{
		"gnome-keyring-daemon": "gnome-keyring", "dbus-run-session": "dbus-daemon", "dbus-send": "dbus-bin", "secret-tool": "libsecret-tools",
	} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is missing: install %s", program, of)
		}
	}
}

// openKeychain starts a keychain that ends with the script.
func openKeychain(env *testscript.Env) error {
	found, end, err := startKeychain()
	if err != nil {
		return err
	}
	env.Defer(end)
	for name, value := range found {
		env.Setenv(name, value)
	}
	return nil
}

// startKeychain starts a keychain that is open and empty, and says by which
// variables it is found.
func startKeychain() (found map[string]string, end func(), err error) {
	cmd := exec.Command("../../scripts/secret-service.sh", "sh", "-c",
		`printf '%s\n' "$DBUS_SESSION_BUS_ADDRESS" "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME"; exec cat`)
	until, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	end = func() { _ = errors.Join(until.Close(), cmd.Wait()) }
	found = map[string]string{}
	lines := bufio.NewReader(out)
	for _, name := range []string{"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "KEYCHAIN_HOME"} {
		line, err := lines.ReadString('\n')
		if err != nil {
			end()
			return nil, nil, err
		}
		found[name] = strings.TrimSpace(line)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return found, end, nil
}
