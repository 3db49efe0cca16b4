package stix_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// The check values: section 2.9 of the standard for the address, section 2.9 over the IBAN as stix2extensions has it.
func TestIdentifiersFollowTheStandard(t *testing.T) {
	for _, tc := range []struct{ object, id string }{
		{`{"type":"ipv4-addr","id":"ipv4-addr--11111111-1111-4111-8111-111111111111","value":"198.51.100.3"}`, "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"},
		{`{"type":"bank-account","id":"bank-account--a7348a10-f1b6-5b3d-8908-0ca0f67a5fb5","iban":"GB33BUKB20201555555555"}`, "bank-account--0ffc7644-b03a-5c13-94aa-22816e581fc9"},
	} {
		b, _ := protect(t, keepAll(), tc.object)
		assert.Equal(t, tc.id, b["objects"].([]any)[0].(map[string]any)["id"], "kept, an observable has the id that everybody computes")
		b, _ = protect(t, nil, tc.object)
		pseudonymised := b["objects"].([]any)[0].(map[string]any)
		assert.NotEqual(t, tc.id, pseudonymised["id"])
		for _, name := range []string{"value", "iban"} {
			if v, ok := pseudonymised[name].(string); ok {
				assert.Equal(t, pseudonymised["type"].(string)+"--"+uuid5(`{"`+name+`":"`+v+`"}`), pseudonymised["id"], "over the pseudonym")
			}
		}
	}
}

// An id that contributes to another is the new one.
func TestReferencesContributeToIdentifiers(t *testing.T) {
	b, _ := protect(t, keepAll(),
		`{"type":"file","id":"file--11111111-1111-4111-8111-111111111111","name":"a.txt","parent_directory_ref":"directory--11111111-1111-4111-8111-111111111112"}`,
		`{"type":"directory","id":"directory--11111111-1111-4111-8111-111111111112","path":"/opt/a"}`)
	directory := "directory--" + uuid5(`{"path":"/opt/a"}`)
	assert.Equal(t, directory, objects(b, "directory")[0]["id"])
	assert.Equal(t, "file--"+uuid5(`{"name":"a.txt","parent_directory_ref":"`+directory+`"}`), objects(b, "file")[0]["id"])
}

// Two objects that say the same in what leaves stay two.
func TestObjectsStayApart(t *testing.T) {
	treatments := map[string]payload.Treatment{"file_name": technique(payload.Drop), "file_hash": technique(payload.Keep)}
	b, _ := protect(t, treatments,
		`{"type":"file","id":"file--11111111-1111-4111-8111-111111111111","name":"a.txt","hashes":{"MD5":"a41d8cd98f00b204e9800998ecf8427e"}}`,
		`{"type":"file","id":"file--11111111-1111-4111-8111-111111111112","name":"b.txt","hashes":{"MD5":"a41d8cd98f00b204e9800998ecf8427e"}}`)
	files := objects(b, "file")
	require.Len(t, files, 2)
	assert.NotEqual(t, files[0]["id"], files[1]["id"])
}

// Under two keys nothing of a person can be joined; under one key everything is the same again.
func TestLinkability(t *testing.T) {
	src := newPlanter(5).bundle(250)
	plan := compile(t, strict())
	texts := func(key keyed) map[string]bool {
		out, _, err := plan.Protect(nil, src, key)
		require.NoError(t, err)
		var doc any
		require.NoError(t, json.Unmarshal(out, &doc))
		found := map[string]bool{}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for _, x := range v {
					walk(x)
				}
			case []any:
				for _, x := range v {
					walk(x)
				}
			case string:
				if len(v) > 9 && len(v) != 24 { // terms and timestamps are the same for everybody
					found[v] = true
				}
			}
		}
		walk(doc)
		return found
	}
	one, again, other := texts("key one"), texts("key one"), texts("key two")
	assert.Equal(t, one, again)
	p := newPlanter(5)
	p.bundle(250)
	public := map[string]bool{}
	for _, v := range p.must {
		public[v] = true
	}
	shared := 0
	for v := range one {
		if other[v] && !public[v] {
			shared++
			assert.NotRegexp(t, `psn_|--[0-9a-f]{8}-[0-9a-f]{4}-[45]|invalid|^2[45][0-9]\.`, withoutMarkings(v), "%q joins two domains", v)
		}
	}
	t.Logf("%d texts under one key, %d of them under the other as well: terms, names of malware and tools", len(one), shared)
}

// withoutMarkings lets ids that are public, and those of samples, pass.
func withoutMarkings(v string) string {
	if strings.HasPrefix(v, "marking-definition--") || strings.HasPrefix(v, "file--") {
		return ""
	}
	return v
}
