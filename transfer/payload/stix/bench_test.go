package stix_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// feed is a bundle as exchanges see it: indicators with the addresses that they name, samples, people who reported, and relations.
func feed(n int) []byte {
	p := newPlanter(11)
	reporter := p.add(object{"type": "identity", "spec_version": "2.1", "id": p.id("identity", ""), "created": p.stamp(), "modified": p.stamp(), "name": p.person(), "identity_class": "individual", "contact_information": p.mail()})
	base := func(typ string) object {
		at := p.stamp()
		return object{"type": typ, "spec_version": "2.1", "id": p.id(typ, ""), "created": at, "modified": at, "created_by_ref": reporter,
			"object_marking_refs": []any{tlpAmber}, "labels": []any{"phishing"}, "description": "Reported on " + at + " by " + p.mail()}
	}
	with := func(o object, properties object) string {
		for k, v := range properties {
			o[k] = v
		}
		return p.add(o)
	}
	malware := with(base("malware"), object{"name": "Emotet", "is_family": true, "malware_types": []any{"trojan"}})
	for len(p.objects) < n {
		v4, mail, domain := p.ipv4(), p.mail(), p.domain()
		digest := p.malwareDigest()
		sample := p.add(object{"type": "file", "spec_version": "2.1", "id": p.id("file", ""), "name": "invoice.exe", "hashes": object{"SHA-256": digest}})
		for typ, value := range map[string]string{"ipv4-addr": v4, "email-addr": mail, "domain-name": domain} {
			p.add(object{"type": typ, "spec_version": "2.1", "id": p.id(typ, value), "value": value})
		}
		indicator := with(base("indicator"), object{"name": "C2 of " + domain, "pattern_type": "stix", "valid_from": p.stamp(), "indicator_types": []any{"malicious-activity"},
			"pattern": fmt.Sprintf("[ipv4-addr:value = '%s' OR domain-name:value = '%s' OR file:hashes.'SHA-256' = '%s']", v4, domain, digest)})
		with(base("relationship"), object{"relationship_type": "indicates", "source_ref": indicator, "target_ref": malware})
		with(base("relationship"), object{"relationship_type": "related-to", "source_ref": sample, "target_ref": malware})
		with(base("vulnerability"), object{"name": p.cve(), "external_references": []any{object{"source_name": "cve", "external_id": p.cve()}}})
	}
	text, err := json.Marshal(object{"type": "bundle", "id": "bundle--" + p.uuid(), "objects": p.objects})
	if err != nil {
		panic(err)
	}
	return text
}

// BenchmarkProtect takes bundles of 1,800 objects the whole way; the goal is under 100 ms. The second is the worst that the tests of
// this package can think of: each object holds a dozen values that have to be found everywhere else.
func BenchmarkProtect(b *testing.B) {
	plan := compile(b, strict())
	for name, src := range map[string][]byte{"feed": feed(1800), "canaries": newPlanter(7).bundle(1800)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := plan.Protect(nil, src, testKey)
				require.NoError(b, err)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		compile(b, strict())
	}
}
