package stix

import (
	"encoding/json"

	"github.com/passavant/passavant/transfer/payload"
)

// scanner reads the strings and numbers of a JSON text. It is not the reader that the transform uses, on purpose: a fault in one
// is not repeated in the other.
type scanner struct {
	text []byte
	pos  int
}

func (s *scanner) fail() error {
	return &payload.GateError{Pointer: "", Msg: "the result is not one JSON value"}
}

// visit gets the member in which a text stands, how many objects and lists are around it, and whether it is the name of a member.
type visit func(place string, depth int, text string, isName bool) error

func (s *scanner) scan(f visit) error {
	if err := s.value("", 0, f); err != nil {
		return err
	}
	if s.pos != len(s.text) {
		return s.fail()
	}
	return nil
}

func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) value(place string, depth int, f visit) error {
	switch c := s.peek(); c {
	case '{', '[':
		return s.container(place, depth+1, c == '{', f)
	case '"':
		text, err := s.str()
		if err != nil {
			return err
		}
		return f(place, depth, text, false)
	default:
		start := s.pos
		for s.pos < len(s.text) && s.text[s.pos] != ',' && s.text[s.pos] != '}' && s.text[s.pos] != ']' {
			s.pos++
		}
		word := s.text[start:s.pos]
		if !json.Valid(word) {
			return s.fail()
		}
		if c == 't' || c == 'f' || c == 'n' {
			return nil
		}
		return f(place, depth, string(word), false)
	}
}

func (s *scanner) container(place string, depth int, object bool, f visit) error {
	end := s.text[s.pos] + 2 // ] and } come two behind [ and {
	s.pos++
	for first := true; ; first = false {
		switch c := s.peek(); {
		case c == end && (first || s.text[s.pos-1] != ','):
			s.pos++
			return nil
		case first:
		case c != ',':
			return s.fail()
		default:
			s.pos++
		}
		if object {
			name, err := s.str()
			if err != nil {
				return err
			}
			if err := f(place, depth, name, true); err != nil {
				return err
			}
			if s.peek() != ':' {
				return s.fail()
			}
			s.pos++
			place = name
		}
		if err := s.value(place, depth, f); err != nil {
			return err
		}
	}
}

func (s *scanner) str() (string, error) {
	if s.peek() != '"' {
		return "", s.fail()
	}
	start, escaped := s.pos, false
	for s.pos++; s.pos < len(s.text); s.pos++ {
		switch s.text[s.pos] {
		case '\\':
			escaped = true
			s.pos++
		case '"':
			s.pos++
			if !escaped {
				return string(s.text[start+1 : s.pos-1]), nil
			}
			var text string
			if json.Unmarshal(s.text[start:s.pos], &text) != nil {
				return "", s.fail()
			}
			return text, nil
		}
	}
	return "", s.fail()
}
