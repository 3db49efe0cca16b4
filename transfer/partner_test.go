package transfer_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/transfertest"
)

// sealUnder makes the envelope of an exporter whose program is its own: any header, properly sealed and signed.
func sealUnder(t *testing.T, p *transfertest.Pair, h transfer.Header) *transfer.Envelope {
	t.Helper()
	header, err := canonical.Marshal(h)
	require.NoError(t, err)
	recipient, err := p.RecipientKeys.Public().Recipient()
	require.NoError(t, err)
	sealed, err := seal.SealBytes(nil, header, []byte(`{}`), p.ExporterKeys.Sealer(), recipient)
	require.NoError(t, err)
	return &transfer.Envelope{Header: h, Sealed: sealed}
}

// A valid signature says who sent an envelope, not that it is in order.
func TestAPartnersEnvelopeIsCheckedAllTheSame(t *testing.T) {
	p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.AcceptUnlogged = true })
	good := mustSend(t, p).Header
	for name, tc := range map[string]struct {
		change func(h *transfer.Header)
		want   transfer.RejectCode // "" if it is in order
	}{
		"in order":                       {func(*transfer.Header) {}, ""},
		"in another's name":              {func(h *transfer.Header) { h.Exporter = "liberty-bank-us" }, transfer.RejectNotForUs},
		"for another":                    {func(h *transfer.Header) { h.Recipient = "liberty-bank-us" }, transfer.RejectNotForUs},
		"under another version":          {func(h *transfer.Header) { h.AgreementDigest = "sha256:00" }, transfer.RejectAgreement},
		"under an agreement of its own":  {func(h *transfer.Header) { h.Agreement = "all-of-it" }, transfer.RejectAgreement},
		"expires now":                    {func(h *transfer.Header) { h.Created, h.Expires = h.Created.Add(-time.Hour), h.Created }, transfer.RejectExpired},
		"expires a second from now":      {func(h *transfer.Header) { h.Expires = h.Created.Add(time.Second) }, ""},
		"expires between two seconds":    {func(h *transfer.Header) { h.Expires = h.Created.Add(1500 * time.Millisecond) }, transfer.RejectMalformed},
		"created two minutes from now":   {func(h *transfer.Header) { h.Created = h.Created.Add(transfer.DefaultSkew) }, ""},
		"created later than that":        {func(h *transfer.Header) { h.Created = h.Created.Add(transfer.DefaultSkew + time.Second) }, transfer.RejectFuture},
		"an unknown duty":                {func(h *transfer.Header) { h.Obligations = duty("sing_a_song", nil) }, transfer.RejectObligations},
		"a duty of the exporter's own":   {func(h *transfer.Header) { h.Obligations = duty("record_art30", nil) }, transfer.RejectObligations},
		"a duty by a day that is no day": {func(h *transfer.Header) { h.Obligations = duty("delete_after", map[string]string{"days": "soon"}) }, transfer.RejectObligations},
		"by a day before":                {func(h *transfer.Header) { h.Obligations = duty("delete_after", map[string]string{"days": "-1"}) }, transfer.RejectObligations},
		"by a day in 300 years":          {func(h *transfer.Header) { h.Obligations = duty("delete_after", map[string]string{"days": "109500"}) }, transfer.RejectObligations},
		"a header of another version":    {func(h *transfer.Header) { h.Version = 2 }, transfer.RejectMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			h := good
			h.Transfer = fmt.Sprintf("%x", name)
			h.Obligations = nil
			tc.change(&h)
			e := sealUnder(t, p, h)
			e.Header.Exporter, e.Header.Recipient = transfertest.Exporter, transfertest.Recipient // what the outside says
			if tc.want != "" {
				requireRejected(t, p, e, tc.want)
				return
			}
			_, err := p.Receiver.Receive(t.Context(), e)
			require.NoError(t, err)
		})
	}
}

func duty(code string, params map[string]string) []transfer.Duty {
	return []transfer.Duty{{Code: code, Params: params}}
}

// Without the recipient's keys there is nobody to seal to, whatever the policy says.
func TestARecipientWithoutKeys(t *testing.T) {
	p := transfertest.New(t, func(s *transfer.SenderConfig, _ *transfer.ReceiverConfig) { s.Partners = transfer.NewPartners() })
	sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
	require.Error(t, err)
	assert.Nil(t, sent)
	assert.Empty(t, p.Transport.Envelopes())
	assert.Equal(t, audit.Refused, lastRecord(t, p.ExporterLog).Type)
}

func TestCausesOfRefusalsByTheDocument(t *testing.T) {
	p := transfertest.New(t)
	report := transfertest.Report(t)
	for cause, document := range map[string][]byte{
		"payload-malformed":       report[:len(report)-3],
		"payload-unexpected-type": bytes.Replace(report, []byte(`"EMRD-FR-2026-004417"`), []byte(`{}`), 1),
		"gate-leak":               bytes.Replace(report, []byte("impersonation_app_fraud"), []byte("aoife.nibhraonain@mail.example.org"), 1),
	} {
		t.Run(cause, func(t *testing.T) {
			require.NotEqual(t, report, document)
			_, err := p.Sender.Send(t.Context(), transfertest.Request(), document)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "aoife")
			record := lastRecord(t, p.ExporterLog)
			assert.Equal(t, audit.Refused, record.Type)
			assert.Equal(t, cause, record.Cause)
			if cause == "gate-leak" {
				require.ErrorIs(t, err, payload.ErrGate)
			}
		})
	}
	assert.Empty(t, p.Transport.Envelopes())
}

// An exporter's keys of yesterday stay good while its document lists them; those of a stranger never are.
func TestAnExporterThatRotatesItsSigningKey(t *testing.T) {
	p := transfertest.New(t)
	sent := mustSend(t, p)
	rotated, err := p.ExporterKeys.Rotate(keyring.Signing)
	require.NoError(t, err)
	c := p.Receiver.ReceiverConfig
	c.Partners = transfer.NewPartners(rotated.Public())
	receiver, err := transfer.NewReceiver(c)
	require.NoError(t, err)
	_, err = receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
}

// A replay gets the receipt that it had; another envelope under the same id gets nothing.
func TestAReceiptIsGivenAgainForTheVerySameEnvelope(t *testing.T) {
	p := transfertest.New(t, func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) { r.AcceptUnlogged = true })
	sent := mustSend(t, p)
	first, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
	for _, restart := range []bool{false, true} {
		if restart {
			p.Receiver, err = transfer.NewReceiver(p.Receiver.ReceiverConfig)
			require.NoError(t, err)
		}
		var rejected *transfer.RejectedError
		_, err = p.Receiver.Receive(t.Context(), sent.Envelope)
		require.ErrorAs(t, err, &rejected)
		require.NotNil(t, rejected.Receipt)
		assert.Equal(t, first.Index, rejected.Receipt.Statement.Record)
		require.NoError(t, p.Sender.Acknowledge(rejected.Receipt))

		_, err = p.Receiver.Receive(t.Context(), sealUnder(t, p, sent.Header))
		require.ErrorAs(t, err, &rejected)
		assert.Equal(t, transfer.RejectReplayed, rejected.Code)
		assert.Nil(t, rejected.Receipt, "of this envelope nothing was received")
	}
}
