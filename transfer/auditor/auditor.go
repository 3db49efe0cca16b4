// Package auditor reads a party's log for people: it selects records, makes evidence packs, opens single fields, decides
// again what was decided, and draws up the reports that the law asks for. It changes nothing; whoever lets people read
// with it records their reading (transfer.RecordReading).
//
// What a program needs to check the results is less: package audit for the log, package audit/evidence for packs.
package auditor

import (
	"errors"
	"fmt"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer"
)

// Auditor is a log with what belongs to it. Reader is required.
type Auditor struct {
	// Reader is the log. It is for one goroutine, and so is the Auditor.
	Reader *audit.Reader
	// Archives finds the archive of a policy revision; nil if there are none.
	Archives func(revision string) (policy.Archive, error)
	// Own and Partners hold the signing keys that packs show; Partners may be nil.
	Own      keyring.Public
	Partners transfer.Partners
	// Opener opens sealed details, in the audit role; nil if it has no key, and then they count as erased.
	Opener *seal.DetailOpener
	// Engines keeps compiled revisions from one Auditor to the next; nil means one of its own. It is for one goroutine.
	Engines map[string]*policy.Engine

	agreements map[string]*agreement.Agreement // by digest, as the archives have them
}

// ErrErased is the condition that what was asked for lay in a detail, and the detail is gone.
var ErrErased = errors.New("the detail of the record was erased")

// details returns what the side store keeps of a transfer, oldest first; none without error if it was erased.
func (a *Auditor) details(transferID string) ([]transfer.Detail, error) {
	raw, err := a.Reader.Details(transferID)
	if errors.Is(err, audit.ErrNoDetail) || errors.Is(err, audit.ErrErased) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := make([]transfer.Detail, 0, len(raw))
	for _, r := range raw {
		d, found, err := a.parseDetail(transferID, r)
		if err != nil {
			return nil, fmt.Errorf("transfer %s: %w", transferID, err)
		}
		if found {
			all = append(all, d)
		}
	}
	return all, nil
}

// parseDetail opens a detail and reads it. What is sealed to a key that is not at hand is as good as erased: that is what
// destroying the key is for.
func (a *Auditor) parseDetail(transferID string, raw []byte) (d transfer.Detail, found bool, err error) {
	if seal.IsSealedDetail(raw) {
		if a.Opener == nil {
			return d, false, nil
		}
		if raw, err = a.Opener.Open(transferID, raw); err != nil {
			return d, false, nil
		}
	}
	d, err = transfer.ParseDetail(raw)
	return d, err == nil, err
}

// ofTransfer returns the numbers of all records of a transfer.
func (a *Auditor) ofTransfer(id string) ([]int64, error) {
	var numbers []int64
	for i, r := range a.Reader.All(0) {
		if r.Transfer == id {
			numbers = append(numbers, i)
		}
	}
	return numbers, a.Reader.Err()
}
