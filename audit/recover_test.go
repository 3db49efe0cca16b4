package audit_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

const firstSegment = "journal/00000000000000000000.wal"

// frameAt splits a journal into the offsets of its frames, from the definition in docs/log-format.md.
func frameOffsets(data []byte) (offs []int, kinds []byte) {
	for off := 0; off < len(data); off += 13 + int(binary.BigEndian.Uint32(data[off:])) {
		offs, kinds = append(offs, off), append(kinds, data[off+4])
	}
	return offs, kinds
}

// reseal makes the checksums of the frame at off right again, as a careful forger would.
func reseal(data []byte, off int) {
	table := crc32.MakeTable(crc32.Castagnoli)
	n := int(binary.BigEndian.Uint32(data[off:]))
	binary.BigEndian.PutUint32(data[off+5:], crc32.Checksum(data[off:off+5], table))
	binary.BigEndian.PutUint32(data[off+9:], crc32.Checksum(data[off+13:off+13+n], table))
}

func readJournal(t testing.TB, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, firstSegment))
	require.NoError(t, err)
	return data
}

func writeJournal(t testing.TB, dir string, data []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, firstSegment), data, 0o644))
}

// unpublish removes what would betray a shorter journal.
func unpublish(t testing.TB, dir string) {
	t.Helper()
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "checkpoint")))
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "tile")))
}

// TestEveryTornTailIsRemoved cuts the journal at each byte of its last group, as a crash in the middle of the write
// would. The group was never acknowledged, so it goes; everything before it stays.
func TestEveryTornTailIsRemoved(t *testing.T) {
	built := t.TempDir()
	l := openLog(t, built, testOptions())
	appendIntents(t, l, 0, 2)
	whole := len(readJournal(t, built))
	appendIntents(t, l, 2, 3)
	require.NoError(t, l.Close())
	data := readJournal(t, built)
	unpublish(t, built)
	for cut := whole; cut < len(data); cut++ {
		writeJournal(t, built, data[:cut])
		report, err := verify(t, built)
		require.NoError(t, err, "cut at %d", cut)
		require.Equal(t, int64(cut-whole), report.TornBytes)
		require.Equal(t, int64(2), report.Records)
		if cut%16 != 0 { // reopening fsyncs; a sample is enough
			continue
		}
		dir := copyDir(t, built)
		l := openLog(t, dir, testOptions())
		require.Equal(t, []string{transferID(0), transferID(1)}, l.InDoubt())
		appendIntents(t, l, 5, 6)
		require.NoError(t, l.Close())
		report, err = verify(t, dir)
		require.NoError(t, err)
		require.Equal(t, int64(3), report.Records)
		require.Zero(t, report.TornBytes)
	}
}

// TestUnfilledSectorIsATornTail: after loss of power a file may have its new length and a hole of zeroes.
func TestUnfilledSectorIsATornTail(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	appendIntents(t, l, 0, 2)
	whole := len(readJournal(t, dir))
	for i := 2; i < 10; i++ {
		require.NoError(t, l.Enqueue(intent(i)))
	}
	require.NoError(t, l.Close())
	data := readJournal(t, dir)
	hole := (whole/512 + 2) * 512
	clear(data[hole : hole+512])
	writeJournal(t, dir, data)

	_, err := verify(t, dir)
	require.ErrorIs(t, err, audit.ErrCorrupt, "the published checkpoint covers these records, so they were durable")
	unpublish(t, dir)
	report, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, int64(2), report.Records)
	require.Equal(t, int64(len(data)-whole), report.TornBytes)
}

// TestDamageIsNotTakenForATornTail flips bytes of a journal that nothing else vouches for. Open must refuse, not
// cut the log down to what is left.
func TestDamageIsNotTakenForATornTail(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	appendIntents(t, l, 0, 3)
	require.NoError(t, l.Close())
	unpublish(t, dir)
	data := readJournal(t, dir)
	for i := 0; i < len(data); i += 3 {
		data[i] ^= 0x10
		writeJournal(t, dir, data)
		_, err := audit.Open(dir, testOptions())
		require.ErrorIs(t, err, audit.ErrCorrupt, "byte %d", i)
		require.Equal(t, data, readJournal(t, dir))
		data[i] ^= 0x10
	}
	// A sector wiped in the middle is damage as well: groups were written behind it.
	clear(data[512:1024])
	writeJournal(t, dir, data)
	_, err := audit.Open(dir, testOptions())
	require.ErrorIs(t, err, audit.ErrCorrupt)
}

// TestForgedRecordIsNamed changes a record and repairs its checksums. The head no longer matches; the published leaf
// hashes tell which record of the group it was.
func TestForgedRecordIsNamed(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	for i := range 9 {
		require.NoError(t, l.Enqueue(intent(i)))
	}
	require.NoError(t, l.Close())
	data := readJournal(t, dir)
	offs, _ := frameOffsets(data)
	at := offs[5] + bytes.Index(data[offs[5]:], []byte(`"JP"`))
	copy(data[at:], `"US"`)
	reseal(data, offs[5])
	writeJournal(t, dir, data)

	_, err := verify(t, dir)
	f := requireFault(t, err, audit.FaultHead)
	require.Equal(t, int64(5), f.Index)
	_, err = audit.Open(dir, testOptions())
	requireFault(t, err, audit.FaultHead)
	_, err = audit.OpenReader(dir, testVKey(t))
	requireFault(t, err, audit.FaultHead)
}

// TestForgedHeadsAreNoticed replaces signatures and heads with well-formed ones that do not belong there.
func TestForgedHeadsAreNoticed(t *testing.T) {
	built := t.TempDir()
	l := openLog(t, built, testOptions())
	appendIntents(t, l, 0, 3)
	require.NoError(t, l.Close())
	good := readJournal(t, built)
	offs, kinds := frameOffsets(good)
	require.Equal(t, []byte{1, 2, 1, 2, 1, 2}, kinds)

	t.Run("a signature in the middle", func(t *testing.T) {
		data := bytes.Clone(good)
		data[offs[4]-4] ^= 1 // a base64 digit of the signature of head 1
		reseal(data, offs[3])
		dir := copyDir(t, built)
		writeJournal(t, dir, data)
		_, err := verify(t, dir)
		f := requireFault(t, err, audit.FaultHead)
		require.Equal(t, int64(1), f.Index)
		_, err = audit.Verify(context.Background(), dir, audit.VerifyOptions{VKey: testVKey(t), Since: 2})
		require.NoError(t, err, "with Since the head was verified before")
	})
	t.Run("a group left out", func(t *testing.T) {
		dir := copyDir(t, built)
		writeJournal(t, dir, append(bytes.Clone(good[:offs[2]]), good[offs[4]:]...))
		_, err := verify(t, dir)
		f := requireFault(t, err, audit.FaultHead)
		require.Equal(t, int64(1), f.Index)
	})
	t.Run("a head twice", func(t *testing.T) {
		dir := copyDir(t, built)
		writeJournal(t, dir, append(bytes.Clone(good), good[offs[5]:]...))
		_, err := verify(t, dir)
		requireFault(t, err, audit.FaultHead)
	})
	t.Run("another key", func(t *testing.T) {
		o := testOptions()
		o.Origin = "log.example/another"
		vkey := openLog(t, t.TempDir(), o).VerifierKey()
		_, err := audit.Verify(context.Background(), built, audit.VerifyOptions{VKey: vkey})
		requireFault(t, err, audit.FaultCheckpoint)
		_, err = audit.Open(built, o)
		require.ErrorContains(t, err, "belongs to key")
	})
}

// TestRollbackNeedsAWitness states what is detected and what is not.
func TestRollbackNeedsAWitness(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	appendIntents(t, l, 0, 2)
	older := copyDir(t, dir)
	appendIntents(t, l, 2, 4)
	known := l.Checkpoint()
	require.NoError(t, l.Close())
	check := func(dir string, known []byte) error {
		_, err := audit.Verify(context.Background(), dir, audit.VerifyOptions{VKey: testVKey(t), Known: known})
		return err
	}
	require.NoError(t, check(dir, known))

	cut := copyDir(t, dir)
	writeJournal(t, cut, readJournal(t, older))
	requireFault(t, check(cut, nil), audit.FaultTruncated)
	_, err := audit.Open(cut, testOptions())
	requireFault(t, err, audit.FaultTruncated)

	unpublish(t, cut)
	require.NoError(t, check(cut, nil), "cut together with its published files: not detectable without a witness")
	f := requireFault(t, check(cut, known), audit.FaultRolledBack)
	require.Equal(t, int64(2), f.Index)

	l = openLog(t, cut, testOptions())
	appendIntents(t, l, 100, 103)
	require.NoError(t, l.Close())
	require.NoError(t, check(cut, nil))
	requireFault(t, check(cut, known), audit.FaultForked)

	require.Error(t, check(dir, []byte("not a checkpoint")))
}

func TestMissingFilesAreNamed(t *testing.T) {
	built := t.TempDir()
	o := testOptions()
	o.SegmentBytes = 4000
	l := openLog(t, built, o)
	appendIntents(t, l, 0, 300)
	require.NoError(t, l.Close())
	segments, err := filepath.Glob(filepath.Join(built, "journal", "*"))
	require.NoError(t, err)
	require.Greater(t, len(segments), 5)
	middle, err := filepath.Rel(built, segments[3])
	require.NoError(t, err)
	for name, kind := range map[string]audit.FaultKind{
		firstSegment: audit.FaultMissing, middle: audit.FaultMissing, "tile/0/000": audit.FaultMissing,
		"tile/entries/000": audit.FaultMissing, "tile/entries/001.p/44": audit.FaultMissing,
		"tile/1/000.p/1": audit.FaultMissing,
	} {
		dir := copyDir(t, built)
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
		_, err := verify(t, dir)
		requireFault(t, err, kind)
	}
	// Cut inside a segment that is not the last: no crash does that.
	dir := copyDir(t, built)
	require.NoError(t, os.Truncate(filepath.Join(dir, middle), 100))
	_, err = verify(t, dir)
	requireFault(t, err, audit.FaultFrame)
}

// TestLongTornTailLeavesNothingBehind: the next group is shorter than what the crash left.
func TestLongTornTailLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	appendIntents(t, l, 0, 1)
	whole := len(readJournal(t, dir))
	for i := range 8 {
		require.NoError(t, l.Enqueue(intent(10+i)))
	}
	require.NoError(t, l.Close())
	unpublish(t, dir)
	data := readJournal(t, dir)
	writeJournal(t, dir, data[:len(data)-1])
	l = openLog(t, dir, testOptions())
	require.Len(t, readJournal(t, dir), whole)
	appendIntents(t, l, 1, 2)
	require.NoError(t, l.Close())
	report, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, int64(2), report.Records)
	require.Zero(t, report.TornBytes)
}

// TestLastHeadNeedsItsSignature: Open and OpenReader check one signature, and it is the last.
func TestLastHeadNeedsItsSignature(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	appendIntents(t, l, 0, 2)
	require.NoError(t, l.Close())
	unpublish(t, dir)
	data := readJournal(t, dir)
	offs, _ := frameOffsets(data)
	data[len(data)-8] ^= 1
	reseal(data, offs[3])
	writeJournal(t, dir, data)
	_, err := audit.Open(dir, testOptions())
	requireFault(t, err, audit.FaultHead)
	_, err = audit.OpenReader(dir, testVKey(t))
	requireFault(t, err, audit.FaultHead)
}

// TestNarrowerTilesAreComparedToo: a client with an older checkpoint reads them.
func TestNarrowerTilesAreComparedToo(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	appendIntents(t, l, 0, 3)
	require.NoError(t, l.Publish())
	appendIntents(t, l, 3, 5)
	require.NoError(t, l.Close())
	for name, kind := range map[string]audit.FaultKind{"tile/entries/000.p/3": audit.FaultBundle, "tile/0/000.p/3": audit.FaultTile} {
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		data[len(data)-5] ^= 1
		require.NoError(t, os.WriteFile(path, data, 0o644))
		_, err = verify(t, dir)
		f := requireFault(t, err, kind)
		require.Equal(t, int64(2), f.Index)
		require.Equal(t, name, filepath.ToSlash(f.File))
		data[len(data)-5] ^= 1
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
}
