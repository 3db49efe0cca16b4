// Package policy is the decision point: it says whether personal data may cross a border under an agreement and the law,
// why, with which obligations, and how each data category must be treated before it leaves.
//
//	eng, err := policy.Load(ctx, os.DirFS("policies"))
//	dec := eng.Decide(ctx, policy.Facts{At: now, Agreement: "ie-jp-bank-fraud", Exporter: "emerald-bank-ie",
//		Recipient: "sakura-bank-jp", Claims: claims, Evidence: evidence})
//
// A decision is a pure function of Engine.Revision and the facts: rules have no clock, network, randomness or environment.
// The zero Decision refuses, and so does everything that cannot be decided: Decide and Assess return no error.
// Docs: docs/policy.md (format, invariants, failure modes), docs/facts.md (vocabulary), rego/README.md (for lawyers).
package policy
