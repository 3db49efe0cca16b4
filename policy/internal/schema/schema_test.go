package schema_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy/internal/schema"
)

const document = `{"type": "object", "additionalProperties": false, "required": ["a"], "properties": {
 "a": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 3}, "n": {"type": "integer", "minimum": 1},
 "e": {"enum": ["x"]}, "l": {"type": "array", "maxItems": 1, "items": {"type": "object", "properties": {"b": {"type": "boolean"}}}},
 "p": {"type": "object", "additionalProperties": false, "patternProperties": {"^[a-z]$": {}}}}}`

func compiled(t *testing.T) *schema.Schema {
	t.Helper()
	s, err := schema.Compile("test.json", []byte(document))
	require.NoError(t, err)
	return s
}

func TestFaults(t *testing.T) {
	s := compiled(t)
	for in, want := range map[string]schema.Fault{
		`{}`:                          {Problem: "missing key", Key: "a"},
		`{"a": "x", "z": 1}`:          {Problem: "unknown key", Key: "z"},
		`{"a": 1}`:                    {Path: []string{"a"}, Problem: "want string"},
		`{"a": "X"}`:                  {Path: []string{"a"}, Problem: "not of the required form"},
		`{"a": "abcd"}`:               {Path: []string{"a"}, Problem: "too short or too long"},
		`{"a": "x", "n": 0}`:          {Path: []string{"n"}, Problem: "out of range"},
		`{"a": "x", "e": "y"}`:        {Path: []string{"e"}, Problem: "not one of the allowed values"},
		`{"a": "x", "l": [{"b": 1}]}`: {Path: []string{"l", "0", "b"}, Problem: "want boolean"},
		`{"a": "x", "l": [{}, {}]}`:   {Path: []string{"l"}, Problem: "too few or too many entries"},
		`{"a": "x", "p": {"KEY": 1}}`: {Path: []string{"p"}, Problem: "unknown key", Key: "KEY"},
		`"x"`:                         {Problem: "want object"},
	} {
		value, err := schema.Decode([]byte(in))
		require.NoError(t, err)
		faults := s.Validate(value)
		require.Len(t, faults, 1, in)
		assert.Equal(t, want.Problem, faults[0].Problem, in)
		assert.Equal(t, want.Key, faults[0].Key, in)
		assert.Equal(t, want.Pointer(), faults[0].Pointer(), in)
	}
	value, err := schema.Decode([]byte(`{"a": "x", "n": 2}`))
	require.NoError(t, err)
	assert.Empty(t, s.Validate(value))
}

func TestPointerEscapes(t *testing.T) {
	assert.Equal(t, "/a~1b/c~0d", schema.Fault{Path: []string{"a/b", "c~d"}}.Pointer())
	assert.Equal(t, "", schema.Fault{}.Pointer())
}

func TestKnows(t *testing.T) {
	s := compiled(t)
	assert.True(t, s.Knows([]string{"l", "0", "b"}))
	assert.False(t, s.Knows([]string{"l", "0", "z"}))
	assert.False(t, s.Knows([]string{"z"}))
}

func TestSchemasReferToNothingOutside(t *testing.T) {
	_, err := schema.Compile("x.json", []byte(`{"$ref": "http://example.org/other.json"}`))
	require.ErrorContains(t, err, "may not refer to other documents")
	_, err = schema.Compile("x.json", []byte(`{`))
	require.Error(t, err)
}
