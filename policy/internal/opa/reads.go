package opa

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

const factsPackage = "data.passavant.facts"

// Reads are the places of the input that a rule depends on, itself or through the rules that it names, as dotted paths such
// as "claims.data.subject_count"; sorted. id is that of a rule that permits or refuses.
func (p *Policy) Reads(id string) []string {
	rule, ok := p.rules[id]
	if !ok {
		return nil
	}
	m := p.compiler.Modules[rule.file]
	if m == nil {
		return nil
	}
	w := walker{compiler: p.compiler, seen: map[*ast.Rule]bool{}, paths: map[string]bool{}}
	for _, r := range m.Rules {
		if r.Loc().Row == rule.row {
			w.rule(r)
		}
	}
	return slices.Sorted(maps.Keys(w.paths))
}

type walker struct {
	compiler *ast.Compiler
	seen     map[*ast.Rule]bool
	paths    map[string]bool
}

func (w *walker) rule(r *ast.Rule) {
	if w.seen[r] {
		return
	}
	w.seen[r] = true
	ast.WalkRefs(r, func(ref ast.Ref) bool {
		if !ref.HasPrefix(ast.DefaultRootRef) {
			return false
		}
		if strings.HasPrefix(ref.String()+".", factsPackage+".") {
			w.fact(ref)
			return false
		}
		for _, next := range w.compiler.GetRules(ref.GroundPrefix()) {
			w.rule(next)
		}
		return false
	})
}

// fact follows a view of the facts to the input that it gives a name to.
func (w *walker) fact(ref ast.Ref) {
	const view = 3 // data.passavant.facts.<view>
	if len(ref) <= view {
		return
	}
	for _, r := range w.compiler.GetRules(ref[:view+1]) {
		before := len(w.paths)
		ast.WalkRefs(r, func(in ast.Ref) bool {
			if in.HasPrefix(ast.InputRootRef) {
				w.paths[dotted(append(slices.Clone(in[1:]), ref[view+1:]...))] = true
			}
			return false
		})
		if len(w.paths) == before {
			w.rule(r)
		}
	}
}

// dotted writes a reference as far as it is written out.
func dotted(r ast.Ref) string {
	var parts []string
	for _, term := range r {
		s, ok := term.Value.(ast.String)
		if !ok {
			break
		}
		parts = append(parts, string(s))
	}
	return strings.Join(parts, ".")
}
