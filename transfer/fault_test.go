package transfer_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// reopened is a pair's Sender after a restart on a disk that works again.
func reopened(t *testing.T, p *transfertest.Pair, dir string) *transfer.Sender {
	t.Helper()
	_ = p.Sender.Log.Close()
	c := p.Sender.SenderConfig
	log, err := transfer.OpenLog(dir, p.ExporterKeys)
	require.NoError(t, err)
	t.Cleanup(func() { _ = log.Close() })
	c.Log = log
	sender, err := transfer.NewSender(c)
	require.NoError(t, err)
	return sender
}

func TestAFullDiskStopsTransfersAndALaterStartGoesOn(t *testing.T) {
	dir, disk := t.TempDir(), newBadDisk()
	p := transfertest.New(t, keptOn(t, dir, disk))
	mustSend(t, p)
	disk.fail("write", syscall.ENOSPC)
	for range 2 {
		_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
		require.ErrorIs(t, err, transfer.ErrNotRecorded)
		require.ErrorIs(t, err, audit.ErrPoisoned)
		require.ErrorIs(t, err, syscall.ENOSPC)
	}
	disk.fail("write", nil)
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.ErrorIs(t, err, transfer.ErrNotRecorded, "room on the disk does not heal a log that has lost a write")
	assert.Len(t, p.Transport.Envelopes(), 1)

	sender := reopened(t, p, dir)
	_, err = sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	assert.Len(t, p.Transport.Envelopes(), 2)
	report := verify(t, sender.Log)
	assert.EqualValues(t, 2, report.ByType[audit.Intent])
}

func TestARefusalThatCannotBeRecordedIsAnError(t *testing.T) {
	disk := newBadDisk()
	p := transfertest.New(t, keptOn(t, t.TempDir(), disk))
	disk.fail("write", syscall.ENOSPC)
	req := transfertest.Request()
	req.Agreement = "no-such-agreement"
	_, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	require.ErrorIs(t, err, transfer.ErrNotRecorded)
	var denied *transfer.DeniedError
	assert.NotErrorAs(t, err, &denied, "a DeniedError promises a record")

	_, err = p.Sender.Protect(t.Context(), transfertest.Request(), []byte("{"))
	require.ErrorIs(t, err, transfer.ErrNotRecorded)
	require.ErrorContains(t, err, "payload: ", "both are told: what is wrong with the document, and that nobody recorded it")
}

// The outcome is not waited for: the envelope is out, and a log that could not write that down says "in doubt".
func TestADiskThatFailsDuringDeliveryLeavesTheTransferInDoubt(t *testing.T) {
	dir, disk := t.TempDir(), newBadDisk()
	p := transfertest.New(t, keptOn(t, dir, disk))
	var id string
	p.Transport.Fail = func(e *transfer.Envelope) error {
		id = e.Header.Transfer
		disk.fail("write", syscall.ENOSPC)
		return nil
	}
	_, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.NoError(t, err)
	require.Error(t, p.Sender.Log.Flush(t.Context()))
	disk.fail("write", nil)
	sender := reopened(t, p, dir)
	assert.Equal(t, []string{id}, sender.Log.InDoubt())
	assert.Equal(t, []string{id}, verify(t, sender.Log).InDoubt)
}

func TestAFailingRenameHidesNothingFromTheLog(t *testing.T) {
	dir, disk := t.TempDir(), newBadDisk()
	p := transfertest.New(t, keptOn(t, dir, disk))
	disk.fail("rename", syscall.EIO)
	mustSend(t, p) // renames only publish the view for others; the journal is the record
	require.ErrorIs(t, p.Sender.Log.Close(), syscall.EIO)
	disk.fail("rename", nil)
	sender := reopened(t, p, dir)
	assert.EqualValues(t, 1, verify(t, sender.Log).ByType[audit.Intent])
}

func TestALogOnAReadOnlyDiskDoesNotOpen(t *testing.T) {
	p := transfertest.New(t)
	for operation, cause := range map[string]error{"open": syscall.EROFS, "write": syscall.ENOSPC, "rename": syscall.EIO} {
		t.Run(operation, func(t *testing.T) {
			disk := newBadDisk()
			disk.fail(operation, cause)
			dir := filepath.Join(t.TempDir(), "log")
			log, err := audit.Open(dir, audit.Options{
				Origin: transfer.LogOrigin(transfertest.Exporter), Signer: p.ExporterKeys.LogSigner(), FS: disk, PublishEvery: -1,
			})
			if err == nil { // not needed for an empty log: then the first record must fail
				c := p.Sender.SenderConfig
				c.Log = log
				_, err = transfer.NewSender(c)
				_ = log.Close()
			}
			require.ErrorIs(t, err, cause)
		})
	}
}

func TestARecipientThatCannotRecordGivesNoReceipt(t *testing.T) {
	dir, disk := t.TempDir(), newBadDisk()
	p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		log, err := audit.Open(dir, audit.Options{
			Origin: transfer.LogOrigin(r.Keys.Party()), Signer: r.Keys.LogSigner(), FS: disk, PublishEvery: -1,
		})
		require.NoError(t, err)
		t.Cleanup(func() { _ = log.Close() })
		r.Log = log
	})
	sent := mustSend(t, p)
	disk.fail("write", syscall.ENOSPC)
	received, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.ErrorIs(t, err, syscall.ENOSPC)
	assert.Nil(t, received)
	var rejected *transfer.RejectedError
	require.NotErrorAs(t, err, &rejected, "the exporter may try again")

	disk.fail("write", nil)
	require.Error(t, p.Receiver.Log.Close())
	c := p.Receiver.ReceiverConfig
	c.Log, err = transfer.OpenLog(dir, p.RecipientKeys)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Log.Close() })
	p.Receiver, err = transfer.NewReceiver(c)
	require.NoError(t, err)
	_, err = p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err, "what was not recorded can be received after the restart")
}

func TestARejectionThatCannotBeRecordedSaysBoth(t *testing.T) {
	p := transfertest.New(t)
	sent := mustSend(t, p)
	require.NoError(t, p.RecipientLog.Close())
	bare := *sent.Envelope
	bare.Staple = nil
	_, err := p.Receiver.Receive(t.Context(), &bare)
	var rejected *transfer.RejectedError
	require.ErrorAs(t, err, &rejected)
	assert.Equal(t, transfer.RejectNotLogged, rejected.Code)
	require.ErrorIs(t, err, audit.ErrClosed)
}
