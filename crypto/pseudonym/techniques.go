package pseudonym

import (
	"bytes"
	"encoding/base32"
	"net/netip"

	"github.com/passavant/passavant/crypto/internal/lookalike"
	"github.com/passavant/passavant/crypto/internal/technique"
)

const (
	// TokenPrefix begins every reversible token.
	TokenPrefix = technique.TokenPrefix

	mailLocalPrefix  = "u-"
	mailDomainPrefix = "d-"
	mailTopLevel     = ".invalid" // RFC 2606: never delegated
)

// MaxShift is the widest window of a date shift, in days.
const MaxShift = 3650

// Techniques lets package reidentify have the keys of the domain; nobody else can make a Door. It returns nil if the
// master key fails.
func (d *Domain) Techniques(door technique.Door) *technique.Keys {
	if !door.Open() {
		return nil
	}
	return d.techniques()
}

// spelled calls use with the normalised value and forgets it.
func (d *Domain) spelled(f form, value []byte, use func(normalized []byte)) {
	st := d.states.Get().(*state)
	st.in = appendSpelled(st.in[:0], f, value)
	use(st.in)
	clear(st.in)
	d.states.Put(st)
}

// AppendToken appends the reversible token of value: [TokenPrefix] and base64url of AES-SIV (RFC 5297) over the normalised
// value, padded to a multiple of 16 bytes. kind is as in [Domain.AppendPseudonymOf]. It reports false, with dst as it was,
// if the master key fails.
func (d *Domain) AppendToken(dst []byte, category, kind string, value []byte) (out []byte, ok bool) {
	keys := d.techniques()
	if keys == nil {
		return dst, false
	}
	d.spelled(spellingOf(category, kind), value, func(normalized []byte) {
		var err error
		out, err = keys.AppendToken(dst, category, normalized)
		ok = err == nil
	})
	return out, ok
}

// AppendFormat appends a value of the same form, by format-preserving encryption FF1 (NIST SP 800-38G): format is iban,
// iban-bank (whose bank identifier stays), card (whose first keep digits stay, 0 to 8), phone, digits or alphanumeric. Check
// digits are valid. It reports false, with dst as it was, if the value does not have the form, its check digits are wrong,
// or fewer than 1,000,000 values look like it.
func (d *Domain) AppendFormat(dst []byte, category, format string, keep int, value []byte) (out []byte, ok bool) {
	keys := d.techniques()
	if keys == nil {
		return dst, false
	}
	d.spelled(formatSpelling(category, format), value, func(normalized []byte) {
		out, ok = keys.Lookalike(category).AppendEncrypted(dst, lookalike.Format(format), keep, normalized)
	})
	return out, ok
}

func formatSpelling(category, format string) form {
	switch lookalike.Format(format) {
	case lookalike.IBAN, lookalike.IBANBank, lookalike.Card:
		return compact
	case lookalike.Phone:
		return telephone
	}
	return formOf(category)
}

// AppendAddress appends the address that Crypto-PAn maps value to: two addresses share as many leading bits as their
// originals do. IPv4 mapped into IPv6 is IPv4; IPv6 is written as RFC 5952 has it. It reports false for what is no address.
func (d *Domain) AppendAddress(dst []byte, category string, value []byte) (out []byte, ok bool) {
	keys := d.techniques()
	if keys == nil {
		return dst, false
	}
	out = dst
	d.spelled(address, value, func(normalized []byte) {
		a, err := netip.ParseAddr(string(normalized))
		if ok = err == nil && a.Zone() == ""; ok {
			out = keys.MapAddress(category, a.Unmap(), false).AppendTo(dst)
		}
	})
	return out, ok
}

// AppendEmail appends an address with a pseudonym for its local part, and one for its domain unless keepDomain. The local
// part's stands for the whole address: one name at two domains has two. It reports false for what has not one "@" with
// something on both sides.
func (d *Domain) AppendEmail(dst []byte, category string, keepDomain bool, value []byte) (out []byte, ok bool) {
	keys := d.techniques()
	if keys == nil {
		return dst, false
	}
	out = dst
	d.spelled(mailbox, value, func(normalized []byte) {
		local, domain, one := bytes.Cut(normalized, []byte("@"))
		domain = bytes.TrimRight(domain, ".")
		if ok = one && len(local) > 0 && len(domain) > 0 && bytes.IndexByte(domain, '@') < 0; !ok {
			return
		}
		whole := normalized[:len(local)+1+len(domain)]
		out = appendMailPart(append(dst, mailLocalPrefix...), keys.MailDigest(category, technique.MailAddress, whole))
		out = append(out, '@')
		if keepDomain {
			out = append(out, domain...)
			return
		}
		out = appendMailPart(append(out, mailDomainPrefix...), keys.MailDigest(category, technique.MailDomain, domain))
		out = append(out, mailTopLevel...)
	})
	return out, ok
}

// appendMailPart writes base32 (RFC 4648, section 6) in small letters: systems fold the case of addresses.
func appendMailPart(dst []byte, digest [16]byte) []byte {
	start := len(dst)
	dst = base32.StdEncoding.WithPadding(base32.NoPadding).AppendEncode(dst, digest[:])
	lowerASCII(dst[start:])
	return dst
}

// ShiftDays returns by how many days all dates of a subject move: 1 to window or -1 to -window, the same for one subject
// and window within the domain. category and kind are those of the value that identifies the subject; window is 1 to
// [MaxShift]. It reports false for another window, and if the master key fails.
func (d *Domain) ShiftDays(category, kind string, window int, subject []byte) (days int, ok bool) {
	keys := d.techniques()
	if keys == nil || window < 1 || window > MaxShift {
		return 0, false
	}
	d.spelled(spellingOf(category, kind), subject, func(normalized []byte) {
		days = keys.ShiftDays(category, window, normalized)
	})
	return days, true
}
