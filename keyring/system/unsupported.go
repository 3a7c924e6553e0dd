//go:build !linux && !openbsd && !netbsd && !darwin && !windows

package system

import (
	"context"
	"errors"

	"gitgrant/keyring"
)

func probe(context.Context) keyring.Condition { return condition(keyring.Unsupported, "") }

func start(context.Context) error { return errors.ErrUnsupported }

func unlock(context.Context) error { return errors.ErrUnsupported }

func list(context.Context) ([]string, error) { return nil, errors.ErrUnsupported }
