package stix_test

import (
	"encoding/json"
	"fmt"
	"log"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

func ExampleCompile() {
	plan, err := stix.Compile(stix.Standard(), map[string]payload.Treatment{
		"ip_address": {Technique: payload.Pseudonymize}, // what is not listed is dropped
		"indicator":  {Technique: payload.Keep},
		"timestamp":  {Technique: payload.Generalize, Params: map[string]string{"to": "day"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	bundle := []byte(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[
		{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"},
		{"type":"indicator","spec_version":"2.1","id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
		 "created":"2026-11-17T10:11:12.000Z","modified":"2026-11-17T10:11:12.000Z","valid_from":"2026-11-17T10:00:00Z",
		 "name":"Seen by Jane Roe","pattern_type":"stix","pattern":"[ipv4-addr:value = '198[.]51[.]100[.]3']"}]}`)
	out, report, err := plan.Protect(nil, bundle, testKey) // in life, a domain of crypto/pseudonym
	if err != nil {
		log.Fatal(err)
	}
	var result struct {
		Objects []struct{ Type, Value, Pattern, Created string }
	}
	if err := json.Unmarshal(out, &result); err != nil {
		log.Fatal(err)
	}
	for _, o := range result.Objects {
		fmt.Println(strings.TrimSpace(o.Type + " " + o.Value + o.Pattern + " " + o.Created))
	}
	fmt.Println("dropped:", report.Dropped)
	// Output:
	// ipv4-addr 240.12.254.156
	// indicator [ipv4-addr:value = '240.12.254.156'] 2026-11-17T00:00:00.000Z
	// dropped: 1
}

func ExampleReadMarkings() {
	found, err := stix.ReadMarkings([]byte(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[
		{"type":"domain-name","spec_version":"2.1","id":"domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5","value":"example.com",
		 "object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]}]}`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.TLP, found.Unmarked)
	// Output: TLP:AMBER 0
}
