package transfer_test

import (
	"context"
	"crypto"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

// sign makes the receipt of whoever holds the keys, as docs/envelope-format.md says, without the help of the package.
func sign(t *testing.T, s transfer.ReceiptStatement, keys *keyring.Keyring) *transfer.Receipt {
	t.Helper()
	statement, err := canonical.Marshal(s)
	require.NoError(t, err)
	signature, err := keys.Signer().Sign(nil, append([]byte("passavant-receipt/1\n"), statement...), crypto.Hash(0))
	require.NoError(t, err)
	return &transfer.Receipt{Statement: s, Key: keys.Sealer().ID(), Signature: signature}
}

func newKeys(t *testing.T, party string) *keyring.Keyring {
	t.Helper()
	keys, err := keyring.Create(t.TempDir()+"/keys", party)
	require.NoError(t, err)
	return keys
}

func TestAcknowledgeRecordsWhatTheRecipientSigned(t *testing.T) {
	p := transfertest.New(t)
	received, err := p.Receiver.Receive(t.Context(), mustSend(t, p).Envelope)
	require.NoError(t, err)
	statement := received.Receipt.Statement
	require.NoError(t, p.Sender.Acknowledge(sign(t, statement, p.RecipientKeys)))
	record := lastRecord(t, p.ExporterLog)
	digest, err := canonical.Digest(received.Receipt)
	require.NoError(t, err)
	assert.Equal(t, audit.Acknowledged, record.Type)
	assert.Equal(t, statement.Transfer, record.Transfer)
	assert.Equal(t, statement.EnvelopeDigest, record.EnvelopeDigest)
	assert.Equal(t, map[string]string{
		"receipt": digest, "recipient_record": strconv.FormatInt(statement.Record, 10), "recipient_key": p.RecipientKeys.Sealer().ID(),
	}, record.Fields, "Ed25519 is deterministic, so this is the digest of the recipient's own receipt")
}

func TestAcknowledgeRefuses(t *testing.T) {
	third := newKeys(t, "liberty-bank-us")
	impostor := newKeys(t, transfertest.Recipient)
	p := transfertest.New(t, func(s *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		s.Partners = transfer.NewPartners(r.Keys.Public(), third.Public())
	})
	first, err := p.Receiver.Receive(t.Context(), mustSend(t, p).Envelope)
	require.NoError(t, err)
	second, err := p.Receiver.Receive(t.Context(), mustSend(t, p).Envelope)
	require.NoError(t, err)
	good := first.Receipt.Statement
	for name, tc := range map[string]struct {
		change func(s *transfer.ReceiptStatement)
		keys   *keyring.Keyring
		signed bool // whether the change was signed; else it was made afterwards
		want   error
	}{
		"signed by somebody who uses the recipient's name": {nil, impostor, true, transfer.ErrReceipt},
		"signed by another partner":                        {nil, third, true, transfer.ErrReceipt},
		"another partner's own, for this envelope":         {func(s *transfer.ReceiptStatement) { s.Recipient = third.Party() }, third, true, transfer.ErrReceipt},
		"of a party that is not known":                     {func(s *transfer.ReceiptStatement) { s.Recipient = "no-such-bank" }, p.RecipientKeys, true, transfer.ErrUnknownPartner},
		"for another exporter":                             {func(s *transfer.ReceiptStatement) { s.Exporter = third.Party() }, p.RecipientKeys, true, transfer.ErrReceipt},
		"of an envelope that was never sent":               {func(s *transfer.ReceiptStatement) { s.Transfer = "00ff" }, p.RecipientKeys, true, transfer.ErrReceipt},
		"of another envelope of the same transfer": {func(s *transfer.ReceiptStatement) {
			s.EnvelopeDigest = second.Receipt.Statement.EnvelopeDigest
		}, p.RecipientKeys, true, transfer.ErrReceipt},
		"with text where ids belong":  {func(s *transfer.ReceiptStatement) { s.Transfer = "canary Aoife" }, p.RecipientKeys, true, transfer.ErrReceipt},
		"altered transfer":            {func(s *transfer.ReceiptStatement) { s.Transfer = second.Header.Transfer }, p.RecipientKeys, false, transfer.ErrReceipt},
		"altered time":                {func(s *transfer.ReceiptStatement) { s.Received = s.Received.AddDate(0, 0, -1) }, p.RecipientKeys, false, transfer.ErrReceipt},
		"altered place in the log":    {func(s *transfer.ReceiptStatement) { s.Record++ }, p.RecipientKeys, false, transfer.ErrReceipt},
		"a place that no log has":     {func(s *transfer.ReceiptStatement) { s.Record = 1 << 53 }, p.RecipientKeys, true, transfer.ErrReceipt},
		"a place before the first":    {func(s *transfer.ReceiptStatement) { s.Record = -1 }, p.RecipientKeys, true, transfer.ErrReceipt},
		"altered head":                {func(s *transfer.ReceiptStatement) { s.Head += " " }, p.RecipientKeys, false, transfer.ErrReceipt},
		"a duty less":                 {func(s *transfer.ReceiptStatement) { s.Duties = s.Duties[1:] }, p.RecipientKeys, false, transfer.ErrReceipt},
		"altered version":             {func(s *transfer.ReceiptStatement) { s.Version++ }, p.RecipientKeys, false, transfer.ErrReceipt},
		"altered digest of the other": {func(s *transfer.ReceiptStatement) { s.EnvelopeDigest = "canary" }, p.RecipientKeys, false, transfer.ErrReceipt},
	} {
		t.Run(name, func(t *testing.T) {
			statement := good
			if tc.signed && tc.change != nil {
				tc.change(&statement)
			}
			receipt := sign(t, statement, tc.keys)
			if !tc.signed {
				tc.change(&receipt.Statement)
			}
			require.NoError(t, p.ExporterLog.Flush(t.Context()))
			before := p.ExporterLog.Size()
			err := p.Sender.Acknowledge(receipt)
			require.ErrorIs(t, err, tc.want)
			assert.NotContains(t, err.Error(), "canary")
			require.NoError(t, p.ExporterLog.Flush(t.Context()))
			assert.Equal(t, before, p.ExporterLog.Size(), "nothing was recorded")
		})
	}
	require.NoError(t, p.Sender.Acknowledge(first.Receipt), "the true one still counts")
}

// A transport may bring back a receipt that is in order, and not the one for this transfer.
func TestSendTakesOnlyItsOwnReceipt(t *testing.T) {
	third := newKeys(t, "liberty-bank-us")
	p := transfertest.New(t, func(s *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		s.Partners = transfer.NewPartners(r.Keys.Public(), third.Public())
	})
	for name, tc := range map[string]struct {
		change func(s *transfer.ReceiptStatement)
		third  bool
	}{
		"another transfer":   {func(s *transfer.ReceiptStatement) { s.Transfer = "00ff" }, false},
		"another digest":     {func(s *transfer.ReceiptStatement) { s.EnvelopeDigest = "sha256:00" }, false},
		"another recipient":  {func(s *transfer.ReceiptStatement) { s.Recipient = third.Party() }, true},
		"another's key":      {func(*transfer.ReceiptStatement) {}, true},
		"another exporter":   {func(s *transfer.ReceiptStatement) { s.Exporter = third.Party() }, false},
		"(this is the own)":  {func(*transfer.ReceiptStatement) {}, false},
		"(and once more so)": {func(s *transfer.ReceiptStatement) { s.Duties = []string{} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			keys := p.RecipientKeys
			if tc.third {
				keys = third
			}
			p.Sender.Transport = transfer.TransportFunc(func(_ context.Context, e *transfer.Envelope) (*transfer.Receipt, error) {
				s := transfer.ReceiptStatement{
					Version: 1, Transfer: e.Header.Transfer, Exporter: e.Header.Exporter, Recipient: e.Header.Recipient, EnvelopeDigest: e.Digest(),
				}
				tc.change(&s)
				return sign(t, s, keys), nil
			})
			sent, err := p.Sender.Send(t.Context(), transfertest.Request(), transfertest.Report(t))
			require.NotNil(t, sent, "the envelope has left, whatever came back")
			want := audit.Delivered
			if name[0] == '(' {
				require.NoError(t, err)
				assert.NotNil(t, sent.Receipt)
				want = audit.Acknowledged
			} else {
				require.ErrorIs(t, err, transfer.ErrReceipt)
				assert.Nil(t, sent.Receipt)
			}
			assert.Equal(t, want, lastRecord(t, p.ExporterLog).Type)
		})
	}
}

func TestVerifyNeedsTheKeysOfTheParty(t *testing.T) {
	p := transfertest.New(t)
	received, err := p.Receiver.Receive(t.Context(), mustSend(t, p).Envelope)
	require.NoError(t, err)
	require.NoError(t, received.Receipt.Verify(p.RecipientKeys.Public()))
	require.ErrorIs(t, received.Receipt.Verify(p.ExporterKeys.Public()), transfer.ErrReceipt)

	text, err := received.Receipt.MarshalJSON()
	require.NoError(t, err)
	again, err := transfer.ParseReceipt(text)
	require.NoError(t, err)
	assert.Equal(t, received.Receipt, again)
	require.NoError(t, again.Verify(p.RecipientKeys.Public()))
}

func TestParseReceiptRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                       ``,
		"no JSON":                       `canary`,
		"two values":                    `{"receipt":{"version":1}}{}`,
		"an unknown version":            `{"receipt":{"version":2}}`,
		"no version":                    `{"receipt":{}}`,
		"null":                          `null`,
		"a member too many":             `{"receipt":{"version":1},"x":"canary"}`,
		"a member of the wrong type":    `{"receipt":{"version":1,"transfer":["canary"]}}`,
		"a member twice":                `{"receipt":{"version":1},"receipt":{"version":1}}`,
		"a signature that is no Base64": `{"receipt":{"version":1},"signature":"canary!"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transfer.ParseReceipt([]byte(text))
			require.ErrorIs(t, err, transfer.ErrReceipt)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}
