package stix

import (
	"errors"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// parsePatterns reads the patterns of all indicators. One that does not parse is left out and its indicator with it; one
// beyond the limits refuses the bundle.
func (b *bundle) parsePatterns() error {
	for _, e := range b.entries {
		if e.typ != "indicator" || e.src.str("pattern_type") != "stix" {
			continue
		}
		parsed, err := parsePattern(e.src.str("pattern"))
		if errors.Is(err, errTooDeep) {
			return &ObjectError{Object: e.index, Member: "pattern", Msg: "nested deeper than 64 levels, or longer than 100000 tokens"}
		}
		e.parsed = parsed
	}
	return nil
}

// pattern maps a pattern so that it matches what the treated observables say. It returns nil if it cannot be mapped.
func (b *bundle) pattern(e *entry, p *place, src *node) (*node, error) {
	if src.kind != '"' {
		return nil, &payload.KindError{Pointer: p.pattern, Want: "string"}
	}
	if p.field == nil {
		b.countUnlisted(src, p.pattern)
		return nil, nil
	}
	b.counts[p.field.index]++
	if p.field.treatment.Technique == payload.Drop || e.parsed == nil {
		return nil, nil
	}
	var out strings.Builder
	for i, part := range e.parsed.parts {
		text := part.text
		if part.comparison != nil {
			mapped, ok, err := b.comparison(e, part.comparison)
			if err != nil || !ok {
				return nil, err
			}
			text = strings.TrimPrefix(part.text+" "+mapped, " ")
		}
		if i > 0 && text != "]" && text != ")" && !strings.HasSuffix(out.String(), "[") && !strings.HasSuffix(out.String(), "(") {
			out.WriteByte(' ')
		}
		out.WriteString(text)
	}
	return textNode(out.String(), src), nil
}

// foreign treats a pattern in a language that cannot be mapped.
func (b *bundle) foreign(p *place, src *node) (*node, error) {
	if src.kind != '"' {
		return nil, &payload.KindError{Pointer: p.pattern, Want: "string"}
	}
	if p.field == nil {
		b.countUnlisted(src, p.pattern)
		return nil, nil
	}
	b.counts[p.field.index]++
	switch p.field.treatment.Technique {
	case payload.Drop:
		return nil, nil
	case payload.Keep:
		if b.found.holds(src.text, "text") {
			return nil, nil
		}
		return textNode(src.text, src), nil
	}
	return textNode(withheld, src), nil
}

// comparison maps one comparison. ok is false if it cannot be mapped.
func (b *bundle) comparison(e *entry, c *comparison) (text string, ok bool, err error) {
	if c.object == "" { // of START and STOP
		return b.instant(c)
	}
	p, algorithm := b.target(c)
	if p == nil || len(c.literals) == 0 && !c.exists {
		return "", false, nil
	}
	f := p.field
	if p.form == "hashes" || p.form == "imphash" {
		if algorithm == "" && p.form == "hashes" || len(c.literals) > 0 && c.literals[0].kind != tokenString {
			return "", false, nil
		}
	}
	var out strings.Builder
	for i, literal := range c.literals {
		if p.form == "hashes" || p.form == "imphash" {
			f = b.digestField(e, p, literal.text)
		}
		mapped, ok, err := b.literal(p, f, algorithm, c.operator, literal)
		if err != nil || !ok {
			return "", false, err
		}
		if i > 0 {
			out.WriteString(", ")
		}
		out.WriteString(mapped)
	}
	if c.exists && (f == nil && !p.structural() || f != nil && f.treatment.Technique == payload.Drop) {
		return "", false, nil
	}
	return c.write(out.String()), true, nil
}

func (c *comparison) write(literals string) string {
	var out strings.Builder
	if c.not && c.operator == "" {
		out.WriteString("NOT ")
	}
	if c.exists {
		out.WriteString("EXISTS ")
	}
	out.WriteString(c.object + ":")
	for i, s := range c.path {
		switch {
		case s.index != "":
			out.WriteString("[" + s.index + "]")
			continue
		case i > 0:
			out.WriteByte('.')
		}
		out.WriteString(quotedName(s.name))
	}
	if c.exists {
		return out.String()
	}
	if c.not {
		out.WriteString(" NOT")
	}
	if c.set {
		literals = "(" + literals + ")"
	}
	return out.String() + " " + c.operator + " " + literals
}

// quotedName writes a component of an object path.
func quotedName(name string) string {
	for i := range len(name) {
		if !isAlphanumeric(name[i]) && name[i] != '_' {
			return quoteLiteral(name)
		}
	}
	return name
}

func quoteLiteral(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// target finds the place that an object path leads to, nil if the catalogue names none. algorithm is the key of a dictionary of
// digests.
func (b *bundle) target(c *comparison) (p *place, algorithm string) {
	if !b.layout.named[c.object] {
		return nil, ""
	}
	var example token
	if len(c.literals) > 0 {
		example = c.literals[0]
	}
	return b.follow(b.layout.spot(c.object, ""), c.path, example)
}

// follow walks an object path from a spot; through a reference it goes on in the type that it leads to.
func (b *bundle) follow(at spot, path []step, example token) (*place, string) {
	for i, s := range path {
		if p := at.value(); p != nil {
			return b.through(p, path[i:], example)
		}
		if s.index != "" {
			at = at.elem()
			continue
		}
		if next := at.elem(); next.known() { // a list without an index: any of its elements
			at = next
		}
		at = at.member(s.name)
	}
	p := at.value()
	if p == nil {
		if p = at.elem().value(); p == nil {
			return nil, ""
		}
	}
	if p.form == "ref" || p.form == "refs" || p.field == nil && !p.structural() {
		return nil, ""
	}
	return p, ""
}

// through goes on behind a value: into a dictionary of digests, or to what a reference leads to.
func (b *bundle) through(p *place, rest []step, example token) (*place, string) {
	if p.form == "hashes" && len(rest) == 1 && isAlgorithm(rest[0].name) {
		return p, rest[0].name
	}
	if p.form == "refs" && rest[0].index != "" {
		rest = rest[1:]
	}
	if p.form != "ref" && p.form != "refs" || len(rest) == 0 {
		return nil, ""
	}
	types := p.args
	if p.arg() == "*" {
		types = []string{"file", "directory"}
	}
	for _, typ := range types {
		found, algorithm := b.follow(b.layout.spot(typ, ""), rest, example)
		if found != nil && (len(types) == 1 || example.kind != tokenString || b.suits(found, algorithm, example.text)) {
			return found, algorithm
		}
	}
	return nil, ""
}

// suits reports whether a literal could stand at a place.
func (b *bundle) suits(p *place, algorithm, text string) bool {
	form, arg := p.form, p.arg()
	if form == "hashes" {
		form, arg = "digest", algorithm
	}
	return b.layout.valid(form, arg, canonicalValue(form, text))
}

// literal maps a literal that is compared with the values of a field.
func (b *bundle) literal(p *place, f *field, algorithm, operator string, t token) (string, bool, error) {
	if f == nil {
		return structuralLiteral(p, t)
	}
	kept := f.treatment.Technique == payload.Keep
	if operator != "=" && operator != "!=" && operator != "IN" && !kept && p.form != "timestamp" {
		return "", false, nil
	}
	switch {
	case t.kind == tokenWord:
		return t.text, kept && p.form == "bool", nil
	case t.kind == tokenInteger, t.kind == tokenFloat:
		return b.numberLiteral(p, f, t, kept)
	case t.kind == tokenHex:
		return "h" + quoteLiteral(t.text), kept && p.form == "hex" && isHex(t.text), nil
	case t.kind == tokenBinary:
		return "", false, nil
	case t.kind == tokenTime && p.form != "timestamp", t.kind == tokenString && isNumeric(p.form):
		return "", false, nil
	case operator == "LIKE" || operator == "MATCHES" || operator == "ISSUBSET" || operator == "ISSUPERSET":
		return quoteLiteral(t.text), !b.found.holds(t.text, "text"), nil
	}
	form, arg := p.form, p.arg()
	if form == "hashes" {
		form, arg = "digest", algorithm
	}
	v, err := b.text(f, form, arg, t.text)
	if p.form == "timestamp" {
		return "t" + quoteLiteral(v.text), v.ok, err
	}
	return quoteLiteral(v.text), v.ok, err
}

func isNumeric(form string) bool {
	return form == "int" || form == "number" || form == "asn" || form == "bool"
}

// structuralLiteral lets the booleans of the standard be compared.
func structuralLiteral(p *place, t token) (string, bool, error) {
	return t.text, p.structural() && p.form == "bool" && t.kind == tokenWord, nil
}

func (b *bundle) numberLiteral(p *place, f *field, t token, kept bool) (string, bool, error) {
	if !isNumeric(p.form) {
		return "", false, nil
	}
	if kept {
		text := strings.TrimPrefix(t.text, "+")
		return text, isPlainNumber(text, "number") && !b.found.isInteger(strings.TrimPrefix(text, "-")), nil
	}
	v, err := b.number(&place{property: p.property, field: f}, &node{kind: '0', text: strings.TrimPrefix(t.text, "+")})
	if err != nil || v == nil {
		return "", false, err
	}
	return v.text, true, nil
}

// instant treats a time of START and STOP as the timestamps of observed data.
func (b *bundle) instant(c *comparison) (string, bool, error) {
	p := b.layout.spot("observed-data", "").member("first_observed").value()
	if p == nil || p.field == nil {
		return "", false, nil
	}
	v, err := b.text(p.field, "timestamp", "", c.literals[0].text)
	return "t" + quoteLiteral(v.text), v.ok, err
}

// collectPattern notes the literals of a pattern that may not survive.
func (b *bundle) collectPattern(e *entry) {
	if e.parsed == nil {
		b.found.addRecognised(e.src.str("pattern"))
		return
	}
	for _, part := range e.parsed.parts {
		c := part.comparison
		if c == nil || c.object == "" {
			continue
		}
		p, _ := b.target(c)
		for _, literal := range c.literals {
			switch {
			case p == nil:
				b.found.addRecognised(literal.text)
			case p.form == "hashes" || p.form == "imphash":
				b.collectText(b.digestField(e, p, literal.text), "digest", literal.text)
			case literal.kind == tokenString && (c.operator == "=" || c.operator == "!=" || c.operator == "IN"):
				b.collectText(p.field, p.form, literal.text)
			}
		}
	}
}
