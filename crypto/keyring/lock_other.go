//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package keyring

import (
	"os"
	"path/filepath"
)

// lockDir refuses while another program changes the keyring. A program that ends in the middle leaves the file behind,
// and somebody must look and remove it: on this platform there is no lock that dies with its holder.
func lockDir(dir string) (release func(), err error) {
	path := filepath.Join(dir, lockName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, failed(err)
	}
	return func() { _, _ = f.Close(), os.Remove(path) }, nil
}
