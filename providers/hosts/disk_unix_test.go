//go:build unix

package hosts_test

import (
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"gitgrant/providers/hosts"
)

func TestAPipeInThePlaceOfTheFileIsNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, hosts.FileName)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := hosts.Open(dir, known)
	var at *fs.PathError
	if !errors.As(err, &at) || at.Path != path {
		t.Errorf("error is %v", err)
	}
}
