package seal_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
)

var refusals = []error{
	seal.ErrMalformed, seal.ErrTruncated, seal.ErrUnsupportedVersion, seal.ErrUnknownSuite,
	seal.ErrNotForUs, seal.ErrSignature, seal.ErrOpen,
}

func isRefusal(err error) bool {
	return slices.ContainsFunc(refusals, func(r error) bool { return errors.Is(err, r) })
}

func TestInvariant10_EveryChangedBitIsRefused(t *testing.T) {
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	msg, err := seal.SealBytes(nil, []byte(`{"a":1}`), []byte("body"), signer, key.Recipient())
	require.NoError(t, err)
	for at := range msg {
		for bit := range 8 {
			changed := bytes.Clone(msg)
			changed[at] ^= 1 << bit
			header, body, err := seal.OpenBytes(changed, signer.Verify(), key)
			require.True(t, isRefusal(err), "byte %d bit %d: %v", at, bit, err)
			require.Nil(t, header)
			require.Nil(t, body)
			if bit == 0 {
				_, _, err = openStream(changed, signer.Verify(), key)
				require.True(t, isRefusal(err), "stream, byte %d: %v", at, err)
			}
		}
	}
}

// Every bit of a message of two kilobytes, and swapped segments within one body.
func TestInvariant10_EveryChangedBitOfTwoKilobytesIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("16,000 verifications")
	}
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	msg, err := seal.SealBytes(nil, []byte(vectorHeader), pattern(1450), signer, key.Recipient())
	require.NoError(t, err)
	require.InDelta(t, 2048, len(msg), 100)
	for bit := range 8 * len(msg) {
		msg[bit/8] ^= 1 << (bit % 8)
		_, body, err := seal.OpenBytes(msg, signer.Verify(), key)
		require.True(t, isRefusal(err) && body == nil, "bit %d: %v", bit, err)
		msg[bit/8] ^= 1 << (bit % 8)
	}
	_, _, err = seal.OpenBytes(msg, signer.Verify(), key)
	require.NoError(t, err, "unchanged it must open, or this test shows nothing")
}

func TestSwappedSegmentsAreRefusedAlsoIfWellSigned(t *testing.T) {
	sender, signer, key := fixedSigner("sender"), fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	msg := forge{}.write(t, `{}`, pattern(20_000), sender, key.Recipient())
	body := len(msg) - 64 - 4 - (40 + 20_000 + 5*16) // one frame
	segment := func(i int) []byte { start := body + 4096*i; return msg[start : start+4096] }
	second, third := bytes.Clone(segment(1)), bytes.Clone(segment(2))
	copy(segment(1), third)
	copy(segment(2), second)
	_, _, err := seal.OpenBytes(resign(msg, sender), signer.Verify(), key)
	require.ErrorIs(t, err, seal.ErrOpen)
	copy(segment(1), second)
	copy(segment(2), third)
	_, _, err = seal.OpenBytes(resign(msg, sender), signer.Verify(), key)
	require.NoError(t, err, "put back they must open, or this test shows nothing")
}

func TestEveryTruncationIsRefused(t *testing.T) {
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	msg, err := seal.SealBytes(nil, []byte(`{"a":1}`), pattern(100), signer, key.Recipient())
	require.NoError(t, err)
	for n := range msg {
		_, _, err := seal.OpenBytes(msg[:n], signer.Verify(), key)
		require.ErrorIs(t, err, seal.ErrTruncated, "%d bytes", n)
		_, _, err = openStream(msg[:n], signer.Verify(), key)
		require.ErrorIs(t, err, seal.ErrTruncated, "stream of %d bytes", n)
		_, _, err = seal.Verify(bytes.NewReader(msg[:n]), signer.Verify())
		require.ErrorIs(t, err, seal.ErrTruncated, "verify %d bytes", n)
	}
}

func TestTruncationAtSegmentsAndFramesIsRefused(t *testing.T) {
	sender, key := fixedSigner("sender"), fixedOpeningKey(t, "recipient")
	whole := forge{}.write(t, `{}`, pattern(200_000), sender, key.Recipient())
	verify := fixedSigningKey(t, "sender").Verify()
	_, _, err := openStream(whole, verify, key)
	require.NoError(t, err)
	start := len(whole) - 64 - 4
	for _, cut := range []int{4096 * 16, 65536 + 4, 65536 + 4 + 4096} {
		shorter := bytes.Clone(whole[:start-cut])
		_, _, err := openStream(shorter, verify, key)
		require.ErrorIs(t, err, seal.ErrTruncated)
	}
}

func TestExtensionIsRefused(t *testing.T) {
	signer, key := signingKey(t), openingKey(t, seal.X25519)
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), signer, key.Recipient())
	require.NoError(t, err)
	for _, tail := range [][]byte{{0}, {'\n'}, msg} {
		longer := append(bytes.Clone(msg), tail...)
		_, _, err := seal.OpenBytes(longer, signer.Verify(), key)
		require.ErrorIs(t, err, seal.ErrMalformed)
		assert.ErrorContains(t, err, "after the signature")
		_, _, err = openStream(longer, signer.Verify(), key)
		require.ErrorIs(t, err, seal.ErrMalformed)
	}
}

// In each of these the signature is good: what refuses the message is the binding of its parts.
func TestInvariant10_WellSignedForgeriesAreRefused(t *testing.T) {
	sender, mallory := fixedSigner("sender"), fixedSigner("mallory")
	signer, key := fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	other := bytes.Repeat([]byte{9}, 32)
	write := func(f forge) []byte { return f.write(t, `{"a":1}`, pattern(100), sender, key.Recipient()) }
	good := write(forge{})
	_, body, err := seal.OpenBytes(good, signer.Verify(), key)
	require.NoError(t, err, "what the second implementation writes must open")
	require.Equal(t, pattern(100), body)

	for name, tc := range map[string]struct {
		msg  []byte
		want error
	}{
		"header exchanged after sealing":     {resign(bytes.Replace(good, []byte(`{"a":1}`), []byte(`{"a":2}`), 1), sender), seal.ErrOpen},
		"commitment to another secret":       {write(forge{commitment: commitmentOf(t, other)}), seal.ErrOpen},
		"commitment changed after sealing":   {resign(bytes.Replace(good, []byte(b64(commitmentOf(t, bytes.Repeat([]byte{7}, 32)))), []byte(b64(other)), 1), sender), seal.ErrOpen},
		"stanza tied to another sender":      {write(forge{infoSender: fixedSigningKey(t, "mallory").Verify().Public()}), seal.ErrOpen},
		"encapsulation of low order":         {write(forge{enc: make([]byte, 32)}), seal.ErrOpen},
		"wrapped secret of somebody else":    {write(forge{wrapped: make([]byte, 48)}), seal.ErrOpen},
		"body bound to another header":       {write(forge{plainBound: other}), seal.ErrOpen},
		"no body":                            {write(forge{noBody: true}), seal.ErrOpen},
		"short frame in the middle":          {write(forge{frames: []int{10}}), seal.ErrMalformed},
		"signed by another key":              {resign(good, mallory), seal.ErrSignature},
		"signer named, another key signed":   {forge{signerID: signer.ID(), infoSender: signer.Verify().Public()}.write(t, `{}`, nil, mallory, key.Recipient()), seal.ErrSignature},
		"sealed under a false name":          {write(forge{signerID: fixedSigningKey(t, "mallory").ID()}), seal.ErrSignature},
		"control character in the header":    {forge{}.write(t, "{}\r", nil, sender, key.Recipient()), seal.ErrMalformed},
		"header not UTF-8":                   {forge{}.write(t, "\xff", nil, sender, key.Recipient()), seal.ErrMalformed},
		"frame too long":                     {forge{frames: []int{65537}}.write(t, `{}`, pattern(70_000), sender, key.Recipient()), seal.ErrMalformed},
		"X-Wing suite, X25519 key":           {write(forge{suite: strings.Replace(suiteX25519, "X25519", "XWING", 1), enc: make([]byte, 1120)}), seal.ErrOpen},
		"next version":                       {write(forge{version: "passavant-sealed/2"}), seal.ErrUnsupportedVersion},
		"other format":                       {write(forge{version: "passavant-opened/1"}), seal.ErrMalformed},
		"unknown suite":                      {write(forge{suite: "HPKE-X25519-SHA256-A128GCM+A256GCM-HKDF-4K+Ed25519"}), seal.ErrUnknownSuite},
		"unknown key encapsulation":          {write(forge{suite: strings.Replace(suiteX25519, "X25519", "P256", 1)}), seal.ErrUnknownSuite},
		"X-Wing suite with an X25519 stanza": {write(forge{suite: strings.Replace(suiteX25519, "X25519", "XWING", 1)}), seal.ErrMalformed},
		"encapsulation too long":             {write(forge{enc: make([]byte, 33)}), seal.ErrMalformed},
		"wrapped secret too short":           {write(forge{wrapped: make([]byte, 47)}), seal.ErrMalformed},
		"commitment too short":               {write(forge{commitment: make([]byte, 31)}), seal.ErrMalformed},
		"signer id in upper case":            {write(forge{signerID: strings.ToUpper(signer.ID())}), seal.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := seal.OpenBytes(tc.msg, signer.Verify(), key)
			require.ErrorIs(t, err, tc.want)
			_, _, err = openStream(tc.msg, signer.Verify(), key)
			require.ErrorIs(t, err, tc.want, "stream")
		})
	}
}

// Mallory takes a message apart and sends the sealed parts under her own name.
func TestStolenStanzaIsUseless(t *testing.T) {
	mallory, key := fixedSigner("mallory"), fixedOpeningKey(t, "recipient")
	signer, malloryKey := fixedSigningKey(t, "sender"), fixedSigningKey(t, "mallory")
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), signer, key.Recipient())
	require.NoError(t, err)
	stolen := resign(bytes.Replace(msg, []byte(signer.ID()), []byte(malloryKey.ID()), 1), mallory)
	_, _, err = seal.Verify(bytes.NewReader(stolen), malloryKey.Verify())
	require.NoError(t, err, "the forgery must be well signed, or this test shows nothing")
	_, _, err = seal.OpenBytes(stolen, malloryKey.Verify(), key)
	require.ErrorIs(t, err, seal.ErrOpen)
}

func TestPartsOfTwoMessagesDoNotMix(t *testing.T) {
	sender, signer, key := fixedSigner("sender"), fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	session, err := seal.NewSession(seal.Limits{}, signer, key.Recipient())
	require.NoError(t, err)
	a, err := session.SealBytes(nil, []byte(`{"n":1}`), []byte("one"))
	require.NoError(t, err)
	b, err := session.SealBytes(nil, []byte(`{"n":2}`), []byte("two"))
	require.NoError(t, err)
	la, lb := bytes.SplitN(a, []byte("\n"), 4), bytes.SplitN(b, []byte("\n"), 4)
	require.Equal(t, la[2], lb[2], "same session, or this test shows nothing")
	mixed := resign(bytes.Join([][]byte{la[0], la[1], la[2], lb[3]}, []byte("\n")), sender)
	_, _, err = seal.OpenBytes(mixed, signer.Verify(), key)
	require.ErrorIs(t, err, seal.ErrOpen)
}

func TestWrongKeysAreRefused(t *testing.T) {
	signer, key := signingKey(t), openingKey(t, seal.X25519)
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), signer, key.Recipient())
	require.NoError(t, err)
	other := signingKey(t)
	for name, tc := range map[string]struct {
		verify *seal.VerifyKey
		open   []*seal.OpeningKey
		want   error
	}{
		"another recipient":     {signer.Verify(), []*seal.OpeningKey{openingKey(t, seal.X25519)}, seal.ErrNotForUs},
		"no opening key":        {signer.Verify(), nil, seal.ErrNotForUs},
		"nil opening key":       {signer.Verify(), []*seal.OpeningKey{nil}, seal.ErrNotForUs},
		"key of another suite":  {signer.Verify(), []*seal.OpeningKey{openingKey(t, seal.XWing)}, seal.ErrNotForUs},
		"another sender":        {other.Verify(), []*seal.OpeningKey{key}, seal.ErrSignature},
		"no key to verify with": {nil, []*seal.OpeningKey{key}, seal.ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := seal.OpenBytes(msg, tc.verify, tc.open...)
			require.ErrorIs(t, err, tc.want)
			_, _, err = openStream(msg, tc.verify, tc.open...)
			require.ErrorIs(t, err, tc.want, "stream")
		})
	}
	_, body, err := seal.OpenBytes(msg, signer.Verify(), openingKey(t, seal.X25519), key)
	require.NoError(t, err, "one of several keys is enough")
	assert.Equal(t, "body", string(body))
}

// countingKey is an X25519 key that counts its uses, as a key in a device could.
type countingKey struct {
	*ecdh.PrivateKey
	uses int
}

func (c *countingKey) ECDH(peer *ecdh.PublicKey) ([]byte, error) {
	c.uses++
	return c.PrivateKey.ECDH(peer)
}

func TestSignatureIsCheckedBeforeThePrivateKeyIsUsed(t *testing.T) {
	private, err := ecdh.X25519().NewPrivateKey(seed("recipient"))
	require.NoError(t, err)
	device := &countingKey{PrivateKey: private}
	inDevice, err := hpke.NewDHKEMPrivateKey(device)
	require.NoError(t, err)
	key, err := seal.NewOpeningKey(inDevice)
	require.NoError(t, err)
	signer := fixedSigningKey(t, "sender")
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), signer, key.Recipient())
	require.NoError(t, err)

	changed := bytes.Clone(msg)
	changed[len(changed)-1] ^= 1
	_, _, err = seal.OpenBytes(changed, signer.Verify(), key)
	require.ErrorIs(t, err, seal.ErrSignature)
	assert.Zero(t, device.uses)
	_, _, err = seal.OpenBytes(msg, signer.Verify(), key)
	require.NoError(t, err)
	assert.Equal(t, 1, device.uses)
}

func TestSealLineHasOneSpelling(t *testing.T) {
	sender, signer, key := fixedSigner("sender"), fixedSigningKey(t, "sender"), fixedOpeningKey(t, "recipient")
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), signer, key.Recipient())
	require.NoError(t, err)
	for name, change := range map[string][2]string{
		"space":            {`","suite"`, `", "suite"`},
		"escaped letter":   {`"suite":"HPKE`, `"\u0073uite":"HPKE`},
		"other order":      {`{"commitment":`, `{"a":1,"commitment":`},
		"member missing":   {`"commitment":"`, `"`},
		"member twice":     {`,"signer":"` + signer.ID() + `"`, `,"signer":"` + signer.ID() + `","signer":"` + signer.ID() + `"`},
		"no recipients":    {recipientsOf(msg), `"recipients":[]`},
		"same one twice":   {recipientsOf(msg), twice(recipientsOf(msg))},
		"base64 unpadded":  {`=","recipients"`, `","recipients"`},
		"base64 stray bit": strayBit(msg),
		"recipient id":     {`","wrapped"`, `0","wrapped"`},
		"upper-case id":    {`"key":"` + key.ID(), `"key":"` + strings.ToUpper(key.ID())},
		"33 recipients":    {recipientsOf(msg), manyRecipients(33)},
		"something after":  {`Ed25519"}`, `Ed25519"} `},
		"trailing comma":   {`"}],"signer"`, `"},],"signer"`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 1, bytes.Count(msg, []byte(change[0])), "the change must hit")
			changed := resign(bytes.Replace(msg, []byte(change[0]), []byte(change[1]), 1), sender)
			_, _, err := seal.OpenBytes(changed, signer.Verify(), key)
			require.ErrorIs(t, err, seal.ErrMalformed)
		})
	}
}

func recipientsOf(msg []byte) string {
	start, end := bytes.Index(msg, []byte(`"recipients":[`)), bytes.Index(msg, []byte(`],"signer"`))
	return string(msg[start : end+1])
}

func twice(recipients string) string {
	one := strings.TrimSuffix(strings.TrimPrefix(recipients, `"recipients":[`), "]")
	return fmt.Sprintf(`"recipients":[%s,%s]`, one, one)
}

func manyRecipients(n int) string {
	stanzas := make([]string, n)
	for i := range stanzas {
		stanzas[i] = fmt.Sprintf(`{"enc":"%s","key":"%016x","wrapped":"%s"}`, b64(make([]byte, 32)), i, b64(make([]byte, 48)))
	}
	return `"recipients":[` + strings.Join(stanzas, ",") + "]"
}

// strayBit sets a bit of the commitment's last base64 character that decoders ignore unless they are strict.
func strayBit(msg []byte) [2]string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	end := bytes.Index(msg, []byte(`=","recipients"`))
	last := strings.IndexByte(alphabet, msg[end-1])
	tail := `=","recipients"`
	before, after := string(msg[end-4:end])+tail, string(msg[end-4:end-1])+string(alphabet[last^1])+tail
	return [2]string{before, after}
}

func TestLineLimits(t *testing.T) {
	verify, key := fixedSigningKey(t, "sender").Verify(), fixedOpeningKey(t, "recipient")
	long := strings.Repeat("x", seal.MaxLine+1)
	for name, msg := range map[string]string{
		"version line without end": strings.Repeat("passavant", 100),
		"header":                   "passavant-sealed/1\n" + long + "\n{}\n",
		"header without end":       "passavant-sealed/1\n" + long + long,
		"seal line":                "passavant-sealed/1\n{}\n" + long + "\n",
	} {
		_, _, err := seal.OpenBytes([]byte(msg), verify, key)
		require.ErrorIs(t, err, seal.ErrMalformed, name)
		assert.ErrorContains(t, err, "too long", name)
	}
}
