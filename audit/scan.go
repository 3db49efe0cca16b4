package audit

import (
	"bytes"
	"unicode/utf8"
)

// summary is what replaying a log needs to know of a record.
type summary struct {
	typ      Type
	transfer string
	at       string
}

// scanRecord checks in one pass that data is canonical JSON of a known version and type and returns its summary. It
// is the part of ParseRecord that is cheap enough (about a microsecond) to run over a whole log; it does not look
// inside the members that are arrays or objects.
func scanRecord(data []byte) (summary, error) {
	s := scanner{data: data}
	var (
		sum     summary
		version bool
		members = true
	)
	ok := utf8.Valid(data) && s.object(func(key, value []byte) {
		members = members && memberForm(string(key)) == form(value[0])
		switch string(key) {
		case "type":
			sum.typ = Type(unquote(value))
		case "transfer":
			sum.transfer = unquote(value)
		case "at":
			sum.at = unquote(value)
		case "version":
			version = string(value) == "1"
		}
	})
	known, needsTransfer := sum.typ.known()
	switch {
	case !ok || s.pos != len(data):
		return summary{}, invalid("not canonical JSON at byte %d", s.pos)
	case !members:
		return summary{}, invalid("a member is unknown or of the wrong type")
	case !version:
		return summary{}, invalid("version is not supported")
	case !known:
		return summary{}, invalid("type is not one of the closed set")
	case sum.at == "":
		return summary{}, invalid("at is missing")
	case needsTransfer && sum.transfer == "":
		return summary{}, invalid("a record of type %s must name its transfer", sum.typ)
	}
	return sum, nil
}

// memberForm returns the form of a record's member, zero if there is no such member.
func memberForm(name string) byte {
	switch name {
	case "agreement", "agreement_digest", "at", "cause", "data_version", "envelope_digest", "exporter", "facts_digest",
		"policy_revision", "purpose", "recipient", "recipient_country", "transfer", "type":
		return '"'
	case "basis", "categories", "missing", "obligations", "reasons":
		return '['
	case "commitments", "fields", "manifest":
		return '{'
	case "bytes", "version":
		return '0'
	}
	return 0
}

// form classifies a value by its first byte.
func form(first byte) byte {
	if '0' <= first && first <= '9' {
		return '0'
	}
	return first
}

// unquote returns the content of a string token; a record's type, time and transfer need no escapes.
func unquote(token []byte) string {
	if len(token) < 2 || token[0] != '"' {
		return ""
	}
	return string(token[1 : len(token)-1])
}

// maxDepth is two more than a record needs (record, manifest, items, item).
const maxDepth = 6

// scanner accepts the subset of RFC 8785 that records use: objects with ascending unique names, arrays, strings of
// printable characters, integers below 2^53, true and false. After a refusal pos is where it stopped.
type scanner struct {
	data  []byte
	pos   int
	depth int
}

func (s *scanner) take(c byte) bool {
	if s.pos < len(s.data) && s.data[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) word(w string) bool {
	if bytes.HasPrefix(s.data[s.pos:], []byte(w)) {
		s.pos += len(w)
		return true
	}
	return false
}

func (s *scanner) value() bool {
	if s.pos >= len(s.data) {
		return false
	}
	switch s.data[s.pos] {
	case '{':
		return s.object(nil)
	case '[':
		return s.array()
	case '"':
		_, ok := s.str()
		return ok
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	}
	return s.integer()
}

func (s *scanner) object(visit func(key, value []byte)) bool {
	if s.depth++; s.depth > maxDepth || !s.take('{') {
		return false
	}
	var last []byte
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') {
			return false
		}
		key, ok := s.str()
		if !ok || !s.take(':') || !first && bytes.Compare(last, key) >= 0 {
			return false
		}
		start := s.pos
		if !s.value() {
			return false
		}
		if visit != nil {
			visit(key, s.data[start:s.pos])
		}
		last = key
	}
	s.depth--
	return true
}

func (s *scanner) array() bool {
	if s.depth++; s.depth > maxDepth || !s.take('[') {
		return false
	}
	for first := true; !s.take(']'); first = false {
		if !first && !s.take(',') || !s.value() {
			return false
		}
	}
	s.depth--
	return true
}

func (s *scanner) str() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; {
		case c == '"':
			s.pos++
			return s.data[start : s.pos-1], true
		case c == '\\':
			if s.pos++; s.pos == len(s.data) || s.data[s.pos] != '"' && s.data[s.pos] != '\\' {
				return nil, false
			}
		case c < 0x20:
			return nil, false
		}
		s.pos++
	}
	return nil, false
}

func (s *scanner) integer() bool {
	start, n := s.pos, int64(0)
	for s.pos < len(s.data) && '0' <= s.data[s.pos] && s.data[s.pos] <= '9' {
		if n = n*10 + int64(s.data[s.pos]-'0'); n >= maxInt {
			return false
		}
		s.pos++
	}
	digits := s.pos - start
	return digits == 1 || digits > 1 && s.data[start] != '0'
}
