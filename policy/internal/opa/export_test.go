package opa

import "github.com/open-policy-agent/opa/v1/ast"

// Impure are the names that are no built-in of this OPA or a non-deterministic one.
func Impure(names []string) []string {
	var out []string
	for _, name := range names {
		if b, ok := ast.BuiltinMap[name]; !ok || b.Nondeterministic {
			out = append(out, name)
		}
	}
	return out
}
