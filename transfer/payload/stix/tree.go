package stix

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/passavant/passavant/transfer/payload"
)

// node is one JSON value in the order of its document. A node of a result knows the node of the source that it was
// made from, so that selectors can be moved with it.
type node struct {
	kind    jsontext.Kind // '{' '[' '"' '0' 't' 'f' 'n'
	text    string        // of a string, unescaped; of a number, as it is written
	members []member
	items   []*node
	from    *node
}

type member struct {
	name  string
	value *node
}

func textNode(text string, from *node) *node { return &node{kind: '"', text: text, from: from} }

// get returns the member of an object, or nil.
func (n *node) get(name string) *node {
	if n == nil || n.kind != '{' {
		return nil
	}
	for i := range n.members {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return nil
}

// str returns the member of an object if it is a string, or "".
func (n *node) str(name string) string {
	if v := n.get(name); v != nil && v.kind == '"' {
		return v.text
	}
	return ""
}

func (n *node) set(name string, value *node) {
	for i := range n.members {
		if n.members[i].name == name {
			n.members[i].value = value
			return
		}
	}
	n.members = append(n.members, member{name, value})
}

func (n *node) remove(name string) {
	for i := range n.members {
		if n.members[i].name == name {
			n.members = append(n.members[:i], n.members[i+1:]...)
			return
		}
	}
}

// empty reports whether an object or array has nothing in it.
func (n *node) empty() bool {
	return n.kind == '{' && len(n.members) == 0 || n.kind == '[' && len(n.items) == 0
}

// each calls f for n and for everything beneath it.
func (n *node) each(f func(*node)) {
	f(n)
	for _, m := range n.members {
		m.value.each(f)
	}
	for _, it := range n.items {
		it.each(f)
	}
}

// builder reads one strict JSON value (RFC 7493) into nodes.
type builder struct {
	dec    *jsontext.Decoder
	depth  int
	most   int // depth
	values int // that may still come
}

// maxValues bounds the tree: a value costs about 100 bytes of memory, however short its text is.
const maxValues = 4 << 20

func parse(src []byte, limits payload.Limits) (*node, error) {
	if len(src) > limits.Bytes {
		return nil, &payload.SyntaxError{Offset: int64(limits.Bytes), Msg: "longer than the limit of " + strconv.Itoa(limits.Bytes) + " bytes (limits.bytes of the catalogue)"}
	}
	if bytes.HasPrefix(src, []byte("\xef\xbb\xbf")) {
		return nil, &payload.SyntaxError{Msg: "a byte order mark"}
	}
	b := &builder{dec: jsontext.NewDecoder(bytes.NewBuffer(src)), most: limits.Depth, values: maxValues}
	n, err := b.value()
	if err != nil {
		return nil, err
	}
	if _, err := b.dec.ReadToken(); err != io.EOF {
		return nil, b.fail("bytes after the bundle")
	}
	return n, nil
}

func (b *builder) fail(msg string) error {
	return &payload.SyntaxError{Offset: b.dec.InputOffset(), Msg: msg}
}

// syntax translates an error of jsontext, which may quote the document.
func (b *builder) syntax(err error) error {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return b.fail("a name that occurs twice in one object")
	}
	return b.fail("not one strict JSON value")
}

func (b *builder) value() (*node, error) {
	if b.values--; b.values < 0 {
		return nil, b.fail("more than " + strconv.Itoa(maxValues) + " values")
	}
	t, err := b.dec.ReadToken()
	if err != nil {
		return nil, b.syntax(err)
	}
	switch t.Kind() {
	case '{', '[':
		return b.container(t.Kind())
	case '"':
		return &node{kind: '"', text: t.String()}, nil
	case '0':
		return b.number(strings.Clone(t.String()))
	}
	return &node{kind: t.Kind()}, nil
}

func (b *builder) container(kind jsontext.Kind) (n *node, err error) {
	if b.depth++; b.depth > b.most {
		return nil, b.fail("nested deeper than the limit of " + strconv.Itoa(b.most) + " (limits.depth of the catalogue)")
	}
	defer func() { b.depth-- }()
	n = &node{kind: kind}
	if kind == '[' {
		err = b.array(n)
	} else {
		err = b.object(n)
	}
	if err != nil {
		return nil, err
	}
	if _, err := b.dec.ReadToken(); err != nil {
		return nil, b.syntax(err)
	}
	return n, nil
}

func (b *builder) array(n *node) error {
	for {
		switch b.dec.PeekKind() {
		case ']':
			return nil
		case '}':
			return b.fail("not one strict JSON value")
		}
		v, err := b.value()
		if err != nil {
			return err
		}
		n.items = append(n.items, v)
	}
}

func (b *builder) object(n *node) error {
	for b.dec.PeekKind() != '}' {
		name, err := b.dec.ReadToken()
		if err != nil {
			return b.syntax(err)
		}
		text := name.String()
		v, err := b.value()
		if err != nil {
			return err
		}
		n.members = append(n.members, member{text, v})
	}
	return nil
}

const maxInteger = 1<<53 - 1 // STIX 2.1 section 2.6 and RFC 7493 section 2.2

// number refuses what a reader of STIX would round: integers outside ±(2^53-1) and numbers beyond binary64.
func (b *builder) number(text string) (*node, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, b.fail("a number beyond the range of STIX")
	}
	if math.Abs(f) > maxInteger && f == math.Trunc(f) {
		return nil, b.fail("an integer outside of -(2^53-1) to 2^53-1")
	}
	return &node{kind: '0', text: text}, nil
}

// appendTo writes n without white space and with the fewest escapes.
func (n *node) appendTo(dst []byte) []byte {
	switch n.kind {
	case '{':
		dst = append(dst, '{')
		for i, m := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, m.name)
			dst = append(dst, ':')
			dst = m.value.appendTo(dst)
		}
		return append(dst, '}')
	case '[':
		dst = append(dst, '[')
		for i, it := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = it.appendTo(dst)
		}
		return append(dst, ']')
	case '"':
		return appendString(dst, n.text)
	case '0':
		return append(dst, n.text...)
	case 't':
		return append(dst, "true"...)
	case 'f':
		return append(dst, "false"...)
	}
	return append(dst, "null"...)
}

// appendString quotes a text that is known to be UTF-8.
func appendString(dst []byte, text string) []byte {
	dst, _ = jsontext.AppendQuote(dst, text)
	return dst
}
