package opa_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy/internal/opa"
)

// compile takes a whole decision package, without the rest of the library.
func compile(t *testing.T, decision string) (*opa.Policy, error) {
	t.Helper()
	return opa.Compile(context.Background(), opa.Source{
		Modules: map[string]string{"decision.rego": "package passavant.decision\n\n" + decision},
		Data:    map[string]any{},
	})
}

func outcome(t *testing.T, decision string) (any, error) {
	t.Helper()
	p, err := compile(t, decision)
	require.NoError(t, err)
	return p.Outcome(t.Context(), []byte(`{"at": "SECRET"}`), time.Second)
}

func TestOutcomeOrItsExactFault(t *testing.T) {
	value, err := outcome(t, `outcome := {"permit": true}`)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"permit": true}, value)

	_, err = compile(t, "outcome := {\"permit\": part}\n\npart := 1 if data.nothing.here == 2")
	require.ErrorContains(t, err, "leads nowhere", "the reference is refused before it can be undefined")
}

func TestTrapUndefinedOutcome(t *testing.T) {
	_, err := outcome(t, "outcome := {\"permit\": part}\n\npart := 1 if count([1]) == 2")
	require.ErrorIs(t, err, opa.ErrUndefined)
}

func TestTrapConflictingOutcome(t *testing.T) {
	_, err := outcome(t, "outcome := 1 if count([1]) == 1\n\noutcome := 2 if count([2]) == 1")
	require.ErrorIs(t, err, opa.ErrConflict)
	assert.ErrorContains(t, err, "decision.rego:")
}

func TestTrapBuiltinErrorIsAnError(t *testing.T) {
	_, err := outcome(t, "default outcome := {\"permit\": true}\n\noutcome := {\"permit\": false} if time.parse_ns(\"2006-01-02\", \"2024-13-45\") > 0")
	require.ErrorIs(t, err, opa.ErrEvaluation)
	assert.ErrorContains(t, err, "decision.rego:5")
	assert.NotContains(t, err.Error(), "2024-13-45")
}

func TestInputThatIsNotJSON(t *testing.T) {
	p, err := compile(t, "outcome := 1")
	require.NoError(t, err)
	_, err = p.Outcome(t.Context(), []byte("SECRET"), time.Second)
	require.ErrorIs(t, err, opa.ErrEvaluation)
	assert.NotContains(t, err.Error(), "SECRET")
}

func TestStrictModeIsOn(t *testing.T) {
	_, err := compile(t, "import data.passavant.other\n\noutcome := 1")
	require.ErrorContains(t, err, "unused")
}

func TestPermissionDefaultsToFalse(t *testing.T) {
	_, err := compile(t, "default permitted := true\n\noutcome := {\"permit\": permitted}")
	require.ErrorContains(t, err, "the default of a permission is false")
}

// Every allowed built-in exists and is pure, so that a decision is a function of its facts.
func TestAllowListNamesPureBuiltins(t *testing.T) {
	assert.Empty(t, opa.Impure(opa.AllowedBuiltins()))
	assert.NotEmpty(t, opa.Impure([]string{"time.now_ns", "http.send", "no.such.builtin"}))
}
