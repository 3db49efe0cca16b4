package audit_test

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

// failingAt makes the nth operation fail, whatever it is; and, if forever, every one after it.
func (d *disk) failingAt(n int64, forever bool, err error) (calls *atomic.Int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls = new(atomic.Int64)
	d.fail = func(op, path string) error {
		if i := calls.Add(1); i < n || i > n && !forever {
			return nil
		}
		return &os.PathError{Op: op, Path: path, Err: err}
	}
	return calls
}

// life is a short life of a log: opened, written with details across segments, published, closed, opened again, written.
// The clock runs backwards. It stops at the first error, and returns what was acknowledged.
func life(dir string, d *disk) (acked []audit.Entry) {
	o := onDisk(d)
	o.SegmentBytes = 1500
	var ticks atomic.Int64
	o.Clock = func() time.Time { return time.Unix(1_800_000_000-3600*ticks.Add(1), 0) }
	for range 2 {
		l, err := audit.Open(dir, o)
		if err != nil {
			return acked
		}
		for range 4 {
			e, err := l.Append(context.Background(), intent(len(acked)), []byte("salt"))
			if err != nil {
				_ = l.Close()
				return acked
			}
			acked = append(acked, e)
		}
		_ = l.Enqueue(audit.Record{Type: audit.Delivered, Transfer: transferID(0)})
		_ = l.Publish() // a failed publication must not stop the log
		if l.Close() != nil {
			return acked
		}
	}
	return acked
}

// TestEveryCallFails lets every call to the disk fail in turn, alone and with all that follow, by an error before anything was
// done and by half a write, with and without loss of power afterwards. What was acknowledged is never lost, the log opens
// again, and everything in it verifies.
func TestEveryCallFails(t *testing.T) {
	whole := newDisk(t.TempDir())
	calls := whole.failingAt(1<<40, false, nil)
	require.Len(t, life(whole.dir, whole), 8)
	total := calls.Load()
	require.Greater(t, total, int64(40))
	step := int64(1)
	if testing.Short() {
		step = 7
	}
	for n := int64(1); n <= total; n += step {
		for _, fault := range []struct {
			name    string
			err     error
			short   bool
			forever bool
		}{
			{"an error", syscall.EIO, false, false}, {"half a write, then no space", syscall.ENOSPC, true, false}, {"a dead disk", syscall.EIO, true, true},
		} {
			for _, power := range []bool{false, true} {
				name := fmt.Sprintf("call %d: %s, power lost %t", n, fault.name, power)
				dir := t.TempDir()
				d := newDisk(dir)
				d.short = fault.short
				d.failingAt(n, fault.forever, fault.err)
				acked := life(dir, d)
				d.heal()
				if power {
					d.crash(t)
				}
				l, err := audit.Open(dir, onDisk(d))
				require.NoError(t, err, name)
				require.GreaterOrEqual(t, l.Size(), int64(len(acked)), name)
				requireStored(t, dir, acked)
				require.NoError(t, l.Close(), name)
				_, err = verify(t, dir)
				require.NoError(t, err, name)
			}
		}
	}
}
