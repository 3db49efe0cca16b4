package transfer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer/transfertest"
)

func TestSendAndReceive(t *testing.T) {
	p := transfertest.New(t)
	report := transfertest.Report(t)

	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), report)
	require.NoError(t, err)
	require.Len(t, p.Transport.Envelopes(), 1)
	assert.Equal(t, "GDPR:45", sent.Decision.Basis[0])

	received, err := p.Receiver.Receive(t.Context(), p.Transport.Envelopes()[0])
	require.NoError(t, err)
	assert.Equal(t, sent.Header, received.Header)
	assert.NotContains(t, string(received.Document), "Aoife")
	require.NoError(t, p.Sender.Acknowledge(received.Receipt))

	require.NoError(t, p.ExporterLog.Close())
	verified, err := audit.Verify(t.Context(), p.ExporterLog.Dir(), audit.VerifyOptions{VKey: p.ExporterLog.VerifierKey()})
	require.NoError(t, err)
	assert.Empty(t, verified.InDoubt)
	assert.Equal(t, map[audit.Type]int64{
		audit.PolicyChange: 1, audit.Intent: 1, audit.Delivered: 1, audit.Acknowledged: 1,
	}, verified.ByType)
}
