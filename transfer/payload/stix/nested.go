package stix

import (
	"strconv"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// nested treats the observables that stand in an observed-data itself (deprecated in STIX 2.1), under keys to which they
// refer among one another. The keys are made anew.
func (b *bundle) nested(e *entry, src *node) (*node, error) {
	if src.kind != '{' {
		return nil, &payload.KindError{Pointer: "/observed-data/objects", Want: "object"}
	}
	var inner []*entry
	byKey := make(map[string]*entry)
	for _, m := range src.members {
		in := &entry{index: e.index, src: m.value, typ: m.value.str("type"), id: m.name}
		if m.value.kind != '{' || !isTypeName(in.typ) {
			return nil, &ObjectError{Object: e.index, Member: "objects", Msg: "want observables with a type"}
		}
		if b.layout.objects[in.typ].class != "sco" || !b.layout.named[in.typ] {
			b.countUnlisted(m.value, "/observed-data")
			b.drop(in, causeUnlisted)
			continue
		}
		out, err := b.object(in)
		if err != nil {
			return nil, err
		}
		in.out, in.old = out, strings.ToLower(m.value.str("id"))
		if in.old == "" {
			in.old = e.id + " " + m.name
		}
		inner, byKey[m.name] = append(inner, in), in
	}
	b.resolveNested(inner, byKey)
	return b.renumber(src, inner, byKey), nil
}

// resolveNested takes out what misses something, and what refers to that, until nothing changes.
func (b *bundle) resolveNested(inner []*entry, byKey map[string]*entry) {
	alive := func(key string, p *place) bool {
		target := byKey[key]
		return target != nil && target.out != nil && p.allows(target.typ)
	}
	for changed := true; changed; {
		changed = false
		for _, in := range inner {
			if in.out != nil && !b.complete(in, alive) {
				b.drop(in, causeIncomplete)
				changed = true
			}
		}
	}
}

// nameNested gives observables within an observed-data ids: the schemas of OASIS ask for them. One that stands in the bundle
// as well has one id.
func (n *namer) nameNested() error {
	for _, in := range n.inner {
		id := n.ids[in.old]
		if id == "" {
			var err error
			if id, err = n.keyedID(in.typ, in.old); err != nil {
				return err
			}
		}
		in.out.set("id", textNode(id, in.src.get("id")))
	}
	return nil
}

// renumber gives the observables that are left the keys 0, 1, … and refers to them by these.
func (b *bundle) renumber(src *node, inner []*entry, byKey map[string]*entry) *node {
	next := 0
	for _, in := range inner {
		if in.out != nil {
			in.newID = strconv.Itoa(next)
			next++
		}
	}
	result := &node{kind: '{', from: src}
	for _, in := range inner {
		if in.out == nil {
			continue
		}
		b.eachReference(in.out, b.layout.spot(in.typ, ""), func(ref *node, _ *place) { ref.text = byKey[ref.text].newID })
		b.selectors(in)
		result.members = append(result.members, member{in.newID, in.out})
		b.inner = append(b.inner, in)
	}
	if result.empty() {
		return nil
	}
	return result
}
