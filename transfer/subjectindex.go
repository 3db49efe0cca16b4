package transfer

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/transfer/payload"
)

// The subject index lets an organisation find the transfers that concern a person who asks (GDPR Art. 13 to 15), without a
// list of persons: the detail of a transfer holds a keyed token for each direct identifier that the document had. Only who
// holds the pseudonymisation key can tell which token belongs to an identifier, and erasing the detail erases the tokens.
const indexContext = "subject-index"

// SubjectToken is the token of one identifier under a pseudonymisation key: 128 bits that no partner ever sees. The category
// is the data category of the catalogue, such as "iban"; kind says how values are spelled alike.
func SubjectToken(p *pseudonym.Pseudonymizer, party, category string, kind payload.Kind, identifier string) (string, error) {
	d, err := indexDomain(p, party)
	if err != nil {
		return "", err
	}
	return string(d.AppendPseudonymOf(nil, category, string(kind), []byte(identifier))), nil
}

func indexDomain(p *pseudonym.Pseudonymizer, party string) (*pseudonym.Domain, error) {
	return p.Domain(pseudonym.Context{
		Agreement: indexContext, Recipient: party, Purpose: indexContext, Scope: pseudonym.Relationship, Epoch: "1",
	})
}

// subjectTokens finds the direct identifiers of a document and returns their tokens, sorted, each once.
func subjectTokens(d *pseudonym.Domain, cat *payload.Catalogue, document []byte) ([]string, error) {
	scalars, err := scalarsOf(document)
	if err != nil {
		return nil, nil // not one JSON document: streams are not indexed
	}
	identifying := map[string]payload.Field{}
	for _, f := range cat.Fields {
		if f.Role == payload.Direct {
			identifying[f.Path] = f
		}
	}
	var tokens []string
	for _, s := range scalars {
		f, found := identifying[patternOf(strings.TrimPrefix(s.Name, fieldReleased))]
		if !found || len(s.Value) == 0 || s.Value[0] != '"' {
			continue
		}
		value, err := jsontext.AppendUnquote(nil, s.Value)
		if err != nil {
			return nil, errors.New("an identifier cannot be read")
		}
		tokens = append(tokens, string(d.AppendPseudonymOf(nil, f.Category, string(f.Kind), value)))
	}
	slices.Sort(tokens)
	return slices.Compact(tokens), nil
}

// patternOf replaces the numbers in a pointer by "*", as catalogues write it.
func patternOf(pointer string) string {
	segments := strings.Split(pointer, "/")
	for i, s := range segments {
		if s != "" && strings.Trim(s, "0123456789") == "" {
			segments[i] = "*"
		}
	}
	return strings.Join(segments, "/")
}

// appendSubjects adds the tokens of a transfer to its detail.
func (s *Sender) appendSubjects(detail []byte, out *outbound) ([]byte, error) {
	if !s.IndexSubjects || out.original == nil || out.keys == nil {
		return detail, nil
	}
	d, err := indexDomain(out.keys.pseudonyms, s.Keys.Party())
	if err != nil {
		return nil, err
	}
	tokens, err := subjectTokens(d, s.catalogues[out.req.Type].Catalogue, out.original)
	if err != nil || len(tokens) == 0 {
		return detail, err
	}
	detail = append(detail[:len(detail)-1], `,"subjects":["`...)
	detail = append(detail, strings.Join(tokens, `","`)...) // tokens are of letters and digits
	return append(detail, `"]}`...), nil
}
