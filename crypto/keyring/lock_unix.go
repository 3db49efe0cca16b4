//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package keyring

import (
	"os"
	"path/filepath"
	"syscall"
)

// lockDir waits until no other program changes the keyring. The kernel releases the lock when the process ends, however
// it ends. Reading needs no lock: each file is replaced whole.
func lockDir(dir string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, failed(err)
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		_ = f.Close()
		return nil, failed(err)
	}
	return func() { _ = f.Close() }, nil
}
