package transfer_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/dirtransport"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

func bulkFile(t testing.TB, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "testdata", "bulk", name))
	require.NoError(t, err)
	return raw
}

// bulk adds the catalogues of testdata/bulk, and keeps temporary files in a folder of the test's own.
func bulk(t testing.TB, spool string, more ...transfertest.Option) *transfertest.Pair {
	t.Helper()
	return transfertest.New(t, append(more, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		for _, name := range []string{"transactions-csv.yaml", "transactions-ndjson.yaml", "scan.yaml"} {
			cat, err := payload.ParseCatalogue(name, bulkFile(t, name))
			require.NoError(t, err)
			s.Catalogues = append(s.Catalogues, cat)
		}
		s.SpoolDir = spool
	})...)
}

func bulkRequest(payloadType string) transfer.Request {
	req := transfertest.Request()
	req.Type = payloadType
	return req
}

func TestSendStreamOfEachFormat(t *testing.T) {
	for _, format := range []string{"csv", "ndjson"} {
		t.Run(format, func(t *testing.T) {
			p := bulk(t, t.TempDir())
			doc := bulkFile(t, "transactions."+format)
			var steps []string
			sent, err := p.Sender.SendStream(t.Context(), bulkRequest("transactions-"+format), iotest.HalfReader(bytes.NewReader(doc)),
				transfer.StreamOptions{Progress: func(at transfer.Progress) { steps = append(steps, at.Step) }})
			require.NoError(t, err)
			assert.Equal(t, []string{"reading", "sealing"}, steps)
			m := sent.Header.Manifest
			assert.EqualValues(t, 24, m.Records)
			assert.Equal(t, transfer.DefaultGroupSize, m.GroupSize)
			assert.EqualValues(t, 1, m.Suppressed, "the only one born in 1931 in Cork")
			assert.Zero(t, m.Coarsened)
			assert.NotEmpty(t, m.KeyID)

			received, err := p.Receiver.Receive(t.Context(), p.Transport.Envelopes()[0])
			require.NoError(t, err)
			text := string(received.Document)
			assert.NotContains(t, text, "1931")
			assert.NotContains(t, text, "Brennan")
			assert.NotContains(t, text, "hung up")
			assert.Equal(t, 23+map[string]int{"csv": 1}[format], strings.Count(text, "\n"))

			intent := readRecords(t, p.ExporterLog)[sent.Index]
			assert.Equal(t, sent.Envelope.Digest(), intent.EnvelopeDigest)
			assert.Equal(t, sent.Envelope.Size(), intent.Bytes)
			assert.Equal(t, "24", intent.Fields["records"])
			assert.Equal(t, "1", intent.Fields["suppressed"])
			assert.Contains(t, intent.Commitments, "original")
			assert.Contains(t, intent.Commitments, "released")
		})
	}
}

// TestStreamCommitments: what a stream committed to opens with the whole document, as it does for one in memory.
func TestStreamCommitments(t *testing.T) {
	p := bulk(t, t.TempDir())
	doc := bulkFile(t, "transactions.csv")
	sent, err := p.Sender.Send(t.Context(), bulkRequest("transactions-csv"), doc)
	require.NoError(t, err)
	received, err := p.Receiver.Receive(t.Context(), p.Transport.Envelopes()[0])
	require.NoError(t, err)
	intent := readRecords(t, p.ExporterLog)[sent.Index]
	salts := saltsOf(t, p.ExporterLog, sent.Transfer)
	assert.Equal(t, intent.Commitments["original"], audit.Commit("original", salts["original"], doc))
	assert.Equal(t, intent.Commitments["released"], audit.Commit("released", salts["released"], received.Document))
}

// coarse makes rows of which the small groups are together large enough to leave without their quasi-identifiers.
func coarse(rows int) string {
	var b strings.Builder
	b.WriteString("case,born,postcode\n")
	for i := range rows {
		fmt.Fprintf(&b, "C%d,%d-01-01,D02 X285\n", i, 1900+i)
	}
	return b.String()
}

func TestBatchGateCoarsensBeforeItSuppresses(t *testing.T) {
	p := bulk(t, t.TempDir())
	var out bytes.Buffer
	got, err := p.Sender.ProtectStream(t.Context(), bulkRequest("transactions-csv"), strings.NewReader(coarse(5)), &out, transfer.StreamOptions{})
	require.NoError(t, err)
	assert.EqualValues(t, 5, got.Manifest.Coarsened)
	assert.Equal(t, "case,born,postcode\nC0,,\nC1,,\nC2,,\nC3,,\nC4,,\n", out.String())

	out.Reset()
	got, err = p.Sender.ProtectStream(t.Context(), bulkRequest("transactions-csv"), strings.NewReader(coarse(4)), &out, transfer.StreamOptions{})
	require.NoError(t, err)
	assert.EqualValues(t, 4, got.Manifest.Suppressed)
	assert.Equal(t, "case,born,postcode\n", out.String())

	out.Reset()
	lines := strings.Repeat(`{"case":"C","born":"1990-01-01"}`+"\n", 9) + strings.Repeat(`{"postcode":"D02 X285","case":"C"}`+"\n", 10)
	got, err = p.Sender.ProtectStream(t.Context(), bulkRequest("transactions-ndjson"), strings.NewReader(lines), &out, transfer.StreamOptions{GroupSize: 10})
	require.NoError(t, err)
	assert.EqualValues(t, 9, got.Manifest.Suppressed, "a request can ask for larger groups")
	assert.Equal(t, strings.Repeat(`{"postcode":"D02","case":"C"}`+"\n", 10), out.String())

	out.Reset()
	_, err = p.Sender.ProtectStream(t.Context(), bulkRequest("transactions-csv"), strings.NewReader("born\n1990-01-01\n1991-01-01\n1992-01-01\n1993-01-01\n1994-01-01\n"), &out, transfer.StreamOptions{})
	require.NoError(t, err)
	assert.Equal(t, "born\n"+strings.Repeat("\"\"\n", 5), out.String(), "an empty cell is not an empty line")

	_, err = p.Sender.ProtectStream(t.Context(), bulkRequest("transactions-csv"), strings.NewReader(coarse(5)), &out, transfer.StreamOptions{GroupSize: 1})
	require.NoError(t, err)
	assert.NotContains(t, out.String(), "1900", "and never for smaller ones")
}

// TestGroupSizeOfTheAgreement: what the agreement says stands in for the default, and a request can only ask for more.
func TestGroupSizeOfTheAgreement(t *testing.T) {
	p := bulk(t, t.TempDir())
	a, found := p.Engine.Agreement("ie-jp-bank-fraud")
	require.True(t, found)
	for _, tc := range []struct{ agreed, asked, want int }{{0, 0, 5}, {0, 3, 5}, {0, 7, 7}, {3, 0, 3}, {3, 2, 3}, {12, 7, 12}} {
		a.GroupSize = tc.agreed
		got, err := p.Sender.ProtectStream(t.Context(), bulkRequest("transactions-csv"), strings.NewReader(coarse(20)), io.Discard, transfer.StreamOptions{GroupSize: tc.asked})
		require.NoError(t, err)
		assert.Equal(t, tc.want, got.Manifest.GroupSize, "%+v", tc)
	}
	a.GroupSize = 1
	got, err := p.Sender.ProtectStream(t.Context(), bulkRequest("transactions-csv"), strings.NewReader(coarse(20)), io.Discard, transfer.StreamOptions{})
	require.NoError(t, err)
	assert.Zero(t, got.Manifest.GroupSize)
	assert.Zero(t, got.Manifest.Coarsened)
}

// TestOpaqueFileLeavesWhole: only where the agreement keeps its category by name.
func TestOpaqueFileLeavesWhole(t *testing.T) {
	cat, err := payload.ParseCatalogue("scan.yaml", bulkFile(t, "scan.yaml"))
	require.NoError(t, err)
	kept := map[string]payload.Treatment{"narrative": {Technique: payload.Keep}}
	plan, err := transfer.CompilePlan(cat, kept)
	require.NoError(t, err)
	out, rep, err := plan.Protect([]byte("x"), []byte("\x00\xff"), nil)
	require.NoError(t, err)
	assert.Equal(t, "x\x00\xff", string(out))
	assert.EqualValues(t, 1, rep.Kept)
	assert.Equal(t, []string{"narrative"}, payload.OpaqueCategories(cat, kept))
	assert.Empty(t, payload.OpaqueCategories(cat, nil))
	_, err = transfer.CompilePlan(cat, map[string]payload.Treatment{"narrative": {Technique: payload.Pseudonymize}})
	assert.ErrorContains(t, err, "nobody can look into")
	plan, err = transfer.CompilePlan(cat, nil)
	require.NoError(t, err)
	_, _, err = plan.Protect(nil, []byte("x"), nil)
	assert.ErrorIs(t, err, payload.ErrNothingLeaves)
	cat.Fields[0].Path = "/other"
	_, err = transfer.CompilePlan(cat, nil)
	assert.ErrorContains(t, err, "/content")
}

// TestRefusedStreamLeavesNothing: whatever is wrong, and wherever, nothing is delivered, nothing stays on the disk, and the refusal
// is recorded without a value.
func TestRefusedStreamLeavesNothing(t *testing.T) {
	head := string(bulkFile(t, "transactions.csv"))
	long := head + strings.Repeat(strings.SplitAfter(head, "\r\n")[1], 20000)
	for name, tc := range map[string]struct {
		kind, doc, cause string
		target           any
	}{
		"ragged":    {"transactions-csv", long + "Zebulon\r\n", "payload-malformed", new(*payload.RecordError)},
		"kind":      {"transactions-csv", long + "c,Zebulon,,,,,,,\r\n", "payload-unexpected-type", new(*payload.KindError)},
		"survivor":  {"transactions-csv", long + "Zebulon,,Zebulon,,,,,,\r\n", "gate-leak", new(*payload.LeakError)},
		"NDJSON":    {"transactions-ndjson", "{}\n{\"case\":{\"Zebulon\":1}}\n", "payload-unexpected-type", new(*payload.KindError)},
		"no column": {"transactions-csv", "Zebulon\n1\n", "payload-malformed", new(*payload.SyntaxError)},
		"opaque":    {"scan", "Zebulon", "nothing-leaves", nil},
	} {
		t.Run(name, func(t *testing.T) {
			spool, to := t.TempDir(), filepath.Join(t.TempDir(), "out")
			transport, err := dirtransport.New(to)
			require.NoError(t, err)
			p := bulk(t, spool, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.Transport = transport })
			_, err = p.Sender.SendStream(t.Context(), bulkRequest(tc.kind), strings.NewReader(tc.doc), transfer.StreamOptions{})
			require.Error(t, err)
			if tc.target != nil {
				require.ErrorAs(t, err, tc.target)
			}
			assert.NotContains(t, err.Error(), "Zebulon")
			assert.Empty(t, entries(t, spool))
			assert.Empty(t, entries(t, to))
			last := lastRecord(t, p.ExporterLog)
			assert.Equal(t, audit.Refused, last.Type)
			assert.Equal(t, tc.cause, last.Cause)
		})
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}

// longRows is a table whose result is longer than what is kept in memory.
func longRows(t *testing.T) io.Reader {
	rows := strings.SplitAfter(string(bulkFile(t, "transactions.csv")), "\r\n")
	return io.MultiReader(strings.NewReader(rows[0]), strings.NewReader(strings.Repeat(strings.Join(rows[1:], ""), 1500)))
}

// TestLongStreamThroughFiles takes a document that fits into no memory of this package from file to file.
func TestLongStreamThroughFiles(t *testing.T) {
	spool, to := t.TempDir(), t.TempDir()
	transport, err := dirtransport.New(to)
	require.NoError(t, err)
	p := bulk(t, spool, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.Transport = transport })
	sent, err := p.Sender.SendStream(t.Context(), bulkRequest("transactions-csv"), longRows(t), transfer.StreamOptions{})
	require.NoError(t, err)
	assert.Nil(t, sent.Envelope.Sealed)
	assert.Greater(t, sent.Envelope.Size(), int64(2<<20))
	assert.Empty(t, entries(t, spool), "the spools are gone")

	file, err := os.Open(transport.Path(sent.Transfer))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	require.NoError(t, err)
	envelope, err := transfer.OpenEnvelope(file, info.Size())
	require.NoError(t, err)
	var document bytes.Buffer
	released := 0
	received, err := p.Receiver.ReceiveStream(t.Context(), envelope, &document, func(_ context.Context, h transfer.Header) error {
		released++
		assert.Equal(t, sent.Transfer, h.Transfer)
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, 1, released)
	assert.Nil(t, received.Document)
	assert.EqualValues(t, sent.Report.BytesOut, document.Len())
	require.NoError(t, p.Sender.Acknowledge(received.Receipt))

	_, err = p.Receiver.ReceiveStream(t.Context(), envelope, &document, nil)
	var rejected *transfer.RejectedError
	require.ErrorAs(t, err, &rejected)
	assert.Equal(t, transfer.RejectReplayed, rejected.Code)
	assert.NotNil(t, rejected.Receipt)
}

// TestReceiveStreamReleasesOnlyWhatIsWhole: an envelope cut or altered anywhere is never released, and a release that
// fails is no receipt.
func TestReceiveStreamReleasesOnlyWhatIsWhole(t *testing.T) {
	p := bulk(t, t.TempDir())
	_, err := p.Sender.SendStream(t.Context(), bulkRequest("transactions-csv"), bytes.NewReader(bulkFile(t, "transactions.csv")), transfer.StreamOptions{})
	require.NoError(t, err)
	raw, err := p.Transport.Envelopes()[0].Bytes()
	require.NoError(t, err)
	receive := func(raw []byte, release func(context.Context, transfer.Header) error) error {
		e, err := transfer.OpenEnvelope(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			return err
		}
		_, err = p.Receiver.ReceiveStream(t.Context(), e, io.Discard, release)
		return err
	}
	never := func(context.Context, transfer.Header) error { panic("released") }
	for at := 10; at < len(raw); at += 101 {
		require.Error(t, receive(raw[:at], never))
		altered := bytes.Clone(raw)
		altered[at] ^= 1
		require.Error(t, receive(altered, never))
	}
	full := errors.New("disk full")
	require.ErrorIs(t, receive(raw, func(context.Context, transfer.Header) error { return full }), full)
	require.NoError(t, receive(raw, func(context.Context, transfer.Header) error { return nil }), "what was not recorded can be sent again")
}

// TestStreamAndMemoryAgree: OpenEnvelope and ParseEnvelope read the same, and a Receiver takes either by either way.
func TestStreamAndMemoryAgree(t *testing.T) {
	p := bulk(t, t.TempDir())
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	raw, err := p.Transport.Envelopes()[0].Bytes()
	require.NoError(t, err)
	parsed, err := transfer.ParseEnvelope(bytes.NewReader(raw))
	require.NoError(t, err)
	opened, err := transfer.OpenEnvelope(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	assert.Equal(t, parsed.Header, opened.Header)
	assert.Equal(t, parsed.Staple, opened.Staple)
	again, err := opened.Bytes()
	require.NoError(t, err)
	assert.Equal(t, raw, again)
	received, err := p.Receiver.Receive(t.Context(), opened)
	require.NoError(t, err)
	assert.NotEmpty(t, received.Document)
}

func TestSendStreamOfOneDocument(t *testing.T) {
	p := bulk(t, t.TempDir())
	sent, err := p.Sender.SendStream(t.Context(), transfertest.Request(), bytes.NewReader(transfertest.Report(t)), transfer.StreamOptions{})
	require.NoError(t, err)
	assert.Equal(t, "application/json", sent.Header.ContentType)
	_, err = p.Sender.SendStream(t.Context(), transfertest.Request(), iotest.ErrReader(io.ErrUnexpectedEOF), transfer.StreamOptions{})
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = p.Sender.SendStream(t.Context(), transfertest.Request(), bytes.NewReader(make([]byte, 2<<20)), transfer.StreamOptions{})
	assert.ErrorContains(t, err, "longer than the limit")
}

// TestStreamWithoutDisk: a spool that cannot be written refuses, and nothing is delivered.
func TestStreamWithoutDisk(t *testing.T) {
	p := bulk(t, filepath.Join(t.TempDir(), "absent"))
	_, err := p.Sender.SendStream(t.Context(), bulkRequest("transactions-csv"), longRows(t), transfer.StreamOptions{})
	require.ErrorContains(t, err, "temporary file")
	assert.Empty(t, p.Transport.Envelopes())
	assert.Equal(t, "spool", lastRecord(t, p.ExporterLog).Cause)
}

// saltsOf returns what opens the commitments of a transfer.
func saltsOf(t *testing.T, log *audit.Log, transferID string) map[string][32]byte {
	t.Helper()
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	raw, err := reader.Detail(transferID)
	require.NoError(t, err)
	detail, err := transfer.ParseDetail(raw)
	require.NoError(t, err)
	salts := make(map[string][32]byte)
	for name := range detail.Salts {
		salts[name], _ = detail.Salt(name)
	}
	return salts
}

// TestStreamIsOnRecordBeforeItLeaves: when the transport is called, the intent is durable and names the very bytes that the
// transport gets; and when delivery fails, the outcome is on record and no spool stays behind.
func TestStreamIsOnRecordBeforeItLeaves(t *testing.T) {
	spool := t.TempDir()
	var p *transfertest.Pair
	calls := 0
	road := transfer.TransportFunc(func(_ context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
		calls++
		all := readRecords(t, p.ExporterLog)
		intent := all[len(all)-1]
		assert.Equal(t, audit.Intent, intent.Type)
		assert.Equal(t, e.Header.Transfer, intent.Transfer)
		raw, err := e.Bytes()
		require.NoError(t, err)
		parts := bytes.SplitN(raw, []byte("\n"), 3)
		sum := sha256.Sum256(parts[2])
		assert.Equal(t, fmt.Sprintf("sha256:%x", sum), intent.EnvelopeDigest)
		assert.EqualValues(t, len(parts[2]), intent.Bytes)
		return nil, fmt.Errorf("no road: %w", transfer.ErrNotDelivered)
	})
	p = bulk(t, spool, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.Transport = road })
	_, err := p.Sender.SendStream(t.Context(), bulkRequest("transactions-csv"), longRows(t), transfer.StreamOptions{})
	var failed *transfer.DeliveryError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, 1, calls)
	assert.Equal(t, audit.Failed, lastRecord(t, p.ExporterLog).Type)
	assert.Empty(t, entries(t, spool))
}

// swapped is a file that becomes another one when it is read from the sealed message's beginning for the last time.
type swapped struct {
	before, after []byte
	sealed        int64
	begins, last  int
}

func (s *swapped) ReadAt(p []byte, off int64) (int, error) {
	if off == s.sealed {
		s.begins++
	}
	if s.begins >= s.last {
		return bytes.NewReader(s.after).ReadAt(p, off)
	}
	return bytes.NewReader(s.before).ReadAt(p, off)
}

// TestFileThatChangesBetweenReadings: a message of the same exporter that takes the place of the verified one is not released.
func TestFileThatChangesBetweenReadings(t *testing.T) {
	p := bulk(t, t.TempDir())
	var raw [2][]byte
	for i := range raw {
		_, err := p.Sender.Send(t.Context(), bulkRequest("transactions-csv"), bulkFile(t, "transactions.csv"))
		require.NoError(t, err)
		raw[i], err = p.Transport.Envelopes()[i].Bytes()
		require.NoError(t, err)
	}
	head := func(raw []byte) int { return len(bytes.Join(bytes.SplitN(raw, []byte("\n"), 3)[:2], []byte("\n"))) + 1 }
	other := append(bytes.Clone(raw[0][:head(raw[0])]), raw[1][head(raw[1]):]...)
	require.Len(t, other, len(raw[0]))
	file := &swapped{before: raw[0], after: other, sealed: int64(head(raw[0])), last: 5} // header, signer, verify, key, open
	e, err := transfer.OpenEnvelope(file, int64(len(raw[0])))
	require.NoError(t, err)
	_, err = p.Receiver.ReceiveStream(t.Context(), e, io.Discard, func(context.Context, transfer.Header) error { panic("released") })
	assert.ErrorContains(t, err, "changed while it was read")
	assert.Equal(t, 5, file.begins)
}

// TestNoPlaintextOnDisk looks into the temporary files of a stream while it is sealed.
func TestNoPlaintextOnDisk(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("needs /proc to see files without a name")
	}
	spool := t.TempDir()
	p := bulk(t, spool)
	seen := 0
	look := func(at transfer.Progress) {
		if at.Step != "sealing" {
			return
		}
		for _, fd := range entries(t, "/proc/self/fd") {
			name := "/proc/self/fd/" + fd
			if to, err := os.Readlink(name); err != nil || !strings.HasPrefix(to, spool) {
				continue
			}
			raw, err := os.ReadFile(name)
			require.NoError(t, err)
			seen += len(raw)
			assert.NotContains(t, string(raw), "EMRD-FR-2026", "the case reference leaves, so it would stand there in clear")
		}
	}
	_, err := p.Sender.SendStream(t.Context(), bulkRequest("transactions-csv"), longRows(t), transfer.StreamOptions{Progress: look})
	require.NoError(t, err)
	assert.Greater(t, seen, 1<<20)
}
