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
// everything as it was. Where there is no folder yet, it looks whether one could
// be made.
func (f *Folder) Probe() error {
	err := f.vetFolder(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f.probeAbove(filepath.Dir(f.path))
	}
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(f.path, ".probe-*")
	if err != nil {
		return f.about(err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(make([]byte, probeSize)) // a full disk still makes files
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return f.about(err)
	}
	lock := flock.New(file.Name(), flock.SetFlag(os.O_RDWR))
	defer func() { _ = lock.Close() }()
	_, err = lock.TryLock()
	return f.about(err)
}

// probeAbove tries the nearest folder that is there.
func (f *Folder) probeAbove(folder string) error {
	probe, err := os.MkdirTemp(folder, ".probe-*")
	if above := filepath.Dir(folder); errors.Is(err, fs.ErrNotExist) && above != folder {
		return f.probeAbove(above)
	}
	if err != nil {
		return f.about(err)
	}
	return f.about(os.Remove(probe))
}

// about tells an error of the folder itself: the names that were tried are gone.
func (f *Folder) about(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return &fs.PathError{Op: of.Op, Path: f.path, Err: of.Err}
	}
	return err
}
