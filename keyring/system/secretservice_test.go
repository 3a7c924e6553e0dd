//go:build linux

package system_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/storetest"
	"gitgrant/keyring/system"
)

func TestASecretServiceIsAStore(t *testing.T) {
	misbehaving(t, &service{})
	storetest.Contract(t, system.New(system.Options{}))
}

func TestARingOverASecretService(t *testing.T) {
	misbehaving(t, &service{})
	storetest.RingOver(t, system.New(system.Options{}))
}

func TestAProbeTellsTheStatesApart(t *testing.T) {
	store := system.New(system.Options{})
	state := func(t *testing.T, want keyring.State) {
		t.Helper()
		if at := store.Probe(t.Context()); at.State != want {
			t.Errorf("the probe says %v (%s), want %s", at, at.Detail, want)
		}
	}
	t.Run("no bus", func(t *testing.T) {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
		state(t, keyring.NoBus)
	})
	t.Run("no service", func(t *testing.T) {
		needsBus(t)
		state(t, keyring.NoService)
	})
	t.Run("a service that waits to be asked", func(t *testing.T) {
		needsBus(t)
		activatable(t, serveSecrets)
		state(t, keyring.Activatable)
		state(t, keyring.Activatable) // the first probe has not started it
	})
	t.Run("no collection", func(t *testing.T) {
		misbehaving(t, &service{noCollection: true})
		state(t, keyring.NoCollection)
	})
	t.Run("locked", func(t *testing.T) {
		misbehaving(t, &service{locked: true})
		state(t, keyring.Locked)
	})
	t.Run("ready", func(t *testing.T) {
		misbehaving(t, &service{})
		state(t, keyring.Ready)
	})
	t.Run("not answering", func(t *testing.T) {
		stalled := make(chan struct{})
		misbehaving(t, &service{stalled: stalled})
		defer close(stalled)
		ctx, cancel := context.WithTimeout(t.Context(), 1)
		defer cancel()
		if at := store.Probe(ctx); at.State != keyring.Unresponsive {
			t.Errorf("the probe says %v", at)
		}
	})
}

func TestAServiceThatWaitsToBeAskedIsStarted(t *testing.T) {
	needsBus(t)
	activatable(t, serveSecrets)
	store := system.New(system.Options{})
	if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil {
		t.Fatal(err)
	}
	kill(t, bus.address)
}

// kill ends whatever process has the name of the Secret Service.
func kill(t *testing.T, address string) {
	t.Helper()
	conn, err := dbus.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var pid int
	if err := conn.BusObject().Call("org.freedesktop.DBus.GetConnectionUnixProcessID", 0, secretsName).Store(&pid); err != nil {
		t.Fatal(err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	unowned(t, address)
}

func TestAServiceThatNeverClaimsItsNameIsNotWaitedForForever(t *testing.T) {
	needsBus(t)
	activatable(t, serveNothing)
	// Short, since the bus itself would wait for minutes.
	store := system.New(system.Options{Deadline: shortly})
	err := store.Put(t.Context(), "v1/item", secret.New("text"))
	var at keyring.Condition
	if !errors.As(err, &at) || at.Usable() {
		t.Errorf("got %v", err)
	}
}

func TestADismissedPromptOfTheServiceIsNotASuccess(t *testing.T) {
	t.Setenv("DISPLAY", ":0")
	t.Setenv("SSH_CONNECTION", "")
	t.Setenv("SSH_TTY", "")
	for _, method := range []string{"CreateItem", "Delete", "Unlock"} {
		t.Run(method, func(t *testing.T) {
			s := misbehaving(t, &service{})
			store := system.New(system.Options{})
			if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil {
				t.Fatal(err)
			}
			s.set(func(s *service) { s.dismiss = method; s.locked = method == "Unlock" })
			switch method {
			case "CreateItem":
				denied(t, store.Put(t.Context(), "v1/other", secret.New("text")))
			case "Delete":
				denied(t, store.Delete(t.Context(), "v1/item"))
			case "Unlock":
				denied(t, store.Open(t.Context(), secret.Secret{}))
			}
		})
	}
}

func TestAnAnsweredPromptOpens(t *testing.T) {
	t.Setenv("DISPLAY", ":0")
	t.Setenv("SSH_CONNECTION", "")
	t.Setenv("SSH_TTY", "")
	for name, s := range map[string]*service{
		"a locked collection":     {locked: true},
		"a collection to be made": {noCollection: true},
	} {
		t.Run(name, func(t *testing.T) {
			misbehaving(t, s)
			store := system.New(system.Options{})
			if err := store.Open(t.Context(), secret.Secret{}); err != nil {
				t.Fatal(err)
			}
			if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNobodyIsPromptedOnAScreenThatIsNotTheirs(t *testing.T) {
	for name, value := range map[string]string{"SSH_CONNECTION": "10.0.0.1 5000 10.0.0.2 22", "DISPLAY": ""} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DISPLAY", ":0")
			t.Setenv("WAYLAND_DISPLAY", "")
			t.Setenv(name, value)
			s := misbehaving(t, &service{locked: true})
			err := system.New(system.Options{}).Open(t.Context(), secret.Secret{})
			var at keyring.Condition
			if !errors.As(err, &at) || at.State != keyring.Locked {
				t.Errorf("got %v", err)
			}
			s.set(func(s *service) {
				if s.prompt != nil {
					t.Error("a prompt was shown")
				}
			})
		})
	}
}

func TestAPromptThatNobodyAnswersHasAnUnknownOutcome(t *testing.T) {
	s := misbehaving(t, &service{unanswered: "CreateItem"})
	store := system.New(system.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for shown := false; !shown; {
			s.set(func(s *service) { shown = s.shown })
		}
		cancel()
	}()
	if err := store.Put(ctx, "v1/item", secret.New("text")); !errors.Is(err, keyring.ErrUnknownOutcome) {
		t.Errorf("got %v", err)
	}
	s.set(func(s *service) { _ = s.complete(true, dbus.MakeVariant("")) })
	if err := store.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAServiceThatStallsIsNotWaitedForForever(t *testing.T) {
	s := misbehaving(t, &service{})
	store := system.New(system.Options{Deadline: shortly})
	stalled := make(chan struct{})
	s.set(func(s *service) { s.stalled = stalled })
	_, err := store.Get(t.Context(), "v1/item")
	var at keyring.Condition
	if !errors.As(err, &at) || at.State != keyring.Unresponsive {
		t.Errorf("got %v", err)
	}
	close(stalled)
	if err := store.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAServiceThatDiesInItsPromptIsNotASuccess(t *testing.T) {
	s := misbehaving(t, &service{locked: true, deadly: "Unlock"})
	t.Setenv("DISPLAY", ":0")
	t.Setenv("SSH_CONNECTION", "")
	t.Setenv("SSH_TTY", "")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-s.conn.Context().Done()
		cancel()
	}()
	if err := system.New(system.Options{}).Open(ctx, secret.Secret{}); err == nil {
		t.Error("it opened")
	}
}

// On a machine without a bus go-keyring would start one, which stays behind.
func TestNoBusIsEverStarted(t *testing.T) {
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
		t.Skip("a session bus is running for this user, so that none would be started")
	}
	if os.Getenv(withoutBus) != "" {
		store := system.New(system.Options{})
		err := store.Put(t.Context(), "v1/item", secret.New("text"))
		var at keyring.Condition
		if !errors.As(err, &at) || at.State != keyring.NoBus {
			t.Errorf("got %v", err)
		}
		return
	}
	folder := t.TempDir()
	launched := filepath.Join(folder, "launched")
	script := fmt.Sprintf("#!/bin/sh\ntouch %q\nexit 1\n", launched)
	if err := os.WriteFile(filepath.Join(folder, "dbus-launch"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	runSelf(t, exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$"), withoutBus+"=1", insideSession+"=1",
		"DBUS_SESSION_BUS_ADDRESS=", "PATH="+folder+":"+os.Getenv("PATH"))
	if _, err := os.Stat(launched); err == nil {
		t.Error("a bus was started")
	}
}

// shortly is a deadline for calls that are known never to be answered.
const shortly = 300 * time.Millisecond

const (
	withoutBus    = "GITGRANT_TEST_WITHOUT_BUS"
	insideSession = "GITGRANT_TEST_INSIDE_SESSION" // a bus of its own is given, or none wanted
)

// The real thing. It runs this test again inside a session of its own.
func TestGnomeKeyring(t *testing.T) {
	if os.Getenv(insideSession) != "" {
		t.Run("is a store", func(t *testing.T) { storetest.Contract(t, system.New(system.Options{})) })
		t.Run("carries a ring", func(t *testing.T) { storetest.RingOver(t, system.New(system.Options{})) })
		t.Run("is locked without a prompt", locking)
		t.Run("is not ready after its death", dying)
		return
	}
	for _, program := range []string{"gnome-keyring-daemon", "dbus-run-session", "dbus-send"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(program + " is not installed: it comes with the Debian packages gnome-keyring and dbus-x11")
		}
	}
	script := filepath.Join("..", "..", "scripts", "secret-service.sh")
	runSelf(t, exec.Command(script, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v"), insideSession+"=1")
}

func locking(t *testing.T) {
	store := system.New(system.Options{})
	if err := store.Put(t.Context(), "v1/item", secret.New("text")); err != nil {
		t.Fatal(err)
	}
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	lock := conn.Object(secretsName, secretsPath).Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{loginPath})
	if lock.Err != nil {
		t.Fatal(lock.Err)
	}
	_, err = store.Get(t.Context(), "v1/item")
	var at keyring.Condition
	if !errors.As(err, &at) || at.State != keyring.Locked {
		t.Errorf("got %v", err)
	}
}

// The bus starts it again when it is called, and then it is locked.
func dying(t *testing.T) {
	kill(t, os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	store := system.New(system.Options{})
	err := store.Put(t.Context(), "v1/item", secret.New("text"))
	var at keyring.Condition
	if !errors.As(err, &at) || at.Usable() {
		t.Errorf("got %v", err)
	}
}

func runSelf(t *testing.T, cmd *exec.Cmd, env ...string) {
	t.Helper()
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}
