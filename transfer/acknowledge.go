package transfer

import (
	"fmt"
	"strconv"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
)

// Acknowledge verifies a receipt that came back another way than through the transport, and records it.
func (s *Sender) Acknowledge(receipt *Receipt) error {
	statement := receipt.Statement
	if statement.Exporter != s.Keys.Party() {
		return fmt.Errorf("%w: it is for another exporter", ErrReceipt)
	}
	partner, err := s.Partners.Partner(statement.Recipient)
	if err != nil {
		return err
	}
	if err := receipt.Verify(partner); err != nil {
		return err
	}
	return s.recordReceipt(receipt)
}

// acknowledge verifies that the receipt which the transport brought back is the one for this transfer.
func (s *Sender) acknowledge(receipt *Receipt, out *outbound) error {
	statement := receipt.Statement
	if statement.Transfer != out.id || statement.EnvelopeDigest != sealedDigest(out.sealed) {
		return fmt.Errorf("transfer %s was delivered, but the answer is %w: it is of another envelope", out.id, ErrReceipt)
	}
	if err := s.Acknowledge(receipt); err != nil {
		return fmt.Errorf("transfer %s was delivered, but the answer is not acceptable: %w", out.id, err)
	}
	return nil
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
