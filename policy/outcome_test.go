package policy

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy/internal/opa"
)

// answer stands in for the rules.
type answer struct {
	outcome any
	err     error
}

func (a answer) Outcome(context.Context, []byte, time.Duration) (any, error) { return a.outcome, a.err }

const goodOutcome = `{"permit": true, "basis": ["GDPR:45"], "supports": [], "prohibits": [], "lacks": [],
 "grounds": [{"id": "gdpr.art45.3"}], "obligations": [], "notices": [],
 "treatments": {"name": {"technique": "drop", "params": {}}}}`

func asked() map[string]any {
	return input(scopeTransfer, "2026-11-23T14:33:00Z", map[string]any{"agreement": map[string]any{"treatments": map[string]any{
		"name": map[string]any{"technique": "keep", "params": map[string]any{}}}}}, nil, nil)
}

func judge(t *testing.T, a answer) Decision {
	t.Helper()
	e, err := Load(t.Context(), sample.Workspace(), sample.Elsewhere())
	require.NoError(t, err)
	d, _ := e.evaluate(t.Context(), a, asked())
	return d
}

func decoded(t *testing.T, document string) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(document), &out))
	return out
}

func TestGoodOutcomeIsRead(t *testing.T) {
	d := judge(t, answer{outcome: decoded(t, goodOutcome)})
	assert.True(t, d.Permit)
	assert.Equal(t, map[string]Treatment{"name": {Technique: "drop"}}, d.Treatments)
}

// The rules are not trusted to be consistent: each change of one member of a good outcome refuses.
func TestOutcomeThatIsNotExactlyAsAgreedRefuses(t *testing.T) {
	none := []any{}
	for name, tc := range map[string]struct {
		member string
		value  any
		code   string
	}{
		"permit as text":        {"permit", "true", CodeMalformedResult},
		"permit without ground": {"grounds", none, CodeMalformedResult},
		"permit without basis":  {"basis", none, CodeMalformedResult},
		"permit though barred":  {"prohibits", []any{map[string]any{"id": "gdpr.art9.2"}}, CodeMalformedResult},
		"refusal with ground":   {"permit", false, CodeMalformedResult},
		"basis of numbers":      {"basis", []any{1.0}, CodeMalformedResult},
		"notices missing":       {"notices", nil, CodeMalformedResult},
		"unknown ground":        {"grounds", []any{map[string]any{"id": "nobody"}}, CodeMalformedResult},
		"ground that refuses":   {"grounds", []any{map[string]any{"id": "gdpr.art9.2"}}, CodeMalformedResult},
		"one member too many":   {"extra", true, CodeMalformedResult},
		"category forgotten":    {"treatments", map[string]any{}, CodeUnknownTreatment},
		"category invented":     {"treatments", map[string]any{"iban": map[string]any{"technique": "drop", "params": map[string]any{}}}, CodeUnknownTreatment},
		"unknown technique":     {"treatments", map[string]any{"name": map[string]any{"technique": "shred", "params": map[string]any{}}}, CodeUnknownTreatment},
		"treatment half given":  {"treatments", map[string]any{"name": map[string]any{"technique": "drop"}}, CodeMalformedResult},
		"no treatments":         {"treatments", nil, CodeMalformedResult},
		"no obligations":        {"obligations", nil, CodeMalformedResult},
		"unknown obligation":    {"obligations", []any{map[string]any{"code": "x", "params": map[string]any{}, "travels": true}}, CodeUnknownObligation},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := decoded(t, goodOutcome)
			outcome[tc.member] = tc.value
			d := judge(t, answer{outcome: outcome})
			require.False(t, d.Permit)
			assert.Equal(t, []string{tc.code}, d.Missing)
			assert.Empty(t, d.Treatments)
			assert.Empty(t, d.Basis)
		})
	}
	for _, outcome := range []any{nil, true, "yes", map[string]any{}, []any{}} {
		assert.Equal(t, []string{CodeMalformedResult}, judge(t, answer{outcome: outcome}).Missing)
	}
}

func TestEveryFaultOfEvaluationHasItsCode(t *testing.T) {
	for err, code := range map[error]string{
		opa.ErrTimeout: CodeEvaluationTimeout, opa.ErrConflict: CodeConflict, opa.ErrUndefined: CodeUndefinedResult,
		opa.ErrMalformed: CodeMalformedResult, opa.ErrEvaluation: CodeEvaluationError, errors.New("other"): CodeEvaluationError,
	} {
		d := judge(t, answer{outcome: decoded(t, goodOutcome), err: err})
		assert.False(t, d.Permit)
		assert.Equal(t, []string{code}, d.Missing)
	}
}

// Without lengths in the key, "a","s" and "as","" would be one question.
func TestCacheKeySeparatesNeighbours(t *testing.T) {
	a, _ := KeyOf(Facts{Agreement: "a", Exporter: "s"})
	b, _ := KeyOf(Facts{Agreement: "as"})
	assert.NotEqual(t, a, b)
}
