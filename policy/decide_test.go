package policy_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

func roles() map[string]any {
	return map[string]any{
		"case_reference": "operational", "organisation": "operational", "fraud_type": "operational", "account_role": "operational",
		"currency": "operational", "bic": "operational", "country": "operational", "merchant": "operational",
		"name": "direct", "email": "direct", "phone": "direct", "national_id": "direct", "iban": "direct",
		"transaction": "operational", "device_id": "direct", "date_of_birth": "quasi", "amount": "quasi", "timestamp": "quasi",
		"ip_address": "quasi", "postcode": "quasi", "user_agent": "quasi", "address": "direct",
		"reference_text": "free-text", "narrative": "free-text",
	}
}

// fraudFacts is the quickstart's question: one fraud case under the named agreement.
func fraudFacts(t testing.TB, e *policy.Engine, agreement, recipient string) policy.Facts {
	t.Helper()
	a, ok := e.Agreement(agreement)
	require.True(t, ok)
	var leaving []any
	for _, c := range a.Categories() {
		leaving = append(leaving, c)
	}
	return policy.Facts{
		At: time.Date(2026, 11, 23, 14, 33, 21, 5, time.UTC), Agreement: agreement,
		Exporter: "emerald-bank-ie", Recipient: recipient,
		Claims: map[string]any{"purpose": "prevent_and_investigate_fraud", "justification": "case_review"},
		Evidence: map[string]any{
			"recipient_key_pinned": true,
			"data": map[string]any{
				"categories": leaving, "special_categories": []any{}, "criminal_offence_data": false,
				"subjects": []any{"customer", "suspect"}, "roles": roles(),
			},
		},
	}
}

func TestAdequateRecipientIsPermitted(t *testing.T) {
	e := engine(t)
	d := e.Decide(context.Background(), fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp"))
	require.True(t, d.Permit, "%+v", d.Reasons)
	assert.Equal(t, []string{"GDPR:45", "EU:2019/419"}, d.Basis)
	assert.Equal(t, policy.Treatment{Technique: "generalise", Params: map[string]string{"to": "year"}}, d.Treatments["date_of_birth"])
	assert.Equal(t, "keep", d.Treatments["amount"].Technique)
	for _, code := range []string{"record_art30", "inform_data_subjects", "delete_after", "no_onward_transfer", "purpose_limit"} {
		assert.True(t, d.Requires(code), code)
	}
	assert.Empty(t, d.Missing)
	assert.Contains(t, string(d.FactsCanonical), `"at":"2026-11-23T14:33:00Z"`)
	assert.False(t, d.LawOnly)
}

func TestClausesWithPseudonymisationArePermittedAndStricter(t *testing.T) {
	e := engine(t)
	d := e.Decide(context.Background(), fraudFacts(t, e, "ie-us-bank-scc", "liberty-bank-us"))
	require.True(t, d.Permit, "%+v", d.Reasons)
	assert.Equal(t, []string{"GDPR:46(2)(c)", "EU:2021/914", "EDPB:01/2020:UC2"}, d.Basis)
	assert.True(t, d.Requires("pseudonymise_identifiers"))
	assert.True(t, d.Requires("document_tia"))
	assert.Equal(t, "drop", d.Treatments["narrative"].Technique)
	assert.Equal(t, policy.Treatment{Technique: "generalise", Params: map[string]string{"to": "band", "width": "1000"}}, d.Treatments["amount"])
}

func TestNoSafeguardIsRefusedWithArticles(t *testing.T) {
	e := engine(t)
	d := e.Decide(context.Background(), fraudFacts(t, e, "ie-vn-memorandum", "lotus-bank-vn"))
	require.False(t, d.Permit)
	assert.Contains(t, d.Missing, "adequacy_decision_in_force")
	assert.Contains(t, d.Missing, "appropriate_safeguard")
	assert.Empty(t, d.Obligations)
	assert.Empty(t, d.Treatments)
}
