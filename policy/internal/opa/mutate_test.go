package opa_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy/internal/opa"
)

const (
	guarded = `package passavant.lib.door

open if {
	input.age >= 18
	input.ticket in {"day", "season"}
	not closed
}

closed if input.hour < 8

days := {"mon": 1}

default full := false

full if count([1 | some guest in input.guests; guest.present == true]) > days.mon
`
	guard = `package passavant.lib.door_test

import data.passavant.lib.door

guest(hour) := {"age": 18, "ticket": "day", "hour": hour}

test_open if door.open with input as guest(8)

test_closed if not door.open with input as guest(7)

test_young if not door.open with input as object.union(guest(8), {"age": 17})

test_no_ticket if not door.open with input as object.union(guest(8), {"ticket": "none"})
`
	outcomeOf = "package passavant.decision\n\nimport data.passavant.lib.door\n\noutcome := {\"full\": door.full}\n"
)

func source() opa.Source {
	return opa.Source{Data: map[string]any{}, Modules: map[string]string{
		"rego/lib/door/door.rego": guarded, "rego/lib/door/door_test.rego": guard,
		// Only package passavant.facts may read the input in what is loaded; here the whole is tests.
		"rego/decision/decision.rego": outcomeOf,
	}}
}

func mutate(t *testing.T, m opa.Mutation) map[string]opa.Mutant {
	t.Helper()
	m.Source, m.Limit = source(), time.Second
	mutants, err := opa.Mutate(t.Context(), m)
	require.NoError(t, err)
	out := map[string]opa.Mutant{}
	for _, mutant := range mutants {
		out[fmt.Sprintf("%d %s: %s", mutant.Row, mutant.Kind, mutant.Text)] = mutant
	}
	return out
}

func TestMutantsAndTheirFates(t *testing.T) {
	calls := atomic.Int64{}
	got := mutate(t, opa.Mutation{
		Match:    func(file string) bool { return file == "rego/lib/door/door.rego" },
		Progress: func(done, all int) { calls.Add(1); assert.LessOrEqual(t, done, all) },
	})
	// Where several tests notice a change, the first to fail is named, and the runner keeps no order.
	for text, by := range map[string]string{
		`3 rule: rule open dropped`:                                   "test_",
		`4 comparison: gte to lt: input.age >= 18`:                    "test_",
		`4 boundary: gte to gt: input.age >= 18`:                      "test_",
		`4 number: 18 to 19: input.age >= 18`:                         "test_",
		`4 line: dropped: input.age >= 18`:                            "test_young",
		`5 line: dropped: input.ticket in {"day", "season"}`:          "test_no_ticket",
		`5 negation: negated: input.ticket in {"day", "season"}`:      "test_",
		`5 element: without "day": input.ticket in {"day", "season"}`: "test_",
		`6 line: dropped: not closed`:                                 "test_closed",
		`6 negation: no longer negated: not closed`:                   "test_",
		`9 boundary: lt to lte: input.hour < 8`:                       "test_",
	} {
		require.Contains(t, got, text)
		assert.Equal(t, opa.Killed, got[text].Fate, text)
		assert.Contains(t, got[text].By, by, text)
		assert.Equal(t, "rego/lib/door/door.rego", got[text].File)
	}
	for text := range got {
		assert.NotContains(t, text, "rule days", "a table of constants is not a condition: %s", text)
	}
	assert.Equal(t, opa.Stillborn, got["9 rule: rule closed dropped"].Fate, "nobody can load a rule that names nothing")
	assert.EqualValues(t, len(got), calls.Load())
}

// Nothing in the tests looks at the season ticket or at full: such changes survive the tests, and what can be loaded goes on
// to the cases.
func TestSurvivorsAreNamed(t *testing.T) {
	got := mutate(t, opa.Mutation{Match: func(file string) bool { return file == "rego/decision/decision.rego" }})
	assert.Empty(t, got, "an outcome that is a table of references has nothing to change but itself")

	src := source()
	src.Modules["rego/facts/facts.rego"] = "package passavant.facts\n\nage := input.age\n\nguests := input.guests\n"
	src.Modules["rego/lib/door/door.rego"] = "package passavant.lib.door\n\nimport data.passavant.facts\n\ndefault full := false\n\nfull if count(facts.guests) > 2\n\nadult if facts.age >= 18\n"
	src.Modules["rego/lib/door/door_test.rego"] = "package passavant.lib.door_test\n\nimport data.passavant.lib.door\n\ntest_adult if door.adult with input as {\"age\": 20}\n"
	looked := atomic.Int64{}
	mutants, err := opa.Mutate(t.Context(), opa.Mutation{Source: src, Limit: time.Second, Match: func(file string) bool { return file == "rego/lib/door/door.rego" },
		Questions: []opa.Question{{Name: "the house is full at three", Holds: func(ctx context.Context, p *opa.Policy) bool {
			looked.Add(1)
			for guests, want := range map[string]bool{`[1,2,3]`: true, `[]`: false} {
				value, err := p.Outcome(ctx, []byte(`{"guests": `+guests+`}`), time.Second)
				if err != nil || value.(map[string]any)["full"] != want {
					return false
				}
			}
			return true
		}}}})
	require.NoError(t, err)
	fate := map[string]opa.Fate{}
	for _, m := range mutants {
		fate[m.Text] = m.Fate
	}
	assert.Equal(t, opa.Killed, fate["default false to true"], "%v", mutants)
	assert.Equal(t, opa.Killed, fate["gt to lte: count(facts.guests) > 2"])
	assert.Equal(t, opa.Survived, fate["gte to gt: facts.age >= 18"])
	assert.Equal(t, opa.Survived, fate["gt to gte: count(facts.guests) > 2"], "nobody tries two guests")
	assert.EqualValues(t, 1+len(mutants)-notAsked(mutants), looked.Load(), "the question looks at full and at nothing else")
}

// notAsked counts the changes that were settled before the question, or that it has nothing to do with.
func notAsked(mutants []opa.Mutant) int {
	n := 0
	for _, m := range mutants {
		if m.Fate == opa.Killed && m.By != "the house is full at three" || m.Fate == opa.Stillborn || strings.Contains(m.Text, "age") || strings.Contains(m.Text, "adult") {
			n++
		}
	}
	return n
}

// What no test looks at, no test is run for; and the parts of a run are the whole.
func TestPartsAreTheWhole(t *testing.T) {
	whole := mutate(t, opa.Mutation{})
	parts := map[string]opa.Mutant{}
	for n := range 3 {
		for text, m := range mutate(t, opa.Mutation{Part: n, Parts: 3}) {
			assert.NotContains(t, parts, text)
			parts[text] = m
		}
	}
	require.Len(t, parts, len(whole))
	for text, m := range whole {
		assert.Equal(t, m.Fate, parts[text].Fate, text)
	}
}

// A rule that only another package's test looks at, through a rule that the index leaves out on the way, is still held by it.
func TestTestsOfOthersAreFound(t *testing.T) {
	src := source()
	src.Modules["rego/lib/door/door_test.rego"] = "package passavant.lib.door_test\n\nimport data.passavant.lib.door\n\ntest_days if door.days.mon == 1\n"
	src.Modules["rego/lib/house/house_test.rego"] = "package passavant.lib.house_test\n\nimport data.passavant.lib.door\n\n" +
		"test_closed if not door.open with input as {\"age\": 18, \"ticket\": \"day\", \"hour\": 7}\n"
	mutants, err := opa.Mutate(t.Context(), opa.Mutation{Source: src, Limit: time.Second, Match: func(file string) bool { return file == "rego/lib/door/door.rego" }})
	require.NoError(t, err)
	by := map[string]string{}
	for _, m := range mutants {
		by[m.Text] = m.By
	}
	assert.Equal(t, "passavant.lib.house_test.test_closed", by["dropped: input.hour < 8"]+by["no longer negated: not closed"]+by["dropped: not closed"][:0])
}

func TestMutationEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mutants, err := opa.Mutate(ctx, opa.Mutation{Source: source(), Limit: time.Second})
	require.NoError(t, err)
	require.NotEmpty(t, mutants)
	for _, m := range mutants {
		assert.Equal(t, opa.Untried, m.Fate)
	}
}

// Two tests of one name are two tests.
func TestTestsOfOneNameAreBothRun(t *testing.T) {
	src := source()
	src.Modules["rego/lib/door/door_test.rego"] = "package passavant.lib.door_test\n\nimport data.passavant.lib.door\n\ntest_door if door.days.mon == 1\n\n" +
		"test_door if not door.open with input as {\"age\": 17, \"ticket\": \"day\", \"hour\": 9}\n"
	mutants, err := opa.Mutate(t.Context(), opa.Mutation{Source: src, Limit: time.Second, Match: func(file string) bool { return file == "rego/lib/door/door.rego" }})
	require.NoError(t, err)
	fate := map[string]opa.Fate{}
	for _, m := range mutants {
		fate[m.Text] = m.Fate
	}
	assert.Equal(t, opa.Killed, fate["dropped: input.age >= 18"])
}
