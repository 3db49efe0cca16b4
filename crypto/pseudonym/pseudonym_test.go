package pseudonym_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/pseudonym"
)

// hmacPRF is HMAC-SHA-256 under a key that a test chooses.
type hmacPRF []byte

func (k hmacPRF) ComputePRF(input []byte, n uint32) ([]byte, error) {
	mac := hmac.New(sha256.New, k)
	mac.Write(input)
	return mac.Sum(nil)[:n], nil
}

func testMaster() hmacPRF {
	key := make([]byte, 32)
	for i := range key {
		key[i] = byte(i)
	}
	return key
}

func newPseudonymizer(t require.TestingT) *pseudonym.Pseudonymizer {
	p, err := pseudonym.New(testMaster())
	require.NoError(t, err)
	return p
}

func testContext() pseudonym.Context {
	return pseudonym.Context{
		Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "fraud_investigation",
		Scope: pseudonym.Relationship, Epoch: "2026-Q4",
	}
}

func newDomain(t require.TestingT, c pseudonym.Context) *pseudonym.Domain {
	d, err := newPseudonymizer(t).Domain(c)
	require.NoError(t, err)
	return d
}

func pseudonymOf(t require.TestingT, c pseudonym.Context, category, value string) string {
	return string(newDomain(t, c).AppendPseudonym(nil, category, []byte(value)))
}

// The vectors come from another implementation in another language, testdata/vectors.py.
func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	var file struct {
		MasterKey string `json:"master_key"`
		KeyID     string `json:"key_id"`
		Vectors   []struct {
			Context struct {
				Agreement, Recipient, Purpose, Epoch string
				Scope                                pseudonym.Scope
				ScopeID                              string `json:"scope_id"`
			}
			Category, Value, Normalised, Pseudonym string
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	require.NotEmpty(t, file.Vectors)
	key, err := hex.DecodeString(file.MasterKey)
	require.NoError(t, err)
	p, err := pseudonym.New(hmacPRF(key))
	require.NoError(t, err)
	assert.Equal(t, file.KeyID, p.KeyID())
	for _, v := range file.Vectors {
		c := pseudonym.Context{
			Agreement: v.Context.Agreement, Recipient: v.Context.Recipient, Purpose: v.Context.Purpose,
			Scope: v.Context.Scope, ScopeID: v.Context.ScopeID, Epoch: v.Context.Epoch,
		}
		d, err := p.Domain(c)
		require.NoError(t, err)
		assert.Equal(t, v.Normalised, string(pseudonym.Normalize(nil, v.Category, []byte(v.Value))))
		assert.Equal(t, v.Pseudonym, string(d.AppendPseudonym(nil, v.Category, []byte(v.Value))), "%s %s", v.Context.Scope, v.Category)
	}
}

func TestFormOfAPseudonym(t *testing.T) {
	d := newDomain(t, testContext())
	out := d.AppendPseudonym([]byte("kept"), "iban", []byte("IE29AIBK93115212345678"))
	assert.Regexp(t, `^keptpsn_[A-Za-z0-9_-]{22}$`, string(out))
	assert.Len(t, out, 4+pseudonym.Length)
}

// drawContext makes contexts of few, short parts from few letters, so that collisions by shifting are likely if they
// are possible at all.
func drawContext(t *rapid.T, name string) pseudonym.Context {
	part := rapid.StringOfN(rapid.SampledFrom([]rune("ab/1.é")), 1, 3, -1)
	optional := rapid.StringOfN(rapid.SampledFrom([]rune("ab/1.é")), 0, 3, -1)
	c := pseudonym.Context{
		Agreement: part.Draw(t, name+" agreement"), Recipient: part.Draw(t, name+" recipient"), Purpose: part.Draw(t, name+" purpose"),
		Scope:   rapid.SampledFrom([]pseudonym.Scope{"", pseudonym.Transaction, pseudonym.Relationship, pseudonym.Person}).Draw(t, name+" scope"),
		ScopeID: optional.Draw(t, name+" scope id"), Epoch: optional.Draw(t, name+" epoch"),
	}
	if c.ScopeID == "" && (c.Scope == "" || c.Scope == pseudonym.Transaction) {
		c.ScopeID = "x"
	}
	return c
}

// effective is the domain that a context stands for, as the documentation of Context says.
func effective(c pseudonym.Context) pseudonym.Context {
	switch c.Scope {
	case "":
		c.Scope = pseudonym.Transaction
	case pseudonym.Person:
		c.ScopeID, c.Epoch = "", ""
	}
	return c
}

func TestInvariant09_PseudonymsAreEqualWithinADomainAndOnlyThere(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("ab1")), 1, 3, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawContext(t, "a"), drawContext(t, "b")
		categoryA, categoryB := word.Draw(t, "category a"), word.Draw(t, "category b")
		valueA, valueB := word.Draw(t, "value a"), word.Draw(t, "value b")
		same := effective(a) == effective(b) && categoryA == categoryB && valueA == valueB
		require.Equal(t, same, pseudonymOf(t, a, categoryA, valueA) == pseudonymOf(t, b, categoryB, valueB))
	})
}

func TestEveryPartSeparatesDomains(t *testing.T) {
	for _, scope := range []pseudonym.Scope{pseudonym.Transaction, pseudonym.Relationship, pseudonym.Person} {
		base := testContext()
		base.Scope, base.ScopeID = scope, "id"
		reference := pseudonymOf(t, base, "iban", "v")
		for part, change := range map[string]func(*pseudonym.Context){
			"agreement": func(c *pseudonym.Context) { c.Agreement += "x" },
			"recipient": func(c *pseudonym.Context) { c.Recipient += "x" },
			"purpose":   func(c *pseudonym.Context) { c.Purpose += "x" },
			"scope id":  func(c *pseudonym.Context) { c.ScopeID += "x" },
			"epoch":     func(c *pseudonym.Context) { c.Epoch += "x" },
		} {
			changed := base
			change(&changed)
			joined := pseudonymOf(t, changed, "iban", "v") == reference
			takesNoPart := scope == pseudonym.Person && (part == "scope id" || part == "epoch")
			assert.Equal(t, takesNoPart, joined, "%s in scope %s", part, scope)
		}
		assert.NotEqual(t, reference, pseudonymOf(t, base, "bic", "v"), "category")
	}
}

func TestScopesAreSeparate(t *testing.T) {
	seen := map[string]pseudonym.Scope{}
	for _, scope := range []pseudonym.Scope{pseudonym.Transaction, pseudonym.Relationship, pseudonym.Person} {
		c := testContext()
		c.Scope, c.ScopeID, c.Epoch = scope, "id", ""
		seen[pseudonymOf(t, c, "iban", "v")] = scope
	}
	assert.Len(t, seen, 3)
}

func TestTransactionIsTheDefault(t *testing.T) {
	c := testContext()
	c.Scope, c.ScopeID = "", "tr-1"
	explicit := c
	explicit.Scope = pseudonym.Transaction
	assert.Equal(t, pseudonymOf(t, explicit, "iban", "v"), pseudonymOf(t, c, "iban", "v"))
}

// Moving characters over the border between two parts, or between category and value, must change the pseudonym.
func TestBordersAreEncoded(t *testing.T) {
	shift := func(a, b string) pseudonym.Context {
		c := testContext()
		c.Agreement, c.Recipient = a, b
		return c
	}
	assert.NotEqual(t, pseudonymOf(t, shift("ab", "c"), "iban", "v"), pseudonymOf(t, shift("a", "bc"), "iban", "v"))
	assert.NotEqual(t, pseudonymOf(t, testContext(), "namea", "b"), pseudonymOf(t, testContext(), "name", "ab"))
	assert.NotEqual(t, pseudonymOf(t, testContext(), "", "b"), pseudonymOf(t, testContext(), "b", ""))
}

func TestMasterKeySeparates(t *testing.T) {
	other, err := pseudonym.New(hmacPRF("another key of thirty-two bytes!"))
	require.NoError(t, err)
	d, err := other.Domain(testContext())
	require.NoError(t, err)
	assert.NotEqual(t, pseudonymOf(t, testContext(), "iban", "v"), string(d.AppendPseudonym(nil, "iban", []byte("v"))))
	assert.NotEqual(t, newPseudonymizer(t).KeyID(), other.KeyID())
}

func TestKeyIDNamesKeyAndEpoch(t *testing.T) {
	master := newPseudonymizer(t).KeyID()
	assert.Regexp(t, `^[0-9a-f]{16}$`, master)
	c := testContext()
	assert.Equal(t, master+"/2026-Q4", newDomain(t, c).KeyID())
	c.Scope = pseudonym.Person
	assert.Equal(t, master, newDomain(t, c).KeyID(), "a person's pseudonym has no epoch")
}

func TestContextIsChecked(t *testing.T) {
	long := strings.Repeat("x", 1025)
	for name, tc := range map[string]struct {
		change func(*pseudonym.Context)
		part   string
	}{
		"no agreement":                 {func(c *pseudonym.Context) { c.Agreement = "" }, "Agreement"},
		"no recipient":                 {func(c *pseudonym.Context) { c.Recipient = "" }, "Recipient"},
		"no purpose":                   {func(c *pseudonym.Context) { c.Purpose = "" }, "Purpose"},
		"transaction without id":       {func(c *pseudonym.Context) { c.Scope = pseudonym.Transaction }, "ScopeID"},
		"default without id":           {func(c *pseudonym.Context) { c.Scope = "" }, "ScopeID"},
		"unknown scope":                {func(c *pseudonym.Context) { c.Scope = "SECRET" }, "Scope"},
		"part too long":                {func(c *pseudonym.Context) { c.Purpose = long }, "Purpose"},
		"part not UTF-8":               {func(c *pseudonym.Context) { c.Epoch = "SECRET\xff" }, "Epoch"},
		"part with control characters": {func(c *pseudonym.Context) { c.Recipient = "SECRET\n" }, "Recipient"},
	} {
		t.Run(name, func(t *testing.T) {
			c := testContext()
			tc.change(&c)
			d, err := newPseudonymizer(t).Domain(c)
			require.Nil(t, d)
			var ce *pseudonym.ContextError
			require.ErrorAs(t, err, &ce)
			assert.Equal(t, tc.part, ce.Part)
			assert.NotContains(t, err.Error(), "SECRET")
		})
	}
}

type failingPRF struct{ after int }

var errPRF = errors.New("SECRET out of the key store")

func (f *failingPRF) ComputePRF(_ []byte, n uint32) ([]byte, error) {
	if f.after--; f.after < 0 {
		return nil, errPRF
	}
	return make([]byte, n), nil
}

type shortPRF struct{}

func (shortPRF) ComputePRF([]byte, uint32) ([]byte, error) { return make([]byte, 16), nil }

func TestUnusableKeys(t *testing.T) {
	for name, master := range map[string]prf.PRF{"none": nil, "failing": &failingPRF{0}, "short": shortPRF{}} {
		_, err := pseudonym.New(master)
		require.ErrorIs(t, err, pseudonym.ErrKey, name)
		assert.NotContains(t, err.Error(), "SECRET")
	}
	p, err := pseudonym.New(&failingPRF{1})
	require.NoError(t, err)
	_, err = p.Domain(testContext())
	require.ErrorIs(t, err, pseudonym.ErrKey)
	assert.NotContains(t, err.Error(), "SECRET")
}

func TestTinkKeysets(t *testing.T) {
	h, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	require.NoError(t, err)
	p, err := pseudonym.FromKeyset(h)
	require.NoError(t, err)
	again, err := pseudonym.FromKeyset(h)
	require.NoError(t, err)
	assert.Equal(t, p.KeyID(), again.KeyID())

	h, err = keyset.NewHandle(prf.HKDFSHA256PRFKeyTemplate())
	require.NoError(t, err)
	_, err = pseudonym.FromKeyset(h)
	require.NoError(t, err)

	h, err = keyset.NewHandle(prf.AESCMACPRFKeyTemplate()) // 128 bits are too few
	require.NoError(t, err)
	_, err = pseudonym.FromKeyset(h)
	require.ErrorIs(t, err, pseudonym.ErrKey)
}

func TestDomainIsSafeForConcurrentUse(t *testing.T) {
	d := newDomain(t, testContext())
	want := map[string]string{}
	for i := range 50 {
		want[fmt.Sprint(i)] = string(d.AppendPseudonym(nil, "iban", fmt.Append(nil, i)))
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for value, pseudonym := range want {
				assert.Equal(t, pseudonym, string(d.AppendPseudonym(nil, "iban", []byte(value))))
			}
		})
	}
	wg.Wait()
}

func TestNothingPrintsTheKey(t *testing.T) {
	p := newPseudonymizer(t)
	d := newDomain(t, testContext())
	d.AppendPseudonym(nil, "name", []byte("CANARY-7f3a")) // fills the pool
	derived, err := testMaster().ComputePRF([]byte("x"), 32)
	require.NoError(t, err)
	require.NotEmpty(t, derived)
	for _, v := range []any{p, d, struct{ P, D any }{p, d}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			text := fmt.Sprintf(verb, v)
			for _, secret := range []string{
				"CANARY", "0001020304050607", "0 1 2 3 4 5 6 7", "0x0, 0x1, 0x2, 0x3", "AAECAwQFBgc",
			} {
				assert.NotContains(t, text, secret, verb)
			}
		}
		raw, err := json.Marshal(v)
		require.NoError(t, err)
		assert.NotContains(t, string(raw), "AAECAwQFBgc")
	}
	assert.Equal(t, "pseudonymisation key "+p.KeyID(), fmt.Sprint(p))
}

func TestCategoryNamesHaveALimit(t *testing.T) {
	d := newDomain(t, testContext())
	assert.NotPanics(t, func() { d.AppendPseudonym(nil, strings.Repeat("x", 65535), nil) })
	assert.Panics(t, func() { d.AppendPseudonym(nil, strings.Repeat("x", 65536), nil) })
}
