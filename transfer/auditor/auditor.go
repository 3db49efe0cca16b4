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
		d, err := transfer.ParseDetail(r)
		if err != nil {
			return nil, fmt.Errorf("transfer %s: %w", transferID, err)
		}
		all = append(all, d)
	}
	return all, nil
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
