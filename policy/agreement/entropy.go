package agreement

import "strings"

// EntropyFloor is the number of values below which a pseudonym that stays the same hides little: all values can be tried
// against what else is known. It is the floor of FF1 (NIST SP 800-38G Revision 1).
const EntropyFloor = 1_000_000

// FewValues returns about how many values a data category has, if its name says that there are fewer than EntropyFloor:
// "access_pin" has 10,000.
func FewValues(category string) (about int, few bool) {
	table := map[string]int{
		"pin": 10_000, "cvv": 1_000, "cvc": 1_000, "gender": 10, "sex": 10, "age": 130, "year": 200, "birth": 40_000, "birthday": 40_000,
		"birthdate": 40_000, "dob": 40_000, "country": 250, "nationality": 250, "citizenship": 250, "language": 200, "currency": 180,
		"postcode": 500_000, "zip": 100_000, "religion": 100, "ethnicity": 100, "height": 200, "weight": 300, "diagnosis": 80_000,
		"education": 100, "profession": 10_000, "occupation": 10_000, "score": 1_000, "role": 100, "type": 1_000, "title": 100,
	}
	for word := range strings.FieldsFuncSeq(category, func(r rune) bool { return r == '_' || r == '-' }) {
		if n, found := table[word]; found {
			return n, true
		}
	}
	return 0, false
}

// StaysTheSame reports whether equal values have equal pseudonyms in more than one transfer.
func (a *Agreement) StaysTheSame() bool { return a.PseudonymScope() != "transaction" }
