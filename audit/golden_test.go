package audit_test

import (
	"context"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

var update = flag.Bool("update", false, "rewrite the golden log in testdata/log")

const goldenDir = "../testdata/log"

// writeGolden makes the golden log: 260 records of all types, so that there are full and partial tiles on two levels.
func writeGolden(t testing.TB, dir string) {
	t.Helper()
	logDir := filepath.Join(dir, "log")
	l := openLog(t, logDir, testOptions())
	add := func(r audit.Record, detail []byte) audit.Entry {
		e, err := l.Append(context.Background(), r, detail)
		require.NoError(t, err)
		return e
	}
	e := add(fullRecord(), []byte("salt and sealed detail"))
	for i, typ := range []audit.Type{audit.Refused, audit.Delivered, audit.Failed, audit.Received, audit.Rejected,
		audit.Acknowledged, audit.Reconciled, audit.KeyEvent, audit.PolicyChange, audit.LogAccess, audit.Reidentified, audit.Erased} {
		add(outcome(typ, i+1), nil)
	}
	for i := range 247 {
		add(intent(1000+i), nil)
	}
	require.NoError(t, l.Close())
	proof, err := e.Proof.MarshalText()
	require.NoError(t, err)
	for name, data := range map[string][]byte{"record.json": e.Record, "record.tlog-proof": proof, "key.txt": []byte(l.VerifierKey() + "\n")} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	require.NoError(t, os.RemoveAll(filepath.Join(logDir, "tmp")))
	require.NoError(t, os.Remove(filepath.Join(logDir, "lock")))
	require.NoError(t, os.Remove(filepath.Join(logDir, "details", "lock")))
}

// TestGoldenLog notices every change of a format: the same calls must give the same bytes, and the bytes of earlier
// versions must verify. After an intended change run go test -run Golden -update and explain it in NEWS.
func TestGoldenLog(t *testing.T) {
	if *update {
		require.NoError(t, os.RemoveAll(goldenDir))
		require.NoError(t, os.MkdirAll(goldenDir, 0o755))
		writeGolden(t, goldenDir)
	}
	fresh := t.TempDir()
	writeGolden(t, fresh)
	require.Equal(t, readTree(t, goldenDir), readTree(t, fresh))

	report, err := verify(t, filepath.Join(goldenDir, "log"))
	require.NoError(t, err)
	require.Equal(t, int64(260), report.Records)
	text, err := os.ReadFile(filepath.Join(goldenDir, "record.tlog-proof"))
	require.NoError(t, err)
	record, err := os.ReadFile(filepath.Join(goldenDir, "record.json"))
	require.NoError(t, err)
	proof, err := audit.ParseProof(text)
	require.NoError(t, err)
	require.NoError(t, audit.VerifyProof(testVKey(t), record, proof))
}

// readTree returns the files under dir by name.
func readTree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	return files
}
