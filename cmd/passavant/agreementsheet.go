package main

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
)

// checkSignatures warns of a version that does not decide for want of signatures.
func (f *findings) checkSignatures(e *policy.Engine, a *agreement.Agreement) {
	status := e.Signatures(a.ID)
	var unsigned []string
	for _, p := range a.Parties {
		if !status.Signed[p.ID] {
			unsigned = append(unsigned, p.ID)
		}
	}
	switch {
	case len(unsigned) == 0:
		return
	case status.Required:
		f.warn("agreement %s is not signed by %s: it refuses every transfer between them ('passavant sign-agreement %s')", a.ID, strings.Join(unsigned, ", "), a.ID)
	default:
		f.warn("agreement %s is not signed by %s; no signatures are asked for here", a.ID, strings.Join(unsigned, ", "))
	}
	for _, problem := range status.Problems {
		f.warn("agreement %s: the signature of %s", a.ID, problem)
	}
}

// checkApprovers warns where the key that signs envelopes also approves: whoever can send could then approve as well.
func (f *findings) checkApprovers(own keyring.Public, a *agreement.Agreement) {
	for _, approval := range a.Approvals {
		for _, key := range approval.Keys {
			if slices.ContainsFunc(own.Sign, func(k keyring.PublicKey) bool {
				return base64.StdEncoding.EncodeToString(k.Public) == key.PublicKey
			}) {
				f.warn("agreement %s: the key that signs your envelopes also approves as %s; give the role a key of a person ('passavant keys approver')",
					a.ID, approval.Role)
			}
		}
	}
}

// sheet is what a lawyer reads and signs: each clause, and what makes it effective.
type sheet struct {
	policy.Coverage
	Signed []string `json:"signed"`
}

func (f *findings) addSheet(e *policy.Engine, a *agreement.Agreement) {
	coverage, _ := e.Coverage(a.ID)
	s := sheet{Coverage: coverage, Signed: []string{}}
	for party := range e.Signatures(a.ID).Signed {
		s.Signed = append(s.Signed, party)
	}
	slices.Sort(s.Signed)
	f.Coverage = append(f.Coverage, s)
}

func (a *app) printSheet(s sheet) {
	a.out.line("clause coverage of %s %s: %s", s.Agreement, s.Version, s.Title)
	rows := make([][]string, len(s.Clauses))
	for i, c := range s.Clauses {
		rows[i] = []string{c.ID, c.Title, c.Enforcement, answer(c)}
	}
	a.out.table(rows)
	var counts []string
	for _, kind := range agreement.Enforcements() {
		if n := s.Counts[kind]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, kind))
		}
	}
	a.out.line("  %d clauses: %s", len(s.Clauses), strings.Join(counts, ", "))
	a.out.line("  digest %s", s.Digest)
	if s.LegalText != "" {
		a.out.line("  legal text %s", s.LegalText)
	}
	a.out.line("  signed by %s", listOr(s.Signed))
}

// answer is what makes a clause effective, in one line.
func answer(c policy.ClauseCoverage) string {
	parts := append(slices.Clone(c.Rules), c.Obligations...)
	if len(parts) > 0 {
		return strings.Join(parts, ", ")
	}
	return c.Attestation + c.Note
}
