package opa

import (
	"errors"
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// unresolved refuses references below data that lead nowhere. To OPA they are merely undefined, so a misspelt view of the
// facts would switch a rule off without a word.
func unresolved(c *ast.Compiler, data map[string]any) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(c.Modules)) {
		ast.WalkRefs(c.Modules[name], func(r ast.Ref) bool {
			if r.HasPrefix(ast.DefaultRootRef) && !ruleAt(c.RuleTree, r) && !documentAt(data, r[1:]) {
				errs = append(errs, fault(CheckReference, place(r, c.Modules[name]), "%s leads nowhere", r))
			}
			return false
		})
	}
	return errors.Join(errs...)
}

func place(r ast.Ref, m *ast.Module) *ast.Location {
	for _, term := range r {
		if term.Location != nil && term.Location.File != "" {
			return term.Location
		}
	}
	return m.Package.Loc()
}

// ruleAt follows the reference as far as it is written out: to a rule, to a package, or to a part that is chosen when the
// rules run.
func ruleAt(node *ast.TreeNode, r ast.Ref) bool {
	for _, term := range r {
		if _, written := term.Value.(ast.String); !written && !term.Equal(ast.DefaultRootDocument) {
			return true
		}
		if node = node.Child(term.Value); node == nil {
			return false
		}
		if len(node.Values) > 0 {
			return true
		}
	}
	return true
}

func documentAt(document any, r ast.Ref) bool {
	for _, term := range r {
		key, written := term.Value.(ast.String)
		if !written {
			return true
		}
		object, ok := document.(map[string]any)
		if !ok {
			return false
		}
		if document, ok = object[string(key)]; !ok {
			return false
		}
	}
	return true
}
