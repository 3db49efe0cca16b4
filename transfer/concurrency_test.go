package transfer_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

const goroutines = 8

func TestConcurrentSends(t *testing.T) {
	for name, reuse := range map[string]bool{"one encapsulation each": false, "shared encapsulation": true} {
		t.Run(name, func(t *testing.T) {
			p := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.ReuseEncapsulation = reuse })
			report := transfertest.Report(t)
			const each = 6
			var wait sync.WaitGroup
			for range goroutines {
				wait.Go(func() {
					for range each {
						_, err := p.Sender.Send(t.Context(), transfertest.Request(), report)
						assert.NoError(t, err)
					}
				})
			}
			wait.Wait()
			ids := make(map[string]bool)
			for _, e := range p.Transport.Envelopes() {
				ids[e.Header.Transfer] = true
				require.NoError(t, audit.VerifyProof(p.ExporterLog.VerifierKey(), e.Staple.Record, e.Staple.Proof))
				received, err := p.Receiver.Receive(t.Context(), e)
				require.NoError(t, err)
				require.NoError(t, p.Sender.Acknowledge(received.Receipt))
			}
			assert.Len(t, ids, goroutines*each, "transfers are distinct")
			verified := verify(t, p.ExporterLog)
			assert.Empty(t, verified.InDoubt)
			assert.Equal(t, map[audit.Type]int64{
				audit.PolicyChange: 1, audit.Intent: goroutines * each, audit.Delivered: goroutines * each, audit.Acknowledged: goroutines * each,
			}, verified.ByType)
			assert.Equal(t, map[audit.Type]int64{audit.Received: goroutines * each}, verify(t, p.RecipientLog).ByType)
		})
	}
}

func TestOfManyReceiversOfOneEnvelopeOneWins(t *testing.T) {
	var taken atomic.Int32
	p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		r.Accept = func(context.Context, transfer.Header, []byte) error { taken.Add(1); return nil }
	})
	const rounds = 4
	for range rounds {
		sent := mustSend(t, p)
		taken.Store(0)
		var won atomic.Int32
		var wait sync.WaitGroup
		for range goroutines {
			wait.Go(func() {
				_, err := p.Receiver.Receive(t.Context(), sent.Envelope)
				if err == nil {
					won.Add(1)
					return
				}
				var rejected *transfer.RejectedError
				if assert.ErrorAs(t, err, &rejected) {
					assert.Equal(t, transfer.RejectReplayed, rejected.Code)
				}
			})
		}
		wait.Wait()
		assert.EqualValues(t, 1, won.Load())
		assert.EqualValues(t, 1, taken.Load(), "the document is handed over once")
	}
	assert.Equal(t, map[audit.Type]int64{
		audit.Received: rounds, audit.Rejected: rounds, // one refusal shows the attempt
	}, verify(t, p.RecipientLog).ByType)
}

func TestReceiveAfterATakeoverThatFailed(t *testing.T) {
	down := errors.New("the database is down")
	for name, tc := range map[string]struct {
		accept func(hangUp context.CancelFunc) error
		again  bool // whether the same envelope may come again
	}{
		"an error":                     {func(context.CancelFunc) error { return down }, true},
		"a panic":                      {func(context.CancelFunc) error { panic(down) }, true},
		"an error, and a hang-up":      {func(hangUp context.CancelFunc) error { hangUp(); return down }, true},
		"no failure, only the hang-up": {func(hangUp context.CancelFunc) error { hangUp(); return nil }, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			tries := 0
			p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) {
				r.Accept = func(context.Context, transfer.Header, []byte) error {
					if tries++; tries == 1 {
						return tc.accept(hangUp)
					}
					return nil
				}
			})
			sent := mustSend(t, p)
			err := receiveRecovering(ctx, p.Receiver, sent.Envelope)
			if !tc.again {
				require.NoError(t, err, "what was taken over is recorded, even if nobody listens any more")
				requireRejected(t, p, sent.Envelope, transfer.RejectReplayed)
				return
			}
			require.ErrorIs(t, err, down)
			assert.Zero(t, p.RecipientLog.Size(), "nothing was recorded")
			_, err = p.Receiver.Receive(t.Context(), sent.Envelope)
			require.NoError(t, err)
			assert.Equal(t, 2, tries)
		})
	}
}

// receiveRecovering stands for a server that outlives a panic in a handler.
func receiveRecovering(ctx context.Context, r *transfer.Receiver, e *transfer.Envelope) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = thrown.(error)
		}
	}()
	_, err = r.Receive(ctx, e)
	return err
}

func TestARejectionIsRecordedThoughNobodyListens(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.Honoured = []string{} })
	sent := mustSend(t, p)
	hangUp()
	_, err := p.Receiver.Receive(ctx, sent.Envelope)
	var rejected *transfer.RejectedError
	require.ErrorAs(t, err, &rejected)
	assert.Equal(t, string(transfer.RejectObligations), lastRecord(t, p.RecipientLog).Cause)
}
