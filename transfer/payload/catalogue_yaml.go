package payload

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// ParseCatalogue reads a catalogue from YAML. name stands for the file in errors.
//
// It is strict: unknown and repeated keys, values of another type, aliases, a second document, unknown roles and
// kinds, bad pointers, and paths that overlap (one field at two rows, or beneath another field) are refused. Every
// fault is reported, each a [*CatalogueError] with its line, joined into one error.
func ParseCatalogue(name string, text []byte) (*Catalogue, error) {
	r := &yamlReader{file: name}
	root := r.document(text)
	if root == nil {
		return nil, errors.Join(r.errs...)
	}
	c, lines := r.catalogue(root)
	if len(r.errs) > 0 {
		return nil, errors.Join(r.errs...)
	}
	faults := c.validate()
	if len(faults) > 0 {
		return nil, asError(name, faults, func(field int) int {
			if field < 0 {
				return root.Line
			}
			return lines[field]
		})
	}
	c.Limits = c.Limits.orDefault()
	return c, nil
}

// yamlReader decodes nodes by hand, since only nodes know their lines and the decoder of the library lets unknown
// keys of nested values pass.
type yamlReader struct {
	file string
	errs []error
}

func (r *yamlReader) fail(line int, format string, args ...any) {
	r.errs = append(r.errs, &CatalogueError{File: r.file, Line: line, Msg: fmt.Sprintf(format, args...)})
}

// document returns the root of the only document, or nil after a fault.
func (r *yamlReader) document(text []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc, second yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("empty file")
		}
		r.fail(0, "%v", err)
		return nil
	}
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		r.fail(second.Line, "want one YAML document")
		return nil
	}
	if len(doc.Content) != 1 {
		r.fail(doc.Line, "want one YAML document")
		return nil
	}
	return doc.Content[0]
}

func (r *yamlReader) catalogue(root *yaml.Node) (*Catalogue, []int) {
	c := new(Catalogue)
	var lines []int
	r.mapping(root, map[string]func(*yaml.Node){
		"type":        func(n *yaml.Node) { c.Type = r.text(n) },
		"version":     func(n *yaml.Node) { c.Version = r.text(n) },
		"title":       func(n *yaml.Node) { c.Title = r.text(n) },
		"format":      func(n *yaml.Node) { c.Format = Format(r.text(n)) },
		"limits":      func(n *yaml.Node) { c.Limits = r.limits(n) },
		"fields":      func(n *yaml.Node) { c.Fields, lines = r.fields(n) },
		"hierarchies": func(n *yaml.Node) { c.Hierarchies = r.hierarchies(n) },
	})
	return c, lines
}

func (r *yamlReader) limits(n *yaml.Node) (l Limits) {
	r.mapping(n, map[string]func(*yaml.Node){
		"depth": func(n *yaml.Node) { l.Depth = r.positive(n) },
		"bytes": func(n *yaml.Node) { l.Bytes = r.positive(n) },
	})
	return l
}

func (r *yamlReader) hierarchies(n *yaml.Node) map[string]Hierarchy {
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "hierarchies: want a mapping of names to tables")
		return nil
	}
	tables := make(map[string]Hierarchy)
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := r.text(n.Content[i])
		if _, twice := tables[name]; twice {
			r.fail(n.Content[i].Line, "key %q occurs twice", name)
		}
		tables[name] = r.table(n.Content[i+1])
	}
	return tables
}

func (r *yamlReader) table(n *yaml.Node) (table Hierarchy) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "want a list of rows")
		return nil
	}
	for _, line := range n.Content {
		if line.Kind != yaml.SequenceNode {
			r.fail(line.Line, "want a row: a list of words")
			return nil
		}
		var row []string
		for _, word := range line.Content {
			row = append(row, r.text(word))
		}
		table = append(table, row)
	}
	return table
}

func (r *yamlReader) fields(n *yaml.Node) (fields []Field, lines []int) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "fields: want a list")
		return nil, nil
	}
	for _, item := range n.Content {
		fields = append(fields, r.field(item))
		lines = append(lines, item.Line)
	}
	return fields, lines
}

func (r *yamlReader) field(n *yaml.Node) (f Field) {
	r.mapping(n, map[string]func(*yaml.Node){
		"path":             func(n *yaml.Node) { f.Path = r.text(n) },
		"category":         func(n *yaml.Node) { f.Category = r.text(n) },
		"role":             func(n *yaml.Node) { f.Role = Role(r.text(n)) },
		"kind":             func(n *yaml.Node) { f.Kind = Kind(r.text(n)) },
		"subject":          func(n *yaml.Node) { f.Subject = r.text(n) },
		"special":          func(n *yaml.Node) { f.Special = r.truth(n) },
		"criminal_offence": func(n *yaml.Node) { f.CriminalOffence = r.truth(n) },
	})
	return f
}

// mapping calls the function of each key of n and refuses keys without one and keys that occur twice.
func (r *yamlReader) mapping(n *yaml.Node, keys map[string]func(*yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "want a mapping")
		return
	}
	seen := make(map[string]bool)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, known := keys[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || !known:
			r.fail(key.Line, "unknown key %q", key.Value)
		case seen[key.Value]:
			r.fail(key.Line, "key %q occurs twice", key.Value)
		default:
			seen[key.Value] = true
			read(value)
		}
	}
}

// scalar returns the text of n if it is a scalar with the tag.
func (r *yamlReader) scalar(n *yaml.Node, tag, want string) string {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != tag {
		r.fail(n.Line, "want %s", want)
		return ""
	}
	return n.Value
}

func (r *yamlReader) text(n *yaml.Node) string {
	return r.scalar(n, "!!str", "a string (put it in quotes)")
}

func (r *yamlReader) truth(n *yaml.Node) bool {
	text := r.scalar(n, "!!bool", "true or false")
	if text != "" && text != "true" && text != "false" { // YAML also knows True and TRUE
		r.fail(n.Line, "want true or false")
	}
	return text == "true"
}

func (r *yamlReader) positive(n *yaml.Node) int {
	text := r.scalar(n, "!!int", "a number")
	i, err := strconv.Atoi(text)
	if text != "" && (err != nil || i < 1) {
		r.fail(n.Line, "want a number of 1 or more")
	}
	return i
}
