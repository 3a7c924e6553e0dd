package keyring_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"

	"gitgrant/keyring"
	"gitgrant/keyring/secret"
	"gitgrant/keyring/storetest"
	"gitgrant/keyring/vault"
)

// The test binary is also the process that is killed: with these variables it
// saves, one line on standard output for each save that was acknowledged.
const (
	saverDir      = "GITGRANT_TEST_SAVER_DIR"
	saverIdentity = "GITGRANT_TEST_SAVER_IDENTITY"
	saverRuntimes = "GITGRANT_TEST_SAVER_RUNTIMES" // these once, or one for ever
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(saverDir); dir != "" {
		if err := saveRuntimes(dir, os.Getenv(saverIdentity), os.Getenv(saverRuntimes)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func saveRuntimes(dir, identity, runtimes string) error {
	ring, err := vaultRing(dir, identity)
	if err != nil {
		return err
	}
	if runtimes != "" {
		for runtime := range strings.SplitSeq(runtimes, ",") {
			if _, err := ring.Save(context.Background(), storetest.Grant(runtime, "runtime", "acme-bot"), numbered(1)); err != nil {
				return err
			}
			fmt.Println(runtime)
		}
		return nil
	}
	for n := 1; ; n++ {
		if _, err := ring.Save(context.Background(), runtimeGrant, numbered(n)); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

// numbered is a credential that says which one it is, and whose size changes.
func numbered(n int) keyring.Credential {
	fill := strings.Repeat("x", n%4*1000)
	return keyring.Credential{
		Access:  secret.New(fmt.Sprintf("%d-%s", n, fill)),
		Refresh: secret.New(fmt.Sprintf("%d-%s", n, fill)),
	}
}

func vaultRing(dir, identity string) (*keyring.Ring, error) {
	return keyring.Open(keyring.Options{Dir: dir, Store: vault.New(vault.Options{Dir: dir, IdentityFile: identity})})
}

func saver(t *testing.T, dir, identity, runtimes string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), saverDir+"="+dir, saverIdentity+"="+identity, saverRuntimes+"="+runtimes)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

func identityFile(t *testing.T) string {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "identity")
	if err := os.WriteFile(path, []byte(identity.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEightProcessesSaveEightyRuntimes(t *testing.T) {
	dir, identity := quick(t), identityFile(t)
	var savers []*exec.Cmd
	var all []string
	for n := range 8 {
		var mine []string
		for i := range 10 {
			mine = append(mine, fmt.Sprintf("runtime-%d-%d", n, i))
		}
		all = append(all, mine...)
		cmd, out := saver(t, dir, identity, strings.Join(mine, ","))
		go func() { _, _ = io.Copy(io.Discard, out) }()
		savers = append(savers, cmd)
	}
	for _, cmd := range savers {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	ring, err := vaultRing(dir, identity)
	if err != nil {
		t.Fatal(err)
	}
	for _, runtime := range all {
		c, err := ring.Credential(t.Context(), storetest.Grant(runtime, "runtime", "acme-bot").Key)
		if err != nil || value(c) != value(numbered(1)) {
			t.Errorf("%s: %d bytes, %v", runtime, c.Access.Len(), err)
		}
	}
	whole(t, &process{ring: ring})
}

func TestAKilledProcessLosesNothingThatItAcknowledged(t *testing.T) {
	dir, identity := quick(t), identityFile(t)
	for round := range 12 {
		cmd, out := saver(t, dir, identity, "")
		acknowledged := killAfter(t, cmd, bufio.NewReader(out), 1+round%5)
		ring, err := vaultRing(dir, identity)
		if err != nil {
			t.Fatal(err)
		}
		c, err := ring.Credential(t.Context(), runtimeGrant.Key)
		if err != nil {
			t.Fatal(err)
		}
		// The save after the last one that was acknowledged may have counted too.
		if v := value(c); v != value(numbered(acknowledged)) && v != value(numbered(acknowledged+1)) {
			t.Errorf("after %d acknowledged saves it is %.20q", acknowledged, v)
		}
		whole(t, &process{ring: ring})
	}
}

// killAfter kills a saver that has acknowledged some saves, wherever it is, and
// returns the last that it acknowledged.
func killAfter(t *testing.T, cmd *exec.Cmd, out *bufio.Reader, saves int) int {
	t.Helper()
	last := 0
	for {
		line, err := out.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if last, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			t.Fatal(err)
		}
		if last == saves {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // it was killed, and says so
	return last
}
