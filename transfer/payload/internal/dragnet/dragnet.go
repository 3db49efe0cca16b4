// Package dragnet finds any of many texts in another text, in one pass whose time is linear in the length of both,
// whatever they hold.
//
// It is the automaton of Aho and Corasick (CACM 18(6), 1975) behind a filter. The filter knows the first four bytes of
// every text, and while no window of four bytes passes it, nothing else runs. The first few windows that pass are
// compared with every text, which costs no more than building the automaton would; only then is it built. From there
// on it runs where a window passes, until fewer than four bytes of a possible match are pending, and the filter takes
// over again three bytes back. So the automaton reads a byte at most four times.
package dragnet

import (
	"bytes"
	"encoding/binary"
)

// Window is the length in bytes of the shortest text that can be found.
const Window = 4

const (
	filterBits = 16
	freeTries  = 16
)

// Set is a set of texts to find. The zero value is empty and ready for use.
type Set struct {
	filter [1 << filterBits / 64]uint64
	texts  []byte
	items  []item

	tries int // windows that were compared with every text
	built bool
	nodes []node     // the automaton; 0 is its root
	roots [256]int32 // children of the root
	queue []int32
}

type item struct {
	end int // of its bytes in texts
	tag int
}

// node is a prefix of some text.
type node struct {
	child   int32 // first child
	sibling int32 // next child of the parent
	fail    int32 // the longest proper suffix that is a prefix of some text
	depth   int32
	found   int32 // item number of the longest text that ends here, plus 1
	length  int32 // its length
	by      byte  // the last byte
}

// Reset empties s and overwrites the texts that it held.
func (s *Set) Reset() {
	start := 0
	for _, it := range s.items {
		bit := hash(s.texts[start:])
		s.filter[bit/64] = 0
		start = it.end
	}
	clear(s.texts)
	clear(s.nodes)
	s.texts, s.items, s.nodes, s.built = s.texts[:0], s.items[:0], s.nodes[:0], false
	s.tries = 0
}

// Size returns the memory that s holds on to, in bytes.
func (s *Set) Size() int { return cap(s.texts) + 16*cap(s.items) + 28*cap(s.nodes) + 4*cap(s.queue) }

// Add adds a text; tag is what Find returns for it. Texts shorter than Window are not added.
func (s *Set) Add(text []byte, tag int) {
	if len(text) < Window {
		return
	}
	bit := hash(text)
	s.filter[bit/64] |= 1 << (bit % 64)
	s.texts = append(s.texts, text...)
	s.items = append(s.items, item{len(s.texts), tag})
	s.built = false
}

func hash(b []byte) uint32 {
	return binary.LittleEndian.Uint32(b) * 0x9e3779b1 >> (32 - filterBits)
}

// Find returns the tag of some added text of at least min bytes that occurs in text.
func (s *Set) Find(text []byte, min int) (tag int, ok bool) {
	if len(s.items) == 0 {
		return 0, false
	}
	for i := 0; i+Window <= len(text); i++ {
		bit := hash(text[i:])
		if s.filter[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		if s.tries < freeTries {
			s.tries++
			if tag, ok := s.compare(text[i:], min); ok {
				return tag, true
			}
			continue
		}
		found, next := s.follow(text, i, min)
		if found > 0 {
			return s.items[found-1].tag, true
		}
		i = next - 1
	}
	return 0, false
}

// compare looks for a text at the front of another.
func (s *Set) compare(text []byte, min int) (tag int, ok bool) {
	start := 0
	for _, it := range s.items {
		if it.end-start >= min && bytes.HasPrefix(text, s.texts[start:it.end]) {
			return it.tag, true
		}
		start = it.end
	}
	return 0, false
}

// follow runs the automaton from i on. It returns the number of a found item plus 1, or where the filter goes on.
func (s *Set) follow(text []byte, i, min int) (found int32, next int) {
	s.build()
	at := int32(0)
	for j := i; j < len(text); j++ {
		at = s.step(at, text[j])
		n := &s.nodes[at]
		if n.found > 0 && int(n.length) >= min {
			return n.found, 0
		}
		if n.depth < Window && j-i+1 >= Window {
			return 0, j + 1 - (Window - 1)
		}
	}
	return 0, len(text)
}

func (s *Set) step(at int32, b byte) int32 {
	for at != 0 {
		if c := s.childOf(at, b); c != 0 {
			return c
		}
		at = s.nodes[at].fail
	}
	return s.roots[b]
}

func (s *Set) childOf(at int32, b byte) int32 {
	if at == 0 {
		return s.roots[b]
	}
	c := s.nodes[at].child
	for c != 0 && s.nodes[c].by != b {
		c = s.nodes[c].sibling
	}
	return c
}

// build makes the automaton if texts were added since the last time.
func (s *Set) build() {
	if s.built {
		return
	}
	s.built = true
	s.nodes = append(s.nodes[:0], node{})
	clear(s.roots[:])
	start := 0
	for i, it := range s.items {
		s.insert(s.texts[start:it.end], int32(i+1))
		start = it.end
	}
	s.link()
}

func (s *Set) insert(text []byte, number int32) {
	at := int32(0)
	for i, b := range text {
		c := s.childOf(at, b)
		if c == 0 {
			c = int32(len(s.nodes))
			n := node{by: b, depth: int32(i + 1)}
			if at == 0 {
				s.roots[b] = c
			} else {
				n.sibling = s.nodes[at].child
				s.nodes[at].child = c
			}
			s.nodes = append(s.nodes, n)
		}
		at = c
	}
	s.nodes[at].found, s.nodes[at].length = number, int32(len(text))
}

// link sets the failure links level by level, so that a link always points to a node that is already done.
func (s *Set) link() {
	s.queue = s.queue[:0]
	for _, c := range s.roots {
		if c != 0 {
			s.queue = append(s.queue, c)
		}
	}
	for i := 0; i < len(s.queue); i++ {
		at := s.queue[i]
		for c := s.nodes[at].child; c != 0; c = s.nodes[c].sibling {
			n := &s.nodes[c]
			n.fail = s.step(s.nodes[at].fail, n.by)
			if suffix := s.nodes[n.fail]; n.found == 0 {
				n.found, n.length = suffix.found, suffix.length
			}
			s.queue = append(s.queue, c)
		}
	}
}
