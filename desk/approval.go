package desk

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy/agreement"
)

// ApprovalRole is the role under which an agreement names the keys that approve re-identifications.
const ApprovalRole = "reidentification"

// MaxApprovalLife is how long an approval may be good for at most.
const MaxApprovalLife = 7 * 24 * time.Hour

// ErrApproval is the condition that an approval cannot be read, or does not count; the text says why.
var ErrApproval = errors.New("the approval does not count")

const (
	approvalVersion = 1
	approvalContext = "passavant-reidentification/1\n"
)

// Approval is the signed statement of somebody whom the agreement names that one pseudonym may be led back.
type Approval struct {
	Statement Statement `json:"approval"`
	Key       string    `json:"key"`       // id of the signing key; the agreement holds the key itself
	Signature string    `json:"signature"` // base64 of Ed25519 over "passavant-reidentification/1\n" and the statement, canonical
}

// Statement is what is approved.
type Statement struct {
	Version         int       `json:"version"`
	Agreement       string    `json:"agreement"`
	AgreementDigest string    `json:"agreement_digest"` // the version in force
	Request         string    `json:"request"`          // Request.Digest
	Issued          time.Time `json:"issued"`           // UTC, whole seconds; good from here
	Expires         time.Time `json:"expires"`          // until before here
}

// ParseApproval reads an approval. It verifies nothing. Errors are [ErrApproval].
func ParseApproval(raw []byte) (*Approval, error) {
	var a Approval
	if len(raw) > maxRequest {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrApproval, maxRequest)
	}
	if err := canonical.Unmarshal(raw, &a); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrApproval, err)
	}
	if a.Statement.Version != approvalVersion {
		return nil, fmt.Errorf("%w: version %d; this program reads version %d", ErrApproval, a.Statement.Version, approvalVersion)
	}
	return &a, nil
}

func (s Statement) message() ([]byte, error) {
	text, err := canonical.Marshal(s)
	return append([]byte(approvalContext), text...), err
}

// Approve signs an approval. The agreement must name the key under [ApprovalRole]; times are truncated to the second.
func Approve(a *agreement.Agreement, r Request, key crypto.Signer, issued, expires time.Time) (*Approval, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok || !slices.ContainsFunc(approvers(a), public.Equal) {
		return nil, fmt.Errorf("%w: agreement %s does not name this key for the role %q", ErrApproval, a.ID, ApprovalRole)
	}
	digest, err := r.Digest()
	if err != nil {
		return nil, fmt.Errorf("%w: the request is not expressible as JSON", ErrApproval)
	}
	s := Statement{
		Version: approvalVersion, Agreement: a.ID, AgreementDigest: a.Digest(), Request: digest,
		Issued: issued.UTC().Truncate(time.Second), Expires: expires.UTC().Truncate(time.Second),
	}
	if problem := s.period(); problem != "" {
		return nil, fmt.Errorf("%w: %s", ErrApproval, problem)
	}
	message, err := s.message()
	if err != nil {
		return nil, err
	}
	signature, err := key.Sign(nil, message, crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("signing the approval: %w", err)
	}
	return &Approval{s, seal.KeyID(public), base64.StdEncoding.EncodeToString(signature)}, nil
}

func (s Statement) period() string {
	switch life := s.Expires.Sub(s.Issued); {
	case life <= 0:
		return "it ends before it begins"
	case life > MaxApprovalLife:
		return fmt.Sprintf("it is good for more than %d days", MaxApprovalLife/(24*time.Hour))
	}
	return ""
}

func approvers(a *agreement.Agreement) []crypto.PublicKey { return a.ApprovalKeys(ApprovalRole) }

// counting returns the ids of the different keys whose approvals count, sorted, and why others do not.
func counting(a *agreement.Agreement, r Request, approvals []*Approval, now time.Time) (keys []string, problems []error) {
	for _, approval := range approvals {
		if problem := approval.problem(a, r, now); problem != "" {
			problems = append(problems, fmt.Errorf("%w: %s", ErrApproval, problem))
			continue
		}
		keys = append(keys, approval.Key)
	}
	slices.Sort(keys)
	return slices.Compact(keys), problems
}

// problem verifies an approval. Everything that it is bound to must be what it was.
func (p *Approval) problem(a *agreement.Agreement, r Request, now time.Time) string {
	if p == nil {
		return "there is none"
	}
	s := p.Statement
	digest, err := r.Digest()
	switch period := s.period(); {
	case period != "":
		return period
	case s.Agreement != a.ID:
		return "it is for another agreement"
	case s.AgreementDigest != a.Digest():
		return "it is for another version of the agreement"
	case err != nil || s.Request != digest:
		return "it is for another request"
	case now.Before(s.Issued):
		return "it is not good yet"
	case !now.Before(s.Expires):
		return "it has expired"
	}
	message, err := s.message()
	signature, wrong := base64.StdEncoding.DecodeString(p.Signature)
	if err != nil || wrong != nil {
		return "its signature cannot be read"
	}
	for _, key := range approvers(a) {
		public, _ := key.(ed25519.PublicKey)
		if seal.KeyID(public) == p.Key && ed25519.Verify(public, message, signature) {
			return ""
		}
	}
	return fmt.Sprintf("no key that the agreement names for the role %q signed it", ApprovalRole)
}
