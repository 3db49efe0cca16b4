package transfer_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

func TestReconcile(t *testing.T) {
	p := transfertest.New(t)
	p.Transport.Fail = func(*transfer.Envelope) error { return errors.New("the answer was lost") }
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	var doubt *transfer.DeliveryError
	require.ErrorAs(t, err, &doubt)
	require.Equal(t, []string{doubt.Transfer}, p.ExporterLog.InDoubt())

	require.Error(t, p.Sender.Reconcile(t.Context(), doubt.Transfer, "perhaps", "me", "asked"))
	require.ErrorIs(t, p.Sender.Reconcile(t.Context(), "another", transfer.ReconciledDelivered, "me", "asked"), transfer.ErrNotInDoubt)
	require.NoError(t, p.Sender.Reconcile(t.Context(), doubt.Transfer, transfer.ReconciledDelivered, "me", "asked by telephone"))
	assert.Empty(t, p.ExporterLog.InDoubt())
	require.ErrorIs(t, p.Sender.Reconcile(t.Context(), doubt.Transfer, transfer.ReconciledDelivered, "me", "asked"), transfer.ErrNotInDoubt)
	assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Intent, audit.Reconciled}, types(t, p.ExporterLog))
}

func TestAnEnvelopeEndsWithItsAgreement(t *testing.T) {
	p := transfertest.New(t)
	p.Now = time.Date(2028, 1, 31, 12, 0, 0, 0, time.UTC) // the agreement's last day
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	assert.Equal(t, time.Date(2028, 2, 1, 0, 0, 0, 0, time.UTC), sent.Header.Expires)
}

func TestAReplayOfTheSameEnvelopeBringsTheReceiptAgain(t *testing.T) {
	p := transfertest.New(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	first, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)

	restarted, err := transfer.NewReceiver(p.Receiver.ReceiverConfig)
	require.NoError(t, err)
	for _, receiver := range []*transfer.Receiver{p.Receiver, restarted} {
		_, err = receiver.Receive(t.Context(), sent.Envelope)
		var rejected *transfer.RejectedError
		require.ErrorAs(t, err, &rejected)
		require.NotNil(t, rejected.Receipt)
		require.NoError(t, rejected.Receipt.Verify(p.RecipientKeys.Public()))
		again := rejected.Receipt.Statement
		assert.Equal(t, first.Receipt.Statement.Record, again.Record)
		assert.Equal(t, first.Receipt.Statement.EnvelopeDigest, again.EnvelopeDigest)
	}
	for range 20 {
		_, err = p.Receiver.Receive(t.Context(), sent.Envelope)
		require.Error(t, err)
	}
	got := types(t, p.RecipientLog)
	assert.LessOrEqual(t, len(got), 3, "one refusal of a process shows the attempt: %v", got)
}

// What an auditor needs later lies beside the log: the receipt at the exporter, the exporter's head at the recipient.
func TestReceiptsAndHeadsAreKept(t *testing.T) {
	p := transfertest.New(t)
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	got, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
	require.NoError(t, p.Sender.Acknowledge(got.Receipt))
	for log, want := range map[*audit.Log]string{p.ExporterLog: `"receipt":`, p.RecipientLog: `"proof":`} {
		reader, err := audit.OpenReader(log.Dir(), log.VerifierKey())
		require.NoError(t, err)
		details, err := reader.Details(sent.Transfer)
		require.NoError(t, err)
		require.NoError(t, reader.Close())
		assert.True(t, strings.Contains(string(details[len(details)-1]), want))
	}
}
