package pseudonym_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"github.com/passavant/passavant/crypto/pseudonym"
)

func TestHotPathDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops items on purpose under the race detector")
	}
	d := newDomain(t, testContext())
	dst := make([]byte, 0, 64)
	for category, value := range map[string]string{
		"iban": "IE29 AIBK 9311 5212 3456 78", "email": "Aoife@Example.ie", "name": "Aoife Byrne", "phone": "+353 1 555 0123", "ip_address": "192.0.2.1",
		"url": "hxxp://evil[.]example/",
	} {
		in := []byte(value)
		assert.Zero(t, testing.AllocsPerRun(100, func() { dst = d.AppendPseudonym(dst[:0], category, in) }), category)
	}
}

// BenchmarkPseudonym alternates with a Tink PRF called for each value, so that both meet the same noise.
func BenchmarkPseudonym(b *testing.B) {
	d := newDomain(b, testContext())
	h, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	require.NoError(b, err)
	set, err := prf.NewPRFSet(h)
	require.NoError(b, err)
	value, dst := []byte("IE29AIBK93115212345678"), make([]byte, 0, 64)
	for _, way := range []struct {
		name string
		run  func()
	}{
		{"domain", func() { dst = d.AppendPseudonym(dst[:0], "iban", value) }},
		{"tink", func() { _, _ = set.ComputePrimaryPRF(value, 16) }},
		{"domain again", func() { dst = d.AppendPseudonym(dst[:0], "iban", value) }},
		{"tink again", func() { _, _ = set.ComputePrimaryPRF(value, 16) }},
	} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				way.run()
			}
		})
	}
}

func BenchmarkDomain(b *testing.B) {
	p := newPseudonymizer(b)
	b.ReportAllocs()
	for b.Loop() {
		_, err := p.Domain(testContext())
		require.NoError(b, err)
	}
}

func BenchmarkNormalize(b *testing.B) {
	dst := make([]byte, 0, 64)
	for category, value := range map[string]string{"iban": "IE29AIBK93115212345678", "name": "Aoife Byrne", "email": "aoife.byrne@example.ie"} {
		b.Run(category, func(b *testing.B) {
			in := []byte(value)
			for b.Loop() {
				dst = pseudonym.Normalize(dst[:0], category, in)
			}
		})
	}
}

// BenchmarkHMAC is the floor: the MAC alone.
func BenchmarkHMAC(b *testing.B) {
	mac, in, sum := hmac.New(sha256.New, testMaster()), []byte("\x00\x04ibanIE29AIBK93115212345678"), make([]byte, 0, 32)
	for b.Loop() {
		mac.Reset()
		mac.Write(in)
		sum = mac.Sum(sum[:0])
	}
}
