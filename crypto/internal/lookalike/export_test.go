package lookalike

// Length is the length of an IBAN of the country.
func Length(country string) int {
	structure, _, _ := entryOf([]byte(country))
	d := new(draft)
	d.expand(structure)
	return 4 + len(d.class)
}
