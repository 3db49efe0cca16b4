package stix

import "strings"

// resolve takes out references that lead nowhere, objects that miss what they require, and what refers to these.
func (b *bundle) resolve() {
	everything := func(string, *place) bool { return true }
	for _, e := range b.entries {
		if e.out == nil || b.complete(e, everything) {
			continue
		}
		if e.typ == "indicator" && e.out.get("pattern") == nil {
			b.drop(e, causePattern)
		} else {
			b.drop(e, causeIncomplete)
		}
	}
	versions := make(map[string]int) // how many objects of an id leave
	referrers := make(map[string][]*entry)
	for _, e := range b.entries {
		if e.out == nil {
			continue
		}
		versions[e.id]++
		b.eachReference(e.out, b.layout.spot(e.typ, e.variant), func(ref *node, _ *place) {
			id := strings.ToLower(ref.text)
			ref.text = id
			referrers[id] = append(referrers[id], e)
		})
	}
	alive := func(id string, p *place) bool { return versions[id] > 0 && p.allows(typeOfID(id)) }
	pending := append([]*entry(nil), b.entries...)
	for len(pending) > 0 {
		e := pending[0]
		pending = pending[1:]
		if e.out == nil || b.complete(e, alive) {
			continue
		}
		b.drop(e, causeReference)
		if versions[e.id]--; versions[e.id] == 0 {
			pending = append(pending, referrers[e.id]...)
		}
	}
}

// complete takes references out of an object that are not alive, and lists and extensions that are empty thereafter. It
// reports whether the object still has what it requires.
func (b *bundle) complete(e *entry, alive func(id string, p *place) bool) bool {
	at := b.layout.spot(e.typ, e.variant)
	if !b.prune(e.out, at, alive) {
		return false
	}
	switch e.typ {
	case "artifact": // payload_bin never leaves, and a url needs hashes
		return e.out.get("url") != nil && e.out.get("hashes") != nil
	case "location":
		b.pairCoordinates(e.out)
		return e.out.get("region") != nil || e.out.get("country") != nil || e.out.get("latitude") != nil
	}
	return true
}

// pairCoordinates takes out what is only half a position (section 4.8).
func (b *bundle) pairCoordinates(out *node) {
	if out.get("latitude") == nil || out.get("longitude") == nil {
		out.remove("latitude")
		out.remove("longitude")
		out.remove("precision")
	}
}

func (b *bundle) prune(n *node, at spot, alive func(string, *place) bool) bool {
	switch n.kind {
	case '[':
		n.items = b.pruneItems(n.items, at, alive)
		return true
	case '{':
	default:
		return true
	}
	left := n.members[:0]
	for _, m := range n.members {
		if b.pruneMember(m, at.member(m.name), alive) {
			left = append(left, m)
		}
	}
	n.members = left
	must, anyOf := at.rules()
	for _, name := range must {
		if n.get(name) == nil {
			return false
		}
	}
	for _, name := range anyOf {
		if n.get(name) != nil {
			return true
		}
	}
	return len(anyOf) == 0
}

// pruneMember reports whether a member stays.
func (b *bundle) pruneMember(m member, at spot, alive func(string, *place) bool) bool {
	p := at.value()
	switch {
	case p != nil && p.form == "ref":
		return alive(m.value.text, p)
	case p != nil && p.form == "refs":
		left := m.value.items[:0]
		for _, ref := range m.value.items {
			if alive(ref.text, p) {
				left = append(left, ref)
			}
		}
		m.value.items = left
		return len(left) > 0
	case p != nil || !at.container():
		return true
	}
	return b.prune(m.value, at, alive) && !m.value.empty()
}

func (b *bundle) pruneItems(items []*node, at spot, alive func(string, *place) bool) []*node {
	left := items[:0]
	for _, it := range items {
		if b.prune(it, at.elem(), alive) && !it.empty() {
			left = append(left, it)
		}
	}
	return left
}

// eachReference calls f for each reference in an object of a result.
func (b *bundle) eachReference(n *node, at spot, f func(*node, *place)) {
	p := at.value()
	switch {
	case p != nil && p.form == "ref" && n.kind == '"':
		f(n, p)
	case p != nil && p.form == "refs" && n.kind == '[':
		for _, ref := range n.items {
			f(ref, p)
		}
	case p != nil:
	case n.kind == '{':
		for _, m := range n.members {
			b.eachReference(m.value, at.member(m.name), f)
		}
	case n.kind == '[':
		for _, it := range n.items {
			b.eachReference(it, at.elem(), f)
		}
	}
}
