package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/passavant/passavant/audit"
)

// The fields that a record commits to one by one are named by where they come from (docs/evidence.md).
const (
	fieldActor         = "person/actor"
	fieldJustification = "person/justification"
	fieldReference     = "person/reference"
	fieldReleased      = "released" // and a JSON Pointer into the document
)

// PersonFields lists the fields of a person that the commitment "fields.person" covers. The person is the member of a
// detail.
func PersonFields(personJSON []byte) ([]audit.FieldValue, error) {
	var p person
	if err := json.Unmarshal(personJSON, &p); err != nil {
		return nil, errors.New("the person of a detail cannot be read")
	}
	return p.fields(), nil
}

func (p person) fields() []audit.FieldValue {
	var fields []audit.FieldValue
	for _, f := range [][2]string{{fieldActor, p.Actor}, {fieldJustification, p.Justification}, {fieldReference, p.Reference}} {
		if f[1] != "" {
			fields = append(fields, audit.FieldValue{Name: f[0], Value: jsonText(f[1])})
		}
	}
	return fields
}

// ReleasedFields lists the fields of a released document that the commitment "fields.released" covers: every scalar of
// one JSON document. Anything else has none.
func ReleasedFields(document []byte) []audit.FieldValue {
	fields, err := scalarsOf(document)
	if err != nil {
		return nil // not a JSON document: the commitment to the whole of it must do
	}
	return fields
}

func jsonText(s string) []byte {
	out, err := jsontext.AppendQuote(nil, s)
	if err != nil { // invalid UTF-8, which no reader of requests lets through
		return []byte(`""`)
	}
	return out
}

// scalarsOf names every scalar of one JSON document by its pointer. An empty object or array counts as one, so that its
// emptiness can be shown too. The values are parts of the document, not copies. It runs once for each transfer, so it reads
// the bytes itself; jsontext has the last word on strings with escapes.
func scalarsOf(document []byte) ([]audit.FieldValue, error) {
	if len(bytes.TrimSpace(document)) == 0 {
		return nil, nil
	}
	s := scalarScanner{text: document, pointer: append(make([]byte, 0, 256), fieldReleased...), depth: maxFieldDepth}
	if err := s.value(); err != nil {
		return nil, err
	}
	if s.space(); s.at != len(s.text) {
		return nil, errNotOneDocument
	}
	names := string(s.names)
	fields := make([]audit.FieldValue, len(s.found))
	for i, f := range s.found {
		fields[i] = audit.FieldValue{Name: names[f.name:f.nameEnd], Value: document[f.from:f.to]}
	}
	return fields, nil
}

const maxFieldDepth = 256

var errNotOneDocument = errors.New("not one JSON document")

// scalarScanner walks over one JSON document that was written by this library.
type scalarScanner struct {
	text    []byte
	at      int
	depth   int
	pointer []byte // of the value being read
	names   []byte // all pointers, one behind the other
	found   []foundScalar
}

type foundScalar struct{ name, nameEnd, from, to int }

func (s *scalarScanner) space() {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\n' || s.text[s.at] == '\t' || s.text[s.at] == '\r') {
		s.at++
	}
}

func (s *scalarScanner) take(c byte) bool {
	if s.space(); s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scalarScanner) note(from int) {
	name := len(s.names)
	s.names = append(s.names, s.pointer...)
	s.found = append(s.found, foundScalar{name, len(s.names), from, s.at})
}

func (s *scalarScanner) value() error {
	s.space()
	from := s.at
	switch {
	case s.depth == 0:
		return errNotOneDocument
	case s.take('{'):
		return s.container(from, '}', s.member)
	case s.take('['):
		n := 0
		return s.container(from, ']', func() error {
			s.pointer = strconv.AppendInt(append(s.pointer, '/'), int64(n), 10)
			n++
			return s.value()
		})
	case from < len(s.text) && s.text[from] == '"':
		if _, err := s.quoted(); err != nil {
			return err
		}
	default:
		for s.at < len(s.text) && !bytes.ContainsRune([]byte(" \n\t\r,]}"), rune(s.text[s.at])) {
			s.at++
		}
		if s.at == from {
			return errNotOneDocument
		}
	}
	s.note(from)
	return nil
}

// container reads the elements up to the closing character; an empty container is a field of its own.
func (s *scalarScanner) container(from int, closing byte, element func() error) error {
	if s.take(closing) {
		s.note(from)
		return nil
	}
	s.depth--
	outer := len(s.pointer)
	for {
		if err := element(); err != nil {
			return err
		}
		s.pointer = s.pointer[:outer]
		if s.take(closing) {
			s.depth++
			return nil
		}
		if !s.take(',') {
			return errNotOneDocument
		}
	}
}

// member reads a name, appends it to the pointer as RFC 6901 writes it, and reads the value.
func (s *scalarScanner) member() error {
	s.space()
	name, err := s.quoted()
	if err != nil || !s.take(':') {
		return errNotOneDocument
	}
	s.pointer = append(s.pointer, '/')
	for _, c := range name {
		switch c {
		case '~':
			s.pointer = append(s.pointer, "~0"...)
		case '/':
			s.pointer = append(s.pointer, "~1"...)
		default:
			s.pointer = append(s.pointer, c)
		}
	}
	return s.value()
}

// quoted reads a string and returns what it says.
func (s *scalarScanner) quoted() ([]byte, error) {
	from, escaped := s.at, false
	if s.at >= len(s.text) || s.text[s.at] != '"' {
		return nil, errNotOneDocument
	}
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			escaped = true
			s.at++
		case '"':
			s.at++
			if !escaped {
				return s.text[from+1 : s.at-1], nil
			}
			return jsontext.AppendUnquote(nil, s.text[from:s.at])
		}
	}
	return nil, errNotOneDocument
}
