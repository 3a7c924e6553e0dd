//go:build !linux

package vault

import (
	"errors"
	"time"
)

func keeps() error { return errors.ErrUnsupported }

func keep(string, string, time.Duration) error { return errors.ErrUnsupported }

func kept(string) (string, error) { return "", errors.ErrUnsupported }

func drop(string) error { return errors.ErrUnsupported }
