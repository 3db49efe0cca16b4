package stix_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

// TestTechniquesInBundles holds that the techniques of package payload do in a bundle what they do elsewhere.
func TestTechniquesInBundles(t *testing.T) {
	h, err := keyset.NewHandle(prf.HMACSHA256PRFKeyTemplate())
	require.NoError(t, err)
	master, err := pseudonym.FromKeyset(h)
	require.NoError(t, err)
	domain, err := master.Domain(pseudonym.Context{Agreement: "a", Recipient: "r", Purpose: "p", Scope: pseudonym.Person})
	require.NoError(t, err)

	treatments := strict()
	treatments["ip_address"] = technique(payload.PreservePrefix)
	treatments["email"] = payload.Treatment{Technique: payload.SplitEmail, Params: map[string]string{"domain": "keep"}}
	treatments["name"] = technique(payload.Redact)
	treatments["user_name"] = technique(payload.Tokenize)
	treatments["timestamp"] = payload.Treatment{Technique: payload.Generalize, Params: map[string]string{"to": "day", "as": "start"}}
	plan := compile(t, treatments)
	out, rep, err := plan.Protect(nil, bundleOf(
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000000-0000-4000-8000-000000000001","value":"198.51.100.3"}`,
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--00000000-0000-4000-8000-000000000002","value":"198.51.100.9"}`,
		`{"type":"email-addr","spec_version":"2.1","id":"email-addr--00000000-0000-4000-8000-000000000003","value":"ada@example.org"}`,
		`{"type":"user-account","spec_version":"2.1","id":"user-account--00000000-0000-4000-8000-000000000004","user_id":"ada.byron"}`,
		`{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000005",`+when+`,"name":"Ada Byron","identity_class":"individual"}`,
	), domain)
	require.NoError(t, err)
	var bundle map[string]any
	require.NoError(t, json.Unmarshal(out, &bundle))

	want, ok := domain.AppendAddress(nil, "ip_address", []byte("198.51.100.3"))
	require.True(t, ok)
	var addresses []string
	for _, o := range objects(bundle, "ipv4-addr") {
		addresses = append(addresses, o["value"].(string))
	}
	assert.Len(t, addresses, 2)
	assert.Contains(t, addresses, string(want))
	assert.Regexp(t, `^u-[a-z2-7]{26}@example\.org$`, objects(bundle, "email-addr")[0]["value"])
	assert.Regexp(t, `^tok_`, objects(bundle, "user-account")[0]["user_id"])
	assert.Equal(t, "[redacted]", objects(bundle, "identity")[0]["name"])
	assert.Equal(t, "2026-11-17T00:00:00.000Z", objects(bundle, "identity")[0]["created"])
	assert.NotContains(t, string(out), "ada")
	assert.NotZero(t, rep.Transformed)
}

// TestDatesOfABundleHaveNoSubject: an object of a bundle has no field that says whose its times are.
func TestDatesOfABundleHaveNoSubject(t *testing.T) {
	treatments := strict()
	treatments["timestamp"] = payload.Treatment{Technique: payload.ShiftDate, Params: map[string]string{"days": "3", "subject": "name"}}
	_, err := stix.Compile(stix.Standard(), treatments)
	var wrong *payload.TreatmentError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, "timestamp", wrong.Category)
}
