package payload_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/passavant/passavant/transfer/payload"
)

const exampleCatalogue = `
type: fraud-tip
version: "1"
title: Fraud tip
fields:
  - {path: /case,            category: case_reference, role: operational, kind: string}
  - {path: /victim/name,     category: name,           role: direct,      kind: string, subject: victim}
  - {path: /victim/born,     category: date_of_birth,  role: quasi,       kind: date,   subject: victim}
  - {path: /payments/*/sum,  category: amount,         role: operational, kind: amount}
  - {path: /note,            category: narrative,      role: free-text,   kind: string}
`

func Example() {
	catalogue, err := payload.ParseCatalogue("fraud-tip.yaml", []byte(exampleCatalogue))
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := payload.Compile(catalogue, map[string]payload.Treatment{
		"case_reference": {Technique: payload.Keep},
		"name":           {Technique: payload.Mask},
		"date_of_birth":  {Technique: payload.Generalize, Params: map[string]string{"to": "year"}},
		"amount":         {Technique: payload.Generalize, Params: map[string]string{"to": "band", "width": "1000"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	document := `{"case": "FR-17", "victim": {"name": "Ada Byron", "born": "1958-04-23", "shoe size": 38},
		"payments": [{"sum": 4950.00}, {"sum": 120}], "note": "Ada Byron rang us."}`
	out, report, err := plan.Protect(nil, []byte(document), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", out)
	fmt.Printf("kept %d, transformed %d, dropped %d, unlisted %d\n",
		report.Kept, report.Transformed, report.Dropped, report.Unlisted)
	// Output:
	// {"case":"FR-17","victim":{"name":"****","born":"1958"},"payments":[{"sum":"[4000,5000)"},{"sum":"[0,1000)"}]}
	// kept 1, transformed 4, dropped 1, unlisted 1
}

func ExampleParseCatalogue() {
	_, err := payload.ParseCatalogue("tip.yaml", []byte(`type: tip
version: "1"
fields:
  - {path: /name, category: name, role: direkt, kind: string}
  - {path: /name/first, category: name, role: direct, kind: string}
`))
	fmt.Println(err)
	// Output:
	// tip.yaml:4: unknown role "direkt"
	// tip.yaml:5: path: overlaps a field above it
}

func ExampleCompile() {
	catalogue, _ := payload.ParseCatalogue("fraud-tip.yaml", []byte(exampleCatalogue))
	_, err := payload.Compile(catalogue, map[string]payload.Treatment{
		"name":          {Technique: "shred"},
		"date_of_birth": {Technique: payload.Generalize, Params: map[string]string{"to": "century"}},
	})
	fmt.Println(err)
	// Output:
	// payload: treatment of category "name": /victim/name: unknown technique "shred"
	// payload: treatment of category "date_of_birth": /victim/born: parameter to: a value of kind date cannot be generalised to "century"
}

func ExamplePlan_Protect_leak() {
	catalogue, _ := payload.ParseCatalogue("fraud-tip.yaml", []byte(exampleCatalogue))
	plan, _ := payload.Compile(catalogue, map[string]payload.Treatment{
		"name":      {Technique: payload.Mask},
		"narrative": {Technique: payload.Keep},
	})
	_, _, err := plan.Protect(nil, []byte(`{"victim": {"name": "Ada Byron"}, "note": "ADA BYRON rang us."}`), nil)
	var leak *payload.LeakError
	if errors.As(err, &leak) {
		fmt.Println(leak.Pointer, "holds a value of category", leak.Category)
	}
	// Output:
	// /note holds a value of category name
}

func ExamplePlan_Apply_refusal() {
	catalogue, _ := payload.ParseCatalogue("fraud-tip.yaml", []byte(exampleCatalogue))
	plan, _ := payload.Compile(catalogue, nil)
	for _, document := range []string{
		`{"case": "FR-17", "c\u0061se": "FR-18"}`,
		`{"Ada Byron": {"born": 1958,}}`,
		`{"victim": {"name": {"first": "Ada"}}}`,
	} {
		_, _, err := plan.Apply(nil, []byte(document), nil)
		fmt.Println(err)
	}
	// Output:
	// payload: offset 18: a member name that occurs twice in its object
	// payload: offset 28, at /?: a comma with nothing after it
	// payload: /victim/name: the value is not of kind string
}

func ExampleCatalogue_Roles() {
	catalogue, err := payload.ParseCatalogue("catalogue.yaml", mustRead("catalogues/fraud-case-report.yaml"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(catalogue.Roles()["name"], catalogue.Roles()["amount"], catalogue.Subjects())
	// Output:
	// direct operational [suspect victim]
}

func mustRead(name string) []byte {
	b, err := os.ReadFile("../../internal/sample/workspace/" + name)
	if err != nil {
		panic(err)
	}
	return b
}
