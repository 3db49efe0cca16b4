package transfer

import (
	"iter"
	"maps"
	"strings"

	"github.com/passavant/passavant/audit"
)

// The fields by which a record says what keys it used. Every use stands in the log, so counting them is reading it.
const (
	fieldSigned = "key_sign" // our signing key: of the envelope, or of the receipt
	fieldSealed = "key_seal" // the recipient's key to which we sealed
	fieldOpened = "key_open" // our key that opened
)

// withKeys adds the keys that a transfer used.
func withKeys(fields map[string]string, out *outbound) map[string]string {
	fields = maps.Clone(fields)
	if fields == nil {
		fields = make(map[string]string, 2)
	}
	fields[fieldSigned] = out.keys.signer.ID()
	if to, err := out.partner.Recipient(); err == nil {
		fields[fieldSealed] = to.ID()
	}
	return fields
}

// KeyUses counts, by key id, how often a party used its keys according to its log: envelopes and receipts signed,
// envelopes opened, documents pseudonymised. A notice counts as what it is, an envelope.
func KeyUses(records iter.Seq2[int64, audit.Record]) map[string]int64 {
	uses := map[string]int64{}
	for _, r := range records {
		for _, field := range []string{fieldSigned, fieldOpened} {
			if id := r.Fields[field]; id != "" {
				uses[id]++
			}
		}
		if r.Type == audit.Intent && r.Manifest != nil && r.Manifest.KeyID != "" {
			id, _, _ := strings.Cut(r.Manifest.KeyID, "/") // key and epoch
			uses[id]++
		}
	}
	return uses
}
