package policy_test

import (
	"context"
	"fmt"
	"time"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
)

func exampleFacts(agreement, recipient string) policy.Facts {
	return policy.Facts{
		At: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Agreement: agreement, Exporter: "emerald-bank-ie", Recipient: recipient,
		Claims: map[string]any{"purpose": "prevent_and_investigate_fraud"},
		Evidence: map[string]any{"data": map[string]any{
			"categories": []any{"name", "iban", "amount"}, "roles": map[string]any{"name": "direct", "iban": "direct", "amount": "quasi"},
			"special_categories": []any{}, "criminal_offence_data": false, "subjects": []any{"customer"},
		}},
	}
}

func ExampleEngine_Decide() {
	ctx := context.Background()
	eng, err := policy.Load(ctx, sample.Workspace(), sample.Elsewhere())
	if err != nil {
		panic(err)
	}
	dec := eng.Decide(ctx, exampleFacts("ie-jp-bank-fraud", "sakura-bank-jp"))
	fmt.Println(dec.Permit, dec.Basis, dec.Treatments["name"].Technique)
	// Output: true [GDPR:45 EU:2019/419] pseudonymise
}

func ExampleEngine_Explain() {
	ctx := context.Background()
	eng, err := policy.Load(ctx, sample.Workspace(), sample.Elsewhere())
	if err != nil {
		panic(err)
	}
	exp := eng.Explain(ctx, exampleFacts("ie-vn-memorandum", "lotus-bank-vn"))
	fmt.Println(exp.Decision.Missing)
	for _, change := range exp.Remedies[0].Changes {
		fmt.Println("-", change.Text)
	}
	// Output:
	// [adequacy_decision_in_force appropriate_safeguard transfer_impact_assessment]
	// - sign the standard contractual clauses 2021/914, module 1 (controller to controller), with all annexes
	// - carry out and document a transfer impact assessment that finds no problematic law applied to this transfer
}

// A question about the law alone: what does Article 48 say about a foreign subpoena?
func ExampleEngine_Assess() {
	ctx := context.Background()
	eng, err := policy.Load(ctx)
	if err != nil {
		panic(err)
	}
	dec := eng.Assess(ctx, map[string]any{
		"at": "2026-11-23", "exporter": map[string]any{"country": "NL", "type": "bank", "role": "controller"},
		"recipient": map[string]any{"country": "US", "type": "court"}, "request": map[string]any{"kind": "subpoena"},
	})
	for _, r := range dec.Reasons {
		if r.Article == "48" {
			fmt.Println(dec.Permit, r.Code)
		}
	}
	// Output: false treaty_in_force
}
