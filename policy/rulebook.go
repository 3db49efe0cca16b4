package policy

import (
	"maps"
	"slices"
)

// RuleEntry is a rule with everything that its METADATA says: what a page about the law is made of.
type RuleEntry struct {
	Reason
	Description string   `json:"description"`
	Package     string   `json:"package"`             // such as passavant.law.gdpr.principles
	Basis       []string `json:"basis,omitempty"`     // what a ground cites
	Duties      []string `json:"duties,omitempty"`    // codes of the obligations that a ground brings
	Remedies    []string `json:"remedies,omitempty"`  // what may answer a refusal, in words
	Resources   []string `json:"resources,omitempty"` // where the law can be read
	Facts       []string `json:"facts,omitempty"`     // the facts that it depends on, as paths of the input
}

// RuleBook are the rules of this revision, sorted by id.
func (e *Engine) RuleBook() []RuleEntry {
	var all []RuleEntry
	for _, id := range slices.Sorted(maps.Keys(e.rules)) {
		r := e.rules[id]
		entry := RuleEntry{
			Reason: reasonOf(r), Description: r.Description, Package: r.Package, Basis: slices.Clone(r.Basis),
			Duties: slices.Clone(r.Duties), Resources: slices.Clone(r.Resources), Facts: e.FactsRead(id),
		}
		for _, remedy := range r.Remedies {
			entry.Remedies = append(entry.Remedies, remedy.Text)
		}
		all = append(all, entry)
	}
	return all
}
