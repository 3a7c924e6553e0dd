package hosts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/robustio"

	"gitgrant/providers/regular"
)

const (
	lockPatience = 10 * time.Second
	lockRetry    = 20 * time.Millisecond
)

// load reads the file; no file is an empty one.
func load(path string) (string, error) {
	text, err := regular.Read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case errors.Is(err, regular.ErrTooLarge):
		return "", &FileError{File: path, Problem: TooLarge}
	case err != nil:
		return "", fmt.Errorf("reading the profiles: %w", err)
	}
	return string(text), nil
}

// lock keeps other processes from changing the file. The lock is a file of its
// own, which is never renamed or deleted; the kernel lets go of it when its
// holder dies.
func lock(path string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the config folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), lockPatience)
	defer cancel()
	l := flock.New(path+".lock", flock.SetPermissions(0o600))
	if _, err := l.TryLockContext(ctx, lockRetry); err != nil {
		if ctx.Err() != nil {
			return nil, ErrBusy
		}
		return nil, fmt.Errorf("locking the profiles: %w", err)
	}
	return func() { _ = l.Close() }, nil
}

// save replaces the file as a whole: a temporary file beside it, synced,
// renamed over it, and the folder synced. A link is followed, so that a file
// that lives elsewhere stays there.
func save(path, text string) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	folder := filepath.Dir(path)
	temp, err := os.CreateTemp(folder, ".hosts-*.yaml") // 0600 by its contract
	if err != nil {
		return fmt.Errorf("writing the profiles: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // gone already where all went well
	_, err = temp.WriteString(text)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = robustio.Rename(temp.Name(), path) // on Windows an editor that has it open for a moment is waited for
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		return fmt.Errorf("writing the profiles: %w", err)
	}
	return nil
}

// syncFolder makes a rename last. Windows has no such call and needs none. Some
// file systems cannot sync a folder and say so with EINVAL; there the rename
// lasts as well as it can.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	err = folder.Sync()
	if errors.Is(err, syscall.EINVAL) {
		err = nil
	}
	return errors.Join(err, folder.Close())
}
