package stix

import (
	"crypto/sha1"
	"encoding/hex"

	"github.com/passavant/passavant/internal/canonical"
)

// namespace is that of the identifiers of observables (section 2.9).
const namespace = "\x00\xab\xed\xb4\xaa\x42\x46\x6c\x9c\x01\xfe\xd2\x33\x15\xa9\xb7"

// uuidV5 is the UUID of a name in the namespace of STIX (RFC 9562 section 5.5).
func uuidV5(name []byte) string { return formatUUID(sumV5(name)) }

func sumV5(name []byte) [strength]byte {
	sum := sha1.Sum(append([]byte(namespace), name...))
	return withVersion([strength]byte(sum[:strength]), 5)
}

// withVersion sets version and variant (RFC 9562 section 4).
func withVersion(bits [strength]byte, version byte) [strength]byte {
	bits[6] = bits[6]&0x0f | version<<4
	bits[8] = bits[8]&0x3f | 0x80
	return bits
}

func formatUUID(bits [strength]byte) string {
	text := hex.EncodeToString(bits[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// keyedID is the id that stands for an old one in this pseudonymisation domain.
func (b *bundle) keyedID(typ, old string) (string, error) {
	token, err := b.pseudonym(idCategory, old)
	if err != nil {
		return "", err
	}
	return typ + "--" + formatUUID(withVersion(essence(token), 4)), nil
}

// name gives everything that leaves its id, and lets references lead to the new ids.
func (b *bundle) name() error {
	n := &namer{bundle: b, ids: make(map[string]string), owners: make(map[string]string), first: make(map[string]*entry)}
	for _, e := range b.entries {
		if e.out != nil && n.first[e.id] == nil {
			n.first[e.id] = e
		}
	}
	for _, e := range b.entries {
		if e.out == nil {
			continue
		}
		if _, err := n.id(e.id, 0); err != nil {
			return err
		}
	}
	for _, e := range b.entries {
		if e.out == nil || e.typ == "marking-definition" {
			continue
		}
		e.newID = n.ids[e.id]
		e.out.set("id", textNode(e.newID, e.src.get("id")))
		b.eachReference(e.out, b.layout.spot(e.typ, e.variant), func(ref *node, _ *place) { ref.text = n.ids[ref.text] })
	}
	return n.nameNested()
}

// namer finds the new ids of a bundle.
type namer struct {
	*bundle
	first  map[string]*entry // the first object that leaves, by old id
	ids    map[string]string // new by old
	owners map[string]string // old by new
}

// maxChain bounds how far references of observables are followed for an id.
const maxChain = 256

// id returns the new id for an old one.
func (n *namer) id(old string, depth int) (string, error) {
	if id := n.ids[old]; id != "" {
		return id, nil
	}
	e := n.first[old]
	if e.typ == "marking-definition" {
		n.ids[old] = old
		return old, nil
	}
	id := ""
	if from := n.layout.objects[e.typ].idFrom; len(from) > 0 && !e.naming && depth < maxChain {
		e.naming = true
		var err error
		if id, err = n.standardID(e, from, depth); err != nil {
			return "", err
		}
		e.naming = false
		if done := n.ids[old]; done != "" { // a circle has named it meanwhile
			return done, nil
		}
	}
	if owner, taken := n.owners[id]; id == "" || taken && owner != old {
		var err error
		if id, err = n.keyedID(e.typ, old); err != nil {
			return "", err
		}
	}
	n.ids[old], n.owners[id] = id, old
	return id, nil
}

// standardID is the id that the standard gives to an observable as it leaves, or "" if none of the contributing
// properties is left.
func (n *namer) standardID(e *entry, from []string, depth int) (string, error) {
	contributing := &node{kind: '{'}
	at := n.layout.spot(e.typ, e.variant)
	for _, name := range from {
		v := e.out.get(name)
		if v == nil || v.kind == '"' && v.text == withheld {
			continue
		}
		if name == "hashes" {
			v = chosenHash(v)
		}
		v, err := n.contribution(v, at.member(name), depth)
		if err != nil {
			return "", err
		}
		contributing.members = append(contributing.members, member{name, v})
	}
	if contributing.empty() {
		return "", nil
	}
	text, err := canonical.Transform(contributing.appendTo(nil))
	if err != nil {
		return "", err
	}
	return e.typ + "--" + uuidV5(text), nil
}

// chosenHash is the one digest that contributes: the first that is there of MD5, SHA-1, SHA-256, SHA-512, or the first at all.
func chosenHash(hashes *node) *node {
	for _, algorithm := range []string{"MD5", "SHA-1", "SHA-256", "SHA-512"} {
		if v := hashes.get(algorithm); v != nil {
			return &node{kind: '{', members: []member{{algorithm, v}}}
		}
	}
	return &node{kind: '{', members: hashes.members[:1]}
}

// contribution copies a value with the new ids in place of references.
func (n *namer) contribution(v *node, at spot, depth int) (*node, error) {
	out := v.clone()
	var failed error
	n.eachReference(out, at, func(ref *node, _ *place) {
		id, err := n.id(ref.text, depth+1)
		if err != nil {
			failed = err
		}
		ref.text = id
	})
	return out, failed
}

func (n *node) clone() *node {
	out := *n
	out.members = append([]member(nil), n.members...)
	for i := range out.members {
		out.members[i].value = out.members[i].value.clone()
	}
	out.items = append([]*node(nil), n.items...)
	for i := range out.items {
		out.items[i] = out.items[i].clone()
	}
	return &out
}
