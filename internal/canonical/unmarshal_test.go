package canonical_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/canonical"
)

type document struct {
	Name string         `json:"name"`
	Size int            `json:"size,omitempty"`
	More map[string]any `json:"more,omitempty"`
}

func TestUnmarshalNamesThePlace(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"unknown member":     {`{"name":"a","colour":"SECRET"}`, `unknown member at "/colour"`},
		"another case":       {`{"NAME":"SECRET"}`, `unknown member at "/NAME"`},
		"wrong type":         {`{"size":"SECRET"}`, `wrong type at "/size"`},
		"duplicate":          {`{"name":"SECRET","name":"b"}`, `offset 17`},
		"trailing":           {`{} SECRET`, `offset 3`},
		"truncated":          {`{"name":"SECR`, `offset 13`},
		"duplicate in a map": {`{"more":{"a":1,"a":2}}`, `offset 15`},
	} {
		t.Run(name, func(t *testing.T) {
			var d document
			err := canonical.Unmarshal([]byte(tc.in), &d)
			require.ErrorIs(t, err, canonical.ErrSyntax)
			assert.Contains(t, err.Error(), tc.want)
			assert.NotContains(t, err.Error(), "SECRET")
		})
	}
}

func TestUnmarshalReads(t *testing.T) {
	var d document
	require.NoError(t, canonical.Unmarshal([]byte(`{"size":3,"name":"a","more":{"b":[1]}}`), &d))
	assert.Equal(t, document{Name: "a", Size: 3, More: map[string]any{"b": []any{1.0}}}, d)
}
