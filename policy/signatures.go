package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/passavant/passavant/policy/agreement"
)

// Signers knows the keys with which parties sign. Cryptography stays outside of this package: package transfer has one.
type Signers interface {
	// Partner reports whether keys of the party, as a partner, are known.
	Partner(party string) bool
	// Verify checks an Ed25519 signature of the party over the message. It returns an error that wraps ErrUnknownSigner if
	// the key is not known to be the party's, and any other error if the signature is not the key's.
	Verify(party, key string, message, signature []byte) error
}

// ErrUnknownSigner is the condition that a key is not known to be the party's.
var ErrUnknownSigner = errors.New("not a known key of the party")

// SignatureRule says whether agreements without the signatures of exporter and recipient may decide.
type SignatureRule string

// The rules. By default signatures are required of an agreement as soon as the keys of one of its parties are known as a
// partner's, and Options.Signers says so; without Signers nothing could be verified, and nothing is required.
const (
	SignaturesDefault  SignatureRule = ""
	SignaturesRequired SignatureRule = "required"
	SignaturesOptional SignatureRule = "optional"
)

// The values of the fact agreement.signatures.
const (
	signaturesVerified    = "verified"
	signaturesMissing     = "missing"
	signaturesNotRequired = "not_required"
)

// SignatureStatus is what is known of the signatures of one agreement.
type SignatureStatus struct {
	Required bool
	// Signed are the parties whose signature of this very version was verified.
	Signed map[string]bool
	// Problems says why a signature that is there does not count.
	Problems []string
}

// between is the fact for a transfer: both sides must have signed.
func (s SignatureStatus) between(exporter, recipient string) string {
	switch {
	case s.Signed[exporter] && s.Signed[recipient]:
		return signaturesVerified
	case s.Required:
		return signaturesMissing
	}
	return signaturesNotRequired
}

// Signatures says who has signed the loaded version of an agreement.
func (e *Engine) Signatures(id string) SignatureStatus { return e.signatures[id] }

// RulesDigest is the digest of an agreement's own rules, "" if it has none: part of what a party signs.
func (e *Engine) RulesDigest(id string) string { return e.ownRules[id] }

// readSignatures reads agreements/<id>/signatures/<party>.json.
func (l *library) readSignatures(tree fs.FS, dir string, a *agreement.Agreement) error {
	files, err := fs.Glob(tree, path.Join(dir, "signatures", "*.json"))
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range files {
		document, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		s, err := agreement.ParseSignature(name, document)
		if err == nil && s.Statement.Party != strings.TrimSuffix(path.Base(name), ".json") {
			err = s.Fault("party", "the signature is of another party; name the file <party>.json")
		}
		errs = append(errs, err)
		l.signatures[a.ID] = append(l.signatures[a.ID], s)
	}
	return errors.Join(errs...)
}

// checkSignatures verifies what was read. A signature that its key did not make, and words that changed after signing,
// refuse to load; a signature of an older version, or by a key that nobody knows, only does not count.
func (l *library) checkSignatures(opts Options) (map[string]SignatureStatus, error) {
	all := map[string]SignatureStatus{}
	var errs []error
	for id, a := range l.agreements {
		status := SignatureStatus{Required: requiresSignatures(a, opts), Signed: map[string]bool{}}
		for _, s := range l.signatures[id] {
			problem, err := l.verify(a, s, opts.Signers)
			switch {
			case err != nil:
				errs = append(errs, err)
			case problem != "":
				status.Problems = append(status.Problems, s.Statement.Party+": "+problem)
			default:
				status.Signed[s.Statement.Party] = true
			}
		}
		all[id] = status
	}
	return all, errors.Join(errs...)
}

func requiresSignatures(a *agreement.Agreement, opts Options) bool {
	if opts.Signatures != SignaturesDefault {
		return opts.Signatures != SignaturesOptional
	}
	for _, p := range a.Parties {
		if opts.Signers != nil && opts.Signers.Partner(p.ID) {
			return true
		}
	}
	return false
}

func (l *library) verify(a *agreement.Agreement, s agreement.Signature, signers Signers) (problem string, err error) {
	covers, err := s.Covers(a, l.ownRules[a.ID])
	switch {
	case err != nil:
		return "", err
	case s.Statement.Version != a.Version:
		return fmt.Sprintf("signed version %s, and this is %s", s.Statement.Version, a.Version), nil
	case !covers:
		return "the agreement was changed after signing", nil
	case signers == nil:
		return "no keys to verify signatures with", nil
	}
	message, err := s.Statement.Message()
	if err != nil {
		return "", err
	}
	err = signers.Verify(s.Statement.Party, s.Key, message, s.Signature)
	if errors.Is(err, ErrUnknownSigner) {
		return "signed with a key that is not known as the party's", nil
	}
	if err != nil {
		return "", s.Fault("signature", "the signature does not verify")
	}
	return "", nil
}
