package stix_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

// keyed is a Pseudonymizer for tests: HMAC-SHA-256 over category, zero byte, value.
type keyed string

func (k keyed) AppendPseudonym(dst []byte, category string, value []byte) []byte {
	mac := hmac.New(sha256.New, []byte(k))
	mac.Write([]byte(category))
	mac.Write([]byte{0})
	mac.Write(value)
	return base64.RawURLEncoding.AppendEncode(append(dst, "psn_"...), mac.Sum(nil)[:16])
}

func (k keyed) KeyID() string { return "test" }

const testKey = keyed("a key for tests")

func technique(name string) payload.Treatment { return payload.Treatment{Technique: name} }

// strict is what a careful agreement between CERTs would ask for: it keeps what malware is, and pseudonymises people.
func strict() map[string]payload.Treatment {
	t := map[string]payload.Treatment{}
	for _, c := range []string{"event_type", "indicator", "malware", "timestamp", "country", "currency"} {
		t[c] = technique(payload.Keep)
	}
	for _, c := range []string{
		"ip_address", "domain_name", "url", "email", "name", "organisation", "user_name", "file_hash", "file_name", "device_id",
		"iban", "card_number", "customer_number", "phone", "bic",
	} {
		t[c] = technique(payload.Pseudonymize)
	}
	return t
}

func standardCatalogue() *payload.Catalogue { return stix.Standard() }

func compile(t testing.TB, treatments map[string]payload.Treatment) *stix.Plan {
	t.Helper()
	p, err := stix.Compile(stix.Standard(), treatments)
	require.NoError(t, err)
	return p
}

// protect treats a bundle of the given objects strictly, but for the treatments in with.
func protect(t testing.TB, with map[string]payload.Treatment, objects ...string) (bundle map[string]any, rep *payload.Report) {
	t.Helper()
	treatments := strict()
	for c, treatment := range with {
		treatments[c] = treatment
	}
	out, rep, err := compile(t, treatments).Protect(nil, bundleOf(objects...), testKey)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &bundle))
	return bundle, rep
}

func bundleOf(objects ...string) []byte {
	b := []byte(`{"type":"bundle","id":"bundle--b0000000-0000-4000-8000-000000000001","objects":[`)
	for i, o := range objects {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, o...)
	}
	return append(b, "]}"...)
}

// objects returns the objects of a result, by type.
func objects(bundle map[string]any, typ string) (found []map[string]any) {
	list, _ := bundle["objects"].([]any)
	for _, o := range list {
		if o := o.(map[string]any); o["type"] == typ {
			found = append(found, o)
		}
	}
	return found
}

const when = `"created":"2026-11-17T10:00:00.000Z","modified":"2026-11-17T10:00:00.000Z"`
