package opa

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// AllowedBuiltins are the built-in functions that a rule may call: an allow-list, so that a new version of OPA cannot
// bring in a clock, the network, randomness, the environment, printing or tracing. Anything else does not compile.
func AllowedBuiltins() []string {
	return []string{
		// comparison, arithmetic and what the language itself is compiled to
		"abs", "and", "assign", "ceil", "div", "eq", "equal", "floor", "gt", "gte", "internal.member_2",
		"internal.member_3", "lt", "lte", "minus", "mul", "neq", "or", "plus", "rem", "round",
		// aggregates and sorting
		"count", "max", "min", "sort", "sum",
		// collections
		"array.concat", "array.reverse", "array.slice", "intersection", "union",
		"json.patch", "json.remove", "object.filter", "object.get", "object.keys", "object.remove", "object.union",
		// text
		"concat", "contains", "endswith", "indexof", "lower", "replace", "split", "sprintf", "startswith", "substring",
		"trim", "trim_prefix", "trim_space", "trim_suffix", "upper",
		// types
		"is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "to_number", "type_name",
		// dates given as text or number, never the clock
		"time.add_date", "time.date", "time.diff", "time.parse_ns", "time.parse_rfc3339_ns",
		// the METADATA of a rule
		"rego.metadata.chain", "rego.metadata.rule",
	}
}

// capabilities are OPA's own, cut down to the allow-list and to no network. Tests add what their compiler inserts.
func capabilities(more ...string) *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	allowed := append(AllowedBuiltins(), more...)
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool {
		return b.Nondeterministic || !slices.Contains(allowed, b.Name)
	})
	c.AllowNet = []string{}
	return c
}
