package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// probeSize is more than the files of a few tokens take, in bytes.
const probeSize = 64 << 10

// Probe finds out whether files could be kept and locked here, and leaves
// everything as it was: a mode that a write would tighten stays too. Where there
// is no folder yet, one beside its place is tried.
func (f *Folder) Probe() error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f.about(probeAbove(filepath.Dir(f.path)))
	}
	if err == nil {
		err = vetFolder(f.path, info)
	}
	if err != nil {
		return err
	}
	return f.about(probeIn(f.path))
}

// probeIn writes a file as a save does, and locks it.
func probeIn(folder string) error {
	file, err := os.CreateTemp(folder, ".probe-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	if err := file.Close(); err != nil {
		return err
	}
	// A full disk still makes files.
	if err := writeSynced(file.Name(), make([]byte, probeSize)); err != nil {
		return err
	}
	lock := flock.New(file.Name(), flock.SetFlag(os.O_RDWR))
	defer func() { _ = lock.Close() }()
	_, err = lock.TryLock()
	return err
}

// probeAbove tries a folder in the nearest one that is there.
func probeAbove(folder string) error {
	probe, err := os.MkdirTemp(folder, ".probe-*")
	if above := filepath.Dir(folder); errors.Is(err, fs.ErrNotExist) && above != folder {
		return probeAbove(above)
	}
	if err != nil {
		return err
	}
	return errors.Join(probeIn(probe), os.Remove(probe))
}

// about tells an error of the folder itself: the names that were tried are gone.
func (f *Folder) about(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return &fs.PathError{Op: of.Op, Path: f.path, Err: of.Err}
	}
	return err
}
