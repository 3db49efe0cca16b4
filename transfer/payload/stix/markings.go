package stix

import (
	"slices"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// Markings is what a bundle is marked with. It holds labels and ids and never a text of a marking.
type Markings struct {
	// TLP is the strictest label of the Traffic Light Protocol in the bundle, as "TLP:AMBER+STRICT"; "" if there is none.
	// A label that TLP does not have counts as TLP:RED.
	TLP string `json:"tlp,omitempty"`
	// PAP is the strictest label of the Permissible Actions Protocol, as "PAP:AMBER"; "" if there is none.
	PAP string `json:"pap,omitempty"`
	// IDs are the marking-definitions that anything in the bundle refers to, sorted, each once.
	IDs []string `json:"ids,omitempty"`
	// Unmarked counts the objects that no TLP label marks as a whole; definitions of markings and of extensions do not count.
	Unmarked int `json:"unmarked"`
	// Granular is whether parts of objects are marked apart (section 7.2.3).
	Granular bool `json:"granular"`
	// Unresolved counts the ids that are neither defined in the bundle nor fixed by a standard, so that nobody can say here
	// what they ask for.
	Unresolved int `json:"unresolved"`
}

// ReadMarkings reads the markings of a bundle, so that a policy can decide over them. It refuses what [Plan.Protect] refuses
// before it looks at values, with the default limits of [Standard].
func ReadMarkings(bundle []byte) (Markings, error) {
	root, err := parse(bundle, Standard().Limits)
	if err != nil {
		return Markings{}, err
	}
	objects, err := bundleObjects(root)
	if err != nil {
		return Markings{}, err
	}
	r := &markingReader{labels: fixedLabels(), seen: make(map[string]bool)}
	for i, n := range objects {
		if _, err := newEntry(i, n); err != nil {
			return Markings{}, err
		}
		r.define(n)
	}
	for _, n := range objects {
		r.object(n)
	}
	slices.Sort(r.IDs)
	return r.Markings, nil
}

// markingReader collects markings.
type markingReader struct {
	Markings
	labels map[string]string // by id of the definition; "" for one that is no label
	seen   map[string]bool
}

// fixedLabels are the definitions whose ids standards fix: TLP 1 (STIX 2.1 section 7.2.1.4) and TLP 2.0 (the extension of OASIS).
func fixedLabels() map[string]string {
	labels := make(map[string]string)
	for id, m := range fixedMarkings() {
		labels[id] = canonicalLabel(m.label)
	}
	return labels
}

// canonicalLabel writes a label as TLP 2.0 does.
func canonicalLabel(label string) string {
	switch label {
	case "TLP:WHITE":
		return "TLP:CLEAR"
	case "PAP:WHITE":
		return "PAP:CLEAR"
	}
	return label
}

// define notes what a marking-definition of the bundle says.
func (r *markingReader) define(n *node) {
	if n.str("type") != "marking-definition" {
		return
	}
	id := strings.ToLower(n.str("id"))
	if _, fixed := r.labels[id]; !fixed {
		r.labels[id] = labelOf(n)
	}
}

// labelOf reads the label that a definition carries in its name, its definition or an extension, "" if it carries none.
func labelOf(n *node) string {
	texts := []string{n.str("name")}
	kind := n.str("definition_type")
	n.get("definition").eachText(func(name, text string) {
		if strings.EqualFold(name, "tlp") || strings.EqualFold(name, "pap") {
			text = name + ":" + strings.TrimPrefix(strings.ToUpper(text), strings.ToUpper(name)+":")
		}
		if !strings.EqualFold(kind, "statement") {
			texts = append(texts, text)
		}
	})
	n.get("extensions").eachText(func(name, text string) {
		if strings.HasPrefix(name, "tlp") {
			texts = append(texts, "TLP:"+text)
		}
	})
	for _, text := range texts {
		text = strings.ToUpper(strings.TrimSpace(text))
		if strings.HasPrefix(text, "TLP:") || strings.HasPrefix(text, "PAP:") {
			return canonicalLabel(text)
		}
	}
	return ""
}

// eachText calls f for every string member beneath n.
func (n *node) eachText(f func(name, text string)) {
	if n == nil {
		return
	}
	n.each(func(at *node) {
		for _, m := range at.members {
			if m.value.kind == '"' {
				f(m.name, m.value.text)
			}
		}
	})
}

func (r *markingReader) object(n *node) {
	marked := false
	if refs := n.get("object_marking_refs"); refs != nil {
		for _, ref := range refs.items {
			marked = r.note(ref.text) || marked
		}
	}
	if granular := n.get("granular_markings"); granular != nil {
		for _, g := range granular.items {
			if ref := g.str("marking_ref"); ref != "" {
				r.Granular = true
				r.note(ref)
			}
		}
	}
	switch n.str("type") {
	case "marking-definition", "extension-definition":
	default:
		if !marked {
			r.Unmarked++
		}
	}
}

// note counts a reference to a marking. It reports whether it is a label of TLP.
func (r *markingReader) note(ref string) bool {
	id := strings.ToLower(ref)
	label, known := r.labels[id]
	if isID(id, "marking-definition") && !r.seen[id] {
		r.seen[id] = true
		r.IDs = append(r.IDs, id)
		if !known {
			r.Unresolved++
		}
	}
	switch {
	case strings.HasPrefix(label, "TLP:"):
		r.TLP = StricterTLP(r.TLP, label)
		return true
	case strings.HasPrefix(label, "PAP:"):
		r.PAP = StricterPAP(r.PAP, label)
	}
	return false
}

// StricterTLP returns the stricter of two labels of the Traffic Light Protocol, as TLP 2.0 writes it. Each may also be without
// "TLP:", or the id of one of the marking-definitions that the standards fix. A label that is not known counts as TLP:RED, none as
// none.
func StricterTLP(a, b string) string {
	return stricter(labelFrom("TLP:", a), labelFrom("TLP:", b), "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
}

// StricterPAP is [StricterTLP] for the Permissible Actions Protocol.
func StricterPAP(a, b string) string {
	return stricter(labelFrom("PAP:", a), labelFrom("PAP:", b), "PAP:CLEAR", "PAP:GREEN", "PAP:AMBER", "PAP:RED")
}

// labelFrom reads a label as people write it.
func labelFrom(protocol, text string) string {
	if text == "" {
		return ""
	}
	if label, found := fixedLabels()[strings.ToLower(text)]; found {
		return label
	}
	text = strings.ToUpper(strings.TrimSpace(text))
	if !strings.HasPrefix(text, protocol) {
		text = protocol + text
	}
	return canonicalLabel(text)
}

// stricter returns the label that comes later in an order; one that is not in it counts as the last.
func stricter(a, b string, order ...string) string {
	rank := func(label string) int {
		if label == "" {
			return -1
		}
		if i := slices.Index(order, label); i >= 0 {
			return i
		}
		return len(order) - 1
	}
	i := max(rank(a), rank(b))
	if i < 0 {
		return ""
	}
	return order[i]
}

// fixedMarking is a marking-definition that a standard prints.
type fixedMarking struct{ label, json string }

// tlp2Extension is the extension definition of TLP 2.0, as OASIS publishes it.
const tlp2Extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"

func fixedMarkings() map[string]fixedMarking {
	all := make(map[string]fixedMarking)
	for _, m := range [][2]string{
		{"white", "613f2e26-407d-48c7-9eca-b8e91df99dc9"}, {"green", "34098fce-860f-48ae-8e50-ebd3cc5e41da"},
		{"amber", "f88d31f6-486f-44da-b317-01333bde0b82"}, {"red", "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"},
	} {
		id, label := "marking-definition--"+m[1], "TLP:"+strings.ToUpper(m[0])
		all[id] = fixedMarking{label, `{"type":"marking-definition","spec_version":"2.1","id":"` + id +
			`","created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"` + label + `","definition":{"tlp":"` + m[0] + `"}}`}
	}
	for _, m := range [][2]string{
		{"clear", "94868c89-83c2-464b-929b-a1a8aa3c8487"}, {"green", "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
		{"amber", "55d920b0-5e8b-4f79-9ee9-91f868d9b421"}, {"amber+strict", "939a9414-2ddd-4d32-a0cd-375ea402b003"},
		{"red", "e828b379-4e03-4974-9ac4-e53a884c97c1"},
	} {
		id, label := "marking-definition--"+m[1], "TLP:"+strings.ToUpper(m[0])
		all[id] = fixedMarking{label, `{"type":"marking-definition","spec_version":"2.1","id":"` + id +
			`","created":"2022-10-01T00:00:00.000Z","name":"` + label + `","extensions":{"` + tlp2Extension +
			`":{"extension_type":"property-extension","tlp_2_0":"` + m[0] + `"}}}`}
	}
	return all
}

// marking lets a marking-definition leave as it is, or not at all.
func (b *bundle) marking(e *entry) error {
	if fixed, found := b.fixed[e.id]; found {
		n, err := parse([]byte(fixed.json), b.limits)
		if err != nil {
			return err
		}
		if e.src.equal(n) {
			n = e.src // in its own order
		}
		e.out = n
		return nil
	}
	if !b.leavesAsItIs(e.src) {
		b.drop(e, causeMarking)
		return nil
	}
	e.out = e.src
	return nil
}

// leavesAsItIs reports whether a marking-definition may leave untouched: a statement, or a label, that refers to nothing but
// markings and in which nobody's identifier stands.
func (b *bundle) leavesAsItIs(n *node) bool {
	p := b.layout.spot("marking-definition", "").member("definition").value()
	if p == nil || p.field == nil || p.field.treatment.Technique != payload.Keep {
		return false
	}
	b.counts[p.field.index]++
	for _, m := range n.members {
		switch m.name {
		case "type", "id", "name":
		case "definition":
			if slices.ContainsFunc(m.value.members, func(m member) bool { return m.name != "statement" && m.name != "tlp" && m.name != "pap" }) {
				return false
			}
		case "spec_version":
			if m.value.text != "2.1" && m.value.text != "2.0" {
				return false
			}
		case "definition_type":
			if !slices.Contains([]string{"statement", "tlp", "pap"}, m.value.text) {
				return false
			}
		case "created":
			if _, ok := timestamp(m.value.text); !ok {
				return false
			}
		case "object_marking_refs":
			if slices.ContainsFunc(m.value.items, func(ref *node) bool { return !isID(ref.text, "marking-definition") }) {
				return false
			}
		default:
			return false
		}
	}
	clean := true
	n.each(func(at *node) {
		for _, m := range at.members {
			clean = clean && !b.found.holds(m.name, "text")
		}
		clean = clean && (at.kind != '"' || isID(at.text, "") || !b.found.holds(at.text, "text"))
	})
	return clean
}

// equal compares two values; the order of members does not count.
func (n *node) equal(o *node) bool {
	if n.kind != o.kind || n.text != o.text || len(n.members) != len(o.members) || len(n.items) != len(o.items) {
		return false
	}
	for _, m := range n.members {
		if v := o.get(m.name); v == nil || !m.value.equal(v) {
			return false
		}
	}
	for i, it := range n.items {
		if !it.equal(o.items[i]) {
			return false
		}
	}
	return true
}
