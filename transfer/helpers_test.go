package transfer_test

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// badDisk is a disk on which an operation ("open", "write", "rename") begins to fail.
type badDisk struct {
	audit.FS
	mu    sync.Mutex
	fails map[string]error
}

func newBadDisk() *badDisk { return &badDisk{FS: osFS{}, fails: make(map[string]error)} }

func (d *badDisk) fail(operation string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fails[operation] = err
}

func (d *badDisk) check(operation, path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.fails[operation]; err != nil {
		return &os.PathError{Op: operation, Path: path, Err: err}
	}
	return nil
}

func (d *badDisk) Rename(from, to string) error {
	if err := d.check("rename", to); err != nil {
		return err
	}
	return d.FS.Rename(from, to)
}

func (d *badDisk) OpenFile(path string, flag int, perm os.FileMode) (audit.File, error) {
	if err := d.check("open", path); err != nil {
		return nil, err
	}
	f, err := d.FS.OpenFile(path, flag, perm)
	return badFile{f, d, path}, err
}

type badFile struct {
	audit.File
	disk *badDisk
	path string
}

func (f badFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.disk.check("write", f.path); err != nil {
		n, _ := f.File.WriteAt(p[:len(p)/2], off) // a full disk takes what it can
		return n, err
	}
	return f.File.WriteAt(p, off)
}

// keptOn opens the exporter's log in dir on a disk of the test's own.
func keptOn(t *testing.T, dir string, disk *badDisk) transfertest.Option {
	return func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		log, err := audit.Open(dir, audit.Options{
			Origin: transfer.LogOrigin(s.Keys.Party()), Signer: s.Keys.LogSigner(), FS: disk, PublishEvery: -1,
		})
		require.NoError(t, err)
		t.Cleanup(func() { _ = log.Close() })
		s.Log = log
	}
}

// readRecords returns the durable records, oldest first.
func readRecords(t *testing.T, log *audit.Log) []audit.Record {
	t.Helper()
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	var all []audit.Record
	for _, r := range reader.All(0) {
		all = append(all, r)
	}
	require.NoError(t, reader.Err())
	return all
}

func lastRecord(t *testing.T, log *audit.Log) audit.Record {
	t.Helper()
	require.NoError(t, log.Flush(t.Context()))
	all := readRecords(t, log)
	require.NotEmpty(t, all)
	return all[len(all)-1]
}

// verify closes a log and holds every byte of it against its key.
func verify(t *testing.T, log *audit.Log) audit.Report {
	t.Helper()
	require.NoError(t, log.Close())
	report, err := audit.Verify(t.Context(), log.Dir(), audit.VerifyOptions{VKey: log.VerifierKey()})
	require.NoError(t, err)
	assert.Empty(t, report.Unintended)
	return report
}

func mustSend(t *testing.T, p *transfertest.Pair) *transfer.Result {
	t.Helper()
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	return sent
}
