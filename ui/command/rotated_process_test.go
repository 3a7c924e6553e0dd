package command_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gitgrant/keyring"
	"gitgrant/keyring/vault"
	"gitgrant/providers/sandbox"
)

func TestARotationThatIsKilledHalfwayReachesAllThatHeldTheToken(t *testing.T) {
	m := newMachine(t)
	m.token = sandbox.MustToken("gitlab", "runtime").Text
	for _, runtime := range []string{"prod", "twin"} {
		cmd := m.gitgrant("install", runtime, "--provider", "gitlab", "--token-stdin")
		cmd.Stdin = strings.NewReader(m.token)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	ring, err := keyring.Open(keyring.Options{Dir: m.data, Store: vault.New(vault.Options{
		Dir: m.data, IdentityFile: filepath.Join(filepath.Dir(m.data), "identity"),
	})})
	if err != nil {
		t.Fatal(err)
	}
	grants, err := ring.Grants()
	if err != nil || len(grants) != 2 {
		t.Fatalf("%d grants: %v", len(grants), err)
	}
	prod, twin := grants[0], grants[1]
	// Whoever holds twin keeps the rotation from going on to it.
	_, _, err = ring.Refresh(t.Context(), twin.Key, func(g keyring.Grant, c keyring.Credential) (keyring.Grant, keyring.Credential, error) {
		killedOnceSaved(t, m, ring, prod)
		return g, c, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.gitgrant("status").CombinedOutput()
	if err != nil || strings.Contains(string(out), "revoked") {
		t.Errorf("%v: %s", err, out)
	}
	successor, err := m.gitgrant("token", "prod").Output()
	if err != nil || string(successor) == m.token+"\n" {
		t.Fatalf("prod has %d bytes: %v", len(successor), err)
	}
	m.token = strings.TrimSpace(string(successor))
	m.holds(t, "twin")
	m.agrees(t)
}

// killedOnceSaved runs a rotation and kills it as soon as the new token rests
// under the grant that it was asked for.
func killedOnceSaved(t *testing.T, m *machine, ring *keyring.Ring, g keyring.Grant) {
	t.Helper()
	cmd := m.gitgrant("rotate", g.Runtime, "--yes")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	held, err := ring.Credential(t.Context(), g.Key)
	if err != nil {
		t.Error(err)
	}
	for now := held; err == nil && now.Access.Equal(held.Access); now, err = ring.Credential(t.Context(), g.Key) {
		select {
		case err := <-ended:
			t.Errorf("it ended by itself: %v", err)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	_ = cmd.Process.Kill()
	if err := <-ended; err == nil {
		t.Error("it was not killed")
	}
}
