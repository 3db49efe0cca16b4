package casebook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	regolib "github.com/passavant/passavant/rego"
)

// MaxBytes bounds a case file.
const MaxBytes = 4 << 20

// Read reads one case file, YAML or JSON. name is for messages; a case of an agreement belongs to the agreement that its
// request names, or else to the one whose folder the file lies in (agreements/<id>/). Faults come joined, each with file
// and line; they never quote a value.
func Read(name string, document []byte) ([]Case, error) {
	if len(document) > MaxBytes {
		return nil, fmt.Errorf("%s: more than %d bytes", name, MaxBytes)
	}
	var root, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(document))
	if err := d.Decode(&root); err != nil {
		return nil, syntaxError(name, err)
	}
	if err := d.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one document", name)
	}
	list := root.Content[0]
	if list.Kind != yaml.SequenceNode {
		return nil, fmt.Errorf("%s:%d: a case file is a list of cases", name, list.Line)
	}
	r := reader{file: name, folder: agreementOf(name), raw: map[string]rawCase{}}
	var cases []Case
	for _, node := range list.Content {
		if c, ok := r.read(node); ok {
			cases = append(cases, c)
		}
	}
	return cases, errors.Join(r.faults...)
}

// syntaxError keeps the line of a YAML error and drops its text, which may quote the document.
func syntaxError(name string, err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: empty document", name)
	}
	if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
		line := 0
		if _, err := fmt.Sscanf(rest, "%d", &line); err == nil {
			return fmt.Errorf("%s:%d: neither YAML nor JSON", name, line)
		}
	}
	return fmt.Errorf("%s: neither YAML nor JSON", name)
}

func agreementOf(name string) string {
	dir := path.Dir(strings.ReplaceAll(name, `\`, "/"))
	if path.Base(path.Dir(dir)) == "agreements" {
		return path.Base(dir)
	}
	return ""
}

// ReadTree reads the cases of a user's tree: agreements/<id>/cases.yaml.
func ReadTree(tree fs.FS) ([]Case, error) { return readAll(tree, "agreements/*/cases.yaml", "") }

// Library returns the cases of the law that come with the rules (rego/cases).
func Library() ([]Case, error) { return readAll(regolib.FS, "cases/*", "rego/") }

func readAll(tree fs.FS, pattern, prefix string) ([]Case, error) {
	names, err := fs.Glob(tree, pattern)
	if err != nil {
		return nil, err
	}
	var cases []Case
	var errs []error
	for _, name := range names {
		document, err := fs.ReadFile(tree, name)
		if err == nil {
			var more []Case
			more, err = Read(prefix+name, document)
			cases = append(cases, more...)
		}
		errs = append(errs, err)
	}
	return cases, errors.Join(errs...)
}

type reader struct {
	file, folder string
	raw          map[string]rawCase // by id, for cases that start from another
	faults       []error
}

// rawCase is a case of an agreement before its defaults are filled in.
type rawCase struct {
	at                        string
	request, claims, evidence map[string]any
}

func (r *reader) fault(n *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: %s", r.file, n.Line, fmt.Sprintf(format, args...)))
}

func (r *reader) read(n *yaml.Node) (Case, bool) {
	before := len(r.faults)
	c := Case{Source: fmt.Sprintf("%s:%d", r.file, n.Line)}
	members := r.members(n)
	if members == nil {
		return c, false
	}
	c.ID, c.Title = r.text(members["id"]), r.text(members["title"])
	if c.ID == "" {
		r.fault(n, "a case needs an id")
	} else if _, twice := r.raw[c.ID]; twice {
		r.fault(n, "two cases have the id %q", c.ID)
	}
	r.raw[c.ID] = rawCase{}
	if facts := members["facts"]; facts != nil {
		c.Law = r.object(facts)
		r.expect(n, members["expected"], "expected", &c.Expect)
	} else {
		r.agreementCase(n, members, &c)
	}
	return c, len(r.faults) == before
}

func (r *reader) agreementCase(n *yaml.Node, members map[string]*yaml.Node, c *Case) {
	for _, key := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains([]string{"id", "title", "at", "from", "request", "claims", "evidence", "expect", "note"}, key) {
			r.fault(members[key], "unknown key %q in a case", key)
		}
	}
	raw := rawCase{}
	if from := members["from"]; from != nil {
		start, ok := r.raw[r.text(from)]
		if !ok || start.request == nil {
			r.fault(from, "no earlier case of the agreement has this id")
			return
		}
		raw = start
	}
	if at := r.text(members["at"]); at != "" {
		raw.at = at
	}
	raw.request = merged(raw.request, r.object(members["request"]))
	raw.claims = merged(raw.claims, r.object(members["claims"]))
	raw.evidence = merged(raw.evidence, r.object(members["evidence"]))
	r.raw[c.ID] = raw
	r.question(n, raw, c)
	r.expect(n, members["expect"], "expect", &c.Expect)
}

// question makes the facts of a request: its purpose and its claims are claims, as for a real one.
func (r *reader) question(n *yaml.Node, raw rawCase, c *Case) {
	at, ok := instant(raw.at)
	if !ok {
		r.fault(n, "at must be a day (YYYY-MM-DD) or an instant (RFC 3339)")
	}
	claims := map[string]any{}
	parts := map[string]*string{"agreement": &c.Facts.Agreement, "exporter": &c.Facts.Exporter, "recipient": &c.Facts.Recipient}
	for _, key := range slices.Sorted(maps.Keys(raw.request)) {
		value := raw.request[key]
		text, isText := value.(string)
		more, isObject := value.(map[string]any)
		switch {
		case parts[key] != nil && isText:
			*parts[key] = text
		case key == "purpose":
			claims[key] = value
		case key == "claims" && isObject:
			claims = merged(claims, more)
		case slices.Contains([]string{"type", "actor", "reference", "justification"}, key):
		default:
			r.fault(n, "request: unknown key %q, or not of the right type", key)
		}
	}
	if c.Facts.Agreement == "" {
		c.Facts.Agreement = r.folder
	}
	if c.Facts.Agreement == "" {
		r.fault(n, "request.agreement is needed: the file does not lie in agreements/<id>/")
	}
	c.Facts.At, c.Facts.Claims, c.Facts.Evidence = at, merged(claims, raw.claims), raw.evidence
}

func (r *reader) expect(n, at *yaml.Node, key string, e *Expect) {
	if at == nil {
		r.fault(n, "a case needs %q", key)
		return
	}
	members := r.members(at)
	if members["allow"] == nil {
		r.fault(at, "%s.allow is needed: true or false", key)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		var into any
		switch name {
		case "allow":
			into = &e.Allow
		case "basis":
			into = &e.Basis
		case "missing":
			into = &e.Missing
		case "obligations":
			into = &e.Obligations
		case "treatments":
			into = &e.Treatments
		default:
			r.fault(members[name], "unknown key %q in %s", name, key)
			continue
		}
		if members[name].Decode(into) != nil {
			r.fault(members[name], "%s.%s is not of the right type", key, name)
		}
	}
}

// members are the keys of a mapping; nil, with a fault, if it is none.
func (r *reader) members(n *yaml.Node) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		r.fault(n, "want keys and values here")
		return nil
	}
	out := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		if _, twice := out[n.Content[i].Value]; twice {
			r.fault(n.Content[i], "key %q appears twice", n.Content[i].Value)
		}
		out[n.Content[i].Value] = n.Content[i+1]
	}
	return out
}

func (r *reader) text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

func (r *reader) object(n *yaml.Node) map[string]any {
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.fault(n, "want keys and values here")
		return nil
	}
	m, _ := r.value(n).(map[string]any)
	return m
}

// value decodes a node. Days stay text, whatever YAML takes them for.
func (r *reader) value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for key, node := range r.members(n) {
			out[key] = r.value(node)
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, e := range n.Content {
			out[i] = r.value(e)
		}
		return out
	case yaml.ScalarNode:
		return r.scalar(n)
	}
	r.fault(n, "anchors and aliases are not allowed")
	return nil
}

func (r *reader) scalar(n *yaml.Node) any {
	var v any
	if n.Tag == "!!timestamp" || n.Tag == "!!str" {
		return n.Value
	}
	if n.Decode(&v) != nil {
		r.fault(n, "not a value that facts can have")
	}
	return v
}

// merged lays more over base, deeply; a null in more takes a fact away.
func merged(base, more map[string]any) map[string]any {
	out := maps.Clone(base)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range more {
		under, ok1 := out[key].(map[string]any)
		over, ok2 := value.(map[string]any)
		switch {
		case value == nil:
			delete(out, key)
		case ok1 && ok2:
			out[key] = merged(under, over)
		default:
			out[key] = value
		}
	}
	return out
}

// Failed are the results that do not hold.
func Failed(results []Result) []Result {
	return slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Pass })
}

// Spoke are the ids of the rules that spoke in judged cases, with the cases in which they did.
func Spoke(results []Result) map[string][]string {
	out := map[string][]string{}
	for _, result := range results {
		for _, reason := range result.Decision.Reasons {
			out[reason.ID] = append(out[reason.ID], result.ID)
		}
	}
	return out
}
