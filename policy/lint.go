package policy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/policy/internal/opa"
)

// Finding is one thing that is wrong with rules or agreements, or is likely to be: where, what, why it matters, and how to
// mend it.
type Finding struct {
	Check   string `json:"check"` // such as undefined-negation; "load" where the trees cannot even be read
	Source  string `json:"source,omitempty"`
	Problem string `json:"problem"`
	Why     string `json:"why,omitempty"`
	Mend    string `json:"mend,omitempty"`
	Fault   bool   `json:"fault"` // refuses to load; otherwise a warning
}

// The checks of this package, beside those on the tree of the rules.
const (
	CheckLoad       = "load"
	CheckObligation = "obligation-without-handler"
	CheckAbsentFact = "no-case-with-the-fact-absent"
	CheckClause     = "unused-clause"
	CheckNoClause   = "unknown-clause"
	CheckSilent     = "silent-when-absent"
)

// Lint says everything that can be said against the library and the user's trees without deciding anything, faults first.
// Where there is a fault, LoadWith fails as well. It never quotes a value of an agreement.
func Lint(ctx context.Context, opts Options) []Finding {
	lib, err := readLibrary(opts.FS, false)
	if err != nil {
		return loadFindings(err)
	}
	var out []Finding
	for _, f := range opa.Findings(ctx, opa.Source{Modules: lib.modules, Data: lib.data(), Schemas: lib.schemas}) {
		out = append(out, newFinding(f.Check, placeOf(f.File, f.Row), f.Problem, !f.Warning))
	}
	if !slices.ContainsFunc(out, func(f Finding) bool { return f.Fault }) {
		if _, err := LoadWith(ctx, opts); err != nil {
			out = append(out, loadFindings(err)...)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int {
		return cmp.Or(boolOrder(b.Fault)-boolOrder(a.Fault), comparePlaces(a.Source, b.Source))
	})
	return out
}

// comparePlaces orders "file:line" by file and then by number.
func comparePlaces(a, b string) int {
	fileA, rowA, _ := strings.Cut(a, ":")
	fileB, rowB, _ := strings.Cut(b, ":")
	return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(len(rowA), len(rowB)), cmp.Compare(rowA, rowB))
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

func placeOf(file string, row int) string {
	if row == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, row)
}

func newFinding(check, source, problem string, isFault bool) Finding {
	a := adviceOn(check)
	return Finding{Check: check, Source: source, Problem: problem, Why: a.why, Mend: a.mend, Fault: isFault}
}

// loadFindings takes the joined errors of loading apart.
func loadFindings(err error) []Finding {
	var document *agreement.Error
	switch e := err.(type) { // the tree is taken apart here, so errors.As would skip what stands beside its find
	case *agreement.Error:
		document = e
	case *opa.Finding:
		return []Finding{newFinding(e.Check, placeOf(e.File, e.Row), e.Problem, !e.Warning)}
	case interface{ Unwrap() []error }:
		var out []Finding
		for _, part := range e.Unwrap() {
			if part != nil && part != ErrCoverage { // the sentinel stands beside what it is about
				out = append(out, loadFindings(part)...)
			}
		}
		return out
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); isJoined(inner) {
			return loadFindings(inner)
		}
	}
	if document != nil {
		return []Finding{newFinding(CheckLoad, placeOf(document.File, document.Line), strings.TrimPrefix(document.Pointer+": "+document.Problem, ": "), true)}
	}
	check := CheckLoad
	if errors.Is(err, ErrUnknownObligation) {
		check = CheckObligation
	}
	source, problem := cutPlace(strings.TrimPrefix(err.Error(), "policy: "))
	return []Finding{newFinding(check, source, problem, true)}
}

func isJoined(err error) bool {
	switch e := err.(type) {
	case nil:
		return false
	case *agreement.Error, *opa.Finding, interface{ Unwrap() []error }:
		return true
	case interface{ Unwrap() error }:
		return isJoined(e.Unwrap())
	}
	return false
}

// cutPlace takes "file:line: " or "file: " off the front of a message.
func cutPlace(text string) (source, problem string) {
	place, rest, ok := strings.Cut(text, ": ")
	if !ok || strings.ContainsAny(place, " \"") || !strings.ContainsAny(place, "/.") {
		return "", text
	}
	return place, rest
}

// FactsRead are the facts that a rule depends on, as dotted paths of the input such as "claims.data.subject_count".
func (e *Engine) FactsRead(rule string) []string { return e.policy.Reads(rule) }

// LacksFact reports whether a decision was made without one of the facts that the rule depends on.
func (e *Engine) LacksFact(rule string, d Decision) bool {
	var in map[string]any
	if json.Unmarshal(d.FactsCanonical, &in) != nil {
		return false
	}
	return slices.ContainsFunc(e.FactsRead(rule), func(path string) bool { return !has(in, strings.Split(path, ".")) })
}

func has(m map[string]any, path []string) bool {
	value, ok := m[path[0]]
	if !ok || len(path) == 1 {
		return ok
	}
	nested, ok := value.(map[string]any)
	return !ok || has(nested, path[1:])
}

// NewFinding is a warning of a check that needs more than the trees, such as judged cases.
func NewFinding(check, source, problem string) Finding {
	return newFinding(check, source, problem, false)
}
