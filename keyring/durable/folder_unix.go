//go:build unix

package durable

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const modesMatter = true

func ownedByUs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// syncFolder makes a rename durable. Some file systems cannot sync a folder
// and say so with EINVAL; there the rename is as durable as it gets.
func syncFolder(path string) error {
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
