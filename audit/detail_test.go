package audit_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

func openReader(t testing.TB, dir string) *audit.Reader {
	t.Helper()
	r, err := audit.OpenReader(dir, testVKey(t))
	require.NoError(t, err)
	t.Cleanup(func() { r.Close() })
	return r
}

// detailBytes returns everything in the side store.
func detailBytes(t testing.TB, dir string) []byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "details", "*"))
	require.NoError(t, err)
	var all []byte
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		all = append(all, data...)
	}
	return all
}

// TestErasingDetailsLeavesEveryProof is invariant 8: the log stays whole, the commitment cannot be opened any more.
func TestErasingDetailsLeavesEveryProof(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	salt, secret := audit.NewSalt(), []byte("IE64IRCE92050112345678")
	r := intent(1)
	r.Commitments = map[string]string{"iban": audit.Commit("iban", salt, secret)}
	e, err := l.Append(context.Background(), r, append(salt[:], secret...))
	require.NoError(t, err)
	_, err = l.Append(context.Background(), outcome(audit.Acknowledged, 1), []byte("the receipt"))
	require.NoError(t, err)
	_, err = l.Append(context.Background(), intent(2), []byte("another"))
	require.NoError(t, err)

	all, err := openReader(t, dir).Details(transferID(1))
	require.NoError(t, err)
	require.Equal(t, [][]byte{append(salt[:], secret...), []byte("the receipt")}, all)

	n, err := audit.EraseDetail(dir, transferID(1)) // while the log is open for writing
	require.NoError(t, err)
	require.Equal(t, 2, n)
	left := detailBytes(t, dir)
	require.False(t, bytes.Contains(left, secret) || bytes.Contains(left, salt[:]) || bytes.Contains(left, []byte("receipt")))
	n, err = audit.EraseDetail(dir, transferID(1))
	require.NoError(t, err)
	require.Zero(t, n)

	_, err = l.Append(context.Background(), intent(3), []byte("after the erasure"))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	reader := openReader(t, dir)
	_, err = reader.Detail(transferID(1))
	require.ErrorIs(t, err, audit.ErrErased)
	_, err = reader.Detail(transferID(9))
	require.ErrorIs(t, err, audit.ErrNoDetail)
	d, err := reader.Detail(transferID(3))
	require.NoError(t, err)
	require.Equal(t, "after the erasure", string(d))

	require.NoError(t, audit.VerifyProof(testVKey(t), e.Record, e.Proof))
	_, err = verify(t, dir)
	require.NoError(t, err)
}

func TestErasureCutShortByACrashCanBeRepeated(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	_, err := l.Append(context.Background(), intent(1), []byte("a detail to be erased"))
	require.NoError(t, err)
	require.NoError(t, l.Close())
	name := filepath.Join(dir, "details", "00000000000000000000.det")
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	copy(data[len(data)-10:], make([]byte, 10)) // half of the body is gone, the mark still says live
	require.NoError(t, os.WriteFile(name, data, 0o600))

	_, err = openReader(t, dir).Detail(transferID(1))
	require.ErrorIs(t, err, audit.ErrCorrupt)
	_, err = audit.EraseDetail(dir, transferID(1))
	require.NoError(t, err)
	require.NotContains(t, string(detailBytes(t, dir)), "detail")
	_, err = openReader(t, dir).Detail(transferID(1))
	require.ErrorIs(t, err, audit.ErrErased)
}

func TestTornDetailDoesNotHideLaterOnes(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		l := openLog(t, dir, testOptions())
		_, err := l.Append(context.Background(), intent(i), []byte("salt"))
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
	first := filepath.Join(dir, "details", "00000000000000000000.det")
	require.NoError(t, os.Truncate(first, 20))
	r := openReader(t, dir)
	_, err := r.Detail(transferID(0))
	require.ErrorIs(t, err, audit.ErrNoDetail)
	_, err = r.Detail(transferID(2))
	require.NoError(t, err)
}

func TestDetailLimits(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	_, err := l.Append(context.Background(), intent(1), make([]byte, audit.MaxDetailBytes+1))
	require.ErrorIs(t, err, audit.ErrRecordTooLarge)
	_, err = l.Append(context.Background(), audit.Record{Type: audit.KeyEvent}, []byte("x"))
	require.ErrorIs(t, err, audit.ErrInvalidRecord)
	require.Zero(t, l.Size())
}

func TestDetailsAreNotReadableByOthers(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	_, err := l.Append(context.Background(), intent(1), []byte("x"))
	require.NoError(t, err)
	info, err := os.Stat(filepath.Join(dir, "details"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	info, err = os.Stat(filepath.Join(dir, "details", "00000000000000000000.det"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// A damaged entry hides neither the entries behind it nor the person in it from erasure.
func TestErasureReachesBehindAndIntoDamage(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	for i := range 3 {
		_, err := l.Append(context.Background(), intent(i), []byte("detail of person "+strconv.Itoa(i)))
		require.NoError(t, err)
	}
	require.NoError(t, l.Close())
	name := filepath.Join(dir, "details", "00000000000000000000.det")
	data, err := os.ReadFile(name)
	require.NoError(t, err)
	data[3] ^= 1 // the length in the first header
	require.NoError(t, os.WriteFile(name, data, 0o600))

	_, err = openReader(t, dir).Detail(transferID(0))
	require.ErrorIs(t, err, audit.ErrCorrupt)
	d, err := openReader(t, dir).Detail(transferID(1))
	require.NoError(t, err)
	require.Equal(t, "detail of person 1", string(d))
	for _, i := range []int{2, 0} {
		n, err := audit.EraseDetail(dir, transferID(i))
		require.NoError(t, err)
		require.Equal(t, 1, n)
		require.NotContains(t, string(detailBytes(t, dir)), "person "+strconv.Itoa(i))
	}
	require.Contains(t, string(detailBytes(t, dir)), "person 1")
}
