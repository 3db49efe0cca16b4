package stix

import "strings"

// scrub replaces the identifiers in a kept free text where they stand. A text in which something is left in another
// written form does not leave.
func (b *bundle) scrub(text string) (treatedValue, error) {
	for _, original := range b.found.longestFirst() {
		at := indexFold(text, original)
		for at >= 0 {
			token, err := b.pseudonym(b.found.categoryOf(original), original)
			if err != nil {
				return treatedValue{}, err
			}
			text = text[:at] + token + text[at+len(original):]
			next := indexFold(text[at+len(token):], original)
			if next < 0 {
				break
			}
			at += len(token) + next
		}
	}
	for _, address := range mailAddresses(text) {
		token, err := b.pseudonym("email", strings.ToLower(address))
		if err != nil {
			return treatedValue{}, err
		}
		text = strings.ReplaceAll(text, address, token)
	}
	for _, iban := range ibans(text) {
		token, err := b.pseudonym("iban", iban)
		if err != nil {
			return treatedValue{}, err
		}
		text = strings.ReplaceAll(text, iban, token)
	}
	return treatedValue{text, !b.found.holds(text, "text")}, nil
}

// indexFold is strings.Index without regard to the case of ASCII letters.
func indexFold(text, part string) int {
	for i := 0; i+len(part) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}
