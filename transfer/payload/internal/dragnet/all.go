package dragnet

// All visits the occurrences of added texts in text: at each place where one ends, the longest that ends there. What lies
// within a longer one that ends at the same place is not visited by itself.
func (s *Set) All(text []byte, visit func(start, end, tag int)) {
	if len(s.items) == 0 {
		return
	}
	s.build()
	at := int32(0)
	for i, b := range text {
		at = s.step(at, b)
		if n := s.nodes[at]; n.found > 0 {
			visit(i+1-int(n.length), i+1, s.items[n.found-1].tag)
		}
	}
}

// FoldAt is Fold, with the places from which the bytes of the result come: at[i] is where the character of text begins
// that byte i was made of.
func (f *Folder) FoldAt(dst []byte, at []int, text []byte) ([]byte, []int) {
	for i := 0; i < len(text); {
		n := 1
		if text[i] < 0x80 {
			dst = append(dst, byte(toLower(uint64(text[i]))))
		} else {
			n = runeLen(text[i:])
			dst = f.Fold(dst, text[i:i+n])
		}
		for len(at) < len(dst) {
			at = append(at, i)
		}
		i += n
	}
	return dst, at
}

// CompactAt is Compact, with the places in folded from which the bytes of the result come.
func CompactAt(dst []byte, at []int, folded []byte) ([]byte, []int) {
	for i := 0; i < len(folded); {
		n := runeLen(folded[i:])
		dst = Compact(dst, folded[i:i+n])
		for len(at) < len(dst) {
			at = append(at, i+n-(len(dst)-len(at)))
		}
		i += n
	}
	return dst, at
}
