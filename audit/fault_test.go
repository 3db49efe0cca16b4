package audit_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

// disk is a file system that forgets. Writes go to a real directory, which stands for the page cache; what has been
// fsynced is kept apart, and crash brings that back. A failed fsync behaves like Linux: the pages are clean
// afterwards and a later fsync does not write them. Directory entries are durable at once, which only makes the
// disk keep more than it must.
type disk struct {
	dir string

	mu     sync.Mutex
	stable map[string][]byte    // by path: content that survives loss of power
	dirty  map[string][]written // by path: since the last fsync
	fail   func(op, path string) error
	short  bool // a failing write writes half of its bytes
}

type written struct {
	off  int64
	data []byte
	size int64 // truncation if data is nil
}

func newDisk(dir string) *disk {
	return &disk{dir: dir, stable: map[string][]byte{}, dirty: map[string][]written{}}
}

// failing makes the nth operation op on a path containing part fail with err.
func (d *disk) failing(n int, op, part string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = func(o, path string) error {
		if o != op || !strings.Contains(path, part) {
			return nil
		}
		if n--; n > 0 {
			return nil
		}
		return &os.PathError{Op: op, Path: path, Err: err}
	}
}

func (d *disk) heal() { d.fail = nil; d.short = false }

func (d *disk) check(op, path string) error {
	if d.fail == nil {
		return nil
	}
	return d.fail(op, path)
}

func (d *disk) MkdirAll(dir string, perm os.FileMode) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("mkdir", dir); err != nil {
		return err
	}
	return os.MkdirAll(dir, perm)
}

func (d *disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("rename", to); err != nil {
		return err
	}
	d.stable[to], d.dirty[to] = d.stable[from], d.dirty[from]
	delete(d.stable, from)
	delete(d.dirty, from)
	return os.Rename(from, to)
}

func (d *disk) RemoveAll(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for name := range d.stable {
		if name == path || strings.HasPrefix(name, path+"/") {
			delete(d.stable, name)
			delete(d.dirty, name)
		}
	}
	return os.RemoveAll(path)
}

func (d *disk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.check("syncdir", dir)
}

func (d *disk) OpenFile(path string, flag int, perm os.FileMode) (audit.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.check("open", path); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, flag, perm)
	if err != nil {
		return nil, err
	}
	if flag&os.O_TRUNC != 0 {
		d.dirty[path] = append(d.dirty[path], written{})
	}
	if _, known := d.stable[path]; !known {
		d.stable[path] = nil
	}
	return &diskFile{d, path, f}, nil
}

// crash cuts the power: every file becomes what was fsynced of it.
func (d *disk) crash(t testing.TB) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dirty = map[string][]written{}
	for path, data := range d.stable {
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
}

type diskFile struct {
	d    *disk
	path string
	f    *os.File
}

func (f *diskFile) WriteAt(p []byte, off int64) (int, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	err := f.d.check("write", f.path)
	if err != nil {
		p = p[:len(p)/2]
		if !f.d.short {
			return 0, err
		}
	}
	f.d.dirty[f.path] = append(f.d.dirty[f.path], written{off, append([]byte{}, p...), 0})
	n, werr := f.f.WriteAt(p, off)
	return n, errors.Join(err, werr)
}

func (f *diskFile) Truncate(size int64) error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	if err := f.d.check("truncate", f.path); err != nil {
		return err
	}
	f.d.dirty[f.path] = append(f.d.dirty[f.path], written{size: size})
	return f.f.Truncate(size)
}

func (f *diskFile) Sync() error {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	changes := f.d.dirty[f.path]
	f.d.dirty[f.path] = nil
	if err := f.d.check("sync", f.path); err != nil {
		return err // and the changes are forgotten: that is the point
	}
	data := f.d.stable[f.path]
	for _, w := range changes {
		end := w.off + int64(len(w.data))
		if w.data == nil {
			end = w.size
		}
		for int64(len(data)) < end {
			data = append(data, 0)
		}
		if w.data == nil {
			data = data[:w.size]
		}
		copy(data[w.off:], w.data)
	}
	f.d.stable[f.path] = data
	return nil
}

func (f *diskFile) Close() error { return f.f.Close() }

func onDisk(d *disk) audit.Options {
	o := testOptions()
	o.FS = d
	return o
}

var errInjected = errors.New("injected fault")

// TestFailedWritesPoisonAndReopenRecovers fails one operation at a time while records are appended. After it no
// record is accepted; after a reopen, and after a loss of power, everything acknowledged is there and the log
// verifies.
func TestFailedWritesPoisonAndReopenRecovers(t *testing.T) {
	for _, tc := range []struct {
		name, op, path string
		err            error
		short          bool
	}{
		{"a write fails", "write", "journal", errInjected, false},
		{"a write to the spool fails", "write", "spool", errInjected, false},
		{"a write to the spool is cut short", "write", "spool", syscall.ENOSPC, true},
		{"the spool's fsync fails", "sync", "spool", errInjected, false},
		{"the disk is full in the middle of a group", "write", "journal", syscall.ENOSPC, true},
		{"an fsync fails", "sync", "journal", errInjected, false},
		{"the side store fails", "write", "details", syscall.ENOSPC, true},
		{"the side store's fsync fails", "sync", "details", errInjected, false},
		{"a new segment cannot be made", "open", "journal/", syscall.EROFS, false},
		{"a new segment's name is not durable", "syncdir", "journal", errInjected, false},
	} {
		for _, power := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, power lost %t", tc.name, power), func(t *testing.T) {
				dir := t.TempDir()
				d := newDisk(dir)
				o := onDisk(d)
				o.SegmentBytes = 2000 // a few groups
				l := openLog(t, dir, o)
				acked := appendWithDetails(t, l, 0, 3)
				d.short = tc.short
				d.failing(1, tc.op, tc.path, tc.err)
				var err error
				for i := 3; i < 10 && err == nil; i++ {
					var e audit.Entry
					if e, err = l.Append(context.Background(), intent(i), []byte("salt")); err == nil {
						acked = append(acked, e)
					}
				}
				require.ErrorIs(t, err, audit.ErrPoisoned)
				require.ErrorIs(t, err, tc.err)
				d.heal()
				_, err = l.Append(context.Background(), intent(99), nil)
				require.ErrorIs(t, err, audit.ErrPoisoned, "a healed disk must not lift the poison")
				require.ErrorIs(t, l.Enqueue(intent(99)), audit.ErrPoisoned)
				require.Equal(t, int64(len(acked)), l.Size())
				require.ErrorIs(t, l.Close(), audit.ErrPoisoned)

				if power {
					d.crash(t)
				}
				l = openLog(t, dir, o)
				requireHolds(t, l, acked)
				more := appendWithDetails(t, l, 20, 24)
				require.NoError(t, l.Close())
				d.crash(t) // what was recovered and what came after must be on the disk, not in the cache
				_, err = verify(t, dir)
				require.NoError(t, err)
				requireStored(t, dir, append(acked, more...))
			})
		}
	}
}

func appendWithDetails(t testing.TB, l *audit.Log, from, to int) []audit.Entry {
	t.Helper()
	var out []audit.Entry
	for i := from; i < to; i++ {
		e, err := l.Append(context.Background(), intent(i), []byte("salt"))
		require.NoError(t, err)
		out = append(out, e)
	}
	return out
}

func requireHolds(t testing.TB, l *audit.Log, entries []audit.Entry) {
	t.Helper()
	require.GreaterOrEqual(t, l.Size(), int64(len(entries)))
	requireStored(t, l.Dir(), entries)
}

// requireStored checks that every entry is in the log under its number, with its detail.
func requireStored(t testing.TB, dir string, entries []audit.Entry) {
	t.Helper()
	r, err := audit.OpenReader(dir, testVKey(t))
	require.NoError(t, err)
	defer r.Close()
	for _, e := range entries {
		rec, raw, err := r.Record(e.Index)
		require.NoError(t, err)
		require.Equal(t, string(e.Record), string(raw))
		detail, err := r.Detail(rec.Transfer)
		require.NoError(t, err)
		require.Equal(t, "salt", string(detail))
	}
}

// TestGroupOfFailedFsyncIsMadeDurableBeforeItCounts is the trap of failed fsyncs on Linux: the next process reads the
// group from the page cache although it never reached the disk.
func TestGroupOfFailedFsyncIsMadeDurableBeforeItCounts(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(dir)
	l := openLog(t, dir, onDisk(d))
	appendIntents(t, l, 0, 1)
	d.failing(1, "sync", "spool", errInjected)
	_, err := l.Append(context.Background(), intent(1), nil)
	require.ErrorIs(t, err, audit.ErrPoisoned)
	d.heal()
	require.Error(t, l.Close())

	l = openLog(t, dir, onDisk(d))
	require.Equal(t, int64(2), l.Size(), "the group is whole as far as the reopening process can see")
	appendIntents(t, l, 2, 3)
	require.NoError(t, l.Close())
	d.crash(t)
	r, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, int64(3), r.Records)
}

// TestOpenReportsTheDisk checks that each step of Open fails with the operating system's reason and leaves a
// directory that the next Open completes.
func TestOpenReportsTheDisk(t *testing.T) {
	for _, tc := range []struct{ op, path string }{
		{"mkdir", "journal"}, {"syncdir", ""}, {"open", "tmp/next"}, {"write", "tmp/next"}, {"sync", "tmp/next"},
		{"rename", "log.vkey"}, {"rename", "checkpoint"}, {"mkdir", "details"}, {"syncdir", "details"},
	} {
		t.Run(tc.op+" "+tc.path, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "log")
			d := newDisk(dir)
			d.failing(1, tc.op, tc.path, syscall.EROFS)
			_, err := audit.Open(dir, onDisk(d))
			require.ErrorIs(t, err, syscall.EROFS)
			require.ErrorContains(t, err, dir)
			d.heal()
			l := openLog(t, dir, onDisk(d))
			appendIntents(t, l, 0, 1)
			require.NoError(t, l.Close())
			_, err = verify(t, dir)
			require.NoError(t, err)
		})
	}
}

// TestFailedPublicationDoesNotStopTheLog fails every operation of a publication in turn.
func TestFailedPublicationDoesNotStopTheLog(t *testing.T) {
	for _, op := range []string{"open", "write", "sync", "rename", "syncdir"} {
		for n := 1; n <= 4; n++ {
			t.Run(fmt.Sprint(op, n), func(t *testing.T) {
				dir := t.TempDir()
				d := newDisk(dir)
				l := openLog(t, dir, onDisk(d))
				appendIntents(t, l, 0, 300)
				part := "tmp/next"
				if op == "rename" || op == "syncdir" {
					part = ""
				}
				d.failing(n, op, part, errInjected)
				require.ErrorIs(t, l.Publish(), errInjected)
				d.heal()
				r, err := verify(t, dir)
				require.NoError(t, err, "the view is the older one, and whole")
				require.Equal(t, int64(300), r.Records)
				appendIntents(t, l, 300, 301)
				require.NoError(t, l.Close())
				d.crash(t)
				r, err = verify(t, dir)
				require.NoError(t, err)
				require.Equal(t, int64(301), r.Published)
			})
		}
	}
}
