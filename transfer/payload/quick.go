package payload

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// quickRule is a place of a result for the quick reading of the gate. It is made from the text of the paths, as the rules
// are, and shares nothing with the tree of the transform.
type quickRule struct {
	field   *planField // nil on the way to fields
	array   bool
	live    bool
	elem    *quickRule
	members []quickMember
}

type quickMember struct {
	label []byte // the name as RFC 8785 writes it, with its colon
	rule  *quickRule
}

// most members of one object that the quick reading knows: a bit each.
const mostQuick = 64

// newQuick returns nil where the quick reading does not know how.
func newQuick(r *rules) *quickRule {
	root := &quickRule{live: r.containers[""].live, array: r.containers[""].array}
	for pattern, f := range r.fields {
		if !root.add(r, f, strings.Split(pattern[1:], "/"), "") {
			return nil
		}
	}
	return root
}

func (q *quickRule) add(r *rules, f *planField, segments []string, above string) bool {
	pattern := above + "/" + segments[0]
	next := q.elem
	if segments[0] != "*" {
		label, err := jsontext.AppendQuote(nil, unescapes.Replace(segments[0]))
		if err != nil {
			return false
		}
		label = append(label, ':')
		i := slices.IndexFunc(q.members, func(m quickMember) bool { return bytes.Equal(m.label, label) })
		if i < 0 {
			if i = len(q.members); i == mostQuick {
				return false
			}
			q.members = append(q.members, quickMember{label, &quickRule{live: r.containers[pattern].live, array: r.containers[pattern].array}})
		}
		next = q.members[i].rule
	} else if next == nil {
		next = &quickRule{live: r.containers[pattern].live, array: r.containers[pattern].array}
		q.elem = next
	}
	if len(segments) == 1 {
		next.field = f
		return true
	}
	return next.add(r, f, segments[1:], pattern)
}

// quick reads a result of the plainest form, without white space or unusual escapes of names, and reports whether all of
// it passes. Whatever it does not know it does not judge: then the reading that says what is wrong has the last word.
func (g *gate) quick(out []byte) bool {
	if g.rules.quick == nil || !utf8.Valid(out) {
		return false
	}
	end, ok := g.quickValue(g.rules.quick, out, 0)
	return ok && end == len(out)
}

func (g *gate) quickValue(q *quickRule, out []byte, at int) (end int, ok bool) {
	if at >= len(out) {
		return at, false
	}
	switch c := out[at]; {
	case c == '{':
		return g.quickObject(q, out, at+1)
	case c == '[':
		return g.quickArray(q, out, at+1)
	case c == '"' && q.field != nil:
		return g.quickString(q.field, out, at)
	}
	end = at
	for end < len(out) && out[end] != ',' && out[end] != '}' && out[end] != ']' {
		end++
	}
	token := jsontext.Value(out[at:end])
	if q.field == nil {
		return end, q.live && string(token) == "null"
	}
	return end, token.IsValid() && token.Kind() != '"' && !bytes.ContainsAny(token, " \t\r\n") && g.quickAccept(q.field, token.Kind(), token)
}

func (g *gate) quickAccept(f *planField, k jsontext.Kind, text []byte) bool {
	return f.technique != Drop && g.accept(f, nil, k, text) == nil
}

func (g *gate) quickObject(q *quickRule, out []byte, at int) (end int, ok bool) {
	if q.field != nil || q.array || !q.live {
		return at, false
	}
	var seen uint64
	for next := 0; at < len(out); at++ {
		if out[at] == '}' && seen == 0 {
			return at + 1, true
		}
		i := q.member(out[at:], next)
		if i < 0 || seen>>i&1 == 1 {
			return at, false
		}
		seen |= 1 << i
		next = i + 1
		m := q.members[i]
		if at, ok = g.quickValue(m.rule, out, at+len(m.label)); !ok || at >= len(out) {
			return at, false
		}
		if out[at] == '}' {
			return at + 1, true
		}
		if out[at] != ',' {
			return at, false
		}
	}
	return at, false
}

// member finds the member whose label text begins with. It tries the one that is expected next first.
func (q *quickRule) member(text []byte, next int) int {
	for i := range q.members {
		j := next + i
		if j >= len(q.members) {
			j -= len(q.members)
		}
		if bytes.HasPrefix(text, q.members[j].label) {
			return j
		}
	}
	return -1
}

func (g *gate) quickArray(q *quickRule, out []byte, at int) (end int, ok bool) {
	if q.field != nil || !q.array || !q.live || q.elem == nil || at >= len(out) {
		return at, false
	}
	if out[at] == ']' {
		return at + 1, true
	}
	for ; at < len(out); at++ {
		if at, ok = g.quickValue(q.elem, out, at); !ok || at >= len(out) {
			return at, false
		}
		if out[at] == ']' {
			return at + 1, true
		}
		if out[at] != ',' {
			return at, false
		}
	}
	return at, false
}

func (g *gate) quickString(f *planField, out []byte, at int) (end int, ok bool) {
	escaped := false
	for end = at + 1; end < len(out); end++ {
		switch c := out[end]; {
		case c == '"':
			text := out[at+1 : end]
			if escaped {
				var err error
				if g.text, err = jsontext.AppendUnquote(g.text[:0], out[at:end+1]); err != nil {
					return end, false
				}
				text = g.text
			}
			return end + 1, g.quickAccept(f, '"', text)
		case c == '\\':
			escaped = true
			end++
		case c < 0x20:
			return end, false
		}
	}
	return end, false
}
