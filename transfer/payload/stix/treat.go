package stix

import (
	"errors"
	"net/netip"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// treater applies the treatment of a category to single values. It is a plan of package payload over a document with
// one member, so that every technique of that package does here what it does there.
type treater struct{ plan *payload.Plan }

func treaterKey(f *field) string { return f.Category + " " + string(f.Kind) }

func (p *Plan) addTreater(f *field) error {
	key := treaterKey(f)
	if p.treaters[key] != nil {
		return nil
	}
	c := &payload.Catalogue{Type: "value", Version: "1", Hierarchies: p.catalogue.Hierarchies, Fields: []payload.Field{
		{Path: "/v", Category: f.Category, Role: payload.Operational, Kind: f.Kind, Subject: f.Subject},
	}}
	plan, err := payload.Compile(c, map[string]payload.Treatment{f.Category: f.treatment})
	if err != nil {
		return err
	}
	p.treaters[key] = &treater{plan}
	return nil
}

// apply treats the JSON token of a value. It returns nil if the value is dropped, or is none that the technique can
// treat.
func (t *treater) apply(token *node, ps payload.Pseudonymizer) (*node, error) {
	document := append([]byte(nil), `{"v":`...)
	document = append(token.appendTo(document), '}')
	out, _, err := t.plan.Apply(nil, document, ps)
	var wrongKind *payload.KindError
	if errors.As(err, &wrongKind) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	result, err := parse(out, payload.Limits{Depth: 2, Bytes: 1 << 30})
	if err != nil {
		return nil, nil // a number that left the range of STIX
	}
	v := result.get("v")
	if v == nil || v.kind != '"' && v.kind != '0' && v.kind != 't' && v.kind != 'f' {
		return nil, nil
	}
	return v, nil
}

// pseudonym asks for the pseudonym of a value.
func (b *bundle) pseudonym(category, value string) (string, error) {
	b.scratch = b.ps.AppendPseudonym(b.scratch[:0], category, []byte(value))
	if token := string(b.scratch); isToken(token) {
		return token, nil
	}
	return "", payload.ErrPseudonym
}

// isToken reports whether a text has the form of a pseudonym (package payload).
func isToken(text string) bool {
	if len(text) < 16 || len(text) > 128 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == ':', c == '~':
		default:
			return false
		}
	}
	return true
}

type treatedKey struct {
	field     *field
	form, arg string
	text      string
}

// treatedValue is what became of a value; ok is false if it is dropped.
type treatedValue struct {
	text string
	ok   bool
}

// text treats the text of a value at a field, so that the result fits the form. Equal values at equal fields give
// equal results throughout the bundle, in patterns too.
func (b *bundle) text(f *field, form, arg, text string) (treatedValue, error) {
	text = canonicalValue(form, text)
	key := treatedKey{f, form, arg, text}
	if v, found := b.cache[key]; found {
		return v, nil
	}
	v, err := b.treat(f, form, arg, text)
	if err != nil {
		return v, err
	}
	if v.ok {
		v.text = b.distinct(f, form, text, v.text)
		b.made[v.text] = b.made[v.text] || form == "timestamp" || v.text != text && f.treatment.Technique != payload.Mask
	}
	b.cache[key] = v
	return v, nil
}

func (b *bundle) treat(f *field, form, arg, text string) (treatedValue, error) {
	none := treatedValue{}
	if text == "" || f.treatment.Technique == payload.Drop {
		return none, nil
	}
	if form == "ip" { // of a field of one's own: by the family of its value
		if form = "ipv4"; strings.Contains(text, ":") {
			form = "ipv6"
		}
	}
	switch f.treatment.Technique {
	case payload.Keep:
		return b.keep(f, form, arg, text)
	case payload.Scrub:
		if form != "text" {
			return none, nil
		}
		return b.scrub(text)
	}
	network := ""
	if form == "ipv4" || form == "ipv6" {
		text, network, _ = strings.Cut(text, "/")
	}
	result, err := b.treaters[treaterKey(f)].apply(textNode(text, nil), b.ps)
	if err != nil || result == nil || result.text == "" {
		return none, err
	}
	return b.fit(form, arg, result.text, network), nil
}

// fit makes a result stand in a property of a form: as it is, or as what stands for a pseudonym there.
func (b *bundle) fit(form, arg, result, network string) treatedValue {
	if form == "timestamp" {
		text, ok := timestamp(result)
		return treatedValue{text, ok}
	}
	if b.layout.valid(form, arg, result) {
		return treatedValue{result, true}
	}
	if !isToken(result) {
		return treatedValue{}
	}
	text, ok := shaped(form, arg, result)
	if ok && network != "" {
		text = networkOf(text, network)
	}
	return treatedValue{text, ok}
}

// networkOf cuts an address down to a network of the given length.
func networkOf(address, length string) string {
	p, err := netip.ParsePrefix(address + "/" + length)
	if err != nil || p.Bits() < 4 {
		return address
	}
	return p.Masked().String()
}

// keep lets a value leave as it is, if its form is right and nobody's identifier stands in it. Otherwise a pseudonym
// stands for it.
func (b *bundle) keep(f *field, form, arg, text string) (treatedValue, error) {
	if form == "timestamp" {
		t, ok := timestamp(text)
		return treatedValue{t, ok}, nil
	}
	if !b.layout.valid(form, arg, text) {
		return treatedValue{}, nil
	}
	if form == "term" {
		return treatedValue{text, true}, nil
	}
	kept := text
	if form == "path" || form == "registry" {
		var err error
		if kept, err = b.withoutAccounts(kept); err != nil {
			return treatedValue{}, err
		}
	}
	if !b.found.holds(kept, form) {
		return treatedValue{kept, b.layout.valid(form, arg, kept)}, nil
	}
	if f.Role == payload.FreeText {
		return b.scrub(kept)
	}
	token, err := b.pseudonym(f.Category, text)
	if err != nil {
		return treatedValue{}, err
	}
	result, ok := shaped(form, arg, token)
	return treatedValue{result, ok}, nil
}

// distinct keeps two values of the few small forms apart that would get one pseudonym.
func (b *bundle) distinct(f *field, form, from, to string) string {
	if form != "ipv4" || f.treatment.Technique != payload.Pseudonymize || strings.Contains(to, "/") {
		return to
	}
	for {
		before, taken := b.taken[to]
		if !taken || before == from {
			b.taken[to] = from
			return to
		}
		to = nextIPv4(to)
	}
}
