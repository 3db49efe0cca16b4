package stix_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

const (
	tlpClear  = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	tlpGreen1 = "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"
	tlpRed    = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	copyright = "marking-definition--aaaaaaaa-0000-4000-8000-000000000001"
)

func marked(n int, refs string) string {
	return fmt.Sprintf(`{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-%012d",%s,"name":"x"%s}`, n, when, refs)
}

func TestReadMarkings(t *testing.T) {
	definition := func(rest string) string {
		return `{"type":"marking-definition","spec_version":"2.1","id":"` + copyright + `","created":"2026-01-01T00:00:00.000Z",` + rest + `}`
	}
	refs := func(ids string) string { return `,"object_marking_refs":[` + ids + `]` }
	for name, tc := range map[string]struct {
		objects []string
		want    stix.Markings
	}{
		"none":      {[]string{marked(1, "")}, stix.Markings{Unmarked: 1}},
		"green":     {[]string{marked(1, refs(`"`+tlpGreen1+`"`))}, stix.Markings{TLP: "TLP:GREEN", IDs: []string{tlpGreen1}}},
		"strictest": {[]string{marked(1, refs(`"`+tlpClear+`"`)), marked(2, refs(`"`+tlpAmber+`"`)), marked(3, "")}, stix.Markings{TLP: "TLP:AMBER", IDs: []string{tlpClear, tlpAmber}, Unmarked: 1}},
		"granular": {[]string{marked(1, refs(`"`+tlpClear+`"`)+`,"granular_markings":[{"marking_ref":"`+tlpRed+`","selectors":["name"]}]`)},
			stix.Markings{TLP: "TLP:RED", IDs: []string{tlpClear, tlpRed}, Granular: true}},
		"language only":      {[]string{marked(1, `,"granular_markings":[{"lang":"de","selectors":["name"]}]`)}, stix.Markings{Unmarked: 1}},
		"statement":          {[]string{definition(`"definition_type":"statement","definition":{"statement":"TLP:CLEAR, says Jane"}`), marked(1, refs(`"`+copyright+`"`))}, stix.Markings{IDs: []string{copyright}, Unmarked: 1}},
		"label of one's own": {[]string{definition(`"definition_type":"tlp","definition":{"tlp":"purple"}`), marked(1, refs(`"`+copyright+`"`))}, stix.Markings{TLP: "TLP:RED", IDs: []string{copyright}}},
		"pap":                {[]string{definition(`"definition_type":"pap","definition":{"pap":"PAP:AMBER"}`), marked(1, refs(`"`+copyright+`","`+tlpClear+`"`))}, stix.Markings{TLP: "TLP:CLEAR", PAP: "PAP:AMBER", IDs: []string{tlpClear, copyright}}},
		"unresolved":         {[]string{marked(1, refs(`"`+copyright+`"`))}, stix.Markings{IDs: []string{copyright}, Unmarked: 1, Unresolved: 1}},
		"redefined":          {[]string{`{"type":"marking-definition","spec_version":"2.1","id":"` + tlpRed + `","created":"2026-01-01T00:00:00.000Z","name":"TLP:CLEAR"}`, marked(1, refs(`"`+tlpRed+`"`))}, stix.Markings{TLP: "TLP:RED", IDs: []string{tlpRed}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := stix.ReadMarkings(bundleOf(tc.objects...))
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
	_, err := stix.ReadMarkings([]byte(`{"type":"bundle"}`))
	assert.Error(t, err)
	_, err = stix.ReadMarkings([]byte(`{`))
	assert.Error(t, err)
}

func TestStricterTLP(t *testing.T) {
	for _, tc := range [][3]string{
		{"", "", ""}, {"", "TLP:GREEN", "TLP:GREEN"}, {"TLP:WHITE", "", "TLP:CLEAR"}, {"amber", "GREEN", "TLP:AMBER"},
		{"TLP:AMBER+STRICT", "TLP:AMBER", "TLP:AMBER+STRICT"}, {"TLP:PURPLE", "TLP:CLEAR", "TLP:RED"}, {tlpRed, "TLP:CLEAR", "TLP:RED"},
	} {
		assert.Equal(t, tc[2], stix.StricterTLP(tc[0], tc[1]), tc)
		assert.Equal(t, tc[2], stix.StricterTLP(tc[1], tc[0]), tc)
	}
	assert.Equal(t, "PAP:AMBER", stix.StricterPAP("PAP:WHITE", "amber"))
}

// A marking is never rewritten: it leaves as it is, or its definition stays behind.
func TestMarkingsAreNeverRewritten(t *testing.T) {
	const clear = `{"type":"marking-definition","id":"` + tlpClear + `","spec_version":"2.1","name":"TLP:CLEAR","created":"2022-10-01T00:00:00.000Z","extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"tlp_2_0":"clear","extension_type":"property-extension"}}}`
	statement := func(text string) string {
		return `{"type":"marking-definition","spec_version":"2.1","id":"` + copyright + `","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":"` + text + `"}}`
	}
	use := marked(1, `,"object_marking_refs":["`+copyright+`","`+tlpClear+`"]`)
	plan := compile(t, strict())
	out, _, err := plan.Protect(nil, bundleOf(clear, statement("Copyright 2026, CERT"), use), testKey)
	require.NoError(t, err)
	assert.Contains(t, string(out), clear, "in the order in which it came")
	assert.Contains(t, string(out), statement("Copyright 2026, CERT"))

	for name, bad := range map[string]string{
		"a name that is known": statement("Copyright Jane Roe"),
		"in base64":            statement("see SmFuZSBSb2U="),
		"an address":           statement("write to someone@example.com"),
		"a creator":            `{"created_by_ref":"` + jane + `",` + statement("x")[1:],
		"something unknown":    `{"x_owner":"nobody",` + statement("x")[1:],
	} {
		t.Run(name, func(t *testing.T) {
			out, rep, err := plan.Protect(nil, bundleOf(bad, use, `{"type":"identity","spec_version":"2.1","id":"`+jane+`",`+when+`,"name":"Jane Roe"}`), testKey)
			require.NoError(t, err)
			assert.NotContains(t, string(out), `"definition"`)
			assert.Contains(t, string(out), `"object_marking_refs":["`+copyright+`"`, "the object stays marked")
			assert.Equal(t, []payload.Withheld{{What: "marking-definition", Why: "the text of a marking may not leave", Count: 1}}, rep.Withheld)
		})
	}
	t.Run("a label with something added", func(t *testing.T) {
		out, _, err := plan.Protect(nil, bundleOf(`{"x_owner":"Jane",`+clear[1:]), testKey)
		require.NoError(t, err)
		assert.NotContains(t, string(out), "Jane")
		assert.Contains(t, string(out), `"tlp_2_0":"clear"`)
	})
}

// The form in which a selector leads to what it selected moves with that.
func TestSelectorsMove(t *testing.T) {
	b, _ := protect(t, nil, `{"type":"malware","spec_version":"2.1","id":"malware--11111111-1111-4111-8111-111111111112",`+when+`,
		"name":"Emotet","is_family":true,"labels":["for Jane","phishing","trojan"],"description":"Jane",
		"granular_markings":[
			{"marking_ref":"`+tlpRed+`","selectors":["labels.[1]","labels.[0]","description"]},
			{"marking_ref":"`+tlpClear+`","selectors":["description"]},
			{"lang":"de","selectors":["name"]},
			{"marking_ref":"`+tlpClear+`","selectors":["x_jane.[99999999999999999999]","labels.[2]","labels"]}]}`)
	assert.Equal(t, []any{
		map[string]any{"marking_ref": tlpRed, "selectors": []any{"labels.[0]"}},
		map[string]any{"lang": "de", "selectors": []any{"name"}},
		map[string]any{"marking_ref": tlpClear, "selectors": []any{"labels.[1]", "labels"}},
	}, objects(b, "malware")[0]["granular_markings"])
}
