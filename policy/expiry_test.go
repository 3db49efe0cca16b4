package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

// The decision on the United Kingdom is the only one of the GDPR with an end; it is told from 90 days before to the last day.
func TestExpiringReferenceData(t *testing.T) {
	e, err := policy.Load(t.Context())
	require.NoError(t, err)
	told := func(day string) []string {
		at, err := time.Parse(time.DateOnly, day)
		require.NoError(t, err)
		var out []string
		for _, x := range e.Expiring(at, 90*24*time.Hour) {
			assert.Equal(t, "adequacy", x.Document)
			out = append(out, x.Until)
		}
		return out
	}
	assert.NotContains(t, told("2031-09-27"), "2031-12-27")
	assert.Contains(t, told("2031-09-28"), "2031-12-27")
	assert.Contains(t, told("2031-12-27"), "2031-12-27", "the last day counts")
	assert.NotContains(t, told("2031-12-28"), "2031-12-27")
	x := policy.Expiry{Document: "adequacy", Record: "records/gb", Until: "2031-12-27"}
	assert.Equal(t, "reference/adequacy: records/gb ends on 2031-12-27", x.String())
}
