package policy_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
)

// A part of the library is changed under its own tests and under the cases of the law; every fate is counted once.
func TestMutationOfTheLibrary(t *testing.T) {
	var questions []policy.Question
	for _, c := range lawCases(t) {
		asked := casebook.Case{ID: c.ID, Law: c.Facts, Expect: casebook.Expect{Allow: c.Expected.Allow}}
		questions = append(questions, policy.Question{Name: c.ID, Holds: func(ctx context.Context, changed *policy.Engine) bool {
			return casebook.Judge(ctx, changed, asked).Pass
		}})
	}
	var done atomic.Int64
	m, err := policy.Mutate(t.Context(), policy.Options{}, policy.MutationOptions{
		Only: "lib/dates", Progress: func(int, int) { done.Add(1) }, Questions: questions,
	})
	require.NoError(t, err)
	assert.Positive(t, m.Killed)
	assert.EqualValues(t, m.Killed+m.Survived+m.Stillborn+m.Untried, done.Load())
	assert.Len(t, m.Survivors, m.Survived)
	assert.Greater(t, m.KillRate, 80.0, "%v", m.Survivors)
	for _, s := range m.Survivors {
		assert.Regexp(t, `^rego/lib/dates/dates.rego:\d+$`, s.Source)
	}
}

func TestMutationOutOfTime(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m, err := policy.Mutate(ctx, policy.Options{}, policy.MutationOptions{Only: "lib/", Progress: func(int, int) { cancel() }})
	require.NoError(t, err)
	assert.Positive(t, m.Untried)
}
