package audit_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

// buildLog makes a closed log with n intents, every third delivered.
func buildLog(t testing.TB, dir string, n int) {
	t.Helper()
	l := openLog(t, dir, testOptions())
	for i := range n {
		_, err := l.Append(context.Background(), intent(i), nil)
		require.NoError(t, err)
		if i%3 == 0 {
			require.NoError(t, l.Enqueue(outcome(audit.Delivered, i)))
		}
	}
	require.NoError(t, l.Close())
}

func verify(t testing.TB, dir string) (audit.Report, error) {
	t.Helper()
	return audit.Verify(context.Background(), dir, audit.VerifyOptions{VKey: testVKey(t)})
}

func requireFault(t testing.TB, err error, kinds ...audit.FaultKind) *audit.FaultError {
	t.Helper()
	require.ErrorIs(t, err, audit.ErrCorrupt)
	var f *audit.FaultError
	require.ErrorAs(t, err, &f)
	require.Contains(t, kinds, f.Kind, "%v", err)
	return f
}

func copyDir(t testing.TB, from string) string {
	t.Helper()
	to := t.TempDir()
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

// logFiles lists the files of a log that carry evidence.
func logFiles(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if err == nil && !d.IsDir() && (rel == "checkpoint" || strings.HasPrefix(rel, "tile") || strings.HasPrefix(rel, "journal")) {
			files = append(files, rel)
		}
		return err
	}))
	return files
}

func TestVerifyReportsAWholeLog(t *testing.T) {
	dir := t.TempDir()
	buildLog(t, dir, 300)
	r, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, int64(400), r.Records)
	require.Equal(t, int64(400), r.Published)
	require.True(t, r.Journal)
	require.Len(t, r.InDoubt, 200)
	require.Equal(t, transferID(1), r.InDoubt[0])
	require.Empty(t, r.Unintended)
	require.Equal(t, map[audit.Type]int64{audit.Intent: 300, audit.Delivered: 100}, r.ByType)
	require.Zero(t, r.TornBytes)
	require.Equal(t, "2026-03-04T05:06:07.008Z", r.First)
}

func TestVerifyNeedsOnlyThePublishedFiles(t *testing.T) {
	dir := t.TempDir()
	buildLog(t, dir, 300)
	whole, err := verify(t, dir)
	require.NoError(t, err)
	for _, name := range []string{"journal", "details", "tmp", "lock", "log.vkey"} {
		require.NoError(t, os.RemoveAll(filepath.Join(dir, name)))
	}
	mirror, err := verify(t, dir)
	require.NoError(t, err)
	require.False(t, mirror.Journal)
	require.Equal(t, whole.Root, mirror.Root)
	require.Equal(t, whole.InDoubt, mirror.InDoubt)

	r, err := audit.OpenReader(dir, testVKey(t))
	require.NoError(t, err)
	defer r.Close()
	rec, raw, err := r.Record(300)
	require.NoError(t, err)
	require.NotEmpty(t, rec.Transfer)
	p, err := r.Prove(300)
	require.NoError(t, err)
	require.NoError(t, audit.VerifyProof(testVKey(t), raw, p))
}

// TestVerifyFindsEveryFlippedByte changes each byte of a log with three records in turn, once with and once without
// its journal. Not one may pass.
func TestVerifyFindsEveryFlippedByte(t *testing.T) {
	dir := t.TempDir()
	buildLog(t, dir, 2)
	step := 1
	if testing.Short() {
		step = 11
	}
	for _, mirror := range []bool{false, true} {
		if mirror {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "journal")))
		}
		for _, name := range logFiles(t, dir) {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			for i := 0; i < len(data); i += step {
				data[i] ^= 1 << (i % 8)
				require.NoError(t, os.WriteFile(path, data, 0o644))
				_, err := verify(t, dir)
				require.ErrorIs(t, err, audit.ErrCorrupt, "%s byte %d", name, i)
				data[i] ^= 1 << (i % 8)
			}
			require.NoError(t, os.WriteFile(path, data, 0o644))
		}
		_, err := verify(t, dir)
		require.NoError(t, err)
	}
}

func TestVerifyStopsAndReports(t *testing.T) {
	dir := t.TempDir()
	buildLog(t, dir, 30)
	ctx, cancel := context.WithCancel(context.Background())
	var calls int
	_, err := audit.Verify(ctx, dir, audit.VerifyOptions{VKey: testVKey(t), Progress: func(done, total int64) {
		require.Equal(t, int64(40), total)
		require.Less(t, done, total)
		if calls++; calls == 5 {
			cancel()
		}
	}})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 5, calls)
	_, err = audit.Verify(context.Background(), dir, audit.VerifyOptions{VKey: "nonsense"})
	require.ErrorContains(t, err, "verifier key")
}
