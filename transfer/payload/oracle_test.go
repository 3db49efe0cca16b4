package payload_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/passavant/passavant/transfer/payload"
)

// The oracle does what the transform does in the way nobody would ship: it decodes the document into a tree with an
// independent strict reader, walks it with the catalogue in hand, and writes the tree out again.

type (
	object []member
	member struct {
		name  string
		value any // object, []any, string, json.Number, bool or nil
	}
)

// parseTree keeps the order of members and the text of numbers.
func parseTree(doc []byte) (any, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(doc))
	tree, err := parseValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("trailing bytes")
	}
	return tree, nil
}

func parseValue(dec *jsontext.Decoder) (any, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		members := object{}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			m := member{name: name.String()}
			if m.value, err = parseValue(dec); err != nil {
				return nil, err
			}
			members = append(members, m)
		}
		_, err = dec.ReadToken()
		return members, err
	case '[':
		list := []any{}
		for dec.PeekKind() != ']' {
			v, err := parseValue(dec)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = dec.ReadToken()
		return list, err
	case '"':
		return token.String(), nil
	case '0':
		return json.Number(token.String()), nil
	case 't', 'f':
		return token.Bool(), nil
	}
	return nil, nil
}

type oracle struct {
	fields     map[string]payload.Field
	live       map[string]bool   // places of which something may leave
	containers map[string]string // "object" or "array"
	treatments map[string]payload.Treatment

	counts   map[string]int64
	unlisted map[string]int64
}

func newOracle(c *payload.Catalogue, treatments map[string]payload.Treatment) *oracle {
	o := &oracle{
		fields: map[string]payload.Field{}, live: map[string]bool{}, containers: map[string]string{}, treatments: treatments,
		counts: map[string]int64{}, unlisted: map[string]int64{},
	}
	for _, f := range c.Fields {
		o.fields[f.Path] = f
		parts := strings.Split(f.Path, "/")
		for i := 1; i < len(parts); i++ {
			above := strings.Join(parts[:i], "/")
			o.live[above] = o.live[above] || o.technique(f) != payload.Drop
			o.containers[above] = "object"
			if parts[i] == "*" {
				o.containers[above] = "array"
			}
		}
		o.live[f.Path] = o.technique(f) != payload.Drop
	}
	return o
}

func (o *oracle) technique(f payload.Field) string {
	if t, ok := o.treatments[f.Category]; ok {
		return t.Technique
	}
	return payload.Drop
}

var errKind = errors.New("wrong kind")

func (o *oracle) apply(v any, path string) (any, error) {
	if f, ok := o.fields[path]; ok {
		return o.leaf(f, v)
	}
	if v == nil {
		return nil, nil
	}
	if o.containers[path] == "array" {
		list, ok := v.([]any)
		if !ok {
			return nil, errKind
		}
		out := []any{}
		for _, e := range list {
			r, err := o.apply(e, path+"/*")
			if err != nil {
				return nil, err
			}
			out = append(out, r)
		}
		return out, nil
	}
	members, ok := v.(object)
	if !ok {
		return nil, errKind
	}
	out := object{}
	for _, m := range members {
		p := path + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(m.name)
		_, isField := o.fields[p]
		if _, isContainer := o.containers[p]; m.name == "*" || !isField && !isContainer {
			o.unlisted[path] += countLeaves(m.value)
			continue
		}
		r, err := o.apply(m.value, p)
		if err != nil {
			return nil, err
		}
		if o.live[p] {
			out = append(out, member{m.name, r})
		}
	}
	return out, nil
}

func (o *oracle) leaf(f payload.Field, v any) (any, error) {
	var text string
	switch x := v.(type) {
	case nil:
	case string:
		text = x
	case json.Number:
		text = x.String()
	case bool:
		text = fmt.Sprint(x)
	default:
		return nil, errKind
	}
	if !typeFits(f.Kind, v) {
		return nil, errKind
	}
	o.counts[f.Path]++
	if o.technique(f) == payload.Pseudonymize && text != "" {
		if n, ok := v.(json.Number); ok {
			text = plainNumber(n)
		}
		return string(newPseudonyms().AppendPseudonym(nil, f.Category, []byte(text))), nil
	}
	return v, nil
}

func typeFits(kind payload.Kind, v any) bool {
	switch v.(type) {
	case string:
		return kind != payload.KindNumber && kind != payload.KindBoolean
	case json.Number:
		return kind == payload.KindNumber || kind == payload.KindAnyScalar || kind == payload.KindAmount
	case bool:
		return kind == payload.KindBoolean || kind == payload.KindAnyScalar
	}
	return true
}

// plainNumber is enough for numbers that the generator draws.
func plainNumber(n json.Number) string {
	s := n.String()
	if s == "-0" {
		return "0"
	}
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func countLeaves(v any) (n int64) {
	switch x := v.(type) {
	case object:
		for _, m := range x {
			n += countLeaves(m.value)
		}
		return max(n, 1)
	case []any:
		for _, e := range x {
			n += countLeaves(e)
		}
		return max(n, 1)
	}
	return 1
}

func depthOf(v any) (deepest int) {
	switch x := v.(type) {
	case object:
		for _, m := range x {
			deepest = max(deepest, depthOf(m.value))
		}
		return deepest + 1
	case []any:
		for _, e := range x {
			deepest = max(deepest, depthOf(e))
		}
		return deepest + 1
	}
	return 0
}

func walkStrings(v any, visit func(string)) {
	switch x := v.(type) {
	case object:
		for _, m := range x {
			visit(m.name)
			walkStrings(m.value, visit)
		}
	case []any:
		for _, e := range x {
			walkStrings(e, visit)
		}
	case string:
		visit(x)
	case json.Number:
		visit(x.String())
	}
}

// unplanned returns the places of a tree that hold something that may not leave.
func unplanned(v any, path string, c *payload.Catalogue, treatments map[string]payload.Treatment) (found []string) {
	o := newOracle(c, treatments)
	var walk func(v any, path string)
	walk = func(v any, path string) {
		if path != "" && !o.live[path] {
			found = append(found, path)
			return
		}
		switch x := v.(type) {
		case object:
			for _, m := range x {
				walk(m.value, path+"/"+m.name)
			}
		case []any:
			for _, e := range x {
				walk(e, path+"/*")
			}
		}
	}
	walk(v, path)
	return found
}
