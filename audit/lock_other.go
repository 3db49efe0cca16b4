//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package audit

import (
	"errors"
	"fmt"
	"io"
)

// lockDir refuses: without a lock that dies with its holder, two writers could fork the log. Reading and verifying
// work on every platform.
func lockDir(dir string) (io.Closer, error) {
	return nil, fmt.Errorf("writing to %s: no file lock on this platform: %w", dir, errors.ErrUnsupported)
}
