// Package durable keeps small private files so that neither a crash nor a
// second process loses what was written.
//
// Rules of this package:
//
//   - A write is whole or has not happened: a temporary file beside the target,
//     synced, renamed over it, and the folder synced.
//   - Files are 0600 in a folder of 0700. What is found more open than that is
//     tightened, and a Notice says so.
//   - A symbolic link, a file that is none, or one of another owner is refused
//     and left as it is.
//   - A lock is a file that is never renamed or deleted; the kernel lets go of
//     it when its holder dies, so there is no such thing as a stale one.
package durable

import (
	"context"
	"errors"
	"fmt"
)

// ErrBusy says that another process held a lock for longer than is sensible.
var ErrBusy = errors.New("another process is at work here")

// Shelf is a place for named files and locks. A name may contain slashes.
type Shelf interface {
	// Read returns a file, or an error that is fs.ErrNotExist.
	Read(name string) ([]byte, error)
	// Write replaces a file as a whole; the caller holds its lock.
	Write(name string, data []byte) error
	// Lock waits for a lock until the context ends or patience does.
	Lock(ctx context.Context, name string) (release func(), err error)
	// TryLock takes a lock if it is free.
	TryLock(name string) (release func(), taken bool, err error)
	// TryShare takes a lock together with others who share it.
	TryShare(name string) (release func(), taken bool, err error)
	// Notices lists what was found amiss and mended, once each.
	Notices() []Notice
}

// Notice tells of a file or folder whose mode was too open and is mended.
type Notice struct {
	Path string
	Mode uint32 // permission bits as they were found
}

// Fault is a reason not to touch a file.
type Fault string

// The reasons.
const (
	SymbolicLink Fault = "is a symbolic link"
	NotRegular   Fault = "is not a regular file"
	NotAFolder   Fault = "is not a folder"
	ForeignOwner Fault = "belongs to another user"
	SharedFolder Fault = "is a folder that everybody may write to"
	TooLarge     Fault = "is larger than it can be"
)

// Unsafe is the error for a file that is refused and left as it is.
type Unsafe struct {
	Path  string
	Fault Fault
}

func (u *Unsafe) Error() string { return fmt.Sprintf("%s %s", u.Path, u.Fault) }
