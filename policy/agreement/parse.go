package agreement

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy/internal/schema"
	regolib "github.com/passavant/passavant/rego"
)

// The facts about a party or an assessment that rules may read; the rest of the document is for people.

func exporterFacts() []string {
	return []string{"id", "country", "organisation", "type", "role", "competent_authority", "public_body",
		"public_powers", "led_3_7"}
}

func recipientFacts() []string {
	return []string{"id", "country", "organisation", "type", "role", "competent_authority", "public_body",
		"subject_to", "certifications", "relation_to_holder", "location_in_occupied_territory", "needs_clear_text",
		"processing_purpose", "remote_access", "supervised_by"}
}

func assessmentFacts() []string {
	return []string{"done", "documented", "problematic_law", "applied_in_practice", "measures", "conclusion",
		"transit", "split", "privilege"}
}

// Error is one fault of an agreement document: the file, the line (from 1; 0 if unknown), the place as a JSON Pointer
// (RFC 6901) and the problem. It never quotes a value.
type Error struct {
	File    string
	Line    int
	Pointer string
	Problem string
}

// Error writes "file:line: pointer: problem".
func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Pointer == "" {
		return where + ": " + e.Problem
	}
	return where + ": " + e.Pointer + ": " + e.Problem
}

// PackageName is the last part of the Rego package that may hold an agreement's own rules,
// passavant.agreements.<name>: the id with "_" for "-".
func PackageName(id string) string { return strings.ReplaceAll(id, "-", "_") }

// Parser reads agreements. It holds the compiled schema and is safe for concurrent use.
type Parser struct{ shape *schema.Schema }

// NewParser compiles the schema of agreements.
func NewParser() (*Parser, error) {
	document, err := regolib.FS.ReadFile("schemas/agreement.json")
	if err != nil {
		return nil, fmt.Errorf("agreement schema: %w", err)
	}
	shape, err := schema.Compile("agreement.json", document)
	return &Parser{shape}, err
}

// Parse reads one agreement with a parser of its own; whoever reads many keeps a Parser.
func Parse(name string, document []byte) (*Agreement, error) {
	p, err := NewParser()
	if err != nil {
		return nil, err
	}
	return p.Parse(name, document)
}

// Parse reads one agreement. name is the file for error messages. Faults come joined (errors.Join), each an *Error.
func (p *Parser) Parse(name string, document []byte) (*Agreement, error) {
	if len(document) > maxBytes {
		line := 1 + bytes.Count(document[:maxBytes], []byte("\n"))
		return nil, &Error{File: name, Line: line, Problem: fmt.Sprintf("larger than %d KiB, the most that an agreement may be", maxBytes>>10)}
	}
	tree, lines, err := readYAML(name, document)
	if err != nil {
		return nil, err
	}
	if err := p.checkShape(name, tree, lines); err != nil {
		return nil, err
	}
	raw, err := canonical.Marshal(tree)
	if err != nil {
		return nil, &Error{File: name, Problem: "not expressible as JSON"}
	}
	a := &Agreement{digest: canonical.DigestBytes(raw), document: raw, file: name, lines: lines}
	if err := json.Unmarshal(raw, a); err != nil {
		return nil, &Error{File: name, Problem: "does not fit the agreement format"}
	}
	a.indexParties(tree.(map[string]any))
	if err := a.checkSense(); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Agreement) indexParties(tree map[string]any) {
	a.party = map[string]map[string]any{}
	for _, p := range tree["parties"].([]any) {
		party := p.(map[string]any)
		a.party[party["id"].(string)] = party
	}
}

func (p *Parser) checkShape(name string, tree any, lines map[string]int) error {
	var errs []error
	for _, fault := range p.shape.Validate(tree) {
		problem := fault.Problem
		if isHash(treatmentAt(tree, fault.Path)) {
			problem = hashed
		}
		if fault.Key != "" {
			problem += fmt.Sprintf(" %q", fault.Key)
		}
		errs = append(errs, &Error{File: name, Line: lineOf(lines, fault.Pointer()), Pointer: fault.Pointer(), Problem: problem})
	}
	return errors.Join(errs...)
}

// treatmentAt returns the technique at a path of the document, if that is the place of one.
func treatmentAt(tree any, path []string) string {
	if len(path) != 3 || path[0] != "data_categories" || path[2] != "treatment" {
		return ""
	}
	for _, segment := range path {
		m, _ := tree.(map[string]any)
		tree = m[segment]
	}
	technique, _ := tree.(string)
	return technique
}

// lineOf finds the line of the place or of its nearest ancestor.
func lineOf(lines map[string]int, pointer string) int {
	for {
		if line, ok := lines[pointer]; ok {
			return line
		}
		cut := strings.LastIndexByte(pointer, '/')
		if cut < 0 {
			return 0
		}
		pointer = pointer[:cut]
	}
}

// checkSense holds what a schema cannot say.
func (a *Agreement) checkSense() error {
	var errs []error
	fault := func(pointer, problem string) { errs = append(errs, a.Fault(pointer, problem)) }
	a.checkDates(fault)
	a.checkParties(fault)
	a.checkClauses(fault)
	a.checkApprovals(fault)
	a.checkWhoMay(fault)
	for category, c := range a.DataCategories {
		if problem := c.Problem(); problem != "" {
			fault("/data_categories/"+category, problem)
		}
	}
	if a.Special.Allowed && a.Special.Condition == "" {
		fault("/special_categories", `missing key "condition"`)
	}
	if a.Offences.Allowed && a.Offences.Basis == "" {
		fault("/criminal_offence_data", `missing key "basis"`)
	}
	return errors.Join(errs...)
}

func (a *Agreement) checkDates(fault func(pointer, problem string)) {
	for pointer, day := range map[string]string{
		"/signed_on": a.SignedOn, "/valid_from": a.ValidFrom, "/valid_until": a.ValidUntil, "/review_date": a.ReviewDate,
		"/partnership/supervisor_notified": a.Partnership.Notified, "/partnership/supervisor_verified": a.Partnership.Verified,
	} {
		if day == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			fault(pointer, "not a day of the calendar (YYYY-MM-DD)")
		}
	}
	if a.ValidUntil < a.ValidFrom {
		fault("/valid_until", "before valid_from")
	}
}

func (a *Agreement) checkParties(fault func(pointer, problem string)) {
	seen := map[string]bool{}
	for i, p := range a.Parties {
		if seen[p.ID] {
			fault(fmt.Sprintf("/parties/%d/id", i), "two parties have the same id")
		}
		seen[p.ID] = true
		if p.Country == "" && p.Type != "international_organisation" {
			fault(fmt.Sprintf("/parties/%d", i), `missing key "country"`)
		}
	}
	for id := range a.LawfulBasis {
		if !seen[id] {
			fault("/lawful_basis", "names someone who is not a party")
		}
	}
}

func (a *Agreement) checkApprovals(fault func(pointer, problem string)) {
	roles := map[string]bool{}
	for i, p := range a.Approvals {
		at := fmt.Sprintf("/approvals/%d", i)
		if roles[p.Role] {
			fault(at+"/role", "two entries have the same role")
		}
		roles[p.Role] = true
		for j, k := range p.Keys {
			if _, ok := a.Party(k.Party); !ok && !contains(outsiders(), p.Role) {
				fault(fmt.Sprintf("%s/keys/%d/party", at, j), "not a party to the agreement")
			}
		}
	}
	for i, s := range a.Signatories {
		if _, ok := a.Party(s.Party); !ok {
			fault(fmt.Sprintf("/signatories/%d/party", i), "not a party to the agreement")
		}
	}
}

// outsiders are the roles whose holders need not be parties: the authority that the data come from (LED Art. 35(1)(c)), the
// one that decides on passing them on (35(1)(e)), and the source of marked information (TLP, handling codes).
func outsiders() []string {
	return []string{"originating_authority", "onward_authority", "information_source"}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// readYAML turns one YAML document into a JSON tree and remembers the line of each place. Dates stay text.
func readYAML(name string, document []byte) (any, map[string]int, error) {
	dec := yaml.NewDecoder(bytes.NewReader(document))
	var root, more yaml.Node
	if err := dec.Decode(&root); err != nil {
		return nil, nil, syntaxError(name, err)
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, nil, &Error{File: name, Problem: "more than one YAML document"}
	}
	r := reader{file: name, lines: map[string]int{}}
	if len(root.Content) != 1 {
		return nil, nil, &Error{File: name, Problem: "empty document"}
	}
	tree, err := r.value(root.Content[0], "", 0)
	return tree, r.lines, err
}

// syntaxError keeps the line number of a YAML error and drops its text, which may quote the document.
func syntaxError(name string, err error) error {
	if errors.Is(err, io.EOF) {
		return &Error{File: name, Problem: "empty document"}
	}
	line := 0
	if _, rest, ok := strings.Cut(err.Error(), "line "); ok {
		_, _ = fmt.Sscanf(rest, "%d", &line)
	}
	return &Error{File: name, Line: line, Problem: "not valid YAML"}
}

type reader struct {
	file  string
	lines map[string]int
}

const (
	maxDepth = 32
	maxBytes = 1 << 20
)

func (r *reader) fail(n *yaml.Node, pointer, problem string) error {
	return &Error{File: r.file, Line: n.Line, Pointer: pointer, Problem: problem}
}

func (r *reader) value(n *yaml.Node, pointer string, depth int) (any, error) {
	r.lines[pointer] = n.Line
	if depth > maxDepth {
		return nil, r.fail(n, pointer, "nested too deeply")
	}
	if n.Anchor != "" {
		return nil, r.fail(n, pointer, "anchors and aliases are not allowed")
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(n, pointer, depth)
	case yaml.SequenceNode:
		return r.sequence(n, pointer, depth)
	case yaml.ScalarNode:
		return r.scalar(n, pointer)
	}
	return nil, r.fail(n, pointer, "anchors and aliases are not allowed")
}

func (r *reader) mapping(n *yaml.Node, pointer string, depth int) (any, error) {
	out := make(map[string]any, len(n.Content)/2)
	for i := 0; i < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag != "!!str" || key.Anchor != "" {
			return nil, r.fail(key, pointer, "keys must be plain text")
		}
		at := schema.Fault{Path: []string{key.Value}}.Pointer()
		if _, twice := out[key.Value]; twice {
			return nil, r.fail(key, pointer+at, "key appears twice")
		}
		v, err := r.value(val, pointer+at, depth+1)
		if err != nil {
			return nil, err
		}
		r.lines[pointer+at] = key.Line
		out[key.Value] = v
	}
	return out, nil
}

func (r *reader) sequence(n *yaml.Node, pointer string, depth int) (any, error) {
	out := make([]any, 0, len(n.Content))
	for i, e := range n.Content {
		v, err := r.value(e, fmt.Sprintf("%s/%d", pointer, i), depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (r *reader) scalar(n *yaml.Node, pointer string) (any, error) {
	switch n.Tag {
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!bool":
		var b bool
		if n.Decode(&b) != nil {
			return nil, r.fail(n, pointer, "not a truth value")
		}
		return b, nil
	case "!!int":
		var i int64
		if n.Decode(&i) != nil {
			return nil, r.fail(n, pointer, "number out of range")
		}
		return json.Number(fmt.Sprint(i)), nil
	}
	return nil, r.fail(n, pointer, "only text, whole numbers and true or false are allowed here")
}
