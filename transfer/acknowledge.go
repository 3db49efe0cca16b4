package transfer

import (
	"fmt"
	"strconv"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
)

// Acknowledge verifies a receipt that came back another way than through the transport, and records it. The log must
// hold the intent that the receipt answers: a partner cannot have it acknowledge what was never sent to that partner. An
// unacceptable receipt is ErrReceipt or ErrUnknownPartner.
func (s *Sender) Acknowledge(receipt *Receipt) error {
	if err := s.verifyReceipt(receipt); err != nil {
		return err
	}
	if err := s.findIntent(receipt.Statement); err != nil {
		return err
	}
	return s.recordReceipt(receipt)
}

func (s *Sender) verifyReceipt(receipt *Receipt) error {
	statement := receipt.Statement
	if statement.Exporter != s.Keys.Party() {
		return fmt.Errorf("%w: it is for another exporter", ErrReceipt)
	}
	partner, err := s.Partners.Partner(statement.Recipient)
	if err != nil {
		return err
	}
	return receipt.Verify(partner)
}

func (s *Sender) findIntent(statement ReceiptStatement) error {
	reader, err := audit.OpenReader(s.Log.Dir(), s.Log.VerifierKey())
	if err != nil {
		return err
	}
	defer func() { _ = reader.Close() }()
	for _, r := range reader.All(0) {
		if r.Type == audit.Intent && r.Transfer == statement.Transfer && r.Recipient == statement.Recipient &&
			r.EnvelopeDigest == statement.EnvelopeDigest {
			return nil
		}
	}
	if err := reader.Err(); err != nil {
		return err
	}
	return fmt.Errorf("%w: the log holds no intent for the envelope", ErrReceipt)
}

// acknowledge verifies that the receipt which the transport brought back is the one for this transfer.
func (s *Sender) acknowledge(receipt *Receipt, out *outbound) error {
	statement := receipt.Statement
	if statement.Transfer != out.id || statement.Recipient != out.req.Recipient || statement.EnvelopeDigest != sealedDigest(out.sealed) {
		return fmt.Errorf("transfer %s was delivered, but the answer is %w: it is of another envelope", out.id, ErrReceipt)
	}
	if err := s.verifyReceipt(receipt); err != nil {
		return fmt.Errorf("transfer %s was delivered, but the answer is not acceptable: %w", out.id, err)
	}
	return s.recordReceipt(receipt)
}

func (s *Sender) recordReceipt(receipt *Receipt) error {
	digest, err := canonical.Digest(receipt)
	if err != nil {
		return err
	}
	statement := receipt.Statement
	return s.Log.Enqueue(audit.Record{
		Type: audit.Acknowledged, Transfer: statement.Transfer, Exporter: statement.Exporter, Recipient: statement.Recipient,
		EnvelopeDigest: statement.EnvelopeDigest,
		Fields: map[string]string{
			"receipt": digest, "recipient_record": strconv.FormatInt(statement.Record, 10), "recipient_key": receipt.Key,
		},
	})
}
