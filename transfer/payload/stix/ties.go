package stix

import "strings"

// ties says what is malware's: by relations, never by guesses.
type ties struct {
	malware    map[string]bool // ids of observables that are tied to malware
	indicators map[string]bool // ids of indicators that indicate something hostile
	hostile    map[string]bool // digests of observables that are tied to malware
	other      map[string]bool // digests of all other observables
}

const malwareVariant = "malware"

func (b *bundle) tie() {
	b.ties = ties{make(map[string]bool), make(map[string]bool), make(map[string]bool), make(map[string]bool)}
	for _, e := range b.entries {
		b.tieFrom(e)
	}
	for _, e := range b.entries { // the content of a sample is the sample
		if e.typ == "file" && b.ties.malware[e.id] {
			b.tieRef(e.src.str("content_ref"))
		}
	}
	for _, e := range b.entries {
		e.variant = b.variantOf(e)
		b.noteDigests(e.src, e.variant == malwareVariant)
	}
}

func (b *bundle) tieFrom(e *entry) {
	switch e.typ {
	case "malware":
		if refs := e.src.get("sample_refs"); refs != nil {
			for _, ref := range refs.items {
				b.tieRef(ref.text)
			}
		}
	case "malware-analysis":
		b.tieRef(e.src.str("sample_ref"))
	case "relationship":
		from, to := strings.ToLower(e.src.str("source_ref")), strings.ToLower(e.src.str("target_ref"))
		if isMalware(from) {
			b.tieRef(to)
		}
		if isMalware(to) {
			b.tieRef(from)
		}
		if e.src.str("relationship_type") == "indicates" && isHostile(to) {
			b.ties.indicators[from] = true
		}
	}
}

func (b *bundle) tieRef(id string) {
	id = strings.ToLower(id)
	if e := b.byID[id]; e != nil && b.layout.objects[e.typ].class == "sco" {
		b.ties.malware[id] = true
	}
}

func typeOfID(id string) string {
	typ, _, _ := strings.Cut(id, "--")
	return typ
}

func isMalware(id string) bool {
	typ := typeOfID(id)
	return typ == "malware" || typ == "malware-analysis"
}

func isHostile(id string) bool {
	switch typeOfID(id) {
	case "malware", "tool", "attack-pattern", "campaign", "intrusion-set", "threat-actor", "infrastructure":
		return true
	}
	return false
}

func (b *bundle) variantOf(e *entry) string {
	switch {
	case b.ties.malware[e.id]:
		return malwareVariant
	case e.typ == "identity" && e.src.str("identity_class") == "organization":
		return "organization"
	case e.typ == "indicator" && e.src.str("pattern_type") != "stix":
		return "foreign"
	}
	return ""
}

// noteDigests remembers the digests in an object and beneath it.
func (b *bundle) noteDigests(n *node, hostile bool) {
	into := b.ties.other
	if hostile {
		into = b.ties.hostile
	}
	n.each(func(at *node) {
		for _, m := range at.members {
			switch {
			case strings.HasSuffix(m.name, "hashes") && m.value.kind == '{':
				for _, digest := range m.value.members {
					into[strings.ToLower(digest.value.text)] = true
				}
			case m.name == "imphash" && m.value.kind == '"':
				into[strings.ToLower(m.value.text)] = true
			}
		}
	})
}

// digestVariant decides whose digest stands somewhere.
func (b *bundle) digestVariant(e *entry, digest string) string {
	digest = strings.ToLower(digest)
	if b.ties.hostile[digest] || e.typ == "indicator" && b.ties.indicators[e.id] && !b.ties.other[digest] {
		return malwareVariant
	}
	return ""
}
