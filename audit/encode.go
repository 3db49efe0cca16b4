package audit

import (
	"slices"
	"strconv"
	"strings"
)

// object writes a JSON object whose members come in canonical order (RFC 8785). A member without value is left out, as
// the record format wants it. Texts have passed validation, so that quotes and backslashes are all there is to escape.
type object struct{ dst []byte }

func (o *object) name(name string) {
	if last := o.dst[len(o.dst)-1]; last != '{' {
		o.dst = append(o.dst, ',')
	}
	o.dst = append(append(append(o.dst, '"'), name...), '"', ':')
}

func (o *object) text(name, value string) {
	if value == "" {
		return
	}
	o.name(name)
	o.dst = appendQuoted(o.dst, value)
}

func (o *object) number(name string, value int64) {
	if value == 0 {
		return
	}
	o.name(name)
	o.dst = strconv.AppendInt(o.dst, value, 10)
}

func (o *object) texts(name string, values []string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	for i, v := range values {
		o.element(i)
		o.dst = appendQuoted(o.dst, v)
	}
	o.dst = append(o.dst, ']')
}

// element begins the ith element of an array.
func (o *object) element(i int) {
	if i == 0 {
		o.dst = append(o.dst, '[')
		return
	}
	o.dst = append(o.dst, ',')
}

func (o *object) textMap(name string, values map[string]string) {
	if len(values) == 0 {
		return
	}
	o.name(name)
	o.dst = append(o.dst, '{')
	names := make([]string, 0, 8)
	for k := range values {
		names = append(names, k)
	}
	slices.Sort(names)
	for _, k := range names {
		o.name(k)
		o.dst = appendQuoted(o.dst, values[k])
	}
	o.dst = append(o.dst, '}')
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if !strings.ContainsAny(s, `"\`) {
		return append(append(dst, s...), '"')
	}
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
}

// append adds the stored form of a valid record to dst.
func (r *Record) append(dst []byte) []byte {
	o := object{append(dst, '{')}
	o.text("agreement", r.Agreement)
	o.text("agreement_digest", r.AgreementDigest)
	o.text("at", r.At)
	o.texts("basis", r.Basis)
	o.number("bytes", r.Bytes)
	o.texts("categories", r.Categories)
	o.text("cause", r.Cause)
	o.textMap("commitments", r.Commitments)
	o.text("data_version", r.DataVersion)
	o.text("envelope_digest", r.EnvelopeDigest)
	o.text("exporter", r.Exporter)
	o.text("facts_digest", r.FactsDigest)
	o.textMap("fields", r.Fields)
	o.manifest(r.Manifest)
	o.texts("missing", r.Missing)
	o.duties(r.Obligations)
	o.text("policy_revision", r.PolicyRevision)
	o.text("purpose", r.Purpose)
	o.texts("reasons", r.Reasons)
	o.text("recipient", r.Recipient)
	o.text("recipient_country", r.RecipientCountry)
	o.text("transfer", r.Transfer)
	o.text("type", string(r.Type))
	o.number("version", int64(r.Version))
	return append(o.dst, '}')
}

func (o *object) duties(duties []Duty) {
	if len(duties) == 0 {
		return
	}
	o.name("obligations")
	for i, d := range duties {
		o.element(i)
		o.dst = append(o.dst, '{')
		o.text("code", d.Code)
		o.text("deadline", d.Deadline)
		o.name("discharged")
		o.dst = append(strconv.AppendBool(o.dst, d.Discharged), '}')
	}
	o.dst = append(o.dst, ']')
}

func (o *object) manifest(m *Manifest) {
	if m == nil {
		return
	}
	o.name("manifest")
	o.dst = append(o.dst, '{')
	o.text("digest", m.Digest)
	for i, t := range m.Items {
		if i == 0 {
			o.name("items")
		}
		o.element(i)
		o.dst = append(o.dst, '{')
		o.number("count", t.Count)
		o.textMap("params", t.Params)
		o.name("path")
		o.dst = appendQuoted(o.dst, t.Path)
		o.name("technique")
		o.dst = append(appendQuoted(o.dst, t.Technique), '}')
	}
	if len(m.Items) > 0 {
		o.dst = append(o.dst, ']')
	}
	o.text("key_id", m.KeyID)
	o.number("withheld", m.Withheld)
	o.dst = append(o.dst, '}')
}
