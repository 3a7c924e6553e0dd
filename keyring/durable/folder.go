package durable

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/rogpeppe/go-internal/robustio"
)

const (
	filePerm   fs.FileMode = 0o600
	folderPerm fs.FileMode = 0o700

	// sizeLimit is far above what tens of thousands of tokens come to. A larger
	// file is not ours, and none is written: it could not be read again.
	sizeLimit = 128 << 20

	// patience bounds the wait for a lock where the context does not.
	patience = 30 * time.Second
	retry    = 10 * time.Millisecond
)

// Folder is a Shelf on disk. Nothing is created before the first write or lock.
type Folder struct {
	path string

	mu      sync.Mutex
	notices []Notice
}

// In returns the Shelf in the folder at path.
func In(path string) *Folder { return &Folder{path: path} }

// Path returns where a file is.
func (f *Folder) Path(name string) string {
	return filepath.Join(f.path, filepath.FromSlash(name))
}

// Notices implements Shelf.
func (f *Folder) Notices() []Notice {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.notices)
}

// Read implements Shelf.
func (f *Folder) Read(name string) ([]byte, error) {
	path := f.Path(name)
	if err := f.vet(path); err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > sizeLimit {
		return nil, &Unsafe{path, TooLarge}
	}
	// Files are replaced and never written to, so that this is all of it.
	data := make([]byte, info.Size())
	_, err = io.ReadFull(file, data)
	return data, err
}

// Write implements Shelf.
func (f *Folder) Write(name string, data []byte) error {
	path := f.Path(name)
	if len(data) > sizeLimit {
		return &Unsafe{path, TooLarge}
	}
	if err := f.prepare(path); err != nil {
		return err
	}
	return Replace(path, data)
}

// Replace writes a private file as a whole, and leaves nothing beside it where
// that fails. The caller sees to it that nobody else does so at the same time,
// and that the folder is there.
func Replace(path string, data []byte) error {
	folder, name := filepath.Split(path)
	temporary := filepath.Join(folder, "."+name+".tmp")
	err := writeSynced(temporary, data)
	if err == nil {
		err = robustio.Rename(temporary, path) // on Windows a scanner that has it open for a moment is waited for
	}
	if err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// writeSynced creates the file anew: the name is ours alone under the lock, so
// that one found there is what a crash left behind.
func writeSynced(path string, data []byte) (err error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.Chmod(filePerm); err != nil { // whatever the umask took
		return err
	}
	if _, err := file.Write(data); err != nil {
		return err
	}
	return file.Sync()
}

// Lock implements Shelf.
func (f *Folder) Lock(ctx context.Context, name string) (func(), error) {
	lock, err := f.lockFile(name)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeoutCause(ctx, patience, ErrBusy)
	defer cancel()
	if _, err := lock.TryLockContext(bounded, retry); err != nil {
		_ = lock.Close()
		if bounded.Err() != nil {
			err = context.Cause(bounded)
		}
		return nil, fmt.Errorf("lock %s: %w", lock.Path(), err)
	}
	return func() { _ = lock.Close() }, nil
}

// TryLock implements Shelf.
func (f *Folder) TryLock(name string) (func(), bool, error) {
	return f.try(name, (*flock.Flock).TryLock)
}

// TryShare implements Shelf.
func (f *Folder) TryShare(name string) (func(), bool, error) {
	return f.try(name, (*flock.Flock).TryRLock)
}

func (f *Folder) try(name string, take func(*flock.Flock) (bool, error)) (func(), bool, error) {
	lock, err := f.lockFile(name)
	if err != nil {
		return nil, false, err
	}
	taken, err := take(lock)
	if err != nil || !taken {
		_ = lock.Close()
		return nil, false, err
	}
	return func() { _ = lock.Close() }, true, nil
}

func (f *Folder) lockFile(name string) (*flock.Flock, error) {
	path := f.Path(name + ".lock")
	if err := f.prepare(path); err != nil {
		return nil, err
	}
	return flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR), flock.SetPermissions(filePerm)), nil
}

// prepare makes the folder of path, and vets what it is about to replace.
func (f *Folder) prepare(path string) error {
	for _, folder := range []string{f.path, filepath.Dir(path)} {
		if err := os.MkdirAll(folder, folderPerm); err != nil {
			return err
		}
		info, err := os.Stat(folder) // behind a link too, since people keep such folders elsewhere
		if err != nil {
			return err
		}
		if err := vetFolder(folder, info); err != nil {
			return err
		}
		if err := f.tighten(folder, info, folderPerm); err != nil {
			return err
		}
	}
	if err := f.vet(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// vet refuses what is not a private regular file, and tightens its mode.
func (f *Folder) vet(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return &Unsafe{path, SymbolicLink}
	case !info.Mode().IsRegular():
		return &Unsafe{path, NotRegular}
	case !ownedByUs(info):
		return &Unsafe{path, ForeignOwner}
	}
	return f.tighten(path, info, filePerm)
}

// vetFolder refuses what is not a folder of our own.
func vetFolder(path string, info fs.FileInfo) error {
	switch {
	case !info.IsDir():
		return &Unsafe{path, NotAFolder}
	case info.Mode()&fs.ModeSticky != 0:
		return &Unsafe{path, SharedFolder}
	case !ownedByUs(info):
		return &Unsafe{path, ForeignOwner}
	}
	return nil
}

func (f *Folder) tighten(path string, info fs.FileInfo, perm fs.FileMode) error {
	if !modesMatter || info.Mode().Perm()&^perm == 0 {
		return nil
	}
	if err := os.Chmod(path, perm); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notices = append(f.notices, Notice{Path: path, Mode: uint32(info.Mode().Perm())})
	return nil
}
