package transfer

import (
	"context"
	"fmt"

	"github.com/passavant/passavant/audit"
)

// recordRevision writes a policy-change record if the log's last decision was made under another revision, so that an
// auditor sees when the rules changed.
func (s *Sender) recordRevision() error {
	last, err := s.lastRevision()
	if err != nil {
		return fmt.Errorf("transfer: reading the log for the last policy revision: %w", err)
	}
	if last == s.Engine.Revision() {
		return nil
	}
	_, err = s.Log.Append(context.Background(), audit.Record{
		Type: audit.PolicyChange, Exporter: s.Keys.Party(),
		PolicyRevision: s.Engine.Revision(), DataVersion: s.Engine.DataVersion(),
	}, nil)
	if err != nil {
		return fmt.Errorf("transfer: recording the policy revision: %w", err)
	}
	return nil
}

// lastRevision looks back to the newest record that names a revision: usually the newest decision.
func (s *Sender) lastRevision() (string, error) {
	reader, err := audit.OpenReader(s.Log.Dir(), s.Log.VerifierKey())
	if err != nil {
		return "", err
	}
	defer func() { _ = reader.Close() }()
	for i := reader.Size() - 1; i >= 0; i-- {
		r, _, err := reader.Record(i)
		if err != nil {
			return "", err
		}
		if r.PolicyRevision != "" {
			return r.PolicyRevision, nil
		}
	}
	return "", nil
}
