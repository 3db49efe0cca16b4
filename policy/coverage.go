package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/policy/internal/opa"
)

// Coverage is the sheet on which a lawyer reads, clause by clause, what makes an agreement effective.
type Coverage struct {
	Agreement string           `json:"agreement"`
	Version   string           `json:"version"`
	Title     string           `json:"title"`
	Digest    string           `json:"digest"`               // agreement.Agreement.Digest
	LegalText string           `json:"legal_text,omitempty"` // digest of the text that people signed
	Clauses   []ClauseCoverage `json:"clauses"`
	Counts    map[string]int   `json:"counts"` // clauses by enforcement
}

// ClauseCoverage is one line of the sheet.
type ClauseCoverage struct {
	agreement.Clause
	// Enforcers are the rules that the clause names, with their text and place.
	Enforcers []Reason `json:"enforcers,omitempty"`
}

// Coverage returns the sheet of a loaded agreement.
func (e *Engine) Coverage(id string) (Coverage, bool) {
	a, ok := e.agreements[id]
	if !ok {
		return Coverage{}, false
	}
	c := Coverage{Agreement: a.ID, Version: a.Version, Title: a.Title, Digest: a.Digest(), LegalText: a.LegalText.Digest, Counts: map[string]int{}}
	for _, clause := range a.Clauses {
		line := ClauseCoverage{Clause: clause}
		for _, rule := range clause.Rules {
			line.Enforcers = append(line.Enforcers, reasonOf(e.rules[rule]))
		}
		c.Clauses = append(c.Clauses, line)
		c.Counts[clause.Enforcement]++
	}
	return c, true
}

// ErrCoverage is the condition that a clause is not answered for as agreement.yaml says.
var ErrCoverage = errors.New("clause coverage")

// checkCoverage is the gate: every rule that a clause names must exist and listen to this agreement, every obligation must
// be one that some rule requires and somebody discharges.
func (l *library) checkCoverage(rules map[string]opa.Rule, required []string, handled map[string]bool) error {
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(l.agreements)) {
		a := l.agreements[id]
		for i, c := range a.Clauses {
			at := fmt.Sprintf("/clauses/%d", i)
			for j, rule := range c.Rules {
				if problem := ruleProblem(a, rules[rule]); problem != "" {
					errs = append(errs, a.Fault(fmt.Sprintf("%s/rules/%d", at, j), fmt.Sprintf("clause %s names the rule %q: %s", c.ID, rule, problem)))
				}
			}
			for j, code := range c.Obligations {
				if problem := obligationProblem(code, required, handled); problem != "" {
					errs = append(errs, a.Fault(fmt.Sprintf("%s/obligations/%d", at, j), fmt.Sprintf("clause %s names the obligation %q: %s", c.ID, code, problem)))
				}
			}
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("%w: %w", ErrCoverage, errors.Join(errs...))
	}
	return nil
}

func ruleProblem(a *agreement.Agreement, rule opa.Rule) string {
	switch {
	case rule.ID == "":
		return "there is no such rule"
	case strings.HasPrefix(rule.Source, "agreements/") && !strings.HasPrefix(rule.Source, "agreements/"+a.ID+"/"):
		return "it is a rule of another agreement"
	}
	return ""
}

func obligationProblem(code string, required []string, handled map[string]bool) string {
	switch {
	case !handled[code]:
		return "nobody discharges it"
	case !slices.Contains(required, code):
		return "no rule ever requires it"
	}
	return ""
}

// readLegalText compares the legal text, if it lies beside the agreement, with its digest and with the list of clauses.
func (l *library) readLegalText(tree fs.FS, dir string, a *agreement.Agreement) error {
	file, named := a.LegalText.File, a.LegalText.File != ""
	if !named {
		file = "text.md"
	}
	name := path.Join(dir, file)
	text, err := fs.ReadFile(tree, name)
	if !named && (a.LegalText.Digest == "" || errors.Is(err, fs.ErrNotExist)) {
		return nil // the digest alone binds the text, which lies elsewhere
	}
	if err != nil {
		return a.Fault("/legal_text/file", "the legal text is not there")
	}
	if canonical.DigestBytes(text) != a.LegalText.Digest {
		return a.Fault("/legal_text/digest", name+" is not the text that was agreed: its digest is another")
	}
	return errors.Join(a.CompareText(name, string(text))...)
}

// checkCategories refuses a category of data that neither the vocabulary nor the agreement itself explains.
func (l *library) checkCategories() error {
	vocabulary, _ := l.reference["categories"].(map[string]any)
	data, _ := vocabulary["data"].(map[string]any)
	subjects, _ := vocabulary["subjects"].(map[string]any)
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(l.agreements)) {
		a := l.agreements[id]
		for _, category := range slices.Sorted(maps.Keys(a.DataCategories)) {
			if data[category] == nil && a.OwnCategories[category] == "" {
				errs = append(errs, a.Fault("/data_categories/"+category,
					"unknown category of data: use one of reference/categories.json, or explain it under own_categories"))
			}
		}
		for i, category := range a.DataSubjects {
			if subjects[category] == nil {
				errs = append(errs, a.Fault(fmt.Sprintf("/data_subjects/%d", i), "unknown category of data subjects: use one of reference/categories.json"))
			}
		}
	}
	return errors.Join(errs...)
}

// checkOnward follows the agreements under which data may be passed on, and refuses one that leads back to itself: nobody
// could say where the data end.
func (l *library) checkOnward() error {
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(l.agreements)) {
		a := l.agreements[id]
		for i, next := range a.Onward.Under {
			at := fmt.Sprintf("/onward/under/%d", i)
			if l.agreements[next] == nil {
				errs = append(errs, a.Fault(at, "no agreement with this id is loaded"))
			} else if circle := l.circle(id, next, nil); circle != nil {
				errs = append(errs, a.Fault(at, "circular onward rules: "+strings.Join(append([]string{id}, circle...), " -> ")))
			}
		}
	}
	return errors.Join(errs...)
}

// circle returns the way from one agreement back to the start, nil if there is none.
func (l *library) circle(start, at string, way []string) []string {
	way = append(way, at)
	if at == start {
		return way
	}
	if slices.Contains(way[:len(way)-1], at) || l.agreements[at] == nil {
		return nil
	}
	for _, next := range l.agreements[at].Onward.Under {
		if found := l.circle(start, next, slices.Clone(way)); found != nil {
			return found
		}
	}
	return nil
}
