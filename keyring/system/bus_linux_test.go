package system_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
)

// The test binary plays three parts: the tests; the service that the bus starts
// on request; and one that never claims its name.
const (
	serveSecrets = "serve-secrets"
	serveNothing = "serve-nothing"
)

// bus is a session bus for this process alone; its address is empty where
// dbus-daemon is not installed. go-keyring keeps its connection for as long as
// the process lives, so that there can be only one.
var bus struct {
	address  string
	services string // the folder of what it can start
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "serve-") {
		if err := playService(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code, err := onOwnBus(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

// onOwnBus never leaves the session of the person who runs the tests in the
// environment, nor an environment without a bus, in which one would be started.
func onOwnBus(m *testing.M) (code int, err error) {
	if os.Getenv(insideSession) != "" {
		return m.Run(), nil
	}
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:"); err != nil {
		return 1, err
	}
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		return m.Run(), nil
	}
	folder, err := os.MkdirTemp("", "bus")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	stop, err := startBus(daemon, folder)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := os.Setenv("DBUS_SESSION_BUS_ADDRESS", bus.address); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir=%[1]s</listen><servicedir>%[1]s/services</servicedir>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`

func startBus(daemon, folder string) (stop func() error, err error) {
	bus.services = filepath.Join(folder, "services")
	if err := os.Mkdir(bus.services, 0o700); err != nil {
		return nil, err
	}
	config := filepath.Join(folder, "bus.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, folder), 0o600); err != nil {
		return nil, err
	}
	// The shell ends the bus with this process, in whatever way that ends.
	cmd := exec.Command("sh", "-c", `"$@" & cat >/dev/null; kill $!; wait $!`, "bus",
		daemon, "--config-file="+config, "--nofork", "--nopidfile", "--print-address=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() error {
		if err := in.Close(); err != nil {
			return err
		}
		_ = cmd.Wait() // the bus was killed, and says so
		return nil
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, errors.Join(err, stop())
	}
	bus.address = strings.TrimSpace(line)
	return stop, nil
}

// playService is what the bus starts. It ends with the bus.
func playService(part string) error {
	address := os.Getenv("DBUS_STARTER_ADDRESS")
	if part == serveNothing {
		conn, err := dbus.Connect(address)
		if err != nil {
			return err
		}
		<-conn.Context().Done()
		return nil
	}
	s := &service{}
	if err := serve(address, s); err != nil {
		return err
	}
	<-s.conn.Context().Done()
	return nil
}

// needsBus skips a test where there is no bus to be had.
func needsBus(t *testing.T) {
	t.Helper()
	if bus.address == "" {
		t.Skip("dbus-daemon is not installed: it comes with the Debian package dbus-daemon")
	}
}

// activatable lets the bus start the test binary in one of its parts.
func activatable(t *testing.T, part string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(bus.services, secretsName+".service")
	text := fmt.Sprintf("[D-BUS Service]\nName=%s\nExec=%s %s\n", secretsName, self, part)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	reload(t)
	t.Cleanup(func() {
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
		reload(t)
	})
}

func reload(t *testing.T) {
	t.Helper()
	conn, err := dbus.Connect(bus.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.BusObject().Call("org.freedesktop.DBus.ReloadConfig", 0).Err; err != nil {
		t.Fatal(err)
	}
}

// misbehaving runs a service of our own on the bus until the test ends.
func misbehaving(t *testing.T, s *service) *service {
	t.Helper()
	needsBus(t)
	if err := serve(bus.address, s); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.conn.Close()
		unowned(t, bus.address)
	})
	return s
}

// unowned waits until nobody has the name of the Secret Service.
func unowned(t *testing.T, address string) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for owned := true; owned; {
		if err := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, secretsName).Store(&owned); err != nil {
			t.Fatal(err)
		}
	}
}
