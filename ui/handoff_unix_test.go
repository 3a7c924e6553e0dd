//go:build unix

package ui

import (
	"errors"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

func TestValuesThatTheDiskDoesNotTakeAreNotInTheWayOfTheNextTry(t *testing.T) {
	t.Chdir(t.TempDir())
	s := open(t, set{start: StartInstall})
	toHandOff(s, goodToken)
	onFullDisk(t, func() {
		s.press("w")
		s.until("file too large")
	})
	if _, err := os.Lstat("prod-values.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("half of them stay behind: %v", err)
	}
	s.press("w")
	s.until("The values are in prod-values.yaml")
}

// onFullDisk limits the size of files meanwhile, which fails a write half way.
func onFullDisk(t *testing.T, do func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	full := limit
	full.Cur = 100
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Error(err)
		}
	}()
	do()
}
