package transfer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	regolib "github.com/passavant/passavant/rego"

	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer/payload"
)

// TestTechniquesAreTheSameEverywhere holds the three lists together: agreements, payloads and the rules, which rank them.
func TestTechniquesAreTheSameEverywhere(t *testing.T) {
	assert.Equal(t, payload.TechniqueNames(), agreement.Techniques())
	rules, err := regolib.FS.ReadFile("treatments/treatments.rego")
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(rules), "severity := {")
	table, _, _ := strings.Cut(after, "}")
	var ranked []string
	for line := range strings.Lines(strings.TrimSpace(table)) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		ranked = append(ranked, strings.Trim(name, `"`))
	}
	assert.Equal(t, payload.TechniqueNames(), ranked, "from the mildest to the strictest")
	ranks := strings.Count(table, ",")
	assert.Equal(t, len(ranked), ranks)
}

// TestWhatAnAgreementAcceptsAPlanCompiles tries parameters on both sides: what one accepts, the other compiles for some
// kind of field; what one refuses, the other refuses for all.
func TestWhatAnAgreementAcceptsAPlanCompiles(t *testing.T) {
	for _, tc := range []struct {
		technique string
		params    string
		good      bool
	}{
		{"keep", "", true}, {"keep", "to=year", false}, {"mask", "keep_last=8", true}, {"mask", "keep_last=9", false},
		{"shift_date", "days=3650 subject=who", true}, {"shift_date", "days=3651 subject=who", false}, {"shift_date", "days=3", false},
		{"preserve_prefix", "", true}, {"preserve_prefix", "keep=8", false}, {"split_email", "domain=keep", true},
		{"split_email", "domain=drop", false}, {"preserve_format", "", true}, {"preserve_format", "keep=bank", true},
		{"preserve_format", "format=card keep=8", true}, {"preserve_format", "format=card keep=9", false},
		{"preserve_format", "format=digits otherwise=pseudonymise", true}, {"preserve_format", "format=digits otherwise=keep", false},
		{"preserve_format", "format=pin", false}, {"tokenise", "", true}, {"tokenise", "salt=x", false}, {"pseudonymise", "", true},
		{"redact", "text=x", true}, {"redact", "text=ä", false}, {"drop", "", true}, {"drop", "keep=1", false}, {"sha256", "", false},
		{"generalise", "", false}, {"generalise", "to=hour", true}, {"generalise", "to=day as=start", true}, {"generalise", "to=quarter as=end", false},
		{"generalise", "to=decade", true}, {"generalise", "to=century", false}, {"generalise", "to=band width=2", true},
		{"generalise", "to=band bands=1,2", true}, {"generalise", "to=band bands=2,1", false}, {"generalise", "to=band width=1", false},
		{"generalise", "to=round width=10", true}, {"generalise", "to=round", false}, {"generalise", "to=cap max=9", true},
		{"generalise", "to=cap", false}, {"generalise", "to=cap max=1 min=2", false}, {"generalise", "to=area keep=3", true},
		{"generalise", "to=area keep=12", false}, {"generalise", "to=prefix keep=24 keep_v6=48", true},
		{"generalise", "to=hierarchy table=jobs level=1", true}, {"generalise", "to=hierarchy table=jobs", false},
		{"generalise", "to=geo places=6", true}, {"generalise", "to=geo places=7", false},
	} {
		tr := payload.Treatment{Technique: tc.technique, Params: map[string]string{}}
		for _, pair := range strings.Fields(tc.params) {
			name, value, _ := strings.Cut(pair, "=")
			tr.Params[name] = value
		}
		assert.Equal(t, tc.good, agreement.Category{Treatment: tc.technique, Params: tr.Params}.Problem() == "", "agreement: %s %s", tc.technique, tc.params)
		assert.Equal(t, tc.good, compilesForSomeKind(tr), "payload: %s %s", tc.technique, tc.params)
	}
}

func compilesForSomeKind(tr payload.Treatment) bool {
	kinds := []payload.Kind{"string", "number", "boolean", "date", "datetime", "amount", "postcode", "iban", "email", "ip", "phone"}
	return slices.ContainsFunc(kinds, func(k payload.Kind) bool {
		c := &payload.Catalogue{Type: "t", Version: "1", Fields: []payload.Field{
			{Path: "/v", Category: "thing", Role: payload.Quasi, Kind: k}, {Path: "/w", Category: "who", Role: payload.Direct, Kind: "string"},
		}, Hierarchies: map[string]payload.Hierarchy{"jobs": {{"nurse", "care"}}}}
		_, err := payload.Compile(c, map[string]payload.Treatment{"thing": tr})
		return err == nil
	})
}
