package payload

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/passavant/passavant/internal/canonical"
)

// Role says how a field bears on identification.
type Role string

// The roles. The closed set is checked by [ParseCatalogue] and [Compile].
const (
	Direct      Role = "direct"      // identifies a person on its own; the gate searches results for its values
	Quasi       Role = "quasi"       // identifies together with other fields (EDPB Guidelines 01/2025)
	Sensitive   Role = "sensitive"   // harms when it becomes known
	FreeText    Role = "free-text"   // may hold anything
	Operational Role = "operational" // what the recipient acts on
)

// strictness orders the roles for [Catalogue.Roles], strictest first.
func strictness(r Role) int {
	return slices.Index([]Role{Direct, FreeText, Sensitive, Quasi, Operational}, r)
}

// Default limits of a catalogue that sets none, and the greatest depth that one may set.
const (
	DefaultDepth = 32
	DefaultBytes = 16 << 20
	MaxDepth     = 512
)

// Limits bound the documents that a plan reads.
type Limits struct {
	Depth int `json:"depth"` // nested objects and arrays, the outermost counted as 1
	Bytes int `json:"bytes"` // length of the document before the transform
}

// Field is one place of a payload type that can hold a value.
type Field struct {
	// Path is a JSON Pointer (RFC 6901) in which a segment "*" stands for every element of an array. Any other
	// segment names a member of an object.
	Path string `json:"path"`
	// Category is the data category, in the vocabulary of the agreements.
	Category string `json:"category"`
	Role     Role   `json:"role"`
	Kind     Kind   `json:"kind"`
	// Subject is the category of data subject, such as "victim"; empty when it is nobody's.
	Subject string `json:"subject,omitempty"`
	// Special marks data of a special category (GDPR Art. 9(1)).
	Special bool `json:"special,omitempty"`
	// CriminalOffence marks data relating to criminal convictions and offences (GDPR Art. 10).
	CriminalOffence bool `json:"criminal_offence,omitempty"`
}

// Catalogue names the fields of one payload type.
type Catalogue struct {
	Type    string `json:"type"`
	Version string `json:"version"`
	Title   string `json:"title"`
	// Format is how documents of the type are read; empty means [FormatJSON].
	Format Format  `json:"format,omitempty"`
	Fields []Field `json:"fields"`
	Limits Limits  `json:"limits"`
	// Hierarchies are tables by which values are generalised.
	Hierarchies map[string]Hierarchy `json:"hierarchies,omitempty"`
}

// Digest returns "sha256:" and 64 hexadecimal digits over the canonical JSON (RFC 8785) of the catalogue, with its
// limits filled in. The order of the fields counts.
func (c *Catalogue) Digest() string {
	filled := *c
	filled.Limits = c.Limits.orDefault()
	if filled.Format == FormatJSON { // a catalogue that says so is the one that does not
		filled.Format = ""
	}
	digest, err := canonical.Digest(&filled)
	if err != nil { // strings, booleans and small integers always encode
		panic(fmt.Sprintf("payload: digest of a catalogue: %v", err))
	}
	return digest
}

// Categories returns the data categories of all fields, sorted, each once.
func (c *Catalogue) Categories() []string {
	return c.collect(func(f Field) (string, bool) { return f.Category, true })
}

// Subjects returns the categories of data subjects, sorted, each once.
func (c *Catalogue) Subjects() []string {
	return c.collect(func(f Field) (string, bool) { return f.Subject, f.Subject != "" })
}

// SpecialCategories returns the data categories with a field of a special category (GDPR Art. 9(1)), sorted, each once.
func (c *Catalogue) SpecialCategories() []string {
	return c.collect(func(f Field) (string, bool) { return f.Category, f.Special })
}

// HasCriminalOffenceData reports whether a field holds data relating to criminal offences (GDPR Art. 10).
func (c *Catalogue) HasCriminalOffenceData() bool {
	return slices.ContainsFunc(c.Fields, func(f Field) bool { return f.CriminalOffence })
}

// Roles returns the strictest role of each data category; direct is the strictest, then free-text, sensitive, quasi,
// operational.
func (c *Catalogue) Roles() map[string]Role {
	roles := make(map[string]Role)
	for _, f := range c.Fields {
		if old, ok := roles[f.Category]; !ok || strictness(f.Role) < strictness(old) {
			roles[f.Category] = f.Role
		}
	}
	return roles
}

func (c *Catalogue) collect(pick func(Field) (string, bool)) []string {
	var found []string
	for _, f := range c.Fields {
		if s, ok := pick(f); ok {
			found = append(found, s)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func (l Limits) orDefault() Limits {
	return Limits{Depth: cmp.Or(l.Depth, DefaultDepth), Bytes: cmp.Or(l.Bytes, DefaultBytes)}
}

// validate returns what is wrong, each fault with the index of its field, or -1.
func (c *Catalogue) validate() []fault {
	var faults []fault
	add := func(field int, format string, args ...any) {
		faults = append(faults, fault{field, fmt.Sprintf(format, args...)})
	}
	if !isName(c.Type) {
		add(-1, "type: want a name of small letters, digits, - and _")
	}
	if c.Version == "" {
		add(-1, "version: missing")
	}
	if !c.Format.known() {
		add(-1, "format: unknown format %q, want one of %v", c.Format, Formats())
	}
	if len(c.Fields) == 0 {
		add(-1, "fields: a catalogue names at least one field")
	}
	if l := c.Limits.orDefault(); l.Depth < 1 || l.Depth > MaxDepth || l.Bytes < 1 {
		add(-1, "limits: want a depth of 1 to %d and at least one byte", MaxDepth)
	}
	for _, name := range slices.Sorted(maps.Keys(c.Hierarchies)) {
		if problem := c.Hierarchies[name].problem(); problem != "" || !isName(name) {
			add(-1, "hierarchy %q: %s", name, cmp.Or(problem, "want a name of small letters, digits, - and _"))
		}
	}
	for i, f := range c.Fields {
		for _, msg := range f.validate() {
			add(i, "%s", msg)
		}
	}
	if c.Format == FormatOpaque {
		faults = append(faults, opaqueFaults(c.Fields)...)
	}
	if c.Format == FormatCSV {
		faults = append(faults, columnFaults(c.Fields)...)
	}
	_, conflicts := buildTree(c.Fields)
	return append(faults, conflicts...)
}

func (f Field) validate() (msgs []string) {
	if !isName(f.Category) {
		msgs = append(msgs, "category: want a name of small letters, digits, - and _")
	}
	if f.Subject != "" && !isName(f.Subject) {
		msgs = append(msgs, "subject: want a name of small letters, digits, - and _")
	}
	if strictness(f.Role) < 0 {
		msgs = append(msgs, fmt.Sprintf("unknown role %q", f.Role))
	}
	if !f.Kind.known() {
		msgs = append(msgs, fmt.Sprintf("unknown kind %q", f.Kind))
	}
	return msgs
}

// fault is one thing wrong with a catalogue; field is -1 when it concerns no single field.
type fault struct {
	field int
	msg   string
}

// asError joins the faults; line tells where a field stands.
func asError(file string, faults []fault, line func(field int) int) error {
	errs := make([]error, len(faults))
	for i, f := range faults {
		errs[i] = &CatalogueError{File: file, Line: line(f.field), Msg: f.msg}
	}
	return errors.Join(errs...)
}

// isName reports whether s fits the names of payload types and categories.
func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '-' || c == '_') {
			continue
		}
		return false
	}
	return s != ""
}
