// Package casebook reads and judges cases: questions to a policy with the answers that a lawyer expects.
//
// There are two kinds, in one kind of file (YAML or JSON, a list). A case of the law puts flat facts to the law alone:
//
//	[{"id": "S01", "title": "…", "facts": {"at": "2026-11-23", "exporter": {}}, "expected": {"allow": true, "basis": ["GDPR:45"]}}]
//
// A case of an agreement stands beside it, in agreements/<id>/cases.yaml, and asks as a request would:
//
//   - id: JP01
//     title: A fraud case goes to the Japanese bank
//     at: 2026-11-23
//     request: {exporter: emerald-bank-ie, recipient: sakura-bank-jp, purpose: prevent_and_investigate_fraud}
//     evidence: {data: {categories: [iban], special_categories: [], criminal_offence_data: false, subjects: [victim]}}
//     expect: {allow: true, basis: ["GDPR:45"], obligations: [delete_after], treatments: {iban: pseudonymise}}
//   - id: JP02
//     title: The same, but nobody says whose data they are
//     from: JP01
//     evidence: {data: {subjects: null}}
//     expect: {allow: false, missing: [data_minimisation]}
//
// docs/tools-for-lawyers.md describes every key. A case holds if allow is equal, the first basis is equal, every expected
// missing condition and obligation is present, and every expected treatment is equal. What a case does not mention is not
// judged.
package casebook

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
)

// Case is one question with the answer that is expected.
type Case struct {
	ID     string
	Title  string
	Source string // file:line
	// Law holds the flat facts of a case of the law; nil for a case of an agreement.
	Law map[string]any
	// Facts is the question of a case of an agreement. Empty exporter and recipient stand for the first and the second
	// party of the agreement.
	Facts  policy.Facts
	Expect Expect
}

// Expect is the expected answer. Empty lists and maps expect nothing.
type Expect struct {
	Allow       bool              `json:"allow"`
	Basis       []string          `json:"basis,omitempty"`       // the first one must be the decisive ground
	Missing     []string          `json:"missing,omitempty"`     // condition codes that must be among those reported
	Obligations []string          `json:"obligations,omitempty"` // codes that must be among those required
	Treatments  map[string]string `json:"treatments,omitempty"`  // data category to technique
}

// Result is a judged case. It holds if there are no faults.
type Result struct {
	ID     string   `json:"id"`
	Title  string   `json:"title"`
	Source string   `json:"source"`
	Pass   bool     `json:"pass"`
	Faults []string `json:"faults,omitempty"` // in what the answer differs
	// Agreement is the agreement that the case is about; empty for a case of the law.
	Agreement string          `json:"agreement,omitempty"`
	Decision  policy.Decision `json:"-"`
}

// Judge decides a case and compares.
func Judge(ctx context.Context, e *policy.Engine, c Case) Result {
	d := Decide(ctx, e, c)
	faults := c.Expect.differences(d)
	return Result{ID: c.ID, Title: c.Title, Source: c.Source, Pass: len(faults) == 0, Faults: faults, Agreement: c.Facts.Agreement, Decision: d}
}

// JudgeAll judges cases in their order.
func JudgeAll(ctx context.Context, e *policy.Engine, cases []Case) []Result {
	results := make([]Result, len(cases))
	for i, c := range cases {
		results[i] = Judge(ctx, e, c)
	}
	return results
}

// Decide puts the question of a case to an engine.
func Decide(ctx context.Context, e *policy.Engine, c Case) policy.Decision {
	if c.Law != nil {
		return e.Assess(ctx, c.Law)
	}
	f := c.Facts
	if a, ok := e.Agreement(f.Agreement); ok {
		f.Exporter, f.Recipient = parties(a, f.Exporter, f.Recipient)
	}
	return e.Decide(ctx, f)
}

// parties fills in the sides that a case leaves open, where there can be no doubt.
func parties(a *agreement.Agreement, exporter, recipient string) (string, string) {
	if exporter == "" {
		exporter = a.Parties[0].ID
	}
	if recipient == "" && len(a.Parties) == 2 {
		for _, p := range a.Parties {
			if p.ID != exporter {
				recipient = p.ID
			}
		}
	}
	return exporter, recipient
}

func (want Expect) differences(d policy.Decision) []string {
	var faults []string
	if want.Allow != d.Permit {
		faults = append(faults, fmt.Sprintf("allow is %t, expected %t", d.Permit, want.Allow))
	}
	if len(want.Basis) > 0 && (len(d.Basis) == 0 || d.Basis[0] != want.Basis[0]) {
		faults = append(faults, fmt.Sprintf("the decisive basis is %s, expected %s", first(d.Basis), want.Basis[0]))
	}
	var codes []string
	for _, o := range d.Obligations {
		codes = append(codes, o.Code)
	}
	faults = append(faults, absent("condition", "missing", want.Missing, d.Missing)...)
	faults = append(faults, absent("obligation", "obligations", want.Obligations, codes)...)
	for _, category := range slices.Sorted(maps.Keys(want.Treatments)) {
		got := d.Treatments[category].Technique
		if got == "" {
			got = "none"
		}
		if got != want.Treatments[category] {
			faults = append(faults, fmt.Sprintf("the treatment of %s is %s, expected %s", category, got, want.Treatments[category]))
		}
	}
	return faults
}

func absent(what, where string, want, got []string) []string {
	var faults []string
	for _, code := range want {
		if !slices.Contains(got, code) {
			faults = append(faults, fmt.Sprintf("expected the %s %s; %s: %s", what, code, where, orNone(got)))
		}
	}
	return faults
}

func first(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return list[0]
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// instant reads a day (its first minute, UTC) or an RFC 3339 time.
func instant(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
