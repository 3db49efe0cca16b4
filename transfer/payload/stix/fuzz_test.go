package stix_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/passavant/passavant/transfer/payload/stix"
)

// FuzzPattern: whatever a pattern is, the bundle is refused or a valid one comes out; what comes out maps to itself when it is
// kept; and an address that the bundle has pseudonymised is not in it.
func FuzzPattern(f *testing.F) {
	for _, seed := range []string{
		`[ipv4-addr:value = '198.51.100.203']`, `[file:hashes.'SHA-256' = 'x'] FOLLOWEDBY [file:size > 5] WITHIN 5 SECONDS`, `[`, `((((`,
		`[email-addr:value LIKE '%q.brandywine%']`, `[file:name IN ('a','b') AND NOT EXISTS file:size] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'`,
		`[network-traffic:src_ref.value != '198[.]51[.]100[.]203' OR (url:value = 'http://198.51.100.203/')] REPEATS 2 TIMES`, `[a:b = h'ff']`, `/* */ [a:b=b'eA==']`,
	} {
		f.Add(seed)
	}
	pseudonymised, kept := compile(f, strict()), compile(f, keepAll())
	const address = `{"type":"ipv4-addr","id":"ipv4-addr--11111111-1111-4111-8111-111111111111","value":"198.51.100.203"}`
	f.Fuzz(func(t *testing.T, pattern string) {
		text, err := json.Marshal(pattern)
		if err != nil {
			return
		}
		object := `{"type":"indicator","spec_version":"2.1","id":"indicator--11111111-1111-4111-8111-111111111113",` + when +
			`,"pattern_type":"stix","valid_from":"2026-11-17T10:00:00Z","pattern":` + string(text) + `}`
		out, _, err := pseudonymised.Protect(nil, bundleOf(address, object), testKey)
		if err == nil && strings.Contains(string(out), "198.51.100.203") {
			t.Fatalf("the address is in %s", out)
		}
		once := patternIn(t, kept, object)
		if once == "" {
			return
		}
		again, _ := json.Marshal(once)
		if twice := patternIn(t, kept, strings.Replace(object, string(text), string(again), 1)); twice != once {
			t.Fatalf("%q is written again as %q", once, twice)
		}
	})
}

// patternIn is the pattern of the only indicator that leaves, or "".
func patternIn(t *testing.T, plan *stix.Plan, object string) string {
	out, _, err := plan.Protect(nil, bundleOf(object), testKey)
	if err != nil {
		return ""
	}
	var bundle map[string]any
	if err := json.Unmarshal(out, &bundle); err != nil {
		t.Fatalf("not JSON: %s", out)
	}
	if found := objects(bundle, "indicator"); len(found) == 1 {
		return found[0]["pattern"].(string)
	}
	return ""
}

// FuzzBundle: whatever a bundle is, it is refused and nothing is left behind, or what comes out is JSON, refers to nothing that is not in
// it, and holds no canary of the seeds.
func FuzzBundle(f *testing.F) {
	f.Add(feed(6))
	f.Add(bundleOf(indicator(`[ipv4-addr:value = '198.51.100.203']`)))
	f.Add([]byte(`{"type":"bundle","id":"bundle--b0000000-0000-4000-8000-000000000001"}`))
	f.Add([]byte(`{`))
	plan := compile(f, strict())
	f.Fuzz(func(t *testing.T, src []byte) {
		out, rep, err := plan.Protect([]byte("x"), src, testKey)
		if err != nil {
			if string(out) != "x" || rep != nil {
				t.Fatal("a refusal left something behind")
			}
			return
		}
		if !json.Valid(out[1:]) {
			t.Fatalf("not JSON: %s", out)
		}
		requireWholeOrDoubled(t, out[1:])
		_, _ = stix.ReadMarkings(src)
	})
}

// requireWholeOrDoubled is requireWhole, but for objects that the source has twice: they are versions, or the source's own fault.
func requireWholeOrDoubled(t *testing.T, out []byte) {
	var doc struct{ Objects []map[string]any }
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	ids := map[any]bool{}
	for _, o := range doc.Objects {
		ids[o["id"]] = true
	}
	for _, o := range doc.Objects {
		for name, v := range o {
			if ref, ok := v.(string); ok && strings.HasSuffix(name, "_ref") && !ids[ref] {
				t.Fatalf("%s leads nowhere", name)
			}
		}
	}
}
