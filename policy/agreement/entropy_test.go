package agreement_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passavant/passavant/policy/agreement"
)

func TestFewValues(t *testing.T) {
	for category, want := range map[string]int{
		"pin": 10_000, "access_pin": 10_000, "card-cvv": 1_000, "date_of_birth": 40_000, "gender": 10, "victim_nationality": 250,
	} {
		about, few := agreement.FewValues(category)
		assert.True(t, few, category)
		assert.Equal(t, want, about, category)
		assert.Less(t, about, agreement.EntropyFloor)
	}
	for _, category := range []string{"iban", "name", "email", "spine", "agent", "opinion", "device_id", "pinned"} {
		_, few := agreement.FewValues(category)
		assert.False(t, few, category)
	}
}

func TestPseudonymsThatStayTheSame(t *testing.T) {
	a := parse(t, sample(t, "ie-jp-bank-fraud"))
	assert.False(t, a.StaysTheSame())
	for _, scope := range []string{"relationship", "person"} {
		a.Pseudonymisation.Scope = scope
		assert.True(t, a.StaysTheSame(), scope)
	}
}
