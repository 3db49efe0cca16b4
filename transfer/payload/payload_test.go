package payload_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSmoke(t *testing.T) {
	p := fraudPlan(t)
	out, rep, err := p.Protect(nil, readTestdata(t, "fraud-case-report.json"), newPseudonyms())
	require.NoError(t, err)
	t.Logf("%s", out)
	j, _ := json.Marshal(rep)
	t.Logf("%s", j)
}
