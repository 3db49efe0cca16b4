package transfer

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy"
)

// ErrApproval is the condition that an approval cannot be read, or does not count for a transfer; the text says why.
var ErrApproval = errors.New("the approval does not count")

const (
	approvalVersion = 1
	approvalContext = "passavant-approval/1\n"
	maxApproval     = 64 << 10 // bytes

	// MaxApprovalLife is how long an approval may be good for at most.
	MaxApprovalLife = 31 * 24 * time.Hour
)

// Approval is the signed statement of somebody whom the agreement names for a role that a transfer with certain facts may
// go ahead until a certain time. It says nothing about who may send it: it is shown with the request.
type Approval struct {
	Statement ApprovalStatement
	// Key is the id of the signing key; the agreement holds the key itself.
	Key string
	// Signature is Ed25519 over "passavant-approval/1\n" and the canonical JSON of the statement.
	Signature []byte
}

// ApprovalStatement is what is approved.
type ApprovalStatement struct {
	Version         int    `json:"version"`
	Agreement       string `json:"agreement"`
	AgreementDigest string `json:"agreement_digest"` // the version of the agreement
	Role            string `json:"role"`
	// Facts is the digest of the facts that were approved ([ApprovalDigest]).
	Facts string `json:"facts"`
	// Document binds the approval to one document; nil if it is for every document with these facts.
	Document *DocumentBinding `json:"document,omitempty"`
	Issued   time.Time        `json:"issued"`  // UTC, whole seconds; good from here
	Expires  time.Time        `json:"expires"` // until before here
}

// DocumentBinding is a salted commitment to the bytes of one document. Whoever holds the approval can test a guess of the
// document against it: an approval is as confidential as the document is.
type DocumentBinding struct {
	Salt string `json:"salt"` // 64 hexadecimal digits, random
	// Digest is "sha256:" and the hexadecimal SHA-256 of "passavant-approval-document/1\n", the salt's 32 bytes, and the document.
	Digest string `json:"digest"`
}

const (
	documentContext = "passavant-approval-document/1\n"
	documentSalt    = 32 // bytes
)

// BindDocument commits to a document, for [ApprovalTerms].
func BindDocument(document []byte) *DocumentBinding {
	var salt [documentSalt]byte
	_, _ = rand.Read(salt[:]) // never fails since Go 1.24; it ends the program instead
	return &DocumentBinding{Salt: hex.EncodeToString(salt[:]), Digest: documentDigest(salt[:], document)}
}

func documentDigest(salt, document []byte) string {
	return canonical.DigestBytes(slices.Concat([]byte(documentContext), salt, document))
}

// covers reports whether this is the document. Where there is none, as in a decision without one, it is not.
func (b *DocumentBinding) covers(document []byte) bool {
	salt, err := hex.DecodeString(b.Salt)
	return err == nil && len(salt) == documentSalt && document != nil && b.Digest == documentDigest(salt, document)
}

type approvalJSON struct {
	Approval  ApprovalStatement `json:"approval"`
	Key       string            `json:"key"`
	Signature string            `json:"signature"`
}

// MarshalJSON writes the approval as canonical JSON.
func (a *Approval) MarshalJSON() ([]byte, error) {
	return canonical.Marshal(approvalJSON{a.Statement, a.Key, base64.StdEncoding.EncodeToString(a.Signature)})
}

// ParseApproval reads an approval. It verifies nothing. Errors are [ErrApproval].
func ParseApproval(raw []byte) (*Approval, error) {
	if len(raw) > maxApproval {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrApproval, maxApproval)
	}
	var j approvalJSON
	if err := canonical.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrApproval, err)
	}
	if j.Approval.Version != approvalVersion {
		return nil, fmt.Errorf("%w: version %d; this program reads version %d", ErrApproval, j.Approval.Version, approvalVersion)
	}
	signature, err := base64.StdEncoding.DecodeString(j.Signature)
	if err != nil || len(signature) != ed25519.SignatureSize {
		return nil, fmt.Errorf("%w: its signature is not the base64 of an Ed25519 signature", ErrApproval)
	}
	return &Approval{Statement: j.Approval, Key: j.Key, Signature: signature}, nil
}

func (s ApprovalStatement) message() ([]byte, error) {
	statement, err := canonical.Marshal(s)
	if err != nil {
		return nil, err
	}
	return append([]byte(approvalContext), statement...), nil
}

// ApprovalDigest is the digest of what an approver sees of a question: agreement, parties, claims, and the evidence on
// the data and its labels. It leaves out the time, which the approval bounds itself, and evidence that arises after the approval
// or differs from one organisation to the other: approvals, and whose keys are known.
func ApprovalDigest(f policy.Facts) (string, error) {
	seen := map[string]any{
		"agreement": f.Agreement, "exporter": f.Exporter, "recipient": f.Recipient,
		"claims": orEmptyMap(f.Claims), "data": f.Evidence["data"],
	}
	for _, label := range []string{"marking", "pap", "handling_code"} {
		if value := f.Evidence[label]; value != nil {
			seen[label] = value
		}
	}
	return canonical.Digest(seen)
}

func orEmptyMap(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// ApprovalTerms say under which role a question is approved and for how long; both times are truncated to the second.
// Document, from [BindDocument], bounds the approval to one document.
type ApprovalTerms struct {
	Role            string
	Issued, Expires time.Time
	Document        *DocumentBinding
}

// Approve signs the approval of a question. The agreement must name the key for the role. It does not ask whether the policy
// would permit the transfer: that is decided when it is sent.
func Approve(e *policy.Engine, f policy.Facts, key crypto.Signer, terms ApprovalTerms) (*Approval, error) {
	a, found := e.Agreement(f.Agreement)
	if !found {
		return nil, fmt.Errorf("%w: no agreement %q is loaded", ErrApproval, f.Agreement)
	}
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: want an Ed25519 key", ErrApproval)
	}
	if !slices.ContainsFunc(approvalKeys(e, f.Agreement, terms.Role), public.Equal) {
		return nil, fmt.Errorf("%w: agreement %s does not name this key for the role %q", ErrApproval, f.Agreement, terms.Role)
	}
	digest, err := ApprovalDigest(f)
	if err != nil {
		return nil, fmt.Errorf("%w: the facts are not expressible as JSON", ErrApproval)
	}
	s := ApprovalStatement{
		Version: approvalVersion, Agreement: f.Agreement, AgreementDigest: a.Digest(), Role: terms.Role, Facts: digest,
		Document: terms.Document, Issued: terms.Issued.UTC().Truncate(time.Second), Expires: terms.Expires.UTC().Truncate(time.Second),
	}
	if problem := s.periodProblem(); problem != "" {
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
	return &Approval{Statement: s, Key: seal.KeyID(public), Signature: signature}, nil
}

func (s ApprovalStatement) periodProblem() string {
	switch life := s.Expires.Sub(s.Issued); {
	case life <= 0:
		return "it ends before it begins"
	case life > MaxApprovalLife:
		return fmt.Sprintf("it is good for more than %d days", MaxApprovalLife/(24*time.Hour))
	}
	return ""
}

// approvalKeys are the public keys that an agreement names for a role.
func approvalKeys(e *policy.Engine, agreement, role string) []crypto.PublicKey {
	a, found := e.Agreement(agreement)
	if !found {
		return nil
	}
	return a.ApprovalKeys(role)
}

// WithApprovals adds the roles of those approvals that count to the evidence of a question, sorted, each once. The
// second result says, for each approval that does not count, why; errors are [ErrApproval]. document is what shall be sent, for
// approvals of one document; nil if it is not known.
func WithApprovals(e *policy.Engine, f policy.Facts, approvals []*Approval, document []byte) (policy.Facts, []error) {
	roles := []string{}
	var problems []error
	for _, a := range approvals {
		if err := a.counts(e, f, document); err != nil {
			problems = append(problems, err)
			continue
		}
		roles = append(roles, a.Statement.Role)
	}
	slices.Sort(roles)
	evidence := make(map[string]any, len(f.Evidence)+1)
	for key, value := range f.Evidence {
		evidence[key] = value
	}
	evidence["approvals"] = texts(slices.Compact(roles))
	f.Evidence = evidence
	return f, problems
}

// counts verifies an approval against the question. Everything that it is bound to must be what it was.
func (a *Approval) counts(e *policy.Engine, f policy.Facts, document []byte) error {
	fail := func(problem string) error { return fmt.Errorf("%w: %s", ErrApproval, problem) }
	if a == nil {
		return fail("there is none")
	}
	s := a.Statement
	loaded, found := e.Agreement(f.Agreement)
	digest, err := ApprovalDigest(f)
	switch problem := s.periodProblem(); {
	case problem != "":
		return fail(problem)
	case !found || err != nil || s.Agreement != f.Agreement:
		return fail("it is for another agreement")
	case s.AgreementDigest != loaded.Digest():
		return fail("it is for another version of the agreement")
	case s.Facts != digest:
		return fail("it is for other facts")
	case s.Document != nil && !s.Document.covers(document):
		return fail("it is for one document, and this is not it")
	case f.At.Before(s.Issued):
		return fail("it is not good yet")
	case !f.At.Before(s.Expires):
		return fail("it has expired")
	}
	message, err := s.message()
	if err != nil {
		return err
	}
	for _, key := range approvalKeys(e, f.Agreement, s.Role) {
		public, _ := key.(ed25519.PublicKey)
		if seal.KeyID(public) == a.Key && ed25519.Verify(public, message, a.Signature) {
			return nil
		}
	}
	return fail(fmt.Sprintf("no key that the agreement names for the role %q signed it", s.Role))
}

// approvalFields are what a record says of the approvals that were shown: role and digest, so that a later reader can tell
// that an approval he is given is the one. Whether it counted, the facts say.
func approvalFields(approvals []*Approval) map[string]string {
	if len(approvals) == 0 {
		return nil
	}
	fields := make(map[string]string, len(approvals))
	for _, a := range approvals {
		if a == nil || !isCode(a.Statement.Role) {
			continue
		}
		if digest, err := canonical.Digest(a); err == nil {
			fields["approval_"+a.Statement.Role] = digest
		}
	}
	return fields
}
