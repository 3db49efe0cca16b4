package payload_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// hmacPseudonyms is a Pseudonymizer for tests: HMAC-SHA-256 over category, zero byte, value.
type hmacPseudonyms struct {
	mac hash.Hash
	sum [sha256.Size]byte
	buf []byte
}

func newPseudonyms() *hmacPseudonyms {
	return &hmacPseudonyms{mac: hmac.New(sha256.New, []byte("a key for tests"))}
}

func (h *hmacPseudonyms) AppendPseudonym(dst []byte, category string, value []byte) []byte {
	h.mac.Reset()
	h.buf = append(append(append(h.buf[:0], category...), 0), value...)
	h.mac.Write(h.buf)
	return base64.RawURLEncoding.AppendEncode(append(dst, "psn_"...), h.mac.Sum(h.sum[:0])[:16])
}

func (h *hmacPseudonyms) KeyID() string { return "test" }

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "internal", "sample", "workspace", filepath.FromSlash(name)))
	require.NoError(t, err)
	return b
}

func fraudCatalogue(t testing.TB) *payload.Catalogue {
	t.Helper()
	const name = "catalogues/fraud-case-report.yaml"
	c, err := payload.ParseCatalogue(name, readTestdata(t, name))
	require.NoError(t, err)
	return c
}

func keep() payload.Treatment         { return payload.Treatment{Technique: payload.Keep} }
func pseudonymize() payload.Treatment { return payload.Treatment{Technique: payload.Pseudonymize} }

func generalize(to string, params ...string) payload.Treatment {
	p := map[string]string{"to": to}
	for i := 0; i+1 < len(params); i += 2 {
		p[params[i]] = params[i+1]
	}
	return payload.Treatment{Technique: payload.Generalize, Params: p}
}

// fraudTreatments is what a strict agreement would ask for.
func fraudTreatments() map[string]payload.Treatment {
	return map[string]payload.Treatment{
		"case_reference": keep(), "fraud_type": keep(), "timestamp": keep(), "currency": keep(),
		"organisation": keep(), "bic": keep(), "country": keep(), "account_role": keep(), "transaction": keep(),
		"merchant":      keep(),
		"amount":        generalize("band", "width", "1000"),
		"date_of_birth": generalize("year"),
		"postcode":      generalize("area"),
		"ip_address":    generalize("prefix"),
		"name":          pseudonymize(), "iban": pseudonymize(), "device_id": pseudonymize(),
		"email": pseudonymize(), "phone": {Technique: payload.Mask, Params: map[string]string{"keep_last": "2"}},
	}
}

func fraudPlan(t testing.TB) *payload.Plan {
	t.Helper()
	p, err := payload.Compile(fraudCatalogue(t), fraudTreatments())
	require.NoError(t, err)
	return p
}
