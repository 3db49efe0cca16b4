package pseudonym_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/internal/technique"
	"github.com/passavant/passavant/crypto/pseudonym"
)

// made is what each technique makes of a value in a domain; a technique that refuses is a fault of the test.
func made(t require.TestingT, d *pseudonym.Domain) map[string]string {
	out := map[string]string{"pseudonym": string(d.AppendPseudonym(nil, "iban", []byte("IE29AIBK93115212345678")))}
	put := func(name string, text []byte, ok bool) {
		require.True(t, ok, name)
		out[name] = string(text)
	}
	text, ok := d.AppendToken(nil, "iban", "iban", []byte("IE29AIBK93115212345678"))
	put("token", text, ok)
	for format, value := range map[string]string{
		"iban": "IE29AIBK93115212345678", "iban-bank": "IE29AIBK93115212345678", "card": "4111111111111111",
		"phone": "+353871234567", "digits": "12345678901234", "alphanumeric": "PA1234567",
	} {
		text, ok = d.AppendFormat(nil, "id", format, 0, []byte(value))
		put(format, text, ok)
	}
	text, ok = d.AppendAddress(nil, "ip_address", []byte("192.0.2.77"))
	put("ipv4", text, ok)
	text, ok = d.AppendAddress(nil, "ip_address", []byte("2001:db8::77"))
	put("ipv6", text, ok)
	text, ok = d.AppendEmail(nil, "email", true, []byte("ada@example.org"))
	put("email, domain kept", text, ok)
	text, ok = d.AppendEmail(nil, "email", false, []byte("ada@example.org"))
	put("email", text, ok)
	days, ok := d.ShiftDays("iban", "iban", pseudonym.MaxShift, []byte("IE29AIBK93115212345678"))
	put("date", []byte{byte(days >> 8), byte(days)}, ok)
	return out
}

// TestInvariant09_TechniquesOfDifferentDomainsCannotBeJoined changes one part of the domain at a time.
func TestInvariant09_TechniquesOfDifferentDomainsCannotBeJoined(t *testing.T) {
	base := testContext()
	base.ScopeID = "id"
	reference := made(t, newDomain(t, base))
	assert.Equal(t, reference, made(t, newDomain(t, base)), "one domain, one result")
	for part, change := range map[string]func(*pseudonym.Context){
		"agreement": func(c *pseudonym.Context) { c.Agreement += "x" },
		"recipient": func(c *pseudonym.Context) { c.Recipient += "x" },
		"purpose":   func(c *pseudonym.Context) { c.Purpose += "x" },
		"scope":     func(c *pseudonym.Context) { c.Scope = pseudonym.Transaction },
		"scope id":  func(c *pseudonym.Context) { c.ScopeID += "x" },
		"epoch":     func(c *pseudonym.Context) { c.Epoch += "x" },
	} {
		changed := base
		change(&changed)
		for name, value := range made(t, newDomain(t, changed)) {
			assert.NotEqual(t, reference[name], value, "%s, other %s", name, part)
		}
	}
	other, err := pseudonym.New(hmacPRF("another key of thirty-two bytes!"))
	require.NoError(t, err)
	d, err := other.Domain(base)
	require.NoError(t, err)
	for name, value := range made(t, d) {
		assert.NotEqual(t, reference[name], value, "%s, other master key", name)
	}
}

func TestCategoriesAreApart(t *testing.T) {
	d := newDomain(t, testContext())
	first, _ := d.AppendToken(nil, "iban", "", []byte("IE29AIBK93115212345678"))
	second, _ := d.AppendToken(nil, "account_number", "", []byte("IE29AIBK93115212345678"))
	assert.NotEqual(t, first, second)
	first, _ = d.AppendFormat(nil, "iban", "iban", 0, []byte("IE29AIBK93115212345678"))
	second, _ = d.AppendFormat(nil, "account_number", "iban", 0, []byte("IE29AIBK93115212345678"))
	assert.NotEqual(t, first, second)
	first, _ = d.AppendAddress(nil, "ip_address", []byte("192.0.2.77"))
	second, _ = d.AppendAddress(nil, "victim_ip", []byte("192.0.2.77"))
	assert.NotEqual(t, first, second)
	a, _ := d.ShiftDays("iban", "", 3650, []byte("x"))
	b, _ := d.ShiftDays("name", "", 3650, []byte("x"))
	assert.NotEqual(t, a, b)
}

// TestOnePersonOneResult holds that spellings of one value become one result, under every technique that takes them.
func TestOnePersonOneResult(t *testing.T) {
	d := newDomain(t, testContext())
	for _, c := range []struct {
		category, kind, format string
		spellings              []string
	}{
		{"iban", "iban", "iban", []string{"IE29AIBK93115212345678", "ie29 aibk 9311 5212 3456 78", "IE29-AIBK\u00a093115212345678"}},
		{"victim_account", "iban", "iban-bank", []string{"IE29AIBK93115212345678", "ie29 aibk 9311 5212 3456 78"}},
		{"phone", "phone", "phone", []string{"+353871234567", "+353 (87) 123-45.67", "+353/87 1234567"}},
		{"payment", "card", "card", []string{"4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"}},
		{"email", "email", "", []string{"ada@example.org", " Ada@Example.ORG", "ada[@]example[.]org"}},
		{"ip_address", "ip", "", []string{"192.0.2.77", "192[.]0[.]2[.]77", "::ffff:192.0.2.77"}},
		{"domain_name", "", "", []string{"login.example.com", "Login[.]Example[.]COM."}},
		{"indicator", "", "", []string{"http://evil.example/x", "hxxp://Evil[.]example/x"}},
		{"name", "", "", []string{"Aoife N\u00ed", "Aoife Ni\u0301"}},
	} {
		results := map[string]bool{}
		for _, spelling := range c.spellings {
			v := []byte(spelling)
			text := d.AppendPseudonymOf(nil, c.category, c.kind, v)
			token, ok := d.AppendToken(nil, c.category, c.kind, v)
			require.True(t, ok)
			text = append(append(text, ' '), token...)
			if c.format != "" {
				if text, ok = d.AppendFormat(append(text, ' '), c.category, c.format, 0, v); !ok {
					t.Errorf("%s: %q refused", c.category, spelling)
				}
			}
			switch c.kind {
			case "email":
				text, ok = d.AppendEmail(append(text, ' '), c.category, false, v)
				assert.True(t, ok, spelling)
			case "ip":
				text, ok = d.AppendAddress(append(text, ' '), c.category, v)
				assert.True(t, ok, spelling)
			}
			days, ok := d.ShiftDays(c.category, c.kind, 3650, v)
			require.True(t, ok)
			results[string(text)+" "+string(rune('0'+days%10))+string(rune('0'+days/10%1000))] = true
		}
		assert.Len(t, results, 1, c.category)
	}
}

func TestKindSpellsCategoriesWithoutNormalisation(t *testing.T) {
	d := newDomain(t, testContext())
	plain := func(category, kind, value string) string {
		return string(d.AppendPseudonymOf(nil, category, kind, []byte(value)))
	}
	assert.Equal(t, plain("suspect_account", "iban", "IE29AIBK93115212345678"), plain("suspect_account", "iban", "ie29 aibk 93115212345678"))
	assert.NotEqual(t, plain("suspect_account", "string", "a b"), plain("suspect_account", "string", "ab"))
	assert.Equal(t, pseudonymOf(t, testContext(), "iban", "x"), plain("iban", "email", "x"), "the category's own normalisation wins")
}

// TestTechniqueVectors come from testdata/vectors.py, another implementation in another language.
func TestTechniqueVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	var file struct {
		Techniques []struct {
			Context struct {
				Agreement, Recipient, Purpose, Epoch string
				Scope                                pseudonym.Scope
				ScopeID                              string `json:"scope_id"`
			}
			Email struct{ Value, Kept, Hidden string }
			Shift struct {
				Value  string
				Days30 int `json:"days_30"`
				Wide   int `json:"days_3650"`
			}
			TokenKey string `json:"token_key"`
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Techniques)
	for _, v := range file.Techniques {
		d := newDomain(t, pseudonym.Context{
			Agreement: v.Context.Agreement, Recipient: v.Context.Recipient, Purpose: v.Context.Purpose,
			Scope: v.Context.Scope, ScopeID: v.Context.ScopeID, Epoch: v.Context.Epoch,
		})
		kept, ok := d.AppendEmail(nil, "email", true, []byte(v.Email.Value))
		require.True(t, ok)
		assert.Equal(t, v.Email.Kept, string(kept))
		hidden, ok := d.AppendEmail(nil, "email", false, []byte(v.Email.Value))
		require.True(t, ok)
		assert.Equal(t, v.Email.Hidden, string(hidden))
		days, ok := d.ShiftDays("email", "email", 30, []byte(v.Shift.Value))
		require.True(t, ok)
		assert.Equal(t, v.Shift.Days30, days)
		days, ok = d.ShiftDays("email", "email", 3650, []byte(v.Shift.Value))
		require.True(t, ok)
		assert.Equal(t, v.Shift.Wide, days)
		checkTokenKey(t, d, v.TokenKey)
	}
}

// checkTokenKey opens a token with AES-SIV under the key that the other implementation derived.
func checkTokenKey(t *testing.T, d *pseudonym.Domain, key string) {
	t.Helper()
	raw, err := hex.DecodeString(key)
	require.NoError(t, err)
	text, ok := d.AppendToken(nil, "email", "email", []byte("Ada@Example.org"))
	require.True(t, ok)
	plain, err := technique.OpenWith(raw, "email", text)
	require.NoError(t, err)
	assert.Equal(t, "ada@example.org", string(plain))
}

func TestFormOfTokens(t *testing.T) {
	d := newDomain(t, testContext())
	for size, want := range map[int]int{0: 43, 1: 43, 15: 43, 16: 64, 31: 64, 32: 86} {
		out, ok := d.AppendToken([]byte("kept"), "name", "", []byte(strings.Repeat("a", size)))
		require.True(t, ok)
		assert.Regexp(t, `^kepttok_[A-Za-z0-9_-]+$`, string(out))
		assert.Len(t, out, len("kepttok_")+want, "%d bytes", size)
	}
}

func TestEmailsThatAreNone(t *testing.T) {
	d := newDomain(t, testContext())
	for _, value := range []string{"", "ada", "@example.org", "ada@", "ada@b@c", "ada@."} {
		out, ok := d.AppendEmail([]byte("x"), "email", false, []byte(value))
		assert.False(t, ok, value)
		assert.Equal(t, "x", string(out))
	}
	for _, value := range []string{"", "192.0.2", "192.0.2.256", "fe80::1%eth0", "example.org"} {
		out, ok := d.AppendAddress([]byte("x"), "ip_address", []byte(value))
		assert.False(t, ok, value)
		assert.Equal(t, "x", string(out))
	}
}

func TestLocalPartsAndDomainsAreApart(t *testing.T) {
	d := newDomain(t, testContext())
	parts := func(value string) (local, domain string) {
		out, ok := d.AppendEmail(nil, "email", false, []byte(value))
		require.True(t, ok)
		local, domain, _ = strings.Cut(string(out), "@")
		return local, domain
	}
	ada, org := parts("ada@example.org")
	bob, orgAgain := parts("bob@example.org")
	adaElsewhere, com := parts("ada@example.com")
	assert.Equal(t, org, orgAgain, "who shares a domain still does")
	assert.NotEqual(t, ada, bob)
	assert.NotEqual(t, ada, adaElsewhere, "one name at two domains is two people")
	assert.NotEqual(t, org, com)
	assert.Regexp(t, `^u-[a-z2-7]{26}$`, ada)
	assert.Regexp(t, `^d-[a-z2-7]{26}\.invalid$`, org)
	out, _ := d.AppendEmail(nil, "email", true, []byte("Ada@Example.org"))
	assert.Equal(t, ada+"@example.org", string(out))
}

func TestShiftsStayInTheirWindow(t *testing.T) {
	d := newDomain(t, testContext())
	seen := map[int]bool{}
	for i := range 400 {
		days, ok := d.ShiftDays("iban", "", 3, []byte{byte(i), byte(i >> 8)})
		require.True(t, ok)
		seen[days] = true
	}
	assert.Equal(t, map[int]bool{-3: true, -2: true, -1: true, 1: true, 2: true, 3: true}, seen, "all of them, and never none")
	for _, window := range []int{-1, 0, pseudonym.MaxShift + 1} {
		_, ok := d.ShiftDays("iban", "", window, []byte("x"))
		assert.False(t, ok)
	}
}

func TestAddressesKeepTheirFamily(t *testing.T) {
	d := newDomain(t, testContext())
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "v4")
		if rapid.Bool().Draw(t, "six") {
			raw = rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "v6")
		}
		a, _ := netip.AddrFromSlice(raw)
		out, ok := d.AppendAddress(nil, "ip_address", []byte(a.String()))
		require.True(t, ok)
		got := netip.MustParseAddr(string(out))
		assert.Equal(t, a.Unmap().Is4(), got.Is4())
	})
}

func TestMasterKeyThatFailsLater(t *testing.T) {
	calls := 0
	p, err := pseudonym.New(dyingPRF(func() error {
		if calls++; calls > 2 { // the key id, and the domain
			return errors.New("gone")
		}
		return nil
	}))
	require.NoError(t, err)
	d, err := p.Domain(testContext())
	require.NoError(t, err)
	out, ok := d.AppendToken([]byte("x"), "iban", "", []byte("v"))
	assert.False(t, ok)
	assert.Equal(t, "x", string(out))
	_, ok = d.AppendFormat(nil, "iban", "digits", 0, []byte("1234567"))
	assert.False(t, ok)
	_, ok = d.AppendAddress(nil, "iban", []byte("192.0.2.1"))
	assert.False(t, ok)
	_, ok = d.AppendEmail(nil, "iban", false, []byte("a@b"))
	assert.False(t, ok)
	_, ok = d.ShiftDays("iban", "", 3, []byte("x"))
	assert.False(t, ok)
}

// dyingPRF asks before each call whether it fails.
type dyingPRF func() error

func (f dyingPRF) ComputePRF(input []byte, n uint32) ([]byte, error) {
	if err := f(); err != nil {
		return nil, err
	}
	return testMaster().ComputePRF(input, n)
}

func TestTheDoorStaysShut(t *testing.T) {
	d := newDomain(t, testContext())
	assert.Nil(t, d.Techniques(technique.Door{}))
	keys := d.Techniques(technique.Knock())
	require.NotNil(t, keys)
	assert.NotContains(t, keys.String()+keys.GoString(), "0x")
}

func TestTechniquesHardlyAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops items on purpose under the race detector")
	}
	d := newDomain(t, testContext())
	dst := make([]byte, 0, 128)
	iban, mail, ip := []byte("IE29AIBK93115212345678"), []byte("ada@example.org"), []byte("192.0.2.1")
	for name, c := range map[string]struct {
		most float64
		run  func()
	}{
		"iban-bank": {0, func() { dst, _ = d.AppendFormat(dst[:0], "iban", "iban-bank", 0, iban) }},
		"email":     {0, func() { dst, _ = d.AppendEmail(dst[:0], "email", false, mail) }},
		"address":   {1, func() { dst, _ = d.AppendAddress(dst[:0], "ip_address", ip) }},
		"date":      {0, func() { _, _ = d.ShiftDays("iban", "", 30, iban) }},
		"token":     {16, func() { dst, _ = d.AppendToken(dst[:0], "iban", "iban", iban) }},
	} {
		assert.LessOrEqual(t, testing.AllocsPerRun(100, c.run), c.most, name)
	}
}

// respelled writes a value in another way that stands for the same.
func respelled(t *rapid.T, category, value string) string {
	between := map[string][]string{
		"iban": {"", " ", "-", "\u00a0", "\t"}, "card_number": {"", " ", "-"}, "phone": {"", " ", "-", ".", "/", "("},
	}[category]
	var b strings.Builder
	for i, c := range value {
		if between != nil && i > 0 {
			b.WriteString(rapid.SampledFrom(between).Draw(t, "between"))
		}
		text := string(c)
		if category != "phone" && rapid.Bool().Draw(t, "case") {
			text = strings.ToLower(text)
		}
		if (c == '.' || c == '@') && between == nil && rapid.Bool().Draw(t, "defanged") {
			text = "[" + text + "]"
		}
		b.WriteString(text)
	}
	return b.String()
}

// TestOnePersonOnePseudonymInsideADomainTwoAcross draws identifiers, spells each twice, and puts both into two domains.
func TestOnePersonOnePseudonymInsideADomainTwoAcross(t *testing.T) {
	person := testContext()
	person.Scope = pseudonym.Person
	here := newDomain(t, person)
	person.Recipient += "x"
	there := newDomain(t, person)
	form := map[string]*rapid.Generator[string]{
		"iban": rapid.StringMatching(`IE[0-9]{2}[A-Z]{4}[0-9]{14}`), "card_number": rapid.StringMatching(`4[0-9]{15}`),
		"phone": rapid.StringMatching(`\+353[1-9][0-9]{8}`), "email": rapid.StringMatching(`[A-Z]{1,8}\.[A-Z]{1,8}@[A-Z]{3,9}\.(IE|COM)`),
		"domain_name": rapid.StringMatching(`[A-Z]{3,9}\.(IE|COM)`),
	}
	rapid.Check(t, func(t *rapid.T) {
		category := rapid.SampledFrom([]string{"iban", "card_number", "phone", "email", "domain_name"}).Draw(t, "category")
		value := form[category].Draw(t, "value")
		one, two := []byte(respelled(t, category, value)), []byte(respelled(t, category, value))
		first := here.AppendPseudonym(nil, category, one)
		require.Equal(t, string(first), string(here.AppendPseudonym(nil, category, two)), "%q and %q", one, two)
		require.NotEqual(t, string(first), string(there.AppendPseudonym(nil, category, one)))
		token, ok := here.AppendToken(nil, category, "", one)
		require.True(t, ok)
		again, ok := here.AppendToken(nil, category, "", two)
		require.True(t, ok)
		require.Equal(t, string(token), string(again))
		elsewhere, ok := there.AppendToken(nil, category, "", one)
		require.True(t, ok)
		require.NotEqual(t, string(token), string(elsewhere))
	})
}

// TestAppendPseudonymOfDoesNotAllocate: a plan calls it for every value.
func TestAppendPseudonymOfDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops items on purpose under the race detector")
	}
	d := newDomain(t, testContext())
	dst, in := make([]byte, 0, 64), []byte("IE29 AIBK 9311 5212 3456 78")
	assert.Zero(t, testing.AllocsPerRun(100, func() { dst = d.AppendPseudonymOf(dst[:0], "suspect_account", "iban", in) }))
}
