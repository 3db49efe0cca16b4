//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package audit

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// lockDir takes the advisory lock that makes this process the only writer of the log directory. The kernel releases
// it when the process ends, however it ends. The file holds the process id for the message to a second writer.
func lockDir(dir string) (io.Closer, error) {
	path := filepath.Join(dir, "lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("opening the lock of the log: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s is in use by %s", ErrLocked, dir, holder(f))
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	if err := f.Truncate(0); err == nil {
		f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0) // for people only; a failure costs nothing
	}
	return f, nil
}

// fileLock is an advisory lock on a file, between processes and within one.
type fileLock struct{ file *os.File }

// openSpoolLock opens the lock under which the spool is written or emptied.
func openSpoolLock(dir string) (*fileLock, error) {
	f, err := os.OpenFile(filepath.Join(dir, detailDir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	return &fileLock{f}, nil
}

func (l *fileLock) take() error    { return l.flock(syscall.LOCK_EX) }
func (l *fileLock) release() error { return l.flock(syscall.LOCK_UN) }

func (l *fileLock) flock(how int) error {
	for {
		err := syscall.Flock(int(l.file.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return os.NewSyscallError("flock", err)
		}
	}
}

// Close releases the lock.
func (l *fileLock) Close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

func holder(f *os.File) string {
	b := make([]byte, 20)
	n, _ := f.ReadAt(b, 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	if err != nil {
		return "another process"
	}
	return "process " + strconv.Itoa(pid)
}
