package vault_test

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gitgrant/keyring/vault"
)

// A session keyring of its own does not lead to the user's: what is in there is
// not possessed, and is read by the rights of the user or not at all.
func TestAnotherLoginSessionFindsTheVaultOpen(t *testing.T) {
	_, _, dir := keptOpen(t, time.Hour)
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never let go: this thread has left the session
		if _, err := unix.KeyctlInt(unix.KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0); err != nil {
			t.Errorf("no session of its own: %v", err)
			return
		}
		elsewhere := vault.New(vault.Options{Dir: dir})
		holds(t, elsewhere, "v1/item", "text")
		if err := elsewhere.Close(); err != nil {
			t.Errorf("it cannot be closed from there: %v", err)
		}
		wants(t, elsewhere.Probe(t.Context()), lockedByIdentity)
	}()
	<-done
}
