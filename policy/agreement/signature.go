package agreement

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"regexp"
	"time"

	"github.com/passavant/passavant/internal/canonical"
)

// SignatureContext stands in front of every signed statement, so that no signature can be taken for one of another kind.
const SignatureContext = "passavant-agreement/1\n"

// Statement is what a party signs of an agreement: Ed25519 (RFC 8032) over SignatureContext and the canonical JSON
// (RFC 8785) of the statement. Digest stands for the canonical form of the whole document.
type Statement struct {
	Agreement string `json:"agreement"`
	Version   string `json:"version"`
	Digest    string `json:"digest"` // Agreement.Digest
	Text      string `json:"text"`   // Agreement.TextDigest: clauses and legal text
	// Rules is the digest of rules.rego, "" if the agreement has no rules of its own.
	Rules    string    `json:"rules,omitempty"`
	Party    string    `json:"party"`
	SignedAt time.Time `json:"signed_at"` // UTC, whole seconds
}

// Statement is what the party signs of this version. rules is the digest of the agreement's own rules, or "".
func (a *Agreement) Statement(party, rules string, at time.Time) Statement {
	return Statement{
		Agreement: a.ID, Version: a.Version, Digest: a.digest, Text: a.TextDigest(), Rules: rules,
		Party: party, SignedAt: at.UTC().Truncate(time.Second),
	}
}

// Message is the bytes that are signed.
func (s Statement) Message() ([]byte, error) {
	statement, err := canonical.Marshal(s)
	if err != nil {
		return nil, err
	}
	return append([]byte(SignatureContext), statement...), nil
}

// Signature is one party's signature of one version: agreements/<id>/signatures/<party>.json. This package reads it and
// compares it with the document; whether the key made it, and is the party's, others say.
type Signature struct {
	Statement Statement
	Key       string // id of the signing key
	Signature []byte

	file  string
	lines func(member string) int
}

type signatureJSON struct {
	Statement Statement `json:"statement"`
	Key       string    `json:"key"`
	Signature string    `json:"signature"`
}

// MarshalJSON writes the form that ParseSignature reads.
func (s Signature) MarshalJSON() ([]byte, error) {
	return canonical.Marshal(signatureJSON{s.Statement, s.Key, base64.StdEncoding.EncodeToString(s.Signature)})
}

const signatureBytes = 64

// ParseSignature reads a signature file. name is for messages. Unknown members are refused. Errors are *Error.
func ParseSignature(name string, document []byte) (Signature, error) {
	s := Signature{file: name, lines: func(member string) int { return lineOfMember(document, member) }}
	var j signatureJSON
	if len(document) > maxBytes || canonical.Unmarshal(document, &j) != nil {
		return s, s.Fault("", "not a signature of an agreement")
	}
	raw, err := base64.StdEncoding.DecodeString(j.Signature)
	if err != nil || len(raw) != signatureBytes {
		return s, s.Fault("signature", "not the base64 of an Ed25519 signature")
	}
	s.Statement, s.Key, s.Signature = j.Statement, j.Key, raw
	return s, nil
}

func lineOfMember(document []byte, member string) int {
	at := regexp.MustCompile(`"` + regexp.QuoteMeta(member) + `"\s*:`).FindIndex(document)
	if at == nil {
		return 1
	}
	return 1 + bytes.Count(document[:at[0]], []byte("\n"))
}

// Fault makes an error about a member of the file.
func (s Signature) Fault(member, problem string) *Error {
	fault := &Error{File: s.file, Line: s.lines(member), Problem: problem}
	if member != "" {
		fault.Pointer = "/" + member
	}
	return fault
}

// Covers compares the signature with the document. It reports whether the signature is of this very version; an error
// says that the words were changed after the party had signed them under the same version, which no version may be.
func (s Signature) Covers(a *Agreement, rules string) (bool, error) {
	of := s.Statement
	if of.Agreement != a.ID {
		return false, s.Fault("agreement", "the signature is of another agreement")
	}
	if _, ok := a.Party(of.Party); !ok {
		return false, s.Fault("party", "not a party to the agreement")
	}
	if of.Version != a.Version {
		return false, nil
	}
	if of.Text != a.TextDigest() {
		return false, a.Fault("/clauses", fmt.Sprintf("the clauses or the legal text of version %s were changed after %s signed them: "+
			"restore them, or raise the version and sign again", a.Version, of.Party))
	}
	return of.Digest == a.digest && of.Rules == rules, nil
}
