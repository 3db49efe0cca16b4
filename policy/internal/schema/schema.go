// Package schema checks decoded JSON against JSON Schema and reports each fault by its place, never by its value.
//
// Schemas here use patternProperties rather than propertyNames: the validator reports a wrong place for the latter.
package schema

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Schema is a compiled JSON Schema. It is immutable and safe for concurrent use.
type Schema struct{ compiled *jsonschema.Schema }

// Fault is one violation: where it is (RFC 6901 JSON Pointer) and what is wrong there. Problem never quotes a value.
// Key is the unknown or missing member, if the fault is about one; the caller decides whether it may be shown.
type Fault struct {
	Path    []string
	Problem string
	Key     string
}

// Pointer is the place of the fault as a JSON Pointer.
func (f Fault) Pointer() string {
	var b strings.Builder
	for _, segment := range f.Path {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(segment))
	}
	return b.String()
}

// Compile reads a JSON Schema. References to other documents are refused: nothing is ever fetched.
func Compile(name string, document []byte) (*Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	url := "mem:///" + name
	if err := c.AddResource(url, doc); err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	compiled, err := c.Compile(url)
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	return &Schema{compiled: compiled}, nil
}

type noLoader struct{}

func (noLoader) Load(string) (any, error) {
	return nil, errors.New("schemas may not refer to other documents")
}

// Decode reads JSON the way Validate wants it: numbers keep their text.
func Decode(document []byte) (any, error) {
	return jsonschema.UnmarshalJSON(bytes.NewReader(document))
}

// Validate returns the faults of a decoded JSON value, sorted by place; none means valid.
func (s *Schema) Validate(value any) []Fault {
	err := s.compiled.Validate(value)
	if err == nil {
		return nil
	}
	var violation *jsonschema.ValidationError
	if !errors.As(err, &violation) {
		return []Fault{{Problem: "not a JSON value"}}
	}
	faults := flatten(violation, nil)
	sort.SliceStable(faults, func(i, j int) bool { return faults[i].Pointer() < faults[j].Pointer() })
	return faults
}

func flatten(v *jsonschema.ValidationError, faults []Fault) []Fault {
	if len(v.Causes) > 0 {
		for _, cause := range v.Causes {
			faults = flatten(cause, faults)
		}
		return faults
	}
	return append(faults, describe(v)...)
}

func describe(v *jsonschema.ValidationError) []Fault {
	at := v.InstanceLocation
	switch k := v.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return perKey(at, "unknown key", k.Properties)
	case *kind.Required:
		return perKey(at, "missing key", k.Missing)
	case *kind.Type:
		return []Fault{{Path: at, Problem: "want " + strings.Join(k.Want, " or ")}}
	case *kind.Enum, *kind.Const:
		return []Fault{{Path: at, Problem: "not one of the allowed values"}}
	case *kind.Pattern, *kind.Format:
		return []Fault{{Path: at, Problem: "not of the required form"}}
	case *kind.MinItems, *kind.MaxItems, *kind.MinProperties, *kind.MaxProperties:
		return []Fault{{Path: at, Problem: "too few or too many entries"}}
	case *kind.MinLength, *kind.MaxLength:
		return []Fault{{Path: at, Problem: "too short or too long"}}
	case *kind.Minimum, *kind.Maximum:
		return []Fault{{Path: at, Problem: "out of range"}}
	}
	return []Fault{{Path: at, Problem: "not allowed here"}}
}

func perKey(at []string, problem string, keys []string) []Fault {
	faults := make([]Fault, len(keys))
	for i, key := range keys {
		faults[i] = Fault{Path: at, Problem: problem, Key: key}
	}
	return faults
}

// Knows reports whether the schema names the member at the path, through properties and items only.
func (s *Schema) Knows(path []string) bool {
	at := s.compiled
	for _, segment := range path {
		if at == nil {
			return false
		}
		if at.Ref != nil {
			at = at.Ref
		}
		if items := itemsOf(at); items != nil {
			at = items
			continue
		}
		at = at.Properties[segment]
	}
	return at != nil
}

func itemsOf(s *jsonschema.Schema) *jsonschema.Schema {
	if items, ok := s.Items.(*jsonschema.Schema); ok {
		return items
	}
	return s.Items2020
}
