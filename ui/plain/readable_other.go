//go:build !unix

package plain

import (
	"os"
	"time"
)

// readable is for systems whose terminals cannot be asked.
func readable(*os.File, time.Duration) (bool, error) { return false, errDeaf }
