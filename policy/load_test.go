package policy_test

import (
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
)

func TestReferenceDataIsReplacedByName(t *testing.T) {
	purposes := `{title: Ours, version: "2026-12-01", checked_on: "2026-12-01", source: counsel, compatible: {fraud_monitoring: [marketing]}}`
	e, err := policy.Load(t.Context(), fstest.MapFS{"reference/purposes.yaml": {Data: []byte(purposes)}})
	require.NoError(t, err)
	assert.NotEqual(t, engine(t).DataVersion(), e.DataVersion())
	assert.NotEqual(t, engine(t).Revision(), e.Revision())
	for _, c := range lawCases(t) {
		if c.ID == "S25" {
			assert.True(t, e.Assess(t.Context(), c.Facts).Permit, "marketing has been found compatible")
		}
	}
}

func TestLoadNamesTheFault(t *testing.T) {
	good := agreementText(t, "ie-jp-bank-fraud")
	for name, tc := range map[string]struct {
		tree fstest.MapFS
		want string
	}{
		"reference nobody knows":  {fstest.MapFS{"reference/tarot.json": {Data: []byte(`{}`)}}, "reference/tarot: no reference data of this name"},
		"reference out of shape":  {fstest.MapFS{"reference/pack.json": {Data: []byte(`{"title": "x"}`)}}, "reference/pack: : missing key version"},
		"reference broken":        {fstest.MapFS{"reference/pack.json": {Data: []byte(`{"a": SECRET}`)}}, "reference/pack.json: canonical JSON: not a strict JSON value"},
		"reference doubled key":   {fstest.MapFS{"reference/pack.json": {Data: []byte(`{"a": 1, "a": 2}`)}}, "reference/pack.json: canonical JSON: not a strict JSON value"},
		"reference with no day":   {fstest.MapFS{"reference/zones.json": {Data: []byte(`{"title":"x","version":"2026-01-01","checked_on":"2026-02-30","source":"x","zones":{"EEA":["IE"],"EU27":["IE"],"LED_SCHENGEN":["IE"],"UK":["GB"]}}`)}}, "reference/zones: /checked_on: not a day of the calendar"},
		"folder without document": {fstest.MapFS{"agreements/x/rules.rego": {Data: []byte("package x")}}, "agreements/x/agreement.yaml: an agreement folder needs this file"},
		"id is not the folder":    {fstest.MapFS{"agreements/other/agreement.yaml": {Data: good}}, `agreements/other/agreement.yaml:4: /id: must be the name of the folder, "other"`},
		"rules that do not parse": {fstest.MapFS{"agreements/ie-jp-bank-fraud/agreement.yaml": {Data: good}, jpRules: {Data: []byte("package x\n\n{{")}}, jpRules + ":3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policy.Load(t.Context(), tc.tree)
			require.ErrorContains(t, err, tc.want)
			assert.NotContains(t, err.Error(), "SECRET")
		})
	}
	_, err := policy.Load(t.Context(), append(trees(), trees()...)...)
	require.ErrorContains(t, err, "appears twice")
}

func TestEngineIsConcurrent(t *testing.T) {
	e := engine(t)
	f := fraudFacts(t, e, "ie-us-bank-scc", "liberty-bank-us")
	want := e.Decide(t.Context(), f)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 20 {
				g := f
				g.At = f.At.AddDate(0, 0, (i+j)%5)
				assert.Equal(t, want.Basis, e.Decide(t.Context(), g).Basis)
			}
		})
	}
	all.Wait()
	assert.LessOrEqual(t, e.Cached(), 5)
}
