package payload

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"unicode/utf8"
)

// generalize makes a ready for values of kind k.
func (a *action) generalize(k Kind, p *params, c *Catalogue) error {
	to, ok := p.take("to")
	if !ok {
		return errors.New(`parameter to: missing; it says how to generalise`)
	}
	switch {
	case isPeriod(to) && k == KindDatetime, isPeriod(to) && k == KindDate && to != "hour" && to != "day":
		a.period(to, k, p.choice("as", "period", "start") == "start")
	case to == "cap" && (k == KindNumber || k == KindAmount):
		return a.cap(p)
	case to == "geo" && (k == KindNumber || k == KindAmount):
		a.places(int(p.number("places", -1, 0, 6)))
	case to == "hierarchy" && k == KindString:
		return a.hierarchy(p, c)
	case to == "band" && (k == KindNumber || k == KindAmount):
		a.band(p)
	case to == "round" && (k == KindNumber || k == KindAmount):
		a.round(p.number("width", 0, 2, 1e15))
	case to == "area" && k == KindPostcode:
		a.area(int(p.number("keep", 3, 1, 11)))
	case to == "prefix" && k == KindIP:
		a.network(int(p.number("keep", 24, 8, 30)), int(p.number("keep_v6", 48, 16, 64)))
	case to == "prefix" && (k == KindString || k == KindIBAN || k == KindEmail || k == KindPhone || k == KindPostcode):
		a.prefix(int(p.number("keep", 0, 1, 32)))
	default:
		return fmt.Errorf("parameter to: a value of kind %s cannot be generalised to %q", k, to)
	}
	return nil
}

const stars = "****"

// mask hides all but the last keep characters, and these as well unless at least as many are hidden. The number of
// stars says nothing about the length.
func (a *action) mask(keep int64) {
	n := int(keep)
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		dst = append(dst, stars...)
		if utf8.RuneCount(text) < 2*n {
			return dst, true
		}
		cut := len(text)
		for range n {
			_, size := utf8.DecodeLastRune(text[:cut])
			cut -= size
		}
		return append(dst, text[cut:]...), true
	}
	a.holds = func(text []byte) bool {
		tail, ok := bytes.CutPrefix(text, []byte(stars))
		return ok && utf8.RuneCount(tail) <= n
	}
}

// band writes the interval that holds a number.
func (a *action) band(p *params) {
	locate := func(whole int64) (low, high int64, open int) { return 0, 0, 0 }
	if _, listed := p.left["bands"]; listed {
		edges := p.edges("bands")
		if p.err != nil {
			return
		}
		locate = func(whole int64) (int64, int64, int) { return between(edges, whole) }
	} else {
		width := p.number("width", 0, 2, 1e15)
		locate = func(whole int64) (int64, int64, int) {
			low := floorTo(whole, width)
			return low, low + width, 0
		}
	}
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		whole, _, ok := wholePart(text)
		if !ok {
			return dst, false
		}
		return appendBand(dst, whole, locate), true
	}
	a.holds = func(text []byte) bool {
		low, ok := bandStart(text)
		var buf [48]byte
		return ok && bytes.Equal(appendBand(buf[:0], low, locate), text)
	}
}

// floorTo returns the greatest multiple of width that is not greater than v.
func floorTo(v, width int64) int64 {
	rest := v % width
	if rest < 0 {
		rest += width
	}
	return v - rest
}

// between returns the edges around v; open is -1 below the first and 1 from the last on.
func between(edges []int64, v int64) (low, high int64, open int) {
	i, found := slices.BinarySearch(edges, v)
	if found {
		i++
	}
	switch i {
	case 0:
		return 0, edges[0], -1
	case len(edges):
		return edges[i-1], 0, 1
	}
	return edges[i-1], edges[i], 0
}

func appendBand(dst []byte, v int64, locate func(int64) (int64, int64, int)) []byte {
	low, high, open := locate(v)
	switch open {
	case -1:
		return strconv.AppendInt(append(dst, '<'), high, 10)
	case 1:
		return strconv.AppendInt(append(dst, ">="...), low, 10)
	}
	dst = strconv.AppendInt(append(dst, '['), low, 10)
	dst = strconv.AppendInt(append(dst, ','), high, 10)
	return append(dst, ')')
}

// bandStart returns a number inside the band that text writes.
func bandStart(text []byte) (int64, bool) {
	shift := int64(0)
	switch {
	case bytes.HasPrefix(text, []byte("<")):
		text, shift = text[1:], -1
	case bytes.HasPrefix(text, []byte(">=")):
		text = text[2:]
	case bytes.HasPrefix(text, []byte("[")):
		text, _, _ = bytes.Cut(text[1:], []byte(","))
	default:
		return 0, false
	}
	v, err := strconv.ParseInt(string(text), 10, 64)
	return v + shift, err == nil
}

// round writes the nearest multiple of width.
func (a *action) round(width int64) {
	a.bare = true
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		whole, half, ok := wholePart(text)
		if !ok {
			return dst, false
		}
		low := floorTo(whole, width)
		above := 2 * (whole - low) // twice the distance from low, but for the fraction
		if half {
			above++
		}
		if above >= width {
			low += width
		}
		return strconv.AppendInt(dst, low, 10), true
	}
	a.holds = func(text []byte) bool {
		v, err := strconv.ParseInt(string(text), 10, 64)
		return err == nil && v%width == 0
	}
}

// wholePart reads the text of a number and floors it.
func wholePart(text []byte) (whole int64, half, ok bool) {
	var scratch [64]byte
	if !isJSONNumber(text) {
		return 0, false, false
	}
	d, ok := parseDecimal(scratch[:0], text)
	if !ok {
		return 0, false, false
	}
	return d.floor()
}

// area keeps the first n letters and digits of a postcode. One without more than these is emptied: it would leave
// whole.
func (a *action) area(n int) {
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		start := len(dst)
		for _, c := range text {
			if c == ' ' || c == '-' {
				continue
			}
			if len(dst)-start == n {
				return dst, true
			}
			if c >= 'a' && c <= 'z' {
				c -= 'a' - 'A'
			}
			dst = append(dst, c)
		}
		return dst[:start], true
	}
	a.holds = func(text []byte) bool {
		for _, c := range text {
			if !isDigit(c) && (c < 'A' || c > 'Z') {
				return false
			}
		}
		return len(text) == n
	}
}

// prefix keeps the first n characters. A text without more than these is emptied: it would leave whole.
func (a *action) prefix(n int) {
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		cut := 0
		for range n {
			_, size := utf8.DecodeRune(text[cut:])
			cut += size
		}
		if cut >= len(text) {
			return dst, true
		}
		return append(dst, text[:cut]...), true
	}
	a.holds = func(text []byte) bool { return utf8.RuneCount(text) == n }
}

// network keeps the first bits of an address and writes them in CIDR notation (RFC 4632, RFC 5952).
func (a *action) network(v4, v6 int) {
	a.fixed = true
	bitsOf := func(ip netip.Addr) int {
		if ip.Is4() {
			return v4
		}
		return v6
	}
	a.rewrite = func(dst, text []byte) ([]byte, bool) {
		ip, ok := parseIP(text)
		if !ok {
			return dst, false
		}
		net, err := ip.Prefix(bitsOf(ip))
		if err != nil {
			return dst, false
		}
		return net.AppendTo(dst), true
	}
	a.holds = func(text []byte) bool {
		net, err := netip.ParsePrefix(string(text))
		return err == nil && net == net.Masked() && net.Bits() == bitsOf(net.Addr())
	}
}

// parseIP reads an address; IPv4 mapped into IPv6 counts as the IPv4 address that it is.
func parseIP(text []byte) (netip.Addr, bool) {
	if v4, ok := parseIPv4(text); ok {
		return netip.AddrFrom4(v4), true
	}
	ip, err := netip.ParseAddr(string(text))
	return ip.Unmap(), err == nil && ip.Zone() == ""
}
