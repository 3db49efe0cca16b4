package reidentify_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/crypto/reidentify"
)

func newMaster(t require.TestingT) *pseudonym.Pseudonymizer {
	h, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	require.NoError(t, err)
	p, err := pseudonym.FromKeyset(h)
	require.NoError(t, err)
	return p
}

func context(epoch string) pseudonym.Context {
	return pseudonym.Context{Agreement: "a", Recipient: "r", Purpose: "p", Scope: pseudonym.Relationship, Epoch: epoch}
}

func open(t require.TestingT, p *pseudonym.Pseudonymizer, epoch string) (*pseudonym.Domain, *reidentify.Reverser) {
	d, err := p.Domain(context(epoch))
	require.NoError(t, err)
	r, err := reidentify.Open(p, context(epoch))
	require.NoError(t, err)
	return d, r
}

func TestThereAndBack(t *testing.T) {
	d, r := open(t, newMaster(t), "2026")
	token, ok := d.AppendToken(nil, "name", "string", []byte("Aoife Ni\u0301"))
	require.True(t, ok)
	value, err := r.Token("name", token)
	require.NoError(t, err)
	assert.Equal(t, "Aoife N\u00ed", string(value), "the normalised spelling comes back")

	for format, want := range map[string]string{
		"iban": "IE29AIBK93115212345678", "iban-bank": "IE29AIBK93115212345678", "card": "4111111111111111",
		"phone": "+353871234567", "digits": "00012345", "alphanumeric": "PA-1234567",
	} {
		made, ok := d.AppendFormat(nil, "id", format, 0, []byte(want))
		require.True(t, ok, format)
		value, err = r.Format("id", format, 0, made)
		require.NoError(t, err, format)
		assert.Equal(t, want, string(value), format)
	}
	for _, want := range []string{"192.0.2.7", "2001:db8::7"} {
		made, ok := d.AppendAddress(nil, "ip_address", []byte(want))
		require.True(t, ok)
		value, err = r.Address("ip_address", made)
		require.NoError(t, err)
		assert.Equal(t, want, string(value))
	}
	moved, _ := d.ShiftDays("iban", "iban", 30, []byte("IE29 AIBK 9311 5212 3456 78"))
	days, err := r.Days("iban", "iban", 30, []byte("IE29AIBK93115212345678"))
	require.NoError(t, err)
	assert.Equal(t, moved, days)
}

func TestCandidates(t *testing.T) {
	d, r := open(t, newMaster(t), "2026")
	candidates := func() [][]byte { return [][]byte{[]byte("Bob"), []byte("ada[@]example.org"), []byte("Ada")} }
	made := d.AppendPseudonymOf(nil, "name", "string", []byte("Ada"))
	value, err := r.Pseudonym("name", "string", made, slices.Values(candidates()))
	require.NoError(t, err)
	assert.Equal(t, "Ada", string(value))
	for _, keep := range []bool{true, false} {
		made, ok := d.AppendEmail(nil, "email", keep, []byte("Ada@Example.org"))
		require.True(t, ok)
		value, err = r.Email("email", keep, made, slices.Values(candidates()))
		require.NoError(t, err)
		assert.Equal(t, "ada[@]example.org", string(value))
		_, err = r.Email("email", !keep, made, slices.Values(candidates()))
		require.ErrorIs(t, err, reidentify.ErrNotFound)
	}
	_, err = r.Pseudonym("name", "string", made, slices.Values([][]byte{}))
	require.ErrorIs(t, err, reidentify.ErrNotFound)
}

// TestOtherDomainsDoNotOpen: tokens are refused elsewhere; the others lead elsewhere.
func TestOtherDomainsDoNotOpen(t *testing.T) {
	master := newMaster(t)
	d, here := open(t, master, "2026")
	_, later := open(t, master, "2027")
	_, foreign := open(t, newMaster(t), "2026")
	token, _ := d.AppendToken(nil, "name", "", []byte("Ada"))
	look, _ := d.AppendFormat(nil, "id", "digits", 0, []byte("12345678901234"))
	pseudonymous := d.AppendPseudonymOf(nil, "name", "", []byte("Ada"))
	for name, r := range map[string]*reidentify.Reverser{"epoch": later, "master key": foreign} {
		_, err := r.Token("name", token)
		require.ErrorIs(t, err, reidentify.ErrNotFound, name)
		value, err := r.Format("id", "digits", 0, look)
		require.NoError(t, err)
		assert.NotEqual(t, "12345678901234", string(value), name)
		_, err = r.Pseudonym("name", "", pseudonymous, slices.Values([][]byte{[]byte("Ada")}))
		require.ErrorIs(t, err, reidentify.ErrNotFound, name)
	}
	_, err := here.Token("email", token)
	require.ErrorIs(t, err, reidentify.ErrNotFound, "another category")
}

func TestWhatIsNoPseudonym(t *testing.T) {
	_, r := open(t, newMaster(t), "")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		_, err := r.Token("name", text)
		require.ErrorIs(t, err, reidentify.ErrNotFound)
	})
	for _, text := range []string{"", "x", "fe80::1%eth0"} {
		_, err := r.Address("ip_address", []byte(text))
		require.ErrorIs(t, err, reidentify.ErrNotFound)
	}
	_, err := r.Format("id", "iban", 0, []byte("IE28AIBK93115212345678"))
	require.ErrorIs(t, err, reidentify.ErrNotFound)
	_, err = r.Days("iban", "", 0, []byte("x"))
	require.ErrorIs(t, err, reidentify.ErrNotFound)
	_, err = reidentify.Open(newMaster(t), pseudonym.Context{})
	var wrong *pseudonym.ContextError
	require.ErrorAs(t, err, &wrong)
}

// TestChangedTokensDoNotOpen flips every character.
func TestChangedTokensDoNotOpen(t *testing.T) {
	d, r := open(t, newMaster(t), "")
	token, _ := d.AppendToken(nil, "name", "", []byte("Ada Byron"))
	for i := range token {
		changed := slices.Clone(token)
		changed[i] ^= 1
		_, err := r.Token("name", changed)
		require.ErrorIs(t, err, reidentify.ErrNotFound, "character %d", i)
	}
}
