package payload

import "strconv"

// numberLen returns the length of the JSON number (RFC 8259 section 6) at the front of b, 0 if there is none.
func numberLen(b []byte) int {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i < len(b) && b[i] == '0':
		i++
	case countDigits(b[i:]) > 0:
		i += countDigits(b[i:])
	default:
		return 0
	}
	if i < len(b) && b[i] == '.' {
		n := countDigits(b[i+1:])
		if n == 0 {
			return 0
		}
		i += 1 + n
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		n := countDigits(b[i:])
		if n == 0 {
			return 0
		}
		i += n
	}
	return i
}

func countDigits(b []byte) int {
	n := 0
	for n < len(b) && isDigit(b[n]) {
		n++
	}
	return n
}

// decimal is the exact value of a JSON number: ±0.DIGITS × 10^point, without zeros at either end of the digits.
// No digits stand for zero.
type decimal struct {
	negative bool
	digits   []byte
	point    int
}

// maxExponent bounds exponents, so that their arithmetic cannot overflow. Nothing measured comes near it.
const maxExponent = 1_000_000

// parseDecimal reads a number that numberLen accepted. The digits are appended to scratch. It fails only if the
// exponent is out of bounds.
func parseDecimal(scratch, text []byte) (d decimal, ok bool) {
	i := 0
	if text[0] == '-' {
		d.negative, i = true, 1
	}
	fraction := false
	d.digits = scratch
	for ; i < len(text) && text[i]|0x20 != 'e'; i++ {
		switch {
		case text[i] == '.':
			fraction = true
		case len(d.digits) == len(scratch) && text[i] == '0': // a zero in front
			if fraction {
				d.point--
			}
		default:
			d.digits = append(d.digits, text[i])
			if !fraction {
				d.point++
			}
		}
	}
	d.digits = d.digits[len(scratch):]
	for len(d.digits) > 0 && d.digits[len(d.digits)-1] == '0' {
		d.digits = d.digits[:len(d.digits)-1]
	}
	if len(d.digits) == 0 {
		return decimal{}, true
	}
	if i < len(text) {
		e, err := strconv.Atoi(string(text[i+1:]))
		if err != nil || e > maxExponent || e < -maxExponent {
			return decimal{}, false
		}
		d.point += e
	}
	return d, true
}

// appendCanonical appends the canonical text of a number. One whose exponent is out of bounds stands for itself.
func appendCanonical(dst, number []byte) []byte {
	var scratch [64]byte
	d, ok := parseDecimal(scratch[:0], number)
	if !ok {
		return append(dst, number...)
	}
	return d.append(dst)
}

// append writes the canonical text: plain decimal notation while at most 40 digits are needed, otherwise
// DIGITSeEXPONENT with an integer before the e. Equal numbers have equal texts.
func (d decimal) append(dst []byte) []byte {
	if len(d.digits) == 0 {
		return append(dst, '0')
	}
	if d.negative {
		dst = append(dst, '-')
	}
	n := len(d.digits)
	switch {
	case max(n, d.point, n-d.point) > 40:
		dst = append(dst, d.digits...)
		dst = append(dst, 'e')
		return strconv.AppendInt(dst, int64(d.point-n), 10)
	case d.point <= 0:
		dst = append(dst, "0."...)
		return append(appendZeros(dst, -d.point), d.digits...)
	case d.point >= n:
		return appendZeros(append(dst, d.digits...), d.point-n)
	}
	dst = append(dst, d.digits[:d.point]...)
	dst = append(dst, '.')
	return append(dst, d.digits[d.point:]...)
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// floor returns the greatest integer that is not greater than d, and whether d lies at least one half above it. It
// fails for numbers of more than 18 digits before the point.
func (d decimal) floor() (whole int64, half, ok bool) {
	if d.point > 18 {
		return 0, false, false
	}
	for i := range d.point {
		whole *= 10
		if i < len(d.digits) {
			whole += int64(d.digits[i] - '0')
		}
	}
	if len(d.digits) <= d.point || len(d.digits) == 0 { // an integer
		if d.negative {
			whole = -whole
		}
		return whole, false, true
	}
	half = d.point >= 0 && d.digits[d.point] >= '5'
	if !d.negative {
		return whole, half, true
	}
	// -4.3 lies 0.7 above -5, and -4.5 one half.
	isHalf := half && d.digits[d.point] == '5' && len(d.digits) == d.point+1
	return -whole - 1, !half || isHalf, true
}
