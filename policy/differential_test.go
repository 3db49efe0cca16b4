package policy_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

// questions is how many random facts a differential test decides: PASSAVANT_DIFFERENTIAL, or a number that keeps it short.
func questions(t testing.TB) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("PASSAVANT_DIFFERENTIAL")); err == nil {
		return n
	}
	if testing.Short() {
		return 200
	}
	return 800
}

// dice makes random facts. Most facts are present and favourable, so that every rung of the ladder is reached often; each may
// be absent, contrary or odd.
type dice struct{ *rand.Rand }

func (d dice) pick(values ...any) any { return values[d.IntN(len(values))] }

// maybe returns the value nineteen times in twenty, and nil, which says nothing, otherwise.
func (d dice) maybe(value any) any {
	if d.IntN(20) == 0 {
		return nil
	}
	return value
}

// mostly is the favourable answer eleven times in twelve.
func (d dice) mostly(answer bool) any {
	if d.IntN(12) == 0 {
		answer = !answer
	}
	return d.maybe(answer)
}

func (d dice) transfer() map[string]any {
	return map[string]any{
		"at": d.pick("2026-11-23", "2019-06-01", "2024-06-01", "2031-12-27", "2031-12-28", "2023-07-09"), "lawful_basis": "GDPR:6(1)(a)",
		"collected_for": "fraud_monitoring", "purpose": d.pick("fraud_monitoring", "fraud_monitoring", "prevent_and_investigate_fraud"),
		"exporter": map[string]any{
			"country": d.pick("IE", "DE", "NO", "IS"), "type": d.maybe(d.pick("bank", "private", "public_authority", "cert", "individual")),
			"role": d.maybe(d.pick("controller", "controller", "processor")), "public_powers": d.pick(nil, nil, false, true),
		},
		"recipient": d.recipient(),
		"data": map[string]any{
			"categories": []any{"name", "iban"}, "special_categories": []any{}, "criminal_offence_data": false,
			"subjects": []any{d.pick("customer", "customer", "employee")}, "hr_data": d.pick(nil, nil, false, true),
			"personal_credit_information": d.pick(nil, false, true), "combined_with_eu_data": d.pick(nil, false, true),
			"encrypted": map[string]any{"strong": d.mostly(true), "keys_holder": d.maybe(d.pick("exporter_eea", "exporter_eea", "recipient"))},
			"pseudonymised": map[string]any{"done": d.mostly(true), "additional_info_holder": d.maybe(d.pick("exporter_eea", "recipient")),
				"reidentification_analysis": d.mostly(true), "authorities_cannot_attribute": d.mostly(true)},
		},
		"safeguard": d.maybe(d.safeguard()), "tia": d.maybe(d.assessment()), "derogation": d.derogation(),
		"safeguard_impossible": d.mostly(true),
	}
}

func (d dice) recipient() map[string]any {
	certification := map[string]any{"scheme": d.pick("dpf_eu", "dpf_eu", "dpf_ch"), "active": d.mostly(true),
		"covers": []any{d.pick("non_hr", "hr")}, "withdrawn_on": d.pick(nil, nil, "2026-11-23", "2030-01-01")}
	return map[string]any{
		"country": d.maybe(d.pick("JP", "US", "GB", "KR", "BR", "CA", "IL", "CH", "IN", "VN", "FR", "NO")),
		"type":    d.maybe(d.pick("bank", "private", "csp", "police", "public_authority", "cert")), "role": d.maybe(d.pick("controller", "controller", "processor")),
		"subject_to": d.maybe([]any{d.pick("APPI", "PIPEDA", "PIPA", "LGPD"), d.pick("APPI", "PIPA")}), "public_body": d.pick(nil, nil, false, true),
		"certifications": d.maybe([]any{certification}), "location_in_occupied_territory": d.pick(nil, false, true),
		"processing_purpose": d.pick(nil, nil, "payments", "religious", "political", "press_broadcasting", "national_defence"),
		"supervised_by":      d.pick(nil, "BOK", "FSC"), "needs_clear_text": d.pick(nil, false, true), "remote_access": d.pick(nil, nil, false, true),
	}
}

func (d dice) safeguard() map[string]any {
	return map[string]any{
		"type": d.pick("scc_2021_914", "scc_2021_914", "binding_instrument", "bcr", "sa_scc", "code_of_conduct", "certification",
			"ad_hoc_clauses", "administrative_arrangement", "handshake"),
		"module": d.pick(1, 1, 2, 3, 4), "annexes_complete": d.mostly(true), "enforceable_rights": d.mostly(true), "approved": d.mostly(true),
		"binding_and_enforceable": d.mostly(true), "member_listed": d.mostly(true), "sa_authorised": d.mostly(true),
		"importer_subject_to_gdpr_3_2": d.mostly(false),
	}
}

func (d dice) assessment() map[string]any {
	return map[string]any{
		"done": d.mostly(true), "documented": d.mostly(true), "problematic_law": d.pick(false, false, true, nil), "applied_in_practice": d.pick(false, true, nil),
		"measures": d.maybe([]any{d.pick("edpb_uc1", "edpb_uc2", "edpb_uc6")}), "conclusion": d.maybe(d.pick("essentially_equivalent", "essentially_equivalent", "not_equivalent")),
	}
}

func (d dice) derogation() map[string]any {
	return map[string]any{
		"type":     d.maybe(d.pick("49(1)(a)", "49(1)(b)", "49(1)(c)", "49(1)(d)", "49(1)(e)", "49(1)(f)", "49(1)(g)", "49(1)_second_subparagraph", "49(1)(z)")),
		"explicit": d.mostly(true), "informed_of_risks": d.mostly(true), "necessary": d.mostly(true), "occasional": d.mostly(true), "systematic": d.mostly(false),
		"recognised_in": d.maybe(d.pick("EU", "IE", "DE", "US")), "vital_interest": d.mostly(true), "incapable_of_consent": d.mostly(true),
		"public_register": d.mostly(true), "entire_or_category": d.mostly(false), "other_derogations_available": d.mostly(false), "repetitive": d.mostly(false),
		"limited_number": d.mostly(true), "overridden": d.mostly(false), "assessed": d.mostly(true), "suitable_safeguards": d.mostly(true),
	}
}

// A second reading of Articles 45, 46 and 49 agrees with the Rego on random facts, and every kind of answer occurs.
func TestSecondReadingOfChapterV(t *testing.T) {
	e, err := policy.LoadWith(t.Context(), policy.Options{CacheEntries: -1})
	require.NoError(t, err)
	second, d := newOracle(t), dice{rand.New(rand.NewPCG(45, 49))}
	seen := map[string]int{}
	for i := range questions(t) {
		facts := d.transfer()
		got, want := e.Assess(t.Context(), facts), second.ground(dossier(facts))
		seen[want]++
		require.Equal(t, want != "", got.Permit, "question %d: the second reading says %q: %v %v", i, want, facts, got.Missing)
		if want != "" {
			require.Equal(t, want, got.Basis[0], "question %d: %v", i, facts)
		}
	}
	for _, ground := range []string{"", "GDPR:6(1)(a)", "GDPR:45", "GDPR:46(2)(c)", "GDPR:49(1)(d)", "GDPR:49(1)(e)", "GDPR:49(1)(f)"} {
		require.NotZero(t, seen[ground], "no question reached %q: %v", ground, seen)
	}
	t.Log(seen)
}

// Rule indexing and early exit are optimisations: without them every random question has the same answer, to the last field.
func TestDifferentialOnRandomFacts(t *testing.T) {
	fast, err := policy.LoadWith(t.Context(), policy.Options{CacheEntries: -1})
	require.NoError(t, err)
	plain, err := policy.LoadPlain(t.Context(), policy.Options{CacheEntries: -1})
	require.NoError(t, err)
	cases, d := lawCases(t), dice{rand.New(rand.NewPCG(24, 10))}
	for i := range questions(t) {
		facts := d.question(cases)
		require.Equal(t, fast.Assess(t.Context(), facts), plain.Assess(t.Context(), facts), "question %d: %v", i, facts)
	}
}

// question is a random transfer, or a case of the law with some facts taken away or exchanged with those of another case: so
// every instrument is reached.
func (d dice) question(cases []lawCase) map[string]any {
	if d.IntN(3) == 0 {
		return d.transfer()
	}
	facts, other := cases[d.IntN(len(cases))].Facts, cases[d.IntN(len(cases))].Facts
	for range d.IntN(3) {
		paths := leaves(facts, nil)
		facts = without(facts, paths[d.IntN(len(paths))])
	}
	for key, value := range other {
		if key != "at" && d.IntN(4) == 0 {
			facts = with(facts, []string{key}, value)
		}
	}
	return with(facts, []string{"at"}, "2026-11-23")
}
