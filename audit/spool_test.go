package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

func spooling(d *disk, bytes int64) audit.Options {
	o := onDisk(d)
	o.SpoolBytes = bytes
	o.SegmentBytes = 9000
	return o
}

// TestPowerLossAtEveryStep cuts the power after each operation that changes the disk, one run for each, while a log is
// opened, appended to over several halves of the spool and several segments, and closed. Whatever was acknowledged is
// there afterwards, with its detail, and the log goes on.
func TestPowerLossAtEveryStep(t *testing.T) {
	for op, least := range map[string]int{"write": 60, "sync": 25, "open": 8, "syncdir": 8, "rename": 2} {
		n := 1
		for runUntilFault(t, op, n) {
			n++
		}
		require.Greater(t, n, least, "operations %s tried", op)
	}
}

// runUntilFault makes the nth operation op fail, cuts the power then, and checks what is left.
func runUntilFault(t *testing.T, op string, n int) (reached bool) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "log")
	d := newDisk(dir)
	d.failing(n, op, "", errInjected)
	o := spooling(d, 16<<10)
	acked, err := appendAll(dir, o, 24)
	if err == nil {
		return false
	}
	require.ErrorIs(t, err, errInjected, "%s %d", op, n)
	d.heal()
	d.crash(t)
	l, err := audit.Open(dir, o)
	require.NoError(t, err, "%s %d", op, n)
	requireHolds(t, l, acked)
	acked = append(acked, appendWithDetails(t, l, 50, 52)...)
	require.NoError(t, l.Close())
	d.crash(t)
	_, err = verify(t, dir)
	require.NoError(t, err, "%s %d", op, n)
	requireStored(t, dir, acked)
	return true
}

func appendAll(dir string, o audit.Options, n int) (acked []audit.Entry, err error) {
	l, err := audit.Open(dir, o)
	if err != nil {
		return nil, err
	}
	for i := range n {
		e, err := l.Append(context.Background(), intent(i), []byte("salt"))
		if err != nil {
			_ = l.Close()
			return acked, err
		}
		acked = append(acked, e)
	}
	return acked, l.Close()
}

// TestPowerLossDuringRecovery cuts the power again while the spool is copied.
func TestPowerLossDuringRecovery(t *testing.T) {
	for n := 1; n <= 12; n++ {
		for _, op := range []string{"write", "sync", "syncdir"} {
			dir := filepath.Join(t.TempDir(), "log")
			d := newDisk(dir)
			o := spooling(d, 0)
			acked := appendWithDetails(t, openLog(t, dir, o), 0, 9)
			crashed := t.TempDir()
			again := copyOf(t, d, crashed)
			o.FS = again
			again.failing(n, op, "", errInjected)
			if l, err := audit.Open(crashed, o); err == nil {
				_ = l.Close()
			}
			again.heal()
			again.crash(t)
			l := openLog(t, crashed, o)
			requireHolds(t, l, acked)
			require.NoError(t, l.Close())
			require.NoFileExists(t, filepath.Join(crashed, "details", "spool"))
		}
	}
}

// copyOf is what another machine finds on the disk after a loss of power.
func copyOf(t *testing.T, d *disk, dir string) *disk {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	out := newDisk(dir)
	for path, data := range d.stable {
		rel, err := filepath.Rel(d.dir, path)
		require.NoError(t, err)
		to := filepath.Join(dir, rel)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		require.NoError(t, os.WriteFile(to, data, 0o600))
		out.stable[to] = bytes.Clone(data)
	}
	return out
}

// TestVerificationBeforeRecoveryNamesTheSpool: a disk that lost power is not yet a log to verify, and the fault says why.
func TestVerificationBeforeRecoveryNamesTheSpool(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(dir)
	l := openLog(t, dir, onDisk(d))
	appendIntents(t, l, 0, 2)
	require.NoError(t, l.Publish())
	crashed := t.TempDir()
	copyOf(t, d, crashed)
	_, err := verify(t, crashed)
	requireFault(t, err, audit.FaultTruncated)
	require.ErrorContains(t, err, "open the log once for writing")
	require.NoError(t, openLog(t, crashed, testOptions()).Close())
	_, err = verify(t, crashed)
	require.NoError(t, err)
}

// TestErasureReachesTheSpool erases beside a writer whose spool still holds the detail, then cuts the power: what the
// spool brings back must not be the erased one, and all other details must be there.
func TestErasureReachesTheSpool(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	entries := appendWithDetails(t, l, 0, 3)
	_, err := l.Append(context.Background(), intent(7), []byte("detail of person 7"))
	require.NoError(t, err)
	spool := filepath.Join(dir, "details", "spool")
	require.Contains(t, string(readFile(t, spool)), "person 7")
	n, err := audit.EraseDetail(dir, transferID(7))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NotContains(t, string(readFile(t, spool)), "person 7")
	entries = append(entries, appendWithDetails(t, l, 10, 12)...)

	crashed := copyDir(t, dir) // as a killed process leaves it
	l = openLog(t, crashed, testOptions())
	require.NoError(t, l.Close())
	requireStored(t, crashed, entries)
	_, err = openReader(t, crashed).Detail(transferID(7))
	require.ErrorIs(t, err, audit.ErrErased)
	require.NotContains(t, string(detailBytes(t, crashed)), "person 7")
}

// TestErasureAfterACrash erases before the log is opened again: the detail exists in the spool alone.
func TestErasureAfterACrash(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(dir)
	l := openLog(t, dir, onDisk(d))
	entries := appendWithDetails(t, l, 0, 2)
	crashed := t.TempDir()
	copyOf(t, d, crashed).crash(t)
	n, err := audit.EraseDetail(crashed, transferID(0))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, openLog(t, crashed, testOptions()).Close())
	_, err = openReader(t, crashed).Detail(transferID(0))
	require.ErrorIs(t, err, audit.ErrErased)
	requireStored(t, crashed, entries[1:])
}

func TestErasureBesideWritersLosesNothing(t *testing.T) {
	dir := t.TempDir()
	o := testOptions()
	o.SpoolBytes = 64 << 10
	l := openLog(t, dir, o)
	var wait sync.WaitGroup
	entries := make([][]audit.Entry, 4)
	for w := range entries {
		wait.Go(func() { entries[w] = appendWithDetails(t, l, w*100, w*100+40) })
	}
	for i := range 40 {
		_, err := audit.EraseDetail(dir, fmt.Sprintf("nobody-%d", i))
		require.NoError(t, err)
	}
	wait.Wait()
	crashed := copyDir(t, dir)
	require.NoError(t, openLog(t, crashed, testOptions()).Close())
	for _, part := range entries {
		requireStored(t, crashed, part)
	}
}

// TestGroupLargerThanTheSpool goes past the spool and is as durable.
func TestGroupLargerThanTheSpool(t *testing.T) {
	dir := t.TempDir()
	d := newDisk(dir)
	l := openLog(t, dir, spooling(d, 16<<10))
	large := bytes.Repeat([]byte("x"), 40<<10)
	_, err := l.Append(context.Background(), intent(1), large)
	require.NoError(t, err)
	entries := appendWithDetails(t, l, 2, 4)
	d.crash(t)
	l = openLog(t, copyDir(t, dir), testOptions())
	requireStored(t, l.Dir(), entries)
	detail, err := openReader(t, l.Dir()).Detail(transferID(1))
	require.NoError(t, err)
	require.Equal(t, large, detail)
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	return data
}
