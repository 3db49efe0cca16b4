package agreement

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Techniques are all treatments, from the mildest to the strictest: the order of treatments.severity in the rules
// (docs/techniques.md).
func Techniques() []string {
	return []string{
		"keep", "scrub", "mask", "generalise", "shift_date", "preserve_prefix", "split_email", "preserve_format", "tokenise", "pseudonymise",
		"redact", "drop",
	}
}

const (
	maxWidth = 1_000_000_000_000_000
	hashed   = "a hash without a key is no pseudonym: whoever lists the possible values can compute it too; use pseudonymise"
)

// isHash reports whether a technique is a hash without a key, by the names under which people ask for one.
func isHash(technique string) bool {
	name := strings.NewReplacer("-", "", "_", "", " ", "", "/", "").Replace(strings.ToLower(technique))
	for _, prefix := range []string{
		"sha", "md", "ripemd", "blake", "whirlpool", "crc", "adler", "fnv", "murmur", "xxhash", "bcrypt", "scrypt", "argon", "pbkdf",
	} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return strings.Contains(name, "hash") || strings.Contains(name, "digest") || name == "checksum"
}

// check says what is wrong with the text of a parameter; it is empty if nothing is.
type check func(text string) string

// terms are the parameters of a technique: which there are, which must be there, and what they must be together.
type terms struct {
	checks   map[string]check
	required []string
	together func(params map[string]string) string
}

func termsOf(technique string, params map[string]string) terms {
	switch technique {
	case "mask":
		return terms{checks: map[string]check{"keep_last": number(0, 8)}}
	case "generalise":
		return coarserTerms(params["to"])
	case "shift_date":
		return terms{checks: map[string]check{"days": number(1, 3650), "subject": name()}, required: []string{"days", "subject"}}
	case "split_email":
		return terms{checks: map[string]check{"domain": words("pseudonymise", "keep")}}
	case "preserve_format":
		return formatTerms(params["format"])
	case "redact":
		return terms{checks: map[string]check{"text": matching(`^[A-Za-z0-9 \[\]()_-]{1,40}$`, "1 to 40 letters, digits, spaces and []()_-")}}
	}
	return terms{}
}

func formatTerms(format string) terms {
	t := map[string]check{
		"format": words("iban", "card", "phone", "digits", "alphanumeric"), "otherwise": words("refuse", "pseudonymise"),
	}
	switch format {
	case "card":
		t["keep"] = number(0, 8)
	case "iban", "": // without a format the kind says it, and only that of an IBAN keeps something
		t["keep"] = words("bank", "country")
	}
	return terms{checks: t}
}

// coarserTerms are the parameters of generalise.
func coarserTerms(to string) terms {
	t := terms{checks: map[string]check{"to": words(coarserForms()...)}, required: []string{"to"}}
	width := number(2, maxWidth)
	switch to {
	case "hour", "day", "month", "quarter", "year", "decade":
		t.checks["as"] = words("period", "start")
	case "band":
		t.checks["width"], t.checks["bands"], t.together = width, increasing(), oneOf("width", "bands")
	case "round":
		t.checks["width"], t.required = width, append(t.required, "width")
	case "cap":
		t.checks["max"], t.checks["min"], t.together = number(-maxWidth, maxWidth), number(-maxWidth, maxWidth), bounds
	case "area":
		t.checks["keep"] = number(1, 11)
	case "prefix":
		t.checks["keep"], t.checks["keep_v6"] = number(1, 32), number(16, 64)
	case "hierarchy":
		t.checks["table"], t.checks["level"] = name(), number(1, 8)
		t.required = append(t.required, "table", "level")
	case "geo":
		t.checks["places"], t.required = number(0, 6), append(t.required, "places")
	}
	return t
}

func coarserForms() []string {
	return []string{"hour", "day", "month", "quarter", "year", "decade", "band", "round", "cap", "area", "prefix", "hierarchy", "geo"}
}

// Problem says what is wrong with the technique or its parameters; it is empty if nothing is. Whether the technique fits the
// fields of a category, only a catalogue can say.
func (c Category) Problem() string {
	switch {
	case isHash(c.Treatment):
		return hashed
	case !slices.Contains(Techniques(), c.Treatment):
		return "not a known technique"
	}
	t := termsOf(c.Treatment, c.Params)
	for _, key := range slices.Sorted(keys(c.Params)) {
		check, known := t.checks[key]
		if !known {
			return fmt.Sprintf("parameter %q does not belong to this treatment", key)
		}
		if want := check(c.Params[key]); want != "" {
			return fmt.Sprintf("parameter %q: want %s", key, want)
		}
	}
	for _, key := range t.required {
		if _, there := c.Params[key]; !there {
			return fmt.Sprintf("%s needs the parameter %q", c.Treatment, key)
		}
	}
	if t.together != nil {
		return t.together(c.Params)
	}
	return ""
}

func keys(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func number(low, high int64) check {
	return func(text string) string {
		v, err := strconv.ParseInt(text, 10, 64)
		if err != nil || strconv.FormatInt(v, 10) != text || v < low || v > high {
			return fmt.Sprintf("a number of %d to %d", low, high)
		}
		return ""
	}
}

func words(allowed ...string) check {
	return func(text string) string {
		if !slices.Contains(allowed, text) {
			return strings.Join(allowed[:len(allowed)-1], ", ") + " or " + allowed[len(allowed)-1]
		}
		return ""
	}
}

func matching(pattern, want string) check {
	form := regexp.MustCompile(pattern)
	return func(text string) string {
		if !form.MatchString(text) {
			return want
		}
		return ""
	}
}

func name() check { return matching(`^[a-z][a-z0-9_-]*$`, "a name of small letters, digits, - and _") }

func increasing() check {
	const want = "increasing whole numbers with commas between them"
	return func(text string) string {
		last := int64(0)
		for i, part := range strings.Split(text, ",") {
			v, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
			if err != nil || i > 0 && v <= last {
				return want
			}
			last = v
		}
		return ""
	}
}

func oneOf(a, b string) func(map[string]string) string {
	return func(params map[string]string) string {
		_, hasA := params[a]
		_, hasB := params[b]
		if hasA == hasB {
			return fmt.Sprintf("want one of the parameters %q and %q", a, b)
		}
		return ""
	}
}

func bounds(params map[string]string) string {
	high, hasMax := params["max"]
	low, hasMin := params["min"]
	if !hasMax && !hasMin {
		return `want the parameter "max", "min" or both`
	}
	h, _ := strconv.ParseInt(high, 10, 64) // both were checked
	l, _ := strconv.ParseInt(low, 10, 64)
	if hasMax && hasMin && l >= h {
		return `parameter "min": want less than "max"`
	}
	return ""
}
