package stix

import (
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// collect finds the originals of a bundle before anything is treated: a kept value is then known to hold one wherever
// in the bundle that stands.
func (b *bundle) collect() {
	b.found.prepare()
	for _, e := range b.entries {
		if e.typ == "marking-definition" || e.typ == "extension-definition" {
			continue
		}
		b.collectObject(e, e.src, b.layout.spot(e.typ, e.variant))
	}
}

func (b *bundle) collectObject(e *entry, n *node, at spot) {
	for _, m := range n.members {
		switch m.name {
		case "type", "id", "spec_version", "object_marking_refs", "granular_markings":
		default:
			b.collectValue(e, m.value, at.member(m.name))
		}
	}
}

func (b *bundle) collectValue(e *entry, n *node, at spot) {
	p := at.value()
	switch {
	case p != nil:
		b.collectLeaf(e, n, p)
	case n.kind == '{':
		for _, m := range n.members {
			b.collectValue(e, m.value, at.member(m.name))
		}
	case n.kind == '[':
		for _, it := range n.items {
			b.collectValue(e, it, at.elem())
		}
	case n.kind == '"':
		b.found.addRecognised(n.text)
	}
}

func (b *bundle) collectLeaf(e *entry, n *node, p *place) {
	switch p.form {
	case "ref", "refs", "killchain", "publicrefs":
	case "pattern":
		b.collectPattern(e)
	case "objects":
		for _, m := range n.members {
			typ := m.value.str("type")
			b.collectObject(&entry{typ: typ}, m.value, b.layout.spot(typ, ""))
		}
	case "contents":
		b.collectTranslations(e, n)
	case "hashes":
		for _, m := range n.members {
			if f := b.digestField(e, p, m.value.text); f != nil && m.value.kind == '"' {
				b.collectText(f, "digest", m.value.text)
			}
		}
	default:
		if n.kind == '"' {
			b.collectText(p.field, p.form, n.text)
		} else if n.kind == '{' || n.kind == '[' {
			n.each(func(at *node) { b.found.addRecognised(at.text) })
		}
	}
}

func (b *bundle) collectTranslations(e *entry, n *node) {
	target := b.byID[strings.ToLower(e.src.str("object_ref"))]
	for _, lang := range n.members {
		if target == nil {
			lang.value.each(func(at *node) { b.found.addRecognised(at.text) })
			continue
		}
		b.collectObject(target, lang.value, b.layout.spot(target.typ, target.variant))
	}
}

// collectText notes a value that may not survive, and the names of accounts in a path.
func (b *bundle) collectText(f *field, form, text string) {
	if b.account.guarded && (form == "path" || form == "registry" || form == "text") {
		for _, name := range b.accountsIn(text) {
			b.found.add(name, "text", accountCategory)
		}
	}
	switch {
	case f == nil:
		b.found.addRecognised(text)
	case f.guarded:
		b.found.add(canonicalValue(form, text), form, f.Category)
		if form == "email" {
			b.found.addMailbox(text, f.Category)
		}
	case f.treatment.Technique == payload.Drop:
		b.found.addRecognised(text)
	}
}
