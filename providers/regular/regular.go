// Package regular reads the small files that a profile is made of.
//
// Rules of this package:
//
//   - Links are followed, since people keep such files elsewhere. What is there
//     must be a regular file: a pipe or a device may never come to an end.
//   - No more is read than a file of its kind can be long.
package regular

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// Limit bounds a file, in bytes. A thousand hosts fit, and every authority of a
// system several times.
const Limit = 1 << 20

// Refusals of files, inside an fs.PathError.
var (
	ErrOther    = errors.New("it is not a regular file")
	ErrTooLarge = errors.New("it is larger than it can be")
)

// Read is what os.ReadFile is, for a regular file that is within the limit.
func Read(path string) ([]byte, error) {
	info, err := os.Stat(path) // before it is opened, since that waits for the other end of a pipe
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrOther}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, Limit+1))
	if err == nil && len(data) > Limit {
		return nil, &fs.PathError{Op: "read", Path: path, Err: ErrTooLarge}
	}
	return data, err
}
