package stix

import (
	"slices"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// references copies references as they were; resolve and name do the rest.
func (p *place) references(src *node) (*node, error) {
	if p.form == "ref" {
		if src.kind != '"' {
			return nil, &payload.KindError{Pointer: p.pattern, Want: "string"}
		}
		return textNode(src.text, src), nil
	}
	if src.kind != '[' {
		return nil, &payload.KindError{Pointer: p.pattern, Want: "array"}
	}
	out := &node{kind: '[', from: src}
	for _, it := range src.items {
		if it.kind != '"' {
			return nil, &payload.KindError{Pointer: p.pattern + "/*", Want: "string"}
		}
		out.items = append(out.items, textNode(it.text, it))
	}
	return out, nil
}

// allows reports whether a reference may lead to a type.
func (p *place) allows(typ string) bool { return p.arg() == "*" || slices.Contains(p.args, typ) }

// hashes treats a dictionary of digests, each by the field of what it is a digest of.
func (b *bundle) hashes(e *entry, p *place, src *node) (*node, error) {
	if src.kind != '{' {
		return nil, &payload.KindError{Pointer: p.pattern, Want: "object"}
	}
	out := &node{kind: '{', from: src}
	for _, m := range src.members {
		if m.value.kind != '"' {
			return nil, &payload.KindError{Pointer: p.pattern + "/?", Want: "string"}
		}
		f := b.digestField(e, p, m.value.text)
		if f == nil || !isAlgorithm(m.name) {
			b.countUnlisted(m.value, p.pattern)
			continue
		}
		v, err := b.text(f, "digest", m.name, m.value.text)
		if err != nil {
			return nil, err
		}
		if b.count(f, v.ok); v.ok {
			out.members = append(out.members, member{m.name, textNode(v.text, m.value)})
		}
	}
	if out.empty() {
		return nil, nil
	}
	return out, nil
}

// digestField is the field of a digest at a place: that of malware if the digest is malware's.
func (b *bundle) digestField(e *entry, p *place, digest string) *field {
	variant := b.digestVariant(e, digest)
	if variant == "" {
		variant = e.variant
	}
	typ, rest := splitType(p.pattern)
	typ = baseType(typ)
	for _, root := range []*place{b.layout.types[typ+"."+variant], b.layout.types[typ]} {
		if root == nil {
			continue
		}
		if at := root.find(rest); at != nil && at.field != nil {
			return at.field
		}
	}
	return p.field
}

// find returns the place at a path beneath p, or nil.
func (p *place) find(path string) *place {
	for _, segment := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		if segment == "*" {
			p = p.elem
		} else {
			p = p.members[segment]
		}
		if p == nil {
			return nil
		}
	}
	return p
}

// isAlgorithm is the vocabulary of section 10.7, with the lengths that others use.
func isAlgorithm(name string) bool {
	return digestLength(name) > 0 || name == "SSDEEP" || name == "TLSH"
}

// killChain lets phases of published kill chains leave.
func (b *bundle) killChain(p *place, src *node) (*node, error) {
	if p.field == nil {
		b.countUnlisted(src, p.pattern)
		return nil, nil
	}
	if src.kind != '[' {
		return nil, &payload.KindError{Pointer: p.pattern, Want: "array"}
	}
	out := &node{kind: '[', from: src}
	for _, it := range src.items {
		chain, phase := it.get("kill_chain_name"), it.get("phase_name")
		known := chain != nil && phase != nil && p.field.treatment.Technique == payload.Keep &&
			b.layout.terms["kill-chain"][chain.text] && b.layout.terms["kill-chain-phase"][phase.text]
		if b.count(p.field, known); !known {
			continue
		}
		out.items = append(out.items, &node{kind: '{', from: it, members: []member{
			{"kill_chain_name", textNode(chain.text, chain)}, {"phase_name", textNode(phase.text, phase)},
		}})
	}
	if out.empty() {
		return nil, nil
	}
	return out, nil
}

// publicReferences lets references to public knowledge leave, made anew from their id.
func (b *bundle) publicReferences(p *place, src *node) (*node, error) {
	if p.field == nil {
		b.countUnlisted(src, p.pattern)
		return nil, nil
	}
	if src.kind != '[' {
		return nil, &payload.KindError{Pointer: p.pattern, Want: "array"}
	}
	out := &node{kind: '[', from: src}
	for _, it := range src.items {
		made := b.publicReference(it)
		if b.count(p.field, made != nil); made != nil && p.field.treatment.Technique == payload.Keep {
			out.items = append(out.items, made)
		}
	}
	if out.empty() {
		return nil, nil
	}
	return out, nil
}

func (b *bundle) publicReference(src *node) *node {
	source, id := src.get("source_name"), src.get("external_id")
	if source == nil || id == nil || !b.layout.isPublicID(source.text, id.text) {
		return nil
	}
	out := &node{kind: '{', from: src, members: []member{{"source_name", textNode(source.text, source)}}}
	if url := src.get("url"); url != nil && url.kind == '"' && isPageOf(url.text, id.text) {
		out.members = append(out.members, member{"url", textNode(url.text, url)})
	}
	out.members = append(out.members, member{"external_id", textNode(id.text, id)})
	return out
}

// isPublicID reports whether an id is one of a public catalogue, by its form.
func (s *standard) isPublicID(source, id string) bool {
	switch source {
	case "cve":
		return s.matches(`^CVE-(1999|20[0-9]{2})-[0-9]{4,7}$`, id)
	case "capec":
		return s.matches(`^CAPEC-[0-9]{1,4}$`, id)
	case "cwe":
		return s.matches(`^CWE-[0-9]{1,5}$`, id)
	case "mitre-attack", "mitre-mobile-attack", "mitre-ics-attack":
		return s.matches(`^(T[0-9]{4}(\.[0-9]{3})?|TA[0-9]{4}|[SGMC][0-9]{4}|DS[0-9]{4})$`, id)
	}
	return false
}

// isPageOf reports whether a URL is the page that the publisher of a public catalogue has on an id.
func isPageOf(url, id string) bool {
	for _, page := range []string{
		"https://cve.mitre.org/cgi-bin/cvename.cgi?name=" + id, "https://www.cve.org/CVERecord?id=" + id,
		"https://nvd.nist.gov/vuln/detail/" + id,
		"https://capec.mitre.org/data/definitions/" + strings.TrimPrefix(id, "CAPEC-") + ".html",
		"https://cwe.mitre.org/data/definitions/" + strings.TrimPrefix(id, "CWE-") + ".html",
	} {
		if url == page {
			return true
		}
	}
	path, found := strings.CutPrefix(url, "https://attack.mitre.org/")
	if !found {
		return false
	}
	kind, rest, _ := strings.Cut(path, "/")
	return slices.Contains([]string{"techniques", "tactics", "software", "groups", "mitigations", "campaigns", "datasources"}, kind) &&
		strings.Trim(rest, "/") == strings.ReplaceAll(id, ".", "/")
}

// markingRefs copies the markings of an object as they are; what is no id of a marking is none.
func markingRefs(src *node) *node {
	out := &node{kind: '[', from: src}
	for _, it := range src.items {
		if isID(it.text, "marking-definition") {
			out.items = append(out.items, textNode(it.text, it))
		}
	}
	if out.empty() {
		return nil
	}
	return out
}

// translations treats the contents of a language-content as the properties of the object that it translates.
func (b *bundle) translations(e *entry, src *node) (*node, error) {
	target := b.byID[strings.ToLower(e.src.str("object_ref"))]
	if target == nil || src.kind != '{' || !b.layout.named[target.typ] {
		b.countUnlisted(src, "/language-content/contents")
		return nil, nil
	}
	at := b.layout.spot(target.typ, target.variant)
	out := &node{kind: '{', from: src}
	for _, lang := range src.members {
		if !b.layout.valid("language", "", lang.name) || lang.value.kind != '{' {
			b.countUnlisted(lang.value, "/language-content/contents")
			continue
		}
		texts := &node{kind: '{', from: lang.value}
		for _, m := range lang.value.members {
			v, err := b.value(target, at.member(m.name), m.value, at)
			if err != nil {
				return nil, err
			}
			if v != nil && at.member(m.name).translatable() {
				texts.members = append(texts.members, member{m.name, v})
			}
		}
		if !texts.empty() {
			out.members = append(out.members, member{lang.name, texts})
		}
	}
	if out.empty() {
		return nil, nil
	}
	return out, nil
}

// translatable reports whether text of a language can stand here, alone or in a list.
func (s spot) translatable() bool {
	for _, at := range []spot{s, s.elem()} {
		if p := at.value(); p != nil {
			return p.form == "text"
		}
	}
	return false
}

// accountParents are the folders of which each element is named after an account.
const accountParents = `(?i)([\\/](?:users|home|documents and settings|homes)[\\/])([^\\/:*?"<>|\r\n]+)|(S-1-5-21(?:-[0-9]+){2,5})`

// withoutAccounts replaces the names and SIDs of accounts in a path or registry key.
func (b *bundle) withoutAccounts(path string) (string, error) {
	var failed error
	re := b.layout.expression(accountParents)
	out := re.ReplaceAllStringFunc(path, func(found string) string {
		parts := re.FindStringSubmatch(found)
		name := parts[2] + parts[3]
		if isCommonAccount(name) {
			return found
		}
		v, err := b.text(b.account, "text", "", name)
		if err != nil {
			failed = err
		}
		if !v.ok {
			v.text = withheld
		}
		return parts[1] + v.text
	})
	return out, failed
}

// accountsIn returns the names and SIDs of accounts in a path.
func (b *bundle) accountsIn(path string) (names []string) {
	if !strings.Contains(path, "S-1-5-21") && !mayNameAccount(path) {
		return nil
	}
	for _, parts := range b.layout.expression(accountParents).FindAllStringSubmatch(path, -1) {
		if name := parts[2] + parts[3]; !isCommonAccount(name) {
			names = append(names, name)
		}
	}
	return names
}

// mayNameAccount is a quick look before the expression.
func mayNameAccount(path string) bool {
	for i := 0; i+5 < len(path); i++ {
		if path[i] != '/' && path[i] != '\\' {
			continue
		}
		switch path[i+1] | 0x20 {
		case 'u', 'h', 'd':
			return true
		}
	}
	return false
}

// isCommonAccount reports whether every system has an account of that name.
func isCommonAccount(name string) bool {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "administrator", "admin", "root", "system", "local service", "network service", "localservice", "networkservice", "guest",
		"user", "users", "public", "default", "default user", "defaultuser", "all users", "nobody", "anonymous", "daemon", "www-data",
		"localhost", "unknown", "test", "service", "oracle", "postgres", "mysql", "shared", "info", "null", "none", "withheld":
		return true
	}
	return false
}
