package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	return s.recordReceipt(context.Background(), receipt)
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

// digest names the envelope of a transfer, also of one that went through a file.
func (out *outbound) digest() string {
	digest, _ := out.message()
	return digest
}

// acknowledge verifies that the receipt which the transport brought back is the one for this transfer.
func (s *Sender) acknowledge(ctx context.Context, receipt *Receipt, out *outbound) error {
	statement := receipt.Statement
	if statement.Transfer != out.id || statement.Recipient != out.req.Recipient || statement.EnvelopeDigest != out.digest() {
		return fmt.Errorf("transfer %s was delivered, but the answer is %w: it is of another envelope", out.id, ErrReceipt)
	}
	if err := s.verifyReceipt(receipt); err != nil {
		return fmt.Errorf("transfer %s was delivered, but the answer is not acceptable: %w", out.id, err)
	}
	return s.recordReceipt(ctx, receipt)
}

// recordReceipt makes the receipt durable: its digest in the log, the receipt itself beside it.
func (s *Sender) recordReceipt(ctx context.Context, receipt *Receipt) error {
	text, err := canonical.Marshal(receipt)
	if err != nil {
		return err
	}
	statement := receipt.Statement
	_, err = s.Log.Append(context.WithoutCancel(ctx), audit.Record{
		Type: audit.Acknowledged, Transfer: statement.Transfer, Exporter: statement.Exporter, Recipient: statement.Recipient,
		EnvelopeDigest: statement.EnvelopeDigest,
		Fields: map[string]string{
			"receipt":          canonical.DigestBytes(text),
			"recipient_record": strconv.FormatInt(statement.Record, 10), "recipient_key": receipt.Key,
		},
	}, slices.Concat([]byte(`{"receipt":`), text, []byte("}")))
	return err
}

// ErrNotInDoubt is the condition that a transfer is settled, or unknown, and cannot be reconciled.
var ErrNotInDoubt = errors.New("the transfer is not in doubt")

// The ways in which a transfer in doubt is settled.
const (
	ReconciledDelivered    = "delivered"     // the recipient says that it has the envelope
	ReconciledNotDelivered = "not-delivered" // the recipient says that it has not
)

// Reconcile settles a transfer that a crash or a lost answer left in doubt, after somebody has asked the recipient. Who
// did and why lie in the erasable side store; the log holds a commitment.
func (s *Sender) Reconcile(ctx context.Context, transferID, outcome, actor, why string) error {
	if outcome != ReconciledDelivered && outcome != ReconciledNotDelivered {
		return fmt.Errorf("the outcome must be %q or %q", ReconciledDelivered, ReconciledNotDelivered)
	}
	if !slices.Contains(s.Log.InDoubt(), transferID) {
		return fmt.Errorf("%w: %s", ErrNotInDoubt, strconv.QuoteToASCII(transferID))
	}
	return appendByPerson(ctx, s.Log, audit.Record{
		Type: audit.Reconciled, Transfer: transferID, Exporter: s.Keys.Party(),
		Fields: map[string]string{"outcome": outcome},
	}, nil, person{Actor: actor, Justification: why})
}
