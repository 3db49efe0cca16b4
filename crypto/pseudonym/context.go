package pseudonym

import (
	"encoding/binary"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Scope says how far one person can be followed by one pseudonym, from the narrowest to the widest.
type Scope string

// The scopes, after the transaction, relationship and person pseudonyms of EDPB Guidelines 01/2025.
const (
	// Transaction gives every transfer its own pseudonyms. It is the default.
	Transaction Scope = "transaction"
	// Relationship gives the same pseudonym in all transfers to one recipient under one agreement and purpose,
	// within one epoch.
	Relationship Scope = "relationship"
	// Person is Relationship without an epoch: the pseudonym stays the same for as long as the key does.
	Person Scope = "person"
)

// Context is a pseudonymisation domain. Two contexts that differ in a part which takes part have unrelated pseudonyms.
//
//	part         transaction  relationship  person
//	Agreement    required     required      required
//	Recipient    required     required      required
//	Purpose      required     required      required
//	ScopeID      required     optional      takes no part
//	Epoch        optional     optional      takes no part
//
// No scope joins two agreements, two recipients or two purposes. Parts are compared byte for byte.
type Context struct {
	Agreement string // agreement id
	Recipient string // party id of the recipient
	Purpose   string // purpose code of the agreement
	Scope     Scope  // empty means Transaction
	ScopeID   string // transfer id for Transaction; for Relationship, a relationship narrower than the recipient, such as a case
	Epoch     string // key period such as "2026-Q4"; empty for none
}

// ContextError says which part of a [Context] cannot be used. It does not quote the part.
type ContextError struct {
	Part   string // field name of Context
	Reason string
}

func (e *ContextError) Error() string {
	return fmt.Sprintf("pseudonym: context %s %s", e.Part, e.Reason)
}

const maxPart = 1024 // bytes; longer is a mistake, not an identifier

// normalized checks c and drops what its scope does not use.
func (c Context) normalized() (Context, error) {
	switch c.Scope {
	case "":
		c.Scope = Transaction
	case Transaction, Relationship:
	case Person:
		c.ScopeID, c.Epoch = "", ""
	default:
		return Context{}, &ContextError{Part: "Scope", Reason: "is not transaction, relationship or person"}
	}
	for _, part := range []struct {
		name, value string
		required    bool
	}{
		{"Agreement", c.Agreement, true},
		{"Recipient", c.Recipient, true},
		{"Purpose", c.Purpose, true},
		{"ScopeID", c.ScopeID, c.Scope == Transaction},
		{"Epoch", c.Epoch, false},
	} {
		if reason := fault(part.value, part.required); reason != "" {
			return Context{}, &ContextError{Part: part.name, Reason: reason}
		}
	}
	return c, nil
}

func fault(value string, required bool) string {
	switch {
	case value == "" && required:
		return "is missing"
	case len(value) > maxPart:
		return fmt.Sprintf("is longer than %d bytes", maxPart)
	case !utf8.ValidString(value):
		return "is not valid UTF-8"
	}
	for _, r := range value {
		if unicode.IsControl(r) {
			return "holds a control character"
		}
	}
	return ""
}

// appendTo appends the encoding of c: six parts in a fixed order, each with its length, hence injective.
func (c Context) appendTo(dst []byte) []byte {
	for _, part := range []string{c.Agreement, c.Recipient, c.Purpose, string(c.Scope), c.ScopeID, c.Epoch} {
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(part)))
		dst = append(dst, part...)
	}
	return dst
}
