package transfer_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// all reads a log.
func all(t *testing.T, log *audit.Log) iter.Seq2[int64, audit.Record] {
	t.Helper()
	require.NoError(t, log.Flush(t.Context()))
	reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
	require.NoError(t, err)
	t.Cleanup(func() { _ = reader.Close() })
	return reader.All(0)
}

// answering is a pair whose transport brings receipts back.
func answering(t *testing.T, options ...transfertest.Option) *transfertest.Pair {
	t.Helper()
	var p *transfertest.Pair
	p = transfertest.New(t, append(options, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) {
		s.Transport = transfer.TransportFunc(func(ctx context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
			received, err := p.Receiver.Receive(ctx, e)
			if err != nil {
				return nil, err
			}
			return received.Receipt, nil
		})
	})...)
	return p
}

func sendOne(t *testing.T, p *transfertest.Pair) string {
	t.Helper()
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	return sent.Transfer
}

func codesOf(owed []transfer.Owed) []string {
	codes := []string{}
	for _, o := range owed {
		codes = append(codes, o.Code)
	}
	return codes
}

func TestARecallTravelsIsAcknowledgedAndIsOwed(t *testing.T) {
	for _, kind := range []transfer.NoticeKind{transfer.Recall, transfer.Correct, transfer.Restrict} {
		var heard []transfer.Notice
		p := answering(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) {
			r.Accept = func(_ context.Context, h transfer.Header, _ []byte) error {
				_, is := h.Notice()
				assert.False(t, is, "a notice is not a payload")
				return nil
			}
			r.Notice = func(_ context.Context, _ transfer.Header, n transfer.Notice) error {
				heard = append(heard, n)
				return nil
			}
		})
		about := sendOne(t, p)
		n := transfer.Notice{Kind: kind, Transfer: about, Reason: "inaccurate", Days: 3}
		result, err := p.Sender.Notify(t.Context(), n, "dpo", "the customer objected")
		require.NoError(t, err)
		require.NotNil(t, result.Receipt)
		assert.Equal(t, []string{string(kind)}, result.Receipt.Statement.Duties, "the receipt acknowledges the duty")
		assert.Equal(t, []transfer.Notice{n}, heard)

		owed := transfer.Obligations(all(t, p.RecipientLog), transfertest.Recipient)
		require.NotEmpty(t, owed)
		assert.Equal(t, string(kind), owed[0].Code, "the earliest deadline first")
		assert.Equal(t, about, owed[0].About)
		assert.Equal(t, "2026-11-26", owed[0].Deadline)
		assert.False(t, owed[0].Overdue(p.Now))
		assert.True(t, owed[0].Overdue(p.Now.AddDate(0, 0, 4)))
		assert.Empty(t, p.ExporterLog.InDoubt())
	}
}

func TestANoticeIsBoundLikeEveryEnvelope(t *testing.T) {
	p := transfertest.New(t)
	about := sendOne(t, p)
	result, err := p.Sender.Notify(t.Context(), transfer.Notice{Kind: transfer.Recall, Transfer: about, Reason: "x"}, "", "")
	require.NoError(t, err)
	_, err = p.Receiver.Receive(t.Context(), result.Envelope)
	require.NoError(t, err)
	requireRejected(t, p, result.Envelope, transfer.RejectReplayed)

	strict := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.Honoured = []string{"delete_after"} })
	about = sendOne(t, strict)
	result, err = strict.Sender.Notify(t.Context(), transfer.Notice{Kind: transfer.Recall, Transfer: about, Reason: "x"}, "", "")
	require.NoError(t, err)
	requireRejected(t, strict, result.Envelope, transfer.RejectObligations)
}

func TestNoticesThatCannotBeSent(t *testing.T) {
	p := transfertest.New(t)
	about := sendOne(t, p)
	p.Transport.Fail = func(*transfer.Envelope) error { return transfer.ErrNotDelivered }
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	var failed *transfer.DeliveryError
	require.ErrorAs(t, err, &failed)
	require.NoError(t, p.ExporterLog.Flush(t.Context()))
	p.Transport.Fail = nil
	for name, n := range map[string]transfer.Notice{
		"of an unknown kind":           {Kind: "forget", Transfer: about, Reason: "x"},
		"of no transfer":               {Kind: transfer.Recall, Reason: "x"},
		"of an unknown transfer":       {Kind: transfer.Recall, Transfer: "00000000000000000000000000000000", Reason: "x"},
		"of a transfer that failed":    {Kind: transfer.Recall, Transfer: failed.Transfer, Reason: "x"},
		"without a reason":             {Kind: transfer.Recall, Transfer: about},
		"with a sentence for a code":   {Kind: transfer.Recall, Transfer: about, Reason: "Aoife asked for it"},
		"with days before today":       {Kind: transfer.Recall, Transfer: about, Reason: "x", Days: -1},
		"with nonsense for a transfer": {Kind: transfer.Correct, Transfer: about, By: "../x", Reason: "x"},
	} {
		_, err := p.Sender.Notify(t.Context(), n, "", "")
		require.ErrorIs(t, err, transfer.ErrNotice, name)
		assert.NotContains(t, err.Error(), "Aoife")
	}
	assert.Len(t, p.Transport.Envelopes(), 1)
}

func TestObligationsAreDischarged(t *testing.T) {
	p := answering(t)
	first, second := sendOne(t, p), sendOne(t, p)
	party := transfertest.Recipient
	owed := transfer.Obligations(all(t, p.RecipientLog), party)
	require.Len(t, owed, 6, "%v", codesOf(owed))
	assert.Equal(t, "delete_after", owed[0].Code)
	assert.Equal(t, "2027-11-23", owed[0].Deadline)
	assert.Equal(t, first, owed[0].Transfer)
	assert.Empty(t, owed[5].Deadline, "what stands as long as the data are held comes last")

	discharge := func(id, code, how string) error {
		return transfer.Discharge(t.Context(), p.RecipientLog, party, id, code, how, "records clerk", "nightly job")
	}
	require.NoError(t, discharge(first, "delete_after", "deleted"))
	require.ErrorIs(t, discharge(first, "delete_after", "deleted"), transfer.ErrNotOwed, "once")
	require.ErrorIs(t, discharge(first, "unknown", "deleted"), transfer.ErrNotOwed)
	require.ErrorIs(t, discharge("unknown", "delete_after", "deleted"), transfer.ErrNotOwed)
	require.ErrorIs(t, discharge(second, "delete_after", "I did it"), transfer.ErrRequest)
	assert.Len(t, transfer.Obligations(all(t, p.RecipientLog), party), 5)
	transfertest.RequireNoCanaryUnder(t, p.RecipientLog.Dir()+"/journal", []string{"records clerk", "nightly job"})

	// Following a recall ends the other duties towards the recalled data.
	_, err := p.Sender.Notify(t.Context(), transfer.Notice{Kind: transfer.Recall, Transfer: second, Reason: "unlawful"}, "", "")
	require.NoError(t, err)
	recalled := transfer.Obligations(all(t, p.RecipientLog), party)[0]
	assert.Equal(t, "recall", recalled.Code)
	require.NoError(t, discharge(recalled.Transfer, "recall", "deleted"))
	left := transfer.Obligations(all(t, p.RecipientLog), party)
	for _, o := range left {
		assert.Equal(t, first, o.Transfer)
	}
	assert.Len(t, left, 2)

	// The exporter owes what its organisation must do, and nothing for what never left.
	own := transfer.Obligations(all(t, p.ExporterLog), transfertest.Exporter)
	for _, o := range own {
		assert.NotEqual(t, "delete_after", o.Code, "that is the recipient's")
	}
}

func TestTransfersWithoutAReceipt(t *testing.T) {
	p := transfertest.New(t)
	answered, silent := sendOne(t, p), sendOne(t, p)
	var receipt *transfer.Receipt
	for _, e := range p.Transport.Envelopes() {
		received, err := p.Receiver.Receive(t.Context(), e)
		require.NoError(t, err)
		if e.Header.Transfer == answered {
			receipt = received.Receipt
		}
	}
	require.NoError(t, p.Sender.Acknowledge(receipt))
	p.Transport.Fail = func(*transfer.Envelope) error { return errors.New("the answer was lost") }
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	var doubt *transfer.DeliveryError
	require.ErrorAs(t, err, &doubt)
	p.Transport.Fail = func(*transfer.Envelope) error { return transfer.ErrNotDelivered }
	_, err = p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.Error(t, err)

	later := time.Now().Add(time.Hour) // the log dates its records itself
	waiting := transfer.Unacknowledged(all(t, p.ExporterLog), later)
	require.Len(t, waiting, 2)
	assert.Equal(t, silent, waiting[0].Transfer)
	assert.False(t, waiting[0].InDoubt)
	assert.Equal(t, doubt.Transfer, waiting[1].Transfer)
	assert.True(t, waiting[1].InDoubt)
	assert.Empty(t, transfer.Unacknowledged(all(t, p.ExporterLog), time.Unix(0, 0)), "none is that old")

	require.NoError(t, p.Sender.Reconcile(t.Context(), doubt.Transfer, transfer.ReconciledNotDelivered, "me", "asked"))
	assert.Len(t, transfer.Unacknowledged(all(t, p.ExporterLog), later), 1)
}

// Losses are put in on both sides: each is found, and nothing else.
func TestTwoLogsAreCompared(t *testing.T) {
	p := transfertest.New(t)
	var ids []string
	for range 20 {
		ids = append(ids, sendOne(t, p))
	}
	lost := map[string]bool{ids[3]: true, ids[11]: true, ids[19]: true}
	for _, e := range p.Transport.Envelopes() {
		if !lost[e.Header.Transfer] {
			_, err := p.Receiver.Receive(t.Context(), e)
			require.NoError(t, err)
		}
	}
	// One is said to have failed and came through; one is in doubt and came through; one failed for good.
	p.Transport.Fail = func(e *transfer.Envelope) error {
		_, err := p.Receiver.Receive(t.Context(), e)
		return errors.Join(err, transfer.ErrNotDelivered)
	}
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	var lied, doubt *transfer.DeliveryError
	require.ErrorAs(t, err, &lied)
	p.Transport.Fail = func(e *transfer.Envelope) error {
		_, err := p.Receiver.Receive(t.Context(), e)
		return errors.Join(err, errors.New("the answer was lost"))
	}
	_, err = p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.ErrorAs(t, err, &doubt)
	p.Transport.Fail = func(*transfer.Envelope) error { return transfer.ErrNotDelivered }
	_, err = p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.Error(t, err)
	// The recipient's log has one that was never sent, and one that was sent otherwise.
	for id, digest := range map[string]string{"11111111111111111111111111111111": "sha256:00", ids[3]: "sha256:00"} {
		_, err = p.RecipientLog.Append(t.Context(), audit.Record{
			Type: audit.Received, Transfer: id, Exporter: transfertest.Exporter, Recipient: transfertest.Recipient, EnvelopeDigest: digest,
		}, nil)
		require.NoError(t, err)
	}

	c := transfer.Compare(all(t, p.ExporterLog), all(t, p.RecipientLog), transfertest.Exporter, transfertest.Recipient)
	assert.False(t, c.Agrees())
	assert.EqualValues(t, 18, c.Matched, "17 of 20, and the one in doubt")
	require.Len(t, c.SentNotReceived, 2)
	assert.Equal(t, []string{ids[11], ids[19]}, []string{c.SentNotReceived[0].Transfer, c.SentNotReceived[1].Transfer})
	assert.Equal(t, "delivered", c.SentNotReceived[0].Outcome)
	var unsent []string
	for _, d := range c.ReceivedNotSent {
		unsent = append(unsent, d.Transfer)
	}
	assert.ElementsMatch(t, []string{"11111111111111111111111111111111", lied.Transfer}, unsent)
	require.Len(t, c.Altered, 1)
	assert.Equal(t, ids[3], c.Altered[0].Transfer)

	other := transfer.Compare(all(t, p.RecipientLog), all(t, p.ExporterLog), transfertest.Recipient, transfertest.Exporter)
	assert.True(t, other.Agrees(), "nothing went the other way")
	assert.Zero(t, other.Matched)
}
