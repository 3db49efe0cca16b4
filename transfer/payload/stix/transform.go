package stix

import (
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// transform makes what leaves of an object, but for its id, its references and its selectors.
func (b *bundle) transform(e *entry) error {
	switch {
	case e.typ == "marking-definition":
		return b.marking(e)
	case e.typ == "extension-definition":
		b.drop(e, causeKnown)
		return nil
	case !b.layout.named[e.typ]:
		b.countUnlisted(e.src, "/"+b.shownType(e.typ))
		b.drop(e, causeUnlisted)
		return nil
	}
	out, err := b.object(e)
	if err != nil {
		return b.locate(e, err)
	}
	e.out = out
	b.sources[out] = e
	return nil
}

func (b *bundle) locate(e *entry, err error) error {
	if refused, ok := err.(*ObjectError); ok {
		refused.Object = e.index
	}
	return err
}

func (b *bundle) shownType(typ string) string {
	if b.layout.named[typ] || b.layout.objects[typ].class != "" {
		return typ
	}
	return "?"
}

func (b *bundle) object(e *entry) (*node, error) {
	out := &node{kind: '{', from: e.src}
	at := b.layout.spot(e.typ, e.variant)
	for _, m := range e.src.members {
		var v *node
		var err error
		switch m.name {
		case "type":
			v = textNode(e.typ, m.value)
		case "id":
			v = textNode("", m.value) // name gives it
		case "spec_version":
			v = textNode("2.1", m.value)
		case "object_marking_refs":
			v = markingRefs(m.value)
		case "granular_markings":
			v = m.value // selectors makes the result of it
		default:
			v, err = b.member(e, at, m)
		}
		if err != nil {
			return nil, err
		}
		if v != nil {
			out.members = append(out.members, member{m.name, v})
		}
	}
	b.settle(e, out)
	return out, nil
}

// settle adds what the standard requires beyond single properties.
func (b *bundle) settle(e *entry, out *node) {
	class := b.layout.objects[e.typ].class
	if class != "sco" && class != "" && out.get("spec_version") == nil {
		out.members = append(out.members, member{"spec_version", textNode("2.1", nil)})
	}
	if id := b.layout.objects[e.typ].extension; id != "" {
		marker := &node{kind: '{', members: []member{{"extension_type", textNode("new-sco", nil)}}}
		out.set("extensions", &node{kind: '{', members: []member{{id, marker}}, from: e.src.get("extensions")})
	}
	orderTimes(out)
}

// orderTimes takes away what coarser timestamps have put out of order: an end must not come before its beginning, and
// valid_until has to come after valid_from.
func orderTimes(out *node) {
	for _, pair := range [][2]string{
		{"created", "modified"}, {"first_seen", "last_seen"}, {"first_observed", "last_observed"}, {"start", "end"},
		{"start_time", "stop_time"}, {"valid_from", "valid_until"}, {"analysis_started", "analysis_ended"},
	} {
		from, to := out.str(pair[0]), out.str(pair[1])
		if from == "" || to == "" || timeOf(from).Before(timeOf(to)) {
			continue
		}
		switch {
		case pair[0] == "valid_from":
			out.remove(pair[1])
		case timeOf(to).Before(timeOf(from)):
			out.set(pair[1], textNode(from, out.get(pair[1]).from))
		}
	}
}

// member treats a member of an object or extension. What is dropped and required is made neutral.
func (b *bundle) member(e *entry, at spot, m member) (*node, error) {
	next := at.member(m.name)
	v, err := b.value(e, next, m.value, at)
	if err != nil || v != nil {
		return v, err
	}
	if p := next.value(); p != nil && p.required && !p.hasNone {
		return p.neutralValue(m.value), nil
	}
	return nil, nil
}

// withheld is the neutral value of a text.
const withheld = "withheld"

// neutralValue stands for what is required and may not leave.
func (p *place) neutralValue(from *node) *node {
	switch p.form {
	case "timestamp":
		return textNode(noTime, from)
	case "int":
		return &node{kind: '0', text: p.neutral, from: from}
	case "bool":
		return &node{kind: 'f', from: from}
	}
	return textNode(p.neutral, from)
}

// value treats whatever stands somewhere. It returns nil if nothing of it leaves. around is where it stands in.
func (b *bundle) value(e *entry, at spot, src *node, around spot) (*node, error) {
	if src.kind == 'n' {
		return nil, nil
	}
	if p := at.value(); p != nil {
		return b.leaf(e, p, src)
	}
	if !at.container() {
		b.countUnlisted(src, around.shown())
		return nil, nil
	}
	out := &node{kind: src.kind, from: src}
	switch {
	case src.kind == '{' && !at.elem().known():
		for _, m := range src.members {
			v, err := b.member(e, at, m)
			if err != nil {
				return nil, err
			}
			if v != nil {
				out.members = append(out.members, member{m.name, v})
			}
		}
	case src.kind == '[' && at.elem().known():
		for _, it := range src.items {
			v, err := b.value(e, at.elem(), it, at)
			if err != nil {
				return nil, err
			}
			if v != nil {
				out.items = append(out.items, v)
			}
		}
	case at.elem().known():
		return nil, &payload.KindError{Pointer: at.shown(), Want: "array"}
	default:
		return nil, &payload.KindError{Pointer: at.shown(), Want: "object"}
	}
	if out.empty() {
		return nil, nil
	}
	return out, nil
}

// shown is the pattern of a place for errors and reports.
func (s spot) shown() string {
	for _, p := range s {
		if p != nil {
			return p.pattern
		}
	}
	return ""
}

// leaf treats a value that the standard or the catalogue has a place for.
func (b *bundle) leaf(e *entry, p *place, src *node) (*node, error) {
	switch p.form {
	case "ref", "refs":
		return p.references(src)
	case "hashes":
		return b.hashes(e, p, src)
	case "killchain":
		return b.killChain(p, src)
	case "publicrefs":
		return b.publicReferences(p, src)
	case "objects":
		return b.nested(e, src)
	case "contents":
		return b.translations(e, src)
	case "pattern":
		return b.pattern(e, p, src)
	case "foreign":
		return b.foreign(p, src)
	}
	if p.field == nil {
		return b.structure(p, src)
	}
	return b.scalar(p, src)
}

// structure lets the booleans and terms leave by which the standard chooses a shape.
func (b *bundle) structure(p *place, src *node) (*node, error) {
	if !p.structural() { // a value that the standard has and the catalogue does not
		b.countUnlisted(src, p.pattern)
		return nil, nil
	}
	switch {
	case p.form == "bool" && (src.kind == 't' || src.kind == 'f'):
		return &node{kind: src.kind, from: src}, nil
	case p.form == "term" && src.kind == '"' && b.layout.terms[p.args[0]][src.text]:
		return textNode(src.text, src), nil
	case p.form == "bool":
		return nil, &payload.KindError{Pointer: p.pattern, Want: "boolean"}
	case src.kind != '"':
		return nil, &payload.KindError{Pointer: p.pattern, Want: "string"}
	}
	return nil, nil
}

// scalar treats a value of a field.
func (b *bundle) scalar(p *place, src *node) (*node, error) {
	if want, ok := p.accepts(src); !ok {
		return nil, &payload.KindError{Pointer: p.pattern, Want: want}
	}
	v, err := b.token(p, src)
	if err == nil {
		b.count(p.field, v != nil || src.kind == '"' && src.text == "")
	}
	return v, err
}

// count counts a value of a field: as what its treatment does, or as one that did not fit what may stand there.
func (b *bundle) count(f *field, fits bool) {
	if !fits && f.treatment.Technique != payload.Drop {
		b.withheld[payload.Withheld{What: f.Path, Why: causeForm}]++
		return
	}
	b.counts[f.index]++
}

// token treats a scalar. It returns nil if it is dropped.
func (b *bundle) token(p *place, src *node) (*node, error) {
	switch src.kind {
	case 't', 'f':
		return b.truth(p, src), nil
	case '0':
		return b.number(p, src)
	}
	if p.form == "term" || p.form == "version" || p.form == "mime" || p.form == "language" || p.form == "charset" {
		if p.field.treatment.Technique != payload.Keep {
			return nil, nil
		}
	}
	v, err := b.text(p.field, p.form, p.arg(), src.text)
	if err != nil || !v.ok {
		return nil, err
	}
	return textNode(v.text, src), nil
}

func (p *place) arg() string {
	if len(p.args) == 0 {
		return ""
	}
	return p.args[0]
}

// accepts checks the JSON type of a value.
func (p *place) accepts(src *node) (want string, ok bool) {
	switch p.form {
	case "bool":
		return "boolean", src.kind == 't' || src.kind == 'f'
	case "int", "number", "asn":
		return "number", src.kind == '0'
	}
	return "string", src.kind == '"'
}

func (b *bundle) truth(p *place, src *node) *node {
	if p.field.treatment.Technique != payload.Keep {
		return nil
	}
	return &node{kind: src.kind, from: src}
}

// number treats a number so that one of STIX comes out.
func (b *bundle) number(p *place, src *node) (*node, error) {
	f := p.field
	result := src
	if f.treatment.Technique == payload.Drop {
		return nil, nil
	}
	if f.treatment.Technique != payload.Keep {
		var err error
		if result, err = b.treaters[treaterKey(f)].apply(src, b.ps); err != nil || result == nil {
			return nil, err
		}
	}
	text := result.text
	if p.form == "asn" && isToken(text) {
		text, _ = shaped("asn", "", text)
	}
	if !isPlainNumber(text, p.form) || b.found.isInteger(strings.TrimPrefix(text, "-")) {
		return nil, nil
	}
	return &node{kind: '0', text: text, from: src}, nil
}

// isPlainNumber reports whether a text is an integer, or a decimal number of few digits if the form allows it: no room
// to hide something in.
func isPlainNumber(text, form string) bool {
	digits, point := 0, 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c == '-' && i == 0:
		case c == '.' && form == "number" && point == 0:
			point++
		default:
			return false
		}
	}
	return digits > 0 && digits <= 17
}

// countUnlisted counts the scalars of a value that the catalogue does not name.
func (b *bundle) countUnlisted(src *node, beneath string) {
	src.each(func(n *node) {
		if n.kind != '{' && n.kind != '[' || n.empty() {
			b.unlisted[beneath]++
		}
	})
}
