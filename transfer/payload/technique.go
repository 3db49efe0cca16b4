package payload

import (
	"errors"
	"fmt"
	"strings"
)

// The techniques of a [Treatment], from the mildest to the strictest (docs/techniques.md). An unknown one refuses at
// [Compile].
const (
	Keep           = "keep"            // leaves as it is
	Scrub          = "scrub"           // free text without the record's own and other identifiers (docs/bulk.md)
	Mask           = "mask"            // "****", and the last keep_last characters if at least as many are hidden
	Generalize     = "generalise"      // a coarser value; parameter "to" says how
	ShiftDate      = "shift_date"      // a date moved by the days of its subject
	PreservePrefix = "preserve_prefix" // an address whose common prefixes are those of the original (Crypto-PAn)
	SplitEmail     = "split_email"     // pseudonyms for local part and domain of an e-mail address
	PreserveFormat = "preserve_format" // a value of the same form (FF1, NIST SP 800-38G)
	Tokenize       = "tokenise"        // a token that the exporter can lead back (AES-SIV, RFC 5297)
	Pseudonymize   = "pseudonymise"    // a keyed one-way pseudonym (EDPB Guidelines 01/2025)
	Redact         = "redact"          // a fixed text
	Drop           = "drop"            // does not leave
)

// TechniqueNames returns all techniques, from the mildest to the strictest. Where two rules meet, the later one wins.
func TechniqueNames() []string {
	return []string{
		Keep, Scrub, Mask, Generalize, ShiftDate, PreservePrefix, SplitEmail, PreserveFormat, Tokenize, Pseudonymize, Redact, Drop,
	}
}

// IsKeyed reports whether a technique computes with the keys of a pseudonymisation domain.
func IsKeyed(technique string) bool {
	switch technique {
	case ShiftDate, PreservePrefix, SplitEmail, PreserveFormat, Tokenize, Pseudonymize:
		return true
	}
	return false
}

// Techniques is a [Pseudonymizer] that knows the keyed techniques beside the one-way pseudonym. A plan that uses one of them
// refuses another Pseudonymizer. Each appends its result to dst and reports false, with dst as it was, for a value that it
// cannot treat. kind is the [Kind] of the field; it normalises values of categories that have no normalisation of their own.
type Techniques interface {
	Pseudonymizer
	// AppendPseudonymOf is AppendPseudonym for a value of a kind.
	AppendPseudonymOf(dst []byte, category, kind string, value []byte) []byte
	// AppendToken appends a reversible token: "tok_" and base64url.
	AppendToken(dst []byte, category, kind string, value []byte) ([]byte, bool)
	// AppendFormat appends a value of the form iban, iban-bank, card (whose first keep digits stay), phone, digits or
	// alphanumeric.
	AppendFormat(dst []byte, category, format string, keep int, value []byte) ([]byte, bool)
	// AppendAddress appends an IP address with the common prefixes of the original.
	AppendAddress(dst []byte, category string, value []byte) ([]byte, bool)
	// AppendEmail appends an e-mail address with a pseudonym for its local part, and one for its domain unless keepDomain.
	AppendEmail(dst []byte, category string, keepDomain bool, value []byte) ([]byte, bool)
	// ShiftDays returns by how many days the dates of a subject move. category and kind are those of the value that
	// identifies the subject.
	ShiftDays(category, kind string, window int, subject []byte) (int, bool)
}

// ErrNoTechniques is the condition that a plan uses a technique that the [Pseudonymizer] does not know.
var ErrNoTechniques = errors.New("payload: the plan uses a technique that the pseudonymizer does not know")

// accepts checks that ps can do what the plan needs.
func (p *Plan) accepts(ps Pseudonymizer) error {
	if p.keyed && ps == nil {
		return ErrNoPseudonymizer
	}
	if _, ok := ps.(Techniques); p.techniques && !ok {
		return ErrNoTechniques
	}
	return nil
}

// isHash reports whether a technique is a hash without a key, by the names under which people ask for one.
func isHash(technique string) bool {
	name := strings.NewReplacer("-", "", "_", "", " ", "", "/", "").Replace(strings.ToLower(technique))
	for _, prefix := range []string{"sha", "md", "ripemd", "blake", "whirlpool", "crc", "adler", "fnv", "murmur", "xxhash", "bcrypt", "scrypt", "argon", "pbkdf"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return strings.Contains(name, "hash") || strings.Contains(name, "digest") || name == "checksum"
}

func (t Treatment) unknown() error {
	if isHash(t.Technique) {
		return fmt.Errorf("technique %q is a hash without a key: whoever lists the possible values can compute it too; use %s", t.Technique, Pseudonymize)
	}
	return fmt.Errorf("unknown technique %q", t.Technique)
}
