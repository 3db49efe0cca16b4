package audit_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

func TestSecondWriterIsTurnedAway(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	_, err := audit.Open(dir, testOptions())
	require.ErrorIs(t, err, audit.ErrLocked)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "process "+strconv.Itoa(os.Getpid()))
	appendIntents(t, l, 0, 1)
	require.NoError(t, l.Close())
	openLog(t, dir, testOptions())
}

// TestSecondProcessIsTurnedAway runs the same in another process, which must end with the message.
func TestSecondProcessIsTurnedAway(t *testing.T) {
	dir := t.TempDir()
	openLog(t, dir, testOptions())
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "log is locked by another writer")
	require.Contains(t, string(out), "process "+strconv.Itoa(os.Getpid()))
}

func TestClosedLogAcceptsNothing(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	require.NoError(t, l.Enqueue(audit.Record{Type: audit.KeyEvent}))
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	require.Equal(t, int64(1), l.Size(), "Close makes what was enqueued durable")
	_, err := l.Append(context.Background(), intent(1), nil)
	require.ErrorIs(t, err, audit.ErrClosed)
	require.ErrorIs(t, l.Enqueue(intent(1)), audit.ErrClosed)
	require.ErrorIs(t, l.Flush(context.Background()), audit.ErrClosed)
}

func TestCancelledAppendWritesNothing(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := l.Append(ctx, intent(1), nil)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, l.Flush(context.Background()))
	require.Zero(t, l.Size())
}

// TestEnqueuedRecordsTravelWithTheNextGroup uses a linger so long that only the append can have carried them.
func TestEnqueuedRecordsTravelWithTheNextGroup(t *testing.T) {
	dir := t.TempDir()
	o := testOptions()
	o.Linger = time.Hour
	l := openLog(t, dir, o)
	appendIntents(t, l, 0, 1)
	require.NoError(t, l.Enqueue(outcome(audit.Delivered, 0)))
	require.Equal(t, []string{transferID(0)}, l.InDoubt(), "not durable yet, so still in doubt")
	e := appendIntents(t, l, 1, 2)[0]
	require.Equal(t, int64(2), e.Index)
	require.Equal(t, []string{transferID(1)}, l.InDoubt())
	require.NoError(t, l.Enqueue(outcome(audit.Failed, 1)))
	require.NoError(t, l.Flush(context.Background()))
	require.Empty(t, l.InDoubt())
	require.NoError(t, l.Close())
	r, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, int64(3), r.Groups)
}

// TestEnqueuedRecordBecomesDurableAlone: nobody waits, nothing else is written; the reader sees it all the same.
func TestEnqueuedRecordBecomesDurableAlone(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	for i := range 20 {
		require.NoError(t, l.Enqueue(intent(i)))
		require.Eventually(t, func() bool { return l.Size() == int64(i+1) }, 10*time.Second, 100*time.Microsecond)
	}
}

// TestInDoubtSurvivesReopening follows every kind of outcome.
func TestInDoubtSurvivesReopening(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	appendIntents(t, l, 0, 5)
	for i, typ := range []audit.Type{audit.Delivered, audit.Failed, audit.Reconciled, audit.Acknowledged} {
		require.NoError(t, l.Enqueue(outcome(typ, i)))
	}
	require.NoError(t, l.Flush(context.Background()))
	want := []string{transferID(3), transferID(4)} // an acknowledgement alone does not say that we delivered
	require.Equal(t, want, l.InDoubt())
	require.NoError(t, l.Close())
	require.Equal(t, want, openLog(t, dir, testOptions()).InDoubt())
	require.Equal(t, want, openReader(t, dir).InDoubt())
}

func TestVerifyReportsOutcomesWithoutIntent(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	require.NoError(t, l.Enqueue(outcome(audit.Delivered, 7)))
	appendIntents(t, l, 7, 8)
	require.NoError(t, l.Enqueue(outcome(audit.Failed, 7)))
	require.NoError(t, l.Enqueue(outcome(audit.Delivered, 7))) // a second attempt of the same intent
	require.NoError(t, l.Close())
	r, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, []string{transferID(7)}, r.Unintended)
}

// TestConcurrentWritersAndReaders runs under the race detector in CI: eight writers, a publisher that never rests and
// readers that come and go.
func TestConcurrentWritersAndReaders(t *testing.T) {
	dir := t.TempDir()
	o := testOptions()
	o.PublishEvery = time.Microsecond
	o.SegmentBytes = 20_000
	l := openLog(t, dir, o)
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := range 60 {
				e, err := l.Append(context.Background(), intent(w*1000+i), []byte("salt"))
				if err != nil {
					t.Error(err)
					return
				}
				if err := audit.VerifyProof(l.VerifierKey(), e.Record, e.Proof); err != nil {
					t.Error(err)
				}
				_ = l.Enqueue(outcome(audit.Delivered, w*1000+i))
				_ = l.InDoubt()
			}
		})
	}
	last := int64(0)
	for range 20 {
		r, err := audit.OpenReader(dir, testVKey(t))
		require.NoError(t, err)
		require.GreaterOrEqual(t, r.Size(), last)
		last = r.Size()
		if last > 0 {
			_, raw, err := r.Record(last - 1)
			require.NoError(t, err)
			p, err := r.Prove(last - 1)
			require.NoError(t, err)
			require.NoError(t, audit.VerifyProof(testVKey(t), raw, p))
		}
		require.NoError(t, r.Close())
	}
	writers.Wait()
	require.NoError(t, l.Close())
	r, err := verify(t, dir)
	require.NoError(t, err)
	require.Equal(t, int64(960), r.Records)
	require.Empty(t, r.InDoubt)
	require.Empty(t, r.Unintended)
	require.NoDirExists(t, filepath.Join(dir, "tile/entries/000.p"), "replaced partial tiles are removed")
}

func TestOpenNeedsAnEd25519Signer(t *testing.T) {
	o := testOptions()
	o.Signer = nil
	_, err := audit.Open(t.TempDir(), o)
	require.ErrorContains(t, err, "no signer")
	o.Signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	_, err = audit.Open(t.TempDir(), o)
	require.ErrorContains(t, err, "not an Ed25519 key")
}

func TestEmptyLogIsPublishedAndVerifies(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	require.True(t, strings.HasPrefix(string(l.Checkpoint()), origin+"\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"))
	require.NoError(t, l.Close())
	published, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	require.NoError(t, err)
	require.Equal(t, l.Checkpoint(), published)
	r, err := verify(t, dir)
	require.NoError(t, err)
	require.Zero(t, r.Records)
	reader := openReader(t, dir)
	require.Zero(t, reader.Size())
	_, _, err = reader.Record(0)
	require.Error(t, err)
	_, err = reader.Prove(0)
	require.Error(t, err)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "journal")))
	_, err = verify(t, dir)
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "checkpoint")))
	_, err = verify(t, dir)
	require.ErrorContains(t, err, "neither a journal nor a checkpoint")
}

func TestReaderNoticesAChangeAfterOpening(t *testing.T) {
	dir := t.TempDir()
	buildLog(t, dir, 3)
	r := openReader(t, dir)
	data := readJournal(t, dir)
	offs, _ := frameOffsets(data)
	data[offs[0]+20] ^= 1
	writeJournal(t, dir, data)
	_, _, err := r.Record(0)
	f := requireFault(t, err, audit.FaultRecord)
	require.Zero(t, f.Index)
	for range r.All(0) {
		t.Fatal("a changed record was returned")
	}
	require.ErrorIs(t, r.Err(), audit.ErrCorrupt)
	n := 0
	for range r.All(1) {
		n++
	}
	require.NoError(t, r.Err())
	require.Equal(t, int(r.Size())-1, n)
}
