package desk

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
)

// The fields of a record of an attempt.
const (
	fieldAction   = "action"
	fieldOutcome  = "outcome"
	fieldTransfer = "transfer"
	fieldDecision = "decision"
)

// refuse records a refusal that is not the policy's, and returns it.
func (t *attempt) refuse(ctx context.Context, cause string, reason error) error {
	if _, err := t.record(ctx, audit.Refused, cause, "", nil); err != nil {
		return errors.Join(reason, err)
	}
	return reason
}

// record makes an attempt durable. value is what would be told; the log commits to it.
func (t *attempt) record(ctx context.Context, typ audit.Type, cause, outcome string, value []byte) (index int64, err error) {
	r := audit.Record{
		Type: typ, Transfer: policy.Reidentify + "-" + newID(), Cause: cause, Exporter: t.Keys.Party(), Recipient: t.intent.Recipient,
		Agreement: t.intent.Agreement, Purpose: t.intent.Purpose, Basis: t.decision.Basis, FactsDigest: t.decision.FactsDigest,
		PolicyRevision: t.decision.Revision, DataVersion: t.decision.DataVersion,
		Fields: map[string]string{fieldAction: policy.Reidentify},
	}
	for name, text := range map[string]string{fieldOutcome: outcome, fieldTransfer: t.intent.Transfer, fieldDecision: t.decision.Digest} {
		if text != "" {
			r.Fields[name] = text
		}
	}
	for i, key := range t.keys {
		r.Fields[fmt.Sprintf("approver_%d", i+1)] = key
	}
	if t.item.Path != "" {
		r.Manifest = &audit.Manifest{KeyID: t.intent.Manifest.KeyID, Items: []audit.Treated{{
			Count: 1, Path: t.item.Path, Technique: t.item.Technique, Params: t.item.Params,
		}}}
	}
	detail, err := t.commit(&r, value)
	if err != nil {
		return 0, err
	}
	entry, err := t.Log.Append(ctx, r, detail)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", transfer.ErrNotRecorded, err)
	}
	return entry.Index, nil
}

// commit puts salted commitments into the record, and returns what opens them but for the value: who, why, and the salts.
func (t *attempt) commit(r *audit.Record, value []byte) ([]byte, error) {
	who, err := canonical.Marshal(map[string]string{
		"actor": t.by.Name, "reference": t.request.CaseReference, "justification": t.request.Justification,
	})
	if err != nil {
		return nil, err
	}
	parts := map[string][]byte{"person": who, "pseudonym": []byte(t.request.Value)}
	if value != nil {
		parts["value"] = value
	}
	r.Commitments = make(map[string]string, len(parts))
	salts := make(map[string]string, len(parts))
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		salt := audit.NewSalt()
		r.Commitments[name] = audit.Commit(name, salt, parts[name])
		salts[name] = hex.EncodeToString(salt[:])
	}
	opening, err := canonical.Marshal(salts)
	if err != nil {
		return nil, err
	}
	facts := t.decision.FactsCanonical
	if facts == nil {
		facts = []byte("null")
	}
	return slices.Concat([]byte(`{"facts":`), facts, []byte(`,"person":`), who, []byte(`,"salts":`), opening, []byte("}")), nil
}

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails since Go 1.24; it ends the program instead
	return hex.EncodeToString(id[:])
}
