package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
	"time"
)

// key identifies a question: SHA-256 over an injective encoding of its facts. It is much cheaper than canonical JSON and
// serves the cache only; what is published is the digest of the canonical facts.
type key [sha256.Size]byte

// keyOf returns false for facts that hold a Go type it does not know; such a question is decided anew.
func (c *cache) keyOf(f Facts) (key, bool) {
	s := c.scratch.Get().(*scratch)
	defer c.scratch.Put(s)
	s.buf = s.buf[:0]
	s.buf = binary.BigEndian.AppendUint64(s.buf, uint64(f.At.Truncate(time.Minute).Unix()))
	for _, text := range []string{f.Agreement, f.Exporter, f.Recipient} {
		s.text('s', text)
	}
	if !s.object(f.Claims) || !s.object(f.Evidence) {
		return key{}, false
	}
	if p := f.Prepared; p != nil {
		if !p.keyed {
			return key{}, false
		}
		s.buf = append(append(s.buf, 'p'), p.key[:]...)
	}
	return sha256.Sum256(s.buf), true
}

// scratch is reused between questions: the buffer, and one stack of names that nested objects share.
type scratch struct {
	buf   []byte
	names []string
}

// text writes a tag, the length and the bytes: no two values share an encoding.
func (s *scratch) text(tag byte, text string) {
	s.buf = append(s.buf, tag)
	s.buf = binary.BigEndian.AppendUint32(s.buf, uint32(len(text)))
	s.buf = append(s.buf, text...)
}

func (s *scratch) count(tag byte, n int) {
	s.buf = append(s.buf, tag)
	s.buf = binary.BigEndian.AppendUint32(s.buf, uint32(n))
}

func (s *scratch) object(m map[string]any) bool {
	s.count('{', len(m))
	from := len(s.names)
	for name := range m {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names[from:])
	ok := true
	for i := from; i < from+len(m) && ok; i++ {
		name := s.names[i]
		s.text('k', name)
		ok = s.value(m[name])
	}
	s.names = s.names[:from]
	return ok
}

func (s *scratch) value(v any) bool {
	switch v := v.(type) {
	case nil:
		s.buf = append(s.buf, 'n')
	case string:
		s.text('s', v)
	case json.Number:
		s.text('#', string(v))
	case bool:
		s.buf = append(s.buf, 'b', boolByte(v))
	case int:
		s.integer(int64(v))
	case int64:
		s.integer(v)
	case float64:
		s.buf = binary.BigEndian.AppendUint64(append(s.buf, 'f'), math.Float64bits(v))
	case map[string]any:
		return s.object(v)
	case []string:
		s.count('[', len(v))
		for _, text := range v {
			s.text('s', text)
		}
	case []any:
		return s.list(v)
	case map[string]string:
		return s.textObject(v)
	default:
		return false
	}
	return true
}

func (s *scratch) integer(i int64) {
	s.buf = binary.BigEndian.AppendUint64(append(s.buf, 'i'), uint64(i))
}

func (s *scratch) list(v []any) bool {
	s.count('[', len(v))
	for _, e := range v {
		if !s.value(e) {
			return false
		}
	}
	return true
}

func (s *scratch) textObject(m map[string]string) bool {
	s.count('{', len(m))
	from := len(s.names)
	for name := range m {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names[from:])
	for _, name := range s.names[from:] {
		s.text('k', name)
		s.text('s', m[name])
	}
	s.names = s.names[:from]
	return true
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
