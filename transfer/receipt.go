package transfer

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
)

// ErrReceipt is the condition that a receipt cannot be read, or that its signature does not verify.
var ErrReceipt = errors.New("invalid receipt")

const (
	receiptVersion = 1
	receiptContext = "passavant-receipt/1\n"
)

// Receipt is the recipient's signed statement that it verified, opened and recorded an envelope.
type Receipt struct {
	Statement ReceiptStatement
	// Key is the id of the recipient's signing key.
	Key string
	// Signature is Ed25519 over "passavant-receipt/1\n" and the canonical JSON of the statement.
	Signature []byte
}

// ReceiptStatement is what a receipt states.
type ReceiptStatement struct {
	Version        int       `json:"version"`
	Transfer       string    `json:"transfer"`
	Exporter       string    `json:"exporter"`
	Recipient      string    `json:"recipient"`
	EnvelopeDigest string    `json:"envelope_digest"`
	Received       time.Time `json:"received"` // UTC, whole seconds
	// Record is the index of the "received" record in the recipient's log, Head the signed tree head that covers it.
	Record int64  `json:"record"`
	Head   string `json:"head"`
	// Duties are the codes of the obligations that the recipient took on.
	Duties []string `json:"duties"`
}

type receiptJSON struct {
	Receipt   ReceiptStatement `json:"receipt"`
	Key       string           `json:"key"`
	Signature string           `json:"signature"`
}

// MarshalJSON writes the receipt as canonical JSON.
func (r *Receipt) MarshalJSON() ([]byte, error) {
	return canonical.Marshal(receiptJSON{r.Statement, r.Key, base64.StdEncoding.EncodeToString(r.Signature)})
}

// ParseReceipt reads a receipt. It verifies nothing; [Receipt.Verify] does.
func ParseReceipt(raw []byte) (*Receipt, error) {
	var j receiptJSON
	if err := canonical.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if j.Receipt.Version != receiptVersion {
		return nil, fmt.Errorf("%w: version %d; this program reads version %d", ErrReceipt, j.Receipt.Version, receiptVersion)
	}
	signature, err := base64.StdEncoding.DecodeString(j.Signature)
	if err != nil {
		return nil, fmt.Errorf("%w: the signature is not base64", ErrReceipt)
	}
	return &Receipt{Statement: j.Receipt, Key: j.Key, Signature: signature}, nil
}

// Verify reports whether the recipient's published keys made the signature.
func (r *Receipt) Verify(recipient keyring.Public) error {
	if recipient.Party != r.Statement.Recipient {
		return fmt.Errorf("%w: it is of another party than the keys", ErrReceipt)
	}
	message, err := r.Statement.message()
	if err != nil {
		return err
	}
	key, err := recipient.Verifier(r.Key)
	if err != nil || !ed25519.Verify(key.Public(), message, r.Signature) {
		return fmt.Errorf("%w: the signature does not verify", ErrReceipt)
	}
	return nil
}

// maxExact is the first integer that RFC 8785 cannot tell from its neighbour.
const maxExact = 1 << 53

// message is what the recipient signs. Numbers that canonical JSON would round are refused: the signature of one would be
// good for another.
func (s ReceiptStatement) message() ([]byte, error) {
	if s.Record < 0 || s.Record >= maxExact {
		return nil, fmt.Errorf("%w: no log has such a record", ErrReceipt)
	}
	statement, err := canonical.Marshal(s)
	if err != nil {
		return nil, err
	}
	return append([]byte(receiptContext), statement...), nil
}

func signReceipt(s ReceiptStatement, key *seal.SigningKey) (*Receipt, error) {
	message, err := s.message()
	if err != nil {
		return nil, err
	}
	signature, err := key.Sign(nil, message, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("signing the receipt: %w", err)
	}
	return &Receipt{Statement: s, Key: key.ID(), Signature: signature}, nil
}

var _ json.Marshaler = (*Receipt)(nil)
