package command_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"gitgrant/providers/sandbox"
)

// machine is a home for processes of the program: a vault, and a sandbox.
type machine struct {
	program string
	data    string
	token   string
	env     []string
}

func newMachine(t testing.TB) *machine {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Interval: time.Second}, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"identity": identity.String() + "\n", "hosts.yaml": string(server.HostsYAML(server.URL()))} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := &machine{program: "gitgrant", data: filepath.Join(dir, "data"), token: sandbox.MustToken("github", "runtime").Text}
	m.env = append(os.Environ(),
		"HOME="+dir, "GITGRANT_CONFIG_DIR="+dir, "GITGRANT_DATA_DIR="+m.data,
		"GITGRANT_STORE=vault", "GITGRANT_VAULT_IDENTITY_FILE="+filepath.Join(dir, "identity"))
	return m
}

func (m *machine) gitgrant(args ...string) *exec.Cmd {
	cmd := exec.Command(m.program, args...)
	cmd.Env = m.env
	return cmd
}

func (m *machine) install(runtime string) *exec.Cmd {
	cmd := m.gitgrant("install", runtime, "--provider", "github", "--token-stdin")
	cmd.Stdin = strings.NewReader(m.token)
	return cmd
}

// holds fails where a runtime that was acknowledged is not there, whole.
func (m *machine) holds(t *testing.T, runtime string) {
	t.Helper()
	if out, err := m.gitgrant("token", runtime).Output(); err != nil || string(out) != m.token+"\n" {
		t.Errorf("%s: %d bytes, %v", runtime, len(out), err)
	}
}

// agrees fails where the list and the vault do not.
func (m *machine) agrees(t *testing.T) {
	t.Helper()
	if out, err := m.gitgrant("keyring", "repair", "--no-input").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestEightProcessesInstallEightyRuntimes(t *testing.T) {
	m := newMachine(t)
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			for i := range 10 {
				if out, err := m.install(fmt.Sprintf("runtime-%d-%d", n, i)).CombinedOutput(); err != nil {
					t.Errorf("%v: %s", err, out)
				}
			}
		})
	}
	group.Wait()
	out, err := m.gitgrant("status", "--offline").Output()
	if listed := strings.Count(string(out), "runtime-"); err != nil || listed != 80 {
		t.Errorf("%d are listed, %v", listed, err)
	}
	for n := range 8 {
		group.Go(func() {
			for i := range 10 {
				m.holds(t, fmt.Sprintf("runtime-%d-%d", n, i))
			}
		})
	}
	group.Wait()
	m.agrees(t)
}

func TestAKilledInstallationLosesNothingThatWasAcknowledged(t *testing.T) {
	m := newMachine(t)
	var acknowledged []string
	const rounds = 32
	for n := range rounds {
		runtime := fmt.Sprintf("runtime-%d", n)
		cmd := m.install(runtime)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		if m.killAt(cmd, n+rand.IntN(8), ended) == nil {
			acknowledged = append(acknowledged, runtime)
		}
		m.agrees(t)
	}
	for _, runtime := range acknowledged {
		m.holds(t, runtime)
	}
	if n := len(acknowledged); n == 0 || n == rounds {
		t.Errorf("%d of %d came to their end: nothing was tried", n, rounds)
	}
}

// killAt kills a process once it has changed its files so many times, and
// returns how it ended.
func (m *machine) killAt(cmd *exec.Cmd, changes int, ended chan error) error {
	before := m.files()
	for {
		select {
		case err := <-ended:
			return err
		default:
		}
		if now := m.files(); now != before {
			before = now
			if changes--; changes <= 0 {
				_ = cmd.Process.Kill() // it may have ended by itself
				return <-ended
			}
		}
	}
}

// files is what the data folder looks like from outside.
func (m *machine) files() string {
	entries, err := os.ReadDir(m.data)
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil {
			fmt.Fprintln(&b, info.Name(), info.Size(), info.ModTime())
		}
	}
	return b.String()
}

func TestAPortThatIsTakenIsNamed(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, port, _ := strings.Cut(taken.Addr().String(), ":")
	out, err := exec.Command("gitgrant", "sandbox", "--port", port).CombinedOutput()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 ||
		!strings.Contains(string(out), "could not listen on port "+port) || !strings.Contains(string(out), "Name another with --port") {
		t.Errorf("%v: %s", err, out)
	}
}
