package stix

import (
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// place is somewhere in an object: a member, an element of a list, a value.
type place struct {
	pattern string // as the catalogue writes it
	members map[string]*place
	elem    *place
	property
	leaf  bool   // a value stands here
	field *field // nil if the catalogue does not name it
	must  []string
	anyOf []string
}

func newPlace(pattern string) *place {
	return &place{pattern: pattern, members: make(map[string]*place)}
}

// at returns the place at a path beneath p, and makes what is missing.
func (p *place) at(path string) *place {
	for _, segment := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		segment = strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)
		next := p.members[segment]
		if segment == "*" {
			next = p.elem
		}
		if next == nil {
			next = newPlace(p.pattern + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(segment))
			if segment == "*" {
				p.elem = next
			} else {
				p.members[segment] = next
			}
		}
		p = next
	}
	return p
}

// field is a field of the catalogue with its treatment.
type field struct {
	payload.Field
	index     int
	treatment payload.Treatment
	guarded   bool // its original values may not survive anywhere
}

// layout is the catalogue and the standard in one tree for each type.
type layout struct {
	*standard
	types map[string]*place // by type or variant
	named map[string]bool   // types of which the catalogue names something
	names map[string]bool   // of members that may stand in a result
	words map[string]bool   // texts that this package writes from its tables
}

func newLayout(s *standard, fields []field) *layout {
	l := &layout{standard: s, types: make(map[string]*place), named: make(map[string]bool)}
	for _, p := range s.properties {
		l.put(p)
		l.require(p)
	}
	for i := range fields {
		f := &fields[i]
		typ, _ := splitType(f.Path)
		l.named[baseType(typ)] = true
		p, known := s.property(f.Path)
		if !known {
			p = property{form: formOf(f.Kind)}
		}
		p.path = f.Path
		l.put(p).field = f
	}
	for path, names := range s.anyOf {
		l.root(path).anyOf = names
	}
	l.addWords()
	for typ, o := range s.objects {
		if l.types[typ] == nil {
			l.types[typ] = newPlace("/" + typ)
		}
		l.types[typ].anyOf = o.anyOf
	}
	return l
}

// addWords collects what a result may hold without having been anybody's: names of members and terms.
func (l *layout) addWords() {
	l.names, l.words = make(map[string]bool), make(map[string]bool)
	for _, name := range strings.Fields("type id spec_version objects extensions object_marking_refs granular_markings selectors " +
		"marking_ref lang kill_chain_name phase_name source_name external_id url extension_type definition definition_type name " +
		"statement tlp tlp_2_0 " + tlp2Extension) {
		l.names[name] = true
	}
	for _, p := range l.types {
		p.each(func(name string) { l.names[name] = true })
	}
	for _, terms := range l.terms {
		for term := range terms {
			l.words[term] = true
		}
	}
	for _, o := range l.objects {
		l.names[o.extension] = true
	}
	for _, word := range strings.Fields("bundle 2.1 new-sco withheld unspecified related-to stix property-extension") {
		l.words[word] = true
	}
}

// each calls f with the names of all members beneath p.
func (p *place) each(f func(name string)) {
	if p == nil {
		return
	}
	for name, next := range p.members {
		f(name)
		next.each(f)
	}
	p.elem.each(f)
}

// root finds or makes the place of a whole path.
func (l *layout) root(path string) *place {
	typ, rest := splitType(path)
	if l.types[typ] == nil {
		l.types[typ] = newPlace("/" + typ)
	}
	return l.types[typ].at(rest)
}

func (l *layout) put(p property) *place {
	at := l.root(p.path)
	at.property, at.leaf = p, true
	return at
}

// require notes a property without which the object around it is not valid.
func (l *layout) require(p property) {
	if !p.hasNone {
		return
	}
	path := strings.TrimSuffix(p.path, "/*")
	cut := strings.LastIndexByte(path, '/')
	around := l.types[strings.TrimPrefix(path[:cut], "/")]
	if around == nil {
		around = l.root(path[:cut])
	}
	around.must = append(around.must, path[cut+1:])
}

// spot is a place seen through variant, type and object, in this order.
type spot [3]*place

// spot returns where an object of a type begins; variant may be empty.
func (l *layout) spot(typ, variant string) spot {
	s := spot{nil, l.types[typ], l.types["object"]}
	if variant != "" {
		s[0] = l.types[typ+"."+variant]
	}
	return s
}

func (s spot) member(name string) (next spot) {
	for i, p := range s {
		if p != nil {
			next[i] = p.members[name]
		}
	}
	return next
}

func (s spot) elem() (next spot) {
	for i, p := range s {
		if p != nil {
			next[i] = p.elem
		}
	}
	return next
}

// value returns the place that decides over a value here: the first that the catalogue names or that is structure,
// otherwise the first at all, or nil. What has another form in a variant is decided there.
func (s spot) value() *place {
	var first *place
	for _, p := range s {
		switch {
		case p == nil || !p.leaf || first != nil && first.form != p.form:
		case p.field != nil || p.structural():
			return p
		case first == nil:
			first = p
		}
	}
	return first
}

// structural reports whether what stands here is no value of a category.
func (p *place) structural() bool { return p.field == nil && p.category == "" && p.leaf }

func (s spot) known() bool { return s[0] != nil || s[1] != nil || s[2] != nil }

// container reports whether something may stand beneath.
func (s spot) container() bool {
	for _, p := range s {
		if p != nil && (len(p.members) > 0 || p.elem != nil) {
			return true
		}
	}
	return false
}

// rules returns what must be left in the object here.
func (s spot) rules() (must, anyOf []string) {
	for _, p := range s {
		if p != nil {
			must = append(must, p.must...)
			if anyOf == nil {
				anyOf = p.anyOf
			}
		}
	}
	return must, anyOf
}
