package policy_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

// The traps are faults that were found by running OPA; each has one test that fails if its answer is taken away.

const jpRules = "agreements/ie-jp-bank-fraud/rules.rego"

// withRules is the sample tree of one agreement with rules of its own.
func withRules(t testing.TB, id, rules string) fs.FS {
	t.Helper()
	document := agreementText(t, id)
	return fstest.MapFS{
		"agreements/" + id + "/agreement.yaml": {Data: document},
		"agreements/" + id + "/rules.rego":     {Data: []byte(rules)},
	}
}

// rulesFile is a rules.rego with the imports that the body uses: strict mode refuses the others.
func rulesFile(body string) string {
	head := "package passavant.agreements.ie_jp_bank_fraud\n\n"
	for _, name := range []string{"facts", "obligations", "reason"} {
		if strings.Contains(body, name+".") {
			head += "import data.passavant." + name + "\n"
		}
	}
	return head + "\n" + body
}

const metadata = `# METADATA
# title: A rule of the parties
# description: For the test.
# custom: {id: jp.test, instrument: agreement, article: "4", clause: "4.1", code: jp_test, failure_msg: refused by the parties}
`

func loadJP(t testing.TB, rules string, opts policy.Options) (*policy.Engine, error) {
	t.Helper()
	opts.FS = []fs.FS{withRules(t, "ie-jp-bank-fraud", rules)}
	return policy.LoadWith(context.Background(), opts)
}

func decideJP(t testing.TB, e *policy.Engine) policy.Decision {
	t.Helper()
	return e.Decide(t.Context(), fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp"))
}

func requireRefusal(t *testing.T, d policy.Decision, code string) {
	t.Helper()
	require.False(t, d.Permit)
	require.Equal(t, []string{code}, d.Missing, "%+v", d.Reasons)
	require.Len(t, d.Reasons, 1)
	assert.Equal(t, policy.EffectRefuses, d.Reasons[0].Effect)
	assert.Empty(t, d.Basis)
	assert.Empty(t, d.Treatments)
	assert.Empty(t, d.Obligations)
	assert.NotEmpty(t, d.Revision)
}

// Trap 1: in OPA's default error mode an expiry rule over a malformed date is undefined, and the answer is yes.
func TestTrapMalformedDateRefuses(t *testing.T) {
	t.Run("at load", func(t *testing.T) {
		document := agreementText(t, "ie-jp-bank-fraud")
		broken := strings.Replace(string(document), `valid_until: "2028-01-31"`, `valid_until: "2028-13-45"`, 1)
		_, err := policy.Load(t.Context(), fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: []byte(broken)}})
		require.ErrorContains(t, err, "agreement.yaml:10: /valid_until: not a day of the calendar")
		assert.NotContains(t, err.Error(), "2028-13-45")
	})
	for _, field := range []string{"valid_from", "valid_until"} {
		t.Run("past the loader, "+field, func(t *testing.T) {
			e := engine(t)
			a, _ := e.Agreement("ie-jp-bank-fraud")
			if field == "valid_from" {
				a.ValidFrom = "2024-13-45"
			} else {
				a.ValidUntil = "2024-13-45"
			}
			d := decideJP(t, e)
			requireRefusal(t, d, policy.CodeEvaluationError)
			assert.NotContains(t, d.Reasons[0].Message, "2024-13-45")
		})
	}
	t.Run("not a date at all", func(t *testing.T) {
		e := engine(t)
		a, _ := e.Agreement("ie-jp-bank-fraud")
		a.ValidUntil = "SECRET"
		d := decideJP(t, e)
		requireRefusal(t, d, policy.CodeFactsInvalid)
		assert.NotContains(t, d.Reasons[0].Message, "SECRET")
	})
	t.Run("in a case of the law", func(t *testing.T) {
		d := engine(t).Assess(t.Context(), map[string]any{"at": "2024-13-45"})
		requireRefusal(t, d, policy.CodeFactsInvalid)
	})
}

// Traps 2 and 7: the clock, the network, randomness, the environment, printing and tracing do not compile.
func TestTrapBuiltinsOutsideTheAllowListDoNotCompile(t *testing.T) {
	for name, call := range map[string]string{
		"clock": "time.now_ns() > 0", "network": `http.send({"method": "get", "url": "http://localhost"})`,
		"resolver": `net.lookup_ip_addr("localhost")`, "random": `rand.intn("x", 5) > 1`, "environment": "opa.runtime().env",
		"uuid": `uuid.rfc4122("x")`, "print": `print("x")`, "trace": `trace("x")`, "json schema": `json.match_schema({}, {})`,
		"range": "numbers.range(1, 10000000)", "regex": "regex.match(`a`, `b`)", "crypto": `crypto.sha256("x")`,
		"time zone": `time.clock([0, "Europe/Dublin"])`, "walk": "walk(facts.agreement, [_, _])", "parse": `io.jwt.decode("x")`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadJP(t, rulesFile(metadata+"prohibits contains reason.of(rego.metadata.rule()) if "+call+"\n"), policy.Options{})
			require.ErrorContains(t, err, jpRules)
			require.ErrorContains(t, err, "undefined function")
		})
	}
}

// Trap 3, at the engine: an outcome that is undefined is an empty result set without an error. See also the tests of
// policy/internal/opa, where the outcome itself is undefined.
func TestTrapUndefinedPartOfTheOutcomeRefuses(t *testing.T) {
	d := engine(t).Assess(t.Context(), map[string]any{"at": "2026-11-23"})
	require.False(t, d.Permit)
	assert.Contains(t, d.Missing, policy.CodeNoApplicableLaw)
}

// Trap 4: two values for one rule are an error at run time only.
func TestTrapConflictRefuses(t *testing.T) {
	e, err := loadJP(t, rulesFile("floors := {\"name\": {\"drop\"}} if facts.purpose\n\nfloors := {} if facts.agreement\n"), policy.Options{})
	require.NoError(t, err)
	requireRefusal(t, decideJP(t, e), policy.CodeConflict)
}

// Trap 6: schemas are in force when rules are compiled, so a misspelt fact is a compile error.
func TestTrapMisspeltFactDoesNotCompile(t *testing.T) {
	for name, tc := range map[string]struct{ body, want string }{
		"unknown view":   {`facts.purpos == "x"`, "data.passavant.facts.purpos leads nowhere"},
		"unknown part":   {`data.passavant.law.gdpr.nowhere.permits`, "leads nowhere"},
		"unknown data":   {`data.passavant.reference.zones.zonse`, "leads nowhere"},
		"unknown member": {`facts.exporter.countri == "IE"`, "undefined ref: data.passavant.facts.exporter.countri"},
		"wrong type":     {`facts.exporter.country == 7`, "match error"},
		"input itself":   {`input.claims.purpose == "x"`, "never from the input"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadJP(t, rulesFile(metadata+"prohibits contains reason.of(rego.metadata.rule()) if "+tc.body+"\n"), policy.Options{})
			require.ErrorContains(t, err, jpRules)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

// Trap 8: rule indexing and early exit have had faults; the answer is the same without them.
func TestTrapDifferentialWithoutIndexing(t *testing.T) {
	plain, err := policy.LoadPlain(t.Context(), policy.Options{FS: trees()})
	require.NoError(t, err)
	e := engine(t)
	require.Equal(t, e.Revision(), plain.Revision())
	for _, c := range lawCases(t) {
		assert.Equal(t, e.Assess(t.Context(), c.Facts), plain.Assess(t.Context(), c.Facts), c.ID)
	}
	for agreement, recipient := range samples() {
		f := fraudFacts(t, e, agreement, recipient)
		assert.Equal(t, e.Decide(t.Context(), f), plain.Decide(t.Context(), f), agreement)
	}
}

func samples() map[string]string {
	return map[string]string{
		"ie-jp-bank-fraud": "sakura-bank-jp", "ie-us-bank-scc": "liberty-bank-us", "ie-vn-memorandum": "lotus-bank-vn",
	}
}

// Trap 9: a rule can burn CPU without any special built-in.
const slowRule = `prohibits contains reason.of(rego.metadata.rule()) if {
	facts.purpose
	count([1 | some a in digits; some b in digits; some c in digits; some d in digits; some e in digits; some f in digits; some g in digits; a+b+c+d+e+f+g > 100]) > 0
}
`

func TestTrapEndlessEvaluationRefusesAndIsNotKept(t *testing.T) {
	e, err := loadJP(t, rulesFile("digits := {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}\n\n"+metadata+slowRule), policy.Options{Timeout: 20 * time.Millisecond})
	require.NoError(t, err)
	requireRefusal(t, decideJP(t, e), policy.CodeEvaluationTimeout)
	assert.Zero(t, e.Cached())
}

func TestTrapCancelledContextRefusesAndIsNotKept(t *testing.T) {
	e := engine(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
	requireRefusal(t, e.Decide(ctx, f), policy.CodeEvaluationTimeout)
	assert.Zero(t, e.Cached())
	assert.True(t, e.Decide(t.Context(), f).Permit)
	assert.Equal(t, 1, e.Cached())
}

// Trap 10: a negated expression over an undefined reference switches a prohibition off.
func TestTrapNegatedExpressionDoesNotLoad(t *testing.T) {
	for name, body := range map[string]string{
		"membership":            `not facts.purpose in facts.agreement.purposes`,
		"comparison":            `not facts.agreement.onward == "prohibited"`,
		"builtin":               `not startswith(facts.purpose, "a")`,
		"call on a document":    `not known(facts.purpose)`,
		"call on a rule's name": `not known(name)`,
		"in a comprehension":    `count([1 | not facts.purpose in facts.agreement.purposes]) > 0`,
	} {
		t.Run(name, func(t *testing.T) {
			rules := rulesFile("known(x) if x == 1\n\nname := facts.purpose\n\n" + metadata +
				"prohibits contains reason.of(rego.metadata.rule()) if {\n\tknown(name)\n\t" + body + "\n}\n")
			_, err := loadJP(t, rules, policy.Options{})
			require.ErrorContains(t, err, "negate a named rule")
			require.ErrorContains(t, err, jpRules+":16")
		})
	}
}

// A comprehension over an absent fact is an empty set: "no special categories" must not be proven by saying nothing.
func TestTrapAbsentListIsNotAnEmptyList(t *testing.T) {
	for fact, code := range map[string]string{
		"special_categories": "special_category_condition", "categories": "data_minimisation", "subjects": "data_minimisation",
		"criminal_offence_data": "art10_basis",
	} {
		t.Run(fact, func(t *testing.T) {
			e := engine(t)
			f := fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
			delete(f.Evidence["data"].(map[string]any), fact)
			d := e.Decide(t.Context(), f)
			require.False(t, d.Permit)
			assert.Contains(t, d.Missing, code)
		})
	}
}
