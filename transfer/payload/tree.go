package payload

import (
	"errors"
	"hash/maphash"
	"math/bits"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// node is one place of the document that the catalogue knows: a field, or an object or array on the way to one.
type node struct {
	name    string // member name, or "*" for the elements of an array
	pattern string // JSON Pointer pattern of this place
	label   []byte // the member's name as written to the output, with its colon
	field   int    // index of the field, -1 on the way to one
	live    bool   // something at or beneath this place may leave
	index   int    // number of this node in the tree, for counting

	elem    *node   // set for an array
	members []*node // set for an object
	table   []slot  // the members by hash, open addressing; built by seal
	mask    uint64
}

type slot struct {
	hash uint64
	node *node
}

var errPointer = errors.New(`want a JSON Pointer (RFC 6901) such as "/victim/name", without empty segments`)

// parsePattern splits a pointer into its segments, unescaped.
func parsePattern(path string) ([]string, error) {
	if !strings.HasPrefix(path, "/") || !utf8.ValidString(path) {
		return nil, errPointer
	}
	segments := strings.Split(path[1:], "/")
	for i, s := range segments {
		if s == "" || strings.Contains(escapes.Replace(s), "~") {
			return nil, errPointer
		}
		segments[i] = unescapes.Replace(s)
	}
	return segments, nil
}

var (
	escapes   = strings.NewReplacer("~0", "", "~1", "") // what remains may hold no tilde
	unescapes = strings.NewReplacer("~0", "~", "~1", "/")
	pointers  = strings.NewReplacer("~", "~0", "/", "~1")
)

// buildTree arranges the fields by path. It reports fields whose path is malformed or overlaps an earlier one; they
// are left out of the tree.
func buildTree(fields []Field) (*node, []fault) {
	root := &node{field: -1}
	var faults []fault
	for i, f := range fields {
		segments, err := parsePattern(f.Path)
		if err == nil {
			err = root.insert(segments, i)
		}
		if err != nil {
			faults = append(faults, fault{i, "path: " + err.Error()})
		}
	}
	return root, faults
}

func (n *node) insert(segments []string, field int) error {
	for _, s := range segments {
		if n.field >= 0 {
			return errors.New("overlaps a field above it")
		}
		next, err := n.step(s)
		if err != nil {
			return err
		}
		n = next
	}
	switch {
	case n.field >= 0:
		return errors.New("names a field that another row names already")
	case n.elem != nil || n.members != nil:
		return errors.New("overlaps a field beneath it")
	}
	n.field = field
	return nil
}

// step returns the child for one segment and makes it if it is new.
func (n *node) step(segment string) (*node, error) {
	if segment == "*" && n.members != nil || segment != "*" && n.elem != nil {
		return nil, errors.New("takes for an object what another row takes for an array")
	}
	if segment == "*" {
		if n.elem == nil {
			n.elem = &node{name: "*", pattern: n.pattern + "/*", field: -1}
		}
		return n.elem, nil
	}
	for _, m := range n.members {
		if m.name == segment {
			return m, nil
		}
	}
	label, err := jsontext.AppendQuote(nil, segment)
	if err != nil {
		return nil, errPointer
	}
	m := &node{name: segment, pattern: n.pattern + "/" + pointers.Replace(segment), label: append(label, ':'), field: -1}
	n.members = append(n.members, m)
	return m, nil
}

// seal numbers the nodes from next on, builds their tables, marks what may leave, and returns the next number.
func (n *node) seal(seed maphash.Seed, leaves func(field int) bool, next int) int {
	n.index, next = next, next+1
	n.live = n.field >= 0 && leaves(n.field)
	if n.elem != nil {
		next = n.elem.seal(seed, leaves, next)
		n.live = n.elem.live
	}
	size := uint64(1) << bits.Len(uint(2*len(n.members)))
	n.table, n.mask = make([]slot, size), size-1
	for _, m := range n.members {
		next = m.seal(seed, leaves, next)
		n.live = n.live || m.live
		h := maphash.String(seed, m.name)
		i := h & n.mask
		for n.table[i].node != nil {
			i = (i + 1) & n.mask
		}
		n.table[i] = slot{h, m}
	}
	return next
}

// member returns the node of a member, or nil for a name outside the catalogue. h is the hash of name.
func (n *node) member(name []byte, h uint64) *node {
	for i := h & n.mask; n.table[i].node != nil; i = (i + 1) & n.mask {
		if n.table[i].hash == h && n.table[i].node.name == string(name) {
			return n.table[i].node
		}
	}
	return nil
}

// walk calls visit for n and every node beneath it.
func (n *node) walk(visit func(*node)) {
	visit(n)
	if n.elem != nil {
		n.elem.walk(visit)
	}
	for _, m := range n.members {
		m.walk(visit)
	}
}
