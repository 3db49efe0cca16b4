package payload

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// useKeyed makes a ready for a technique that needs the keys of a domain.
func (a *action) useKeyed(k Kind, p *params) error {
	a.random, a.anyShape = true, true
	switch a.technique {
	case Tokenize:
		return a.tokenize(k)
	case PreservePrefix:
		return a.preservePrefix(k)
	case SplitEmail:
		return a.splitEmail(k, p)
	case PreserveFormat:
		return a.preserveFormat(k, p)
	}
	return a.shiftDate(k, p)
}

func doesNotFit(k Kind) error { return fmt.Errorf("does not fit a value of kind %s", k) }

func (a *action) tokenize(k Kind) error {
	if k == KindBoolean {
		return errBoolean
	}
	a.keyed = func(t Techniques, f *Field, dst, value []byte) ([]byte, bool) {
		return t.AppendToken(dst, f.Category, string(f.Kind), value)
	}
	a.holds = isReversibleToken
	return nil
}

// isReversibleToken accepts "tok_" and base64url of 16 bytes of SIV and one or more blocks of 16.
func isReversibleToken(text []byte) bool {
	encoded, ok := strings.CutPrefix(string(text), "tok_")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	return ok && err == nil && len(raw) >= 32 && len(raw)%16 == 0
}

func (a *action) preservePrefix(k Kind) error {
	if k != KindIP && k != KindString {
		return doesNotFit(k)
	}
	a.keyed = func(t Techniques, f *Field, dst, value []byte) ([]byte, bool) {
		return t.AppendAddress(dst, f.Category, value)
	}
	a.holds = func(text []byte) bool {
		ip, err := netip.ParseAddr(string(text))
		return err == nil && ip.Zone() == "" && ip.String() == string(text)
	}
	return nil
}

func (a *action) splitEmail(k Kind, p *params) error {
	if k != KindEmail && k != KindString {
		return doesNotFit(k)
	}
	keep := p.choice("domain", "pseudonymise", "keep") == "keep"
	a.keyed = func(t Techniques, f *Field, dst, value []byte) ([]byte, bool) {
		return t.AppendEmail(dst, f.Category, keep, value)
	}
	a.holds = func(text []byte) bool {
		local, domain, _ := strings.Cut(string(text), "@")
		if keep {
			return isMailPart(local, "u-") && isEmail(append([]byte("u@"), domain...))
		}
		domain, ok := strings.CutSuffix(domain, ".invalid")
		return ok && isMailPart(local, "u-") && isMailPart(domain, "d-")
	}
	return nil
}

// isMailPart accepts a prefix and 16 bytes in base32, small letters.
func isMailPart(text, prefix string) bool {
	rest, ok := strings.CutPrefix(text, prefix)
	other := func(r rune) bool { return (r < 'a' || r > 'z') && (r < '2' || r > '7') }
	return ok && len(rest) == 26 && !strings.ContainsFunc(rest, other)
}

// The formats of preserve_format.
const (
	formatIBAN         = "iban"
	formatCard         = "card"
	formatPhone        = "phone"
	formatDigits       = "digits"
	formatAlphanumeric = "alphanumeric"
)

func (a *action) preserveFormat(k Kind, p *params) error {
	if !slices.Contains([]Kind{KindString, KindIBAN, KindPhone}, k) {
		return doesNotFit(k)
	}
	format, ok := p.take("format")
	switch {
	case !ok && k == KindIBAN:
		format = formatIBAN
	case !ok && k == KindPhone:
		format = formatPhone
	case !ok:
		return errors.New("parameter format: missing; it says which form a value has and keeps")
	}
	holds, found := formatChecks()[format]
	if !found {
		return errors.New("parameter format: want iban, card, phone, digits or alphanumeric")
	}
	if k == KindIBAN && format != formatIBAN || k == KindPhone && format != formatPhone {
		return fmt.Errorf("parameter format: a value of kind %s has another form", k)
	}
	name, keep := a.formatKeep(format, p)
	a.fallback = p.choice("otherwise", "refuse", "pseudonymise") == "pseudonymise"
	a.keyed = func(t Techniques, f *Field, dst, value []byte) ([]byte, bool) {
		return t.AppendFormat(dst, f.Category, name, keep, value)
	}
	a.holds = holds
	if a.fallback {
		a.holds = func(text []byte) bool { return holds(text) || isPseudonym(text) }
	}
	return nil
}

// formatKeep reads what of a value stays on purpose.
func (a *action) formatKeep(format string, p *params) (name string, keep int) {
	switch format {
	case formatIBAN:
		if p.choice("keep", "country", "bank") == "bank" {
			return "iban-bank", 0
		}
	case formatCard:
		return format, int(p.number("keep", 0, 0, 8))
	}
	return format, 0
}

func formatChecks() map[string]func([]byte) bool {
	return map[string]func([]byte) bool{
		formatIBAN: isValidIBAN, formatCard: isCard, formatPhone: isE164, formatDigits: isDigits, formatAlphanumeric: hasDigitOrLetter,
	}
}
