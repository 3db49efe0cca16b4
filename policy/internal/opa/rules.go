package opa

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Effects of rules.
const (
	Permits = "permits"
	Refuses = "refuses"
)

// Rule is what the METADATA of one rule says.
type Rule struct {
	ID, Title, Description, Instrument, Article, Clause, Code, Message string
	Effect                                                             string // Permits or Refuses
	Confirm                                                            bool   // the law behind it awaits confirmation by counsel
	Ground                                                             bool   // a ground of the ladder, not only a condition met
	Duties, Basis                                                      []string
	ConditionalDuties                                                  []string // those that a ground brings only sometimes
	Remedies                                                           []Remedy
	Source                                                             string // file:line
	Resources                                                          []string
	Kind                                                               string // supports, permits, prohibits or lacks
	Package                                                            string // without "data."

	file string
	row  int
}

// Remedy is a change of facts that might answer a refusing rule: dotted fact to value.
type Remedy struct {
	Text string
	Set  map[string]any
}

// ruleKinds are the rule names that a part or an agreement may use to speak, and their effect.
func ruleKinds() map[string]string {
	return map[string]string{"supports": Permits, "permits": Permits, "prohibits": Refuses, "lacks": Refuses}
}

// annotatedRules collects the rules that permit or refuse and checks their METADATA.
func annotatedRules(modules map[string]*ast.Module) (map[string]Rule, error) {
	rules := map[string]Rule{}
	var errs []error
	for _, name := range libraryFirst(modules) {
		if !speaks(modules[name]) {
			continue
		}
		for _, r := range modules[name].Rules {
			effect, ok := ruleKinds()[r.Head.Name.String()]
			if !ok {
				continue
			}
			rule, err := readRule(r, effect)
			if err == nil && rules[rule.ID].ID != "" {
				err = fault(CheckDuplicate, r.Loc(), "rule id %q is already used at %s", rule.ID, rules[rule.ID].Source)
			}
			if err != nil {
				errs = append(errs, err)
				continue
			}
			rules[rule.ID] = rule
		}
	}
	return rules, errors.Join(errs...)
}

// libraryFirst sorts the files so that, where two rules have one id, the agreement's is the one at fault.
func libraryFirst(modules map[string]*ast.Module) []string {
	return slices.SortedFunc(maps.Keys(modules), func(a, b string) int {
		return cmp.Or(strings.Compare(ownership(a), ownership(b)), strings.Compare(a, b))
	})
}

func ownership(file string) string {
	if strings.HasPrefix(file, "rego/") {
		return "library"
	}
	return "user"
}

// speaks reports whether the module is one whose rules the decision listens to.
func speaks(m *ast.Module) bool {
	path := m.Package.Path.String() + "."
	for _, prefix := range []string{"data.passavant.law.", "data.passavant.agreements.", "data.passavant.terms.", "data.passavant.applicable.", "data.passavant.access."} {
		if strings.HasPrefix(path, prefix) {
			return !strings.HasSuffix(path, "_test.")
		}
	}
	return false
}

func readRule(r *ast.Rule, effect string) (Rule, error) {
	if len(r.Annotations) == 0 {
		return Rule{}, fault(CheckMetadata, r.Loc(), "rule %s has no METADATA", r.Head.Name)
	}
	a := r.Annotations[0]
	c := custom(a.Custom)
	rule := Rule{
		ID: c.text("id"), Title: a.Title, Description: strings.TrimSpace(a.Description), Instrument: c.text("instrument"),
		Article: c.text("article"), Clause: c.text("clause"), Code: c.text("code"), Message: c.text("failure_msg"),
		Effect: effect, Confirm: c["confirm"] == true, Ground: r.Head.Name == "permits",
		Duties: c.texts("duties"), ConditionalDuties: c.texts("conditional_duties"), Basis: c.texts("basis"), Source: fmt.Sprintf("%s:%d", r.Loc().File, r.Loc().Row),
		Kind: r.Head.Name.String(), Package: strings.TrimPrefix(r.Module.Package.Path.String(), "data."),
		file: r.Loc().File, row: r.Loc().Row,
	}
	for _, resource := range a.RelatedResources {
		rule.Resources = append(rule.Resources, resource.Ref.String())
	}
	rule.Remedies = c.remedies()
	return rule, rule.check(r)
}

// check demands what every reader of a decision is promised.
func (rule Rule) check(r *ast.Rule) error {
	need := map[string]string{"title": rule.Title, "description": rule.Description, "custom.id": rule.ID,
		"custom.instrument": rule.Instrument, "custom.article": rule.Article}
	if rule.Effect == Refuses {
		need["custom.code"], need["custom.failure_msg"] = rule.Code, rule.Message
	}
	for _, key := range slices.Sorted(maps.Keys(need)) {
		if need[key] == "" {
			return fault(CheckMetadata, r.Loc(), "rule %s lacks %s in its METADATA", r.Head.Name, key)
		}
	}
	if rule.Ground && strings.HasPrefix(r.Module.Package.Path.String(), "data.passavant.agreements") {
		return fault(CheckPermits, r.Loc(), "rules of an agreement cannot permit")
	}
	return nil
}

type custom map[string]any

func (c custom) text(key string) string {
	s, _ := c[key].(string)
	return s
}

func (c custom) texts(key string) []string {
	list, _ := c[key].([]any)
	var out []string
	for _, e := range list {
		if s, ok := e.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (c custom) remedies() []Remedy {
	list, _ := c["remedies"].([]any)
	var out []Remedy
	for _, e := range list {
		m, _ := e.(map[string]any)
		set, _ := m["set"].(map[string]any)
		if text, _ := m["text"].(string); text != "" && len(set) > 0 {
			out = append(out, Remedy{Text: text, Set: set})
		}
	}
	return out
}

// obligationCodes finds every code that can be required: the duties of grounds and the calls of the one constructor,
// obligations.of, whose first argument must therefore be a literal outside the decision itself.
func obligationCodes(modules map[string]*ast.Module, rules map[string]Rule) ([]string, error) {
	codes := map[string]bool{}
	for _, r := range rules {
		for _, code := range slices.Concat(r.Duties, r.ConditionalDuties) {
			codes[code] = true
		}
	}
	var errs []error
	for _, m := range modules {
		if speaks(m) {
			errs = append(errs, callsOfConstructor(m, codes), useCaseDuties(m, codes))
		}
	}
	return slices.Sorted(maps.Keys(codes)), errors.Join(errs...)
}

func callsOfConstructor(m *ast.Module, codes map[string]bool) error {
	var errs []error
	ast.WalkTerms(m, func(t *ast.Term) bool {
		call, ok := t.Value.(ast.Call)
		if !ok || call[0].String() != "obligations.of" && call[0].String() != "data.passavant.obligations.of" {
			return false
		}
		code, literal := call[1].Value.(ast.String)
		if !literal {
			errs = append(errs, fault(CheckObligation, t.Loc(), "the code of an obligation must be written out"))
			return false
		}
		codes[string(code)] = true
		return false
	})
	return errors.Join(errs...)
}

// useCaseDuties reads the duties in a part's table of supplementary measures (use_cases.<measure>.duties).
func useCaseDuties(m *ast.Module, codes map[string]bool) error {
	for _, r := range m.Rules {
		if r.Head.Name != "use_cases" || r.Head.Value == nil {
			continue
		}
		table, ok := r.Head.Value.Value.(ast.Object)
		if !ok {
			return fault(CheckObligation, r.Loc(), "use_cases must be a table written out")
		}
		table.Foreach(func(_, useCase *ast.Term) {
			if o, ok := useCase.Value.(ast.Object); ok {
				if duties, ok := o.Get(ast.StringTerm("duties")).Value.(ast.Set); ok {
					duties.Foreach(func(code *ast.Term) { codes[string(code.Value.(ast.String))] = true })
				}
			}
		})
	}
	return nil
}
