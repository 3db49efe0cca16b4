package payload

import (
	"strings"
)

// rules is what the gate holds a result against. It is built from the text of the catalogue's paths alone and shares
// nothing with the tree that drives the transform, so that a fault in one is not repeated in the other.
type rules struct {
	fields     map[string]*planField // by pattern
	containers map[string]container  // by pattern
	quick      *quickRule            // the same for the quick reading; nil if it does not know how
}

// container says what stands at a place on the way to fields.
type container struct {
	array bool
	live  bool // it may leave
}

func newRules(p *Plan) *rules {
	r := &rules{fields: make(map[string]*planField), containers: make(map[string]container)}
	for i := range p.fields {
		f := &p.fields[i]
		r.fields[f.Path] = f
		for end := 0; end >= 0; end = nextSlash(f.Path, end) {
			c := r.containers[f.Path[:end]]
			c.array = strings.HasPrefix(f.Path[end:]+"/", "/*/")
			c.live = c.live || f.technique != Drop || end == 0
			r.containers[f.Path[:end]] = c
		}
	}
	r.quick = newQuick(r)
	return r
}

// nextSlash returns the index of the first slash behind i, or -1.
func nextSlash(path string, i int) int {
	n := strings.IndexByte(path[i+1:], '/')
	if n < 0 {
		return -1
	}
	return i + 1 + n
}

// show returns a path of the result for an error: from the first place on that is not in the catalogue, every segment
// is written "?".
func (r *rules) show(path []byte) string {
	s := string(path)
	for end := 0; end < len(s); {
		next := nextSlash(s, end)
		if next < 0 {
			next = len(s)
		}
		_, isContainer := r.containers[s[:next]]
		_, isField := r.fields[s[:next]]
		if !isContainer && !isField {
			return s[:end] + strings.Repeat("/?", strings.Count(s[end:], "/"))
		}
		end = next
	}
	return s
}
