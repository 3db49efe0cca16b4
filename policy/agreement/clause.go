package agreement

import (
	"fmt"
	"slices"
	"strings"
)

// The four ways in which a clause takes effect. There is no fifth: a clause that nothing answers for is a promise that
// nobody keeps, and an agreement that has one does not load.
const (
	// ByRule: rules refuse a transfer that would break the clause.
	ByRule = "enforced-by-rule"
	// ByObligation: an obligation goes with each transfer, and whoever transfers must discharge it.
	ByObligation = "enforced-by-obligation"
	// ByAttestation: the recipient keeps it and says so; Attestation is what it says, and how often.
	ByAttestation = "attested-by-recipient"
	// ByContract: the parties keep it between themselves; Note is why no machine can.
	ByContract = "contract-only"
)

// Enforcements are the four ways, in the order of a coverage sheet.
func Enforcements() []string { return []string{ByRule, ByObligation, ByAttestation, ByContract} }

// Clause is a clause of the legal text and what makes it effective. Rules are ids of rules (METADATA custom.id),
// Obligations are obligation codes; a clause may name both, and Enforcement is the one that counts.
type Clause struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Text        string   `json:"text,omitempty"`
	Enforcement string   `json:"enforcement"`
	Rules       []string `json:"rules,omitempty"`
	Obligations []string `json:"obligations,omitempty"`
	Attestation string   `json:"attestation,omitempty"`
	Note        string   `json:"note,omitempty"`
}

// LegalText binds the agreement to the text that people signed. Digest is "sha256:" and the SHA-256 of the bytes of the
// text. File, if given, is the text itself in Markdown, beside agreement.yaml; it is then read and compared.
type LegalText struct {
	File   string `json:"file,omitempty"`
	Digest string `json:"digest"`
}

// checkClauses holds that each clause carries what its enforcement needs.
func (a *Agreement) checkClauses(fault func(pointer, problem string)) {
	seen := map[string]bool{}
	for i, c := range a.Clauses {
		at := fmt.Sprintf("/clauses/%d", i)
		if seen[c.ID] {
			fault(at+"/id", "two clauses have the same id")
		}
		seen[c.ID] = true
		if missing := c.missing(); missing != "" {
			fault(at, fmt.Sprintf("the clause is %s: missing key %q", c.Enforcement, missing))
		}
	}
}

func (c Clause) missing() string {
	switch {
	case c.Enforcement == ByRule && len(c.Rules) == 0:
		return "rules"
	case c.Enforcement == ByObligation && len(c.Obligations) == 0:
		return "obligations"
	case c.Enforcement == ByAttestation && c.Attestation == "":
		return "attestation"
	case c.Enforcement == ByContract && c.Note == "":
		return "note"
	}
	return ""
}

// CompareText holds the list of clauses against the legal text: each numbered heading of the Markdown that has words of
// its own must be listed, and each listed clause must be in the text. name is the file of the text, for messages.
func (a *Agreement) CompareText(name, text string) []error {
	var errs []error
	headings := numberedHeadings(text)
	listed := map[string]bool{}
	for _, c := range a.Clauses {
		listed[c.ID] = true
	}
	found := map[string]bool{}
	for _, h := range headings {
		found[h.id] = true
		if h.hasWords && !listed[h.id] {
			errs = append(errs, &Error{File: name, Line: h.line, Problem: fmt.Sprintf("clause %s is not listed in agreement.yaml", h.id)})
		}
	}
	for i, c := range a.Clauses {
		if !found[c.ID] {
			errs = append(errs, a.Fault(fmt.Sprintf("/clauses/%d/id", i), "the legal text has no heading with this number"))
		}
	}
	return errs
}

type heading struct {
	id       string
	line     int
	hasWords bool
}

// numberedHeadings reads lines such as "## 4.1 Purposes". A heading without words of its own, such as the title of a
// group of clauses, asks for no mapping.
func numberedHeadings(text string) []heading {
	var out []heading
	open := false
	for i, line := range strings.Split(text, "\n") {
		words := strings.Fields(line)
		if len(words) > 0 && strings.Trim(words[0], "#") == "" {
			open = len(words) > 1 && isNumber(words[1])
			if open {
				out = append(out, heading{id: strings.TrimSuffix(words[1], "."), line: i + 1})
			}
			continue
		}
		if open && len(words) > 0 {
			out[len(out)-1].hasWords = true
		}
	}
	return out
}

// isNumber accepts what a clause id may be, if there is a digit in it: "4", "4.1.", "8.7(a)", "A-2".
func isNumber(word string) bool {
	allowed := func(r rune) bool {
		return r == '.' || r == '(' || r == ')' || r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
	}
	return strings.ContainsAny(word, "0123456789") && !slices.ContainsFunc([]rune(word), func(r rune) bool { return !allowed(r) })
}
