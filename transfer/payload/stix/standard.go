package stix

import (
	"bufio"
	"bytes"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

//go:embed standard/*.txt
var tables embed.FS

// property is a line of standard/properties.txt.
type property struct {
	path     string
	form     string
	args     []string // types of a reference, name of a vocabulary
	required bool
	neutral  string // of a required property; "" with hasNone false for a timestamp
	hasNone  bool   // there is no neutral value
	category string // "" for structure
	role     payload.Role
	subject  string
}

// object is a line of standard/objects.txt.
type object struct {
	class     string
	anyOf     []string // of these one is left, or the object goes
	idFrom    []string // ID Contributing Properties (section 2.9)
	extension string   // id of the extension definition that makes the type
}

// standard is what the tables of the package say.
type standard struct {
	expressions
	properties []property
	byPath     map[string]int
	objects    map[string]object
	anyOf      map[string][]string // of places within objects
	terms      map[string]map[string]bool
}

func loadStandard() *standard {
	s := &standard{
		byPath: make(map[string]int), objects: make(map[string]object), anyOf: make(map[string][]string),
		terms: make(map[string]map[string]bool),
	}
	table("properties", func(f []string) { s.addProperty(f) })
	table("objects", func(f []string) { s.addObject(f) })
	table("vocabularies", func(f []string) { s.addVocabulary(f) })
	return s
}

// table calls f with the columns of each line of a table. The tables are part of the program: a fault in one is a panic.
func table(name string, f func(columns []string)) {
	text, err := tables.ReadFile("standard/" + name + ".txt")
	if err != nil {
		panic(fmt.Sprintf("stix: %v", err))
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		columns := strings.Fields(lines.Text())
		if len(columns) > 0 && !strings.HasPrefix(columns[0], "#") {
			f(columns)
		}
	}
}

func (s *standard) addProperty(f []string) {
	for len(f) < 6 {
		f = append(f, "-")
	}
	form, args, _ := strings.Cut(f[1], ":")
	p := property{path: f[0], form: form}
	if args != "" {
		p.args = strings.Split(args, ",")
	}
	p.required, p.hasNone = f[2] != "-", f[2] == "!"
	p.neutral = strings.TrimPrefix(f[2], "=")
	if f[3] != "-" {
		p.category, p.role = f[3], payload.Role(f[4])
	}
	if f[5] != "-" {
		p.subject = f[5]
	}
	s.byPath[p.path] = len(s.properties)
	s.properties = append(s.properties, p)
}

func (s *standard) addObject(f []string) {
	var o object
	for _, attribute := range f[1:] {
		name, list, found := strings.Cut(attribute, "=")
		switch {
		case !found:
			o.class = name
		case name == "any":
			o.anyOf = strings.Split(list, ",")
		case name == "id":
			o.idFrom = strings.Split(list, ",")
		case name == "extension":
			o.extension = list
		}
	}
	if strings.HasPrefix(f[0], "/") {
		s.anyOf[f[0]] = o.anyOf
		return
	}
	s.objects[f[0]] = o
}

// addVocabulary also makes "label", the union of the vocabularies of STIX: what a label may say.
func (s *standard) addVocabulary(f []string) {
	name := strings.TrimSuffix(f[0], ":")
	s.terms[name] = make(map[string]bool)
	if s.terms["label"] == nil {
		s.terms["label"] = make(map[string]bool)
	}
	for _, term := range f[1:] {
		term = strings.ReplaceAll(term, `\_`, " ")
		s.terms[name][term] = true
		if strings.HasSuffix(name, "-type") && name != "registry-type" && name != "relationship-type" || name == "identity-class" || name == "industry-sector" {
			s.terms["label"][term] = true
		}
	}
}

// property finds the line for a path of a catalogue: its own, that of the type without its variant, or that of "object".
func (s *standard) property(path string) (property, bool) {
	typ, rest := splitType(path)
	for _, p := range []string{path, "/" + baseType(typ) + rest, "/object" + rest} {
		if i, ok := s.byPath[p]; ok {
			return s.properties[i], true
		}
	}
	return property{}, false
}

// splitType cuts "/file.malware/name" into "file.malware" and "/name".
func splitType(path string) (typ, rest string) {
	typ, rest, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return typ, "/" + rest
}

// baseType cuts the variant off.
func baseType(typ string) string {
	base, _, _ := strings.Cut(typ, ".")
	return base
}

// kindOf is what a form is in a catalogue.
func kindOf(form string) payload.Kind {
	switch form {
	case "timestamp":
		return payload.KindDatetime
	case "bool":
		return payload.KindBoolean
	case "int", "number", "asn":
		return payload.KindNumber
	case "ipv4", "ipv6":
		return payload.KindIP
	case "email":
		return payload.KindEmail
	case "iban":
		return payload.KindIBAN
	case "phone":
		return payload.KindPhone
	case "postcode":
		return payload.KindPostcode
	}
	return payload.KindString
}

// formOf is the form of a field that the standard does not have.
func formOf(kind payload.Kind) string {
	switch kind {
	case payload.KindDatetime:
		return "timestamp"
	case payload.KindBoolean:
		return "bool"
	case payload.KindNumber:
		return "number"
	case payload.KindEmail:
		return "email"
	case payload.KindIP:
		return "ip"
	}
	return "text"
}

// Standard returns the catalogue of the standard: every type and observable of STIX 2.1 and the five financial
// observables of stix2extensions, with every property that can leave. It is a copy; take lines out of it, give them other
// categories, or add types of your own.
func Standard() *payload.Catalogue {
	c := &payload.Catalogue{
		Type: "stix-bundle", Version: "1", Title: "STIX 2.1 bundle", Format: payload.FormatSTIX,
		Limits: payload.Limits{Depth: 64, Bytes: 64 << 20},
	}
	for _, p := range loadStandard().properties {
		if p.category == "" {
			continue
		}
		c.Fields = append(c.Fields, payload.Field{
			Path: p.path, Category: p.category, Role: p.role, Kind: kindOf(p.form), Subject: p.subject,
		})
	}
	c.Fields = slices.Clip(c.Fields)
	return c
}
