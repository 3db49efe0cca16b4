package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

// What an agreement's own rules may do: prohibit, add duties, make treatments stricter.

func TestAgreementRulesProhibit(t *testing.T) {
	e, err := loadJP(t, rulesFile(metadata+"prohibits contains reason.of(rego.metadata.rule()) if not small\n\nsmall if facts.subject_count <= 10\n"), policy.Options{})
	require.NoError(t, err)
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	d := e.Decide(t.Context(), f)
	require.False(t, d.Permit, "the fact is absent")
	assert.Equal(t, []policy.Reason{{ID: "jp.test", Title: "A rule of the parties", Instrument: "agreement", Article: "4",
		Clause: "4.1", Message: "refused by the parties", Effect: policy.EffectRefuses, Kind: policy.KindProhibits, Code: "jp_test", Source: jpRules + ":10"}}, d.Reasons)
	f.Claims["data"] = map[string]any{"subject_count": 11}
	assert.False(t, e.Decide(t.Context(), f).Permit)
	f.Claims["data"] = map[string]any{"subject_count": 10}
	assert.True(t, e.Decide(t.Context(), f).Permit)
}

func TestAgreementRulesBindTheirAgreementOnly(t *testing.T) {
	jp := withRules(t, "ie-jp-bank-fraud", rulesFile(metadata+"prohibits contains reason.of(rego.metadata.rule()) if facts.purpose\n"))
	document := agreementText(t, "ie-us-bank-scc")
	jp.(fstest.MapFS)["agreements/ie-us-bank-scc/agreement.yaml"] = &fstest.MapFile{Data: document}
	e, err := policy.Load(t.Context(), jp)
	require.NoError(t, err)
	assert.False(t, decideJP(t, e).Permit)
	assert.True(t, e.Decide(t.Context(), fraudFacts(t, e, "ie-us-bank-scc", "liberty-bank-us")).Permit)
}

func TestAgreementRulesCannotPermit(t *testing.T) {
	ground := strings.Replace(metadata, "code: jp_test", "rung: 1, basis: [\"GDPR:45\"], duties: [], code: jp_test", 1) +
		"permits contains reason.ground(rego.metadata.rule(), {}) if facts.purpose\n"
	_, err := loadJP(t, rulesFile(ground), policy.Options{})
	require.ErrorContains(t, err, "rules of an agreement cannot permit")
}

func TestAgreementRulesStayInTheirPackage(t *testing.T) {
	for _, pkg := range []string{"passavant.law.gdpr.adequacy", "passavant.decision", "passavant.agreements.ie_us_bank_scc", "other"} {
		_, err := loadJP(t, "package "+pkg+"\n\nx := 1\n", policy.Options{})
		require.ErrorContains(t, err, jpRules+":1: package must be passavant.agreements.ie_jp_bank_fraud")
	}
}

func TestAgreementFloorsOnlyRaise(t *testing.T) {
	for floor, want := range map[string]string{
		"keep": "pseudonymise", "mask": "pseudonymise", "pseudonymise": "pseudonymise", "drop": "drop", "shred": "drop",
	} {
		e, err := loadJP(t, rulesFile(fmt.Sprintf("floors := {\"iban\": {%q}, \"nobody\": {\"keep\"}}\n", floor)), policy.Options{})
		require.NoError(t, err)
		d := decideJP(t, e)
		require.True(t, d.Permit)
		assert.Equal(t, want, d.Treatments["iban"].Technique, floor)
		assert.NotContains(t, d.Treatments, "nobody", "a floor names no new category")
	}
}

// Invariant 4: at load where it can be known, at the decision otherwise.
func TestObligationWithoutHandlerRefuses(t *testing.T) {
	duty := `duties contains obligations.of("call_the_minister", {}) if facts.purpose` + "\n\nimport_used := facts.purpose\n"
	_, err := loadJP(t, rulesFile(duty), policy.Options{})
	require.ErrorIs(t, err, policy.ErrUnknownObligation)
	require.ErrorContains(t, err, `"call_the_minister"`)

	e, err := loadJP(t, rulesFile(duty), policy.Options{KnownObligations: append(policy.BuiltinObligations(), "call_the_minister")})
	require.NoError(t, err)
	assert.True(t, decideJP(t, e).Requires("call_the_minister"))

	_, err = policy.LoadWith(t.Context(), policy.Options{FS: trees(), KnownObligations: []string{"record_art30"}})
	require.ErrorIs(t, err, policy.ErrUnknownObligation)

	_, err = loadJP(t, rulesFile("duties contains obligations.of(facts.purpose, {})\n"), policy.Options{})
	require.ErrorContains(t, err, "must be written out")
}

func TestHandmadeObligationRefuses(t *testing.T) {
	for body, code := range map[string]string{
		`duties contains {"code": "call_the_minister", "params": {}, "travels": false}`: policy.CodeUnknownObligation,
		`duties contains {"code": "record_art30"}`:                                      policy.CodeMalformedResult,
		`duties contains "record_art30"`:                                                policy.CodeMalformedResult,
		`duties contains {"code": "record_art30", "params": {"x": 1}, "travels": true}`: policy.CodeMalformedResult,
	} {
		e, err := loadJP(t, rulesFile(body+"\n"), policy.Options{})
		require.NoError(t, err)
		requireRefusal(t, decideJP(t, e), code)
	}
}

func TestHandmadeReasonRefuses(t *testing.T) {
	for _, body := range []string{
		`prohibits contains {"id": "nobody.knows", "code": "x"} if facts.purpose`,
		`prohibits contains {"id": "gdpr.art45.3", "code": "x"} if facts.purpose`,
		`prohibits contains "text" if facts.purpose`,
	} {
		e, err := loadJP(t, rulesFile(metadata+body+"\n"), policy.Options{})
		require.NoError(t, err)
		requireRefusal(t, decideJP(t, e), policy.CodeMalformedResult)
	}
}

func TestRuleWithoutCompleteMetadataDoesNotLoad(t *testing.T) {
	for _, key := range []string{"title", "description", "id", "instrument", "article", "code", "failure_msg"} {
		t.Run(key, func(t *testing.T) {
			lines := strings.Split(metadata, "\n")
			for i, line := range lines {
				if strings.HasPrefix(line, "# "+key+":") {
					lines[i] = "# authors: [x]"
				}
			}
			m := strings.NewReplacer("id: jp.test, ", pick(key == "id", "", "id: jp.test, "),
				"instrument: agreement, ", pick(key == "instrument", "", "instrument: agreement, "),
				`article: "4", `, pick(key == "article", "", `article: "4", `),
				"code: jp_test, ", pick(key == "code", "", "code: jp_test, "),
				"failure_msg: refused by the parties", pick(key == "failure_msg", "x: y", "failure_msg: refused by the parties"),
			).Replace(strings.Join(lines, "\n"))
			_, err := loadJP(t, rulesFile(m+"prohibits contains reason.of(rego.metadata.rule()) if facts.purpose\n"), policy.Options{})
			require.ErrorContains(t, err, jpRules)
			require.ErrorContains(t, err, key)
		})
	}
	_, err := loadJP(t, rulesFile("prohibits contains reason.of({\"custom\": {\"id\": \"gdpr.art48\"}}) if facts.purpose\n"), policy.Options{})
	require.ErrorContains(t, err, "has no METADATA")
	_, err = loadJP(t, rulesFile(strings.Replace(metadata, "jp.test", "gdpr.art48", 1)+"prohibits contains reason.of(rego.metadata.rule()) if facts.purpose\n"), policy.Options{})
	require.ErrorContains(t, err, `rule id "gdpr.art48" is already used`)
}

func pick(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

// What a supplementary measure demands cannot be loosened in the agreement.
func TestUseCase2RaisesTreatments(t *testing.T) {
	document := agreementText(t, "ie-us-bank-scc")
	loose := strings.NewReplacer(
		"  name: {treatment: pseudonymise}", "  name: {treatment: keep}",
		"  iban: {treatment: pseudonymise}", "  iban: {treatment: mask, params: {keep_last: \"4\"}}",
		"  timestamp: {treatment: generalise, params: {to: month}}", "  timestamp: {treatment: keep}",
		"  narrative: {treatment: drop}", "  narrative: {treatment: keep}",
	).Replace(string(document))
	e, err := policy.Load(t.Context(), fstest.MapFS{"agreements/ie-us-bank-scc/agreement.yaml": {Data: []byte(loose)}})
	require.NoError(t, err)
	f := fraudFacts(t, e, "ie-us-bank-scc", "liberty-bank-us")
	d := e.Decide(t.Context(), f)
	require.True(t, d.Permit)
	for category, want := range map[string]string{
		"name": "pseudonymise", "iban": "pseudonymise", "narrative": "drop", "amount": "generalise", "currency": "keep", "email": "pseudonymise",
	} {
		assert.Equal(t, want, d.Treatments[category].Technique, category)
	}
	// The agreement kept the moment to the second; a quasi-identifier must at least be made coarser, and the agreement
	// does not say how, so it is dropped.
	assert.Equal(t, policy.Treatment{Technique: "drop"}, d.Treatments["timestamp"])

	delete(f.Evidence["data"].(map[string]any), "roles")
	for category, treatment := range e.Decide(t.Context(), f).Treatments {
		assert.Equal(t, "drop", treatment.Technique, "role unknown: %s", category)
	}
}

// Every rule that refuses has a case in which the fact that it asks for is absent, and then it fires.
func TestEveryRefusingRuleFiresWhenItsFactIsAbsent(t *testing.T) {
	raw, err := os.ReadFile("../testdata/policy/absent-facts.json")
	require.NoError(t, err)
	var cases map[string]struct {
		From   string         `json:"from"`
		Set    map[string]any `json:"set"`
		Absent []string       `json:"absent"`
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	e, byID := engine(t), map[string]lawCase{}
	for _, c := range lawCases(t) {
		byID[c.ID] = c
	}
	var refusing []string
	for _, r := range e.Rules() {
		if r.Effect == policy.EffectRefuses && !strings.HasPrefix(r.ID, "access.") { // no question of the law; TestAuthorize
			refusing = append(refusing, r.ID)
		}
	}
	// The claim of a derogation needs an agreement (TestDerogationMustBeAgreed), a national limit needs reference data
	// (TestNationalLimitIsAProhibition).
	assert.ElementsMatch(t, refusing, append(slices.Collect(maps.Keys(cases)), "gdpr.art49.agreed", "gdpr.art49.5"))
	for id, c := range cases {
		t.Run(id, func(t *testing.T) {
			flat := byID[c.From].Facts
			for fact, value := range c.Set {
				flat = with(flat, strings.Split(fact, "."), value)
			}
			for _, fact := range c.Absent {
				flat = without(flat, strings.Split(fact, "."))
			}
			d := e.Assess(t.Context(), flat)
			require.False(t, d.Permit)
			assert.Contains(t, ids(d), id)
		})
	}
}

// Invariant 7: a request claims a derogation, and only the agreement can say that such a claim counts.
func TestDerogationMustBeAgreed(t *testing.T) {
	document := agreementText(t, "ie-vn-memorandum")
	claim := map[string]any{"type": "49(1)(e)", "occasional": true, "necessary": true}
	for derogations, want := range map[string]bool{"": false, "derogations: [\"49(1)(d)\"]\n": false, "derogations: [\"49(1)(e)\"]\n": true} {
		e, err := policy.Load(t.Context(), fstest.MapFS{
			"agreements/ie-vn-memorandum/agreement.yaml": {Data: append([]byte(derogations), document...)}})
		require.NoError(t, err)
		f := fraudFacts(t, e, "ie-vn-memorandum", "lotus-bank-vn")
		f.Claims["derogation"] = claim
		d := e.Decide(t.Context(), f)
		require.Equal(t, want, d.Permit, derogations)
		if want {
			assert.Equal(t, []string{"GDPR:49(1)(e)"}, d.Basis)
			continue
		}
		assert.Contains(t, d.Missing, "derogation_condition_unmet")
		assert.Contains(t, ids(d), "gdpr.art49.agreed")
	}
}

func ids(d policy.Decision) []string {
	var out []string
	for _, r := range d.Reasons {
		out = append(out, r.ID)
	}
	return out
}

// Invariant 12 as a property: taking a fact away from a refused case never makes it permitted. The exceptions are facts whose
// presence is itself the burden; each is named and has its reason.
func TestAbsentFactsNeverPermit(t *testing.T) {
	burdens := map[string]string{
		"S52/agreement":                 "without an agreement in the question there is none to be inactive",
		"S26/agreement":                 "without an agreed list any list that is named will do for a question about the law alone",
		"S26/agreement.data_categories": "the same",
		"P08/recipient.country":         "the Umbrella Agreement concerns the United States; elsewhere the binding instrument need not be named",
	}
	// Facts that bring a further law or condition into play. Where they are evidence, it is Go that states them.
	presence := map[string]string{
		"onward":                            "nobody asks for an onward transfer",
		"marking":                           "what is not marked is not bound by a marking",
		"pap":                               "the same",
		"handling_code":                     "the same",
		"interpol":                          "no level and no restriction came with the data",
		"interpol.confidentiality":          "the same",
		"request":                           "no request is answered, so the ground of the transfer stands alone",
		"request.treaty_ref":                "the same",
		"request.missing_fields":            "the request is stated to be complete, and nothing is named as missing",
		"request.condition":                 "no condition was set",
		"request.dual_criminality_required": "the treaty does not ask for it",
		"data.suspicion_report":             "the categories that leave hold no suspicion",
	}
	e := engine(t)
	for _, c := range lawCases(t) {
		for _, path := range leaves(c.Facts, nil) {
			name := c.ID + "/" + strings.Join(path, ".")
			d := e.Assess(t.Context(), without(c.Facts, path))
			if burdens[name] != "" {
				assert.True(t, d.Permit, "no longer an exception: %s", name)
				continue
			}
			if !c.Expected.Allow && presence[strings.Join(path, ".")] == "" {
				assert.False(t, d.Permit, name)
			}
		}
	}
}

func leaves(m map[string]any, prefix []string) [][]string {
	var out [][]string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		path := append(slices.Clone(prefix), k)
		out = append(out, path)
		if nested, ok := m[k].(map[string]any); ok {
			out = append(out, leaves(nested, path)...)
		}
	}
	return out
}

func with(m map[string]any, path []string, value any) map[string]any {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]any{}
	}
	if len(path) == 1 {
		out[path[0]] = value
		return out
	}
	nested, _ := m[path[0]].(map[string]any)
	out[path[0]] = with(nested, path[1:], value)
	return out
}

func without(m map[string]any, path []string) map[string]any {
	out := maps.Clone(m)
	if len(path) == 1 {
		delete(out, path[0])
	} else if nested, ok := m[path[0]].(map[string]any); ok {
		out[path[0]] = without(nested, path[1:])
	}
	return out
}
