package durable

import (
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// modesMatter is false: access is inherited from the folder of the user.
const modesMatter = false

func ownedByUs(fs.FileInfo) bool { return true }

// replace tries again for a while: a scanner or an indexer that has the target
// open for a moment is no reason to fail.
func replace(from, to string) error {
	const attempts, pause = 20, 25 * time.Millisecond
	var err error
	for range attempts {
		err = os.Rename(from, to)
		if !errors.Is(err, windows.ERROR_SHARING_VIOLATION) && !errors.Is(err, windows.ERROR_ACCESS_DENIED) {
			return err
		}
		time.Sleep(pause)
	}
	return err
}

// syncFolder does nothing: NTFS journals the rename, and a folder has no handle
// to sync.
func syncFolder(string) error { return nil }
