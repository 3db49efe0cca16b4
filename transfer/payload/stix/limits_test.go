package stix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

const jane = "identity--11111111-1111-4111-8111-111111111111"

// Bad input: a clear refusal, nothing delivered, nothing half written, and no word of the bundle in the error.
func TestRefusals(t *testing.T) {
	plan := compile(t, strict())
	identity := `{"type":"identity","spec_version":"2.1","id":"` + jane + `",` + when + `,"name":"Jane Roe"`
	for name, tc := range map[string]struct{ src, want string }{
		"empty":                  {``, "payload: offset 0: not one strict JSON value"},
		"byte order mark":        {"\xef\xbb\xbf{}", "payload: offset 0: a byte order mark"},
		"zero byte":              {"{\"type\":\"bun\x00dle\"}", "not one strict JSON value"},
		"bad UTF-8":              {"{\"type\":\"Jane\xff\"}", "not one strict JSON value"},
		"lone surrogate":         {`{"type":"\ud800"}`, "not one strict JSON value"},
		"two documents":          {`{"type":"bundle","id":"bundle--b0000000-0000-4000-8000-000000000001"}{}`, "bytes after the bundle"},
		"duplicate name":         {string(bundleOf(identity + `,"name":"x"}`)), "a name that occurs twice in one object"},
		"duplicate by escape":    {string(bundleOf(identity + `,"n\u0061me":"x"}`)), "a name that occurs twice in one object"},
		"too deep":               {string(bundleOf(identity + `,"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`)), "nested deeper than the limit of 64"},
		"big integer":            {string(bundleOf(identity + `,"confidence":9007199254740993}`)), "an integer outside of -(2^53-1) to 2^53-1"},
		"big negative integer":   {string(bundleOf(identity + `,"x":[-9007199254740992]}`)), "an integer outside of -(2^53-1) to 2^53-1"},
		"big integer, exponent":  {string(bundleOf(identity + `,"x":1e20}`)), "an integer outside of -(2^53-1) to 2^53-1"},
		"number out of range":    {string(bundleOf(identity + `,"x":1e400}`)), "a number beyond the range of STIX"},
		"array":                  {`[]`, "stix: the bundle: want an object as the whole document"},
		"no bundle":              {`{"type":"Jane"}`, `stix: the bundle: want "type": "bundle"`},
		"no id":                  {`{"type":"bundle","id":"bundle--Jane"}`, "stix: the bundle: want an id: bundle-- and a UUID"},
		"objects no list":        {`{"type":"bundle","id":"bundle--b0000000-0000-4000-8000-000000000001","objects":{}}`, "stix: the bundle: objects: want a list"},
		"object no object":       {string(bundleOf(`"Jane"`)), "stix: /objects/0: want an object"},
		"object without type":    {string(bundleOf(`{"id":"` + jane + `"}`)), "stix: /objects/0/type: want the name of a type"},
		"bundle in a bundle":     {string(bundleOf(`{"type":"bundle","id":"` + jane + `"}`)), "stix: /objects/0/type: a bundle within a bundle"},
		"object without id":      {string(bundleOf(`{"type":"identity"}`)), "stix: /objects/0/id: want the type, -- and a UUID"},
		"id of another type":     {string(bundleOf(`{"type":"malware","id":"` + jane + `"}`)), "stix: /objects/0/id: want the type, -- and a UUID"},
		"object for a string":    {string(bundleOf(`{"type":"identity","id":"` + jane + `","name":{"Jane":1}}`)), "payload: /identity/name: the value is not of kind string"},
		"number for a string":    {string(bundleOf(`{"type":"identity","id":"` + jane + `","name":5}`)), "payload: /identity/name: the value is not of kind string"},
		"string for a list":      {string(bundleOf(`{"type":"identity","id":"` + jane + `","roles":"Jane"}`)), "payload: /identity/roles: the value is not of kind array"},
		"list for a dictionary":  {string(bundleOf(`{"type":"file","id":"file--11111111-1111-4111-8111-111111111111","hashes":["Jane"]}`)), "payload: /file/hashes: the value is not of kind object"},
		"string for a reference": {string(bundleOf(`{"type":"note","id":"note--11111111-1111-4111-8111-111111111111","content":"x","object_refs":"Jane"}`)), "payload: /note/object_refs: the value is not of kind array"},
	} {
		t.Run(name, func(t *testing.T) {
			out, rep, err := plan.Protect([]byte("before"), []byte(tc.src), testKey)
			require.ErrorContains(t, err, tc.want)
			assert.Equal(t, "before", string(out))
			assert.Nil(t, rep)
			assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "Jane")
		})
	}
}

func TestWithoutPseudonymizerNothingLeaves(t *testing.T) {
	_, _, err := compile(t, nil).Protect(nil, bundleOf(), nil)
	assert.ErrorIs(t, err, payload.ErrNoPseudonymizer)
}

// lazy breaks the contract of a Pseudonymizer: it returns the value.
type lazy struct{ keyed }

func (lazy) AppendPseudonym(dst []byte, _ string, value []byte) []byte { return append(dst, value...) }

func TestAPseudonymizerThatReturnsTheValueIsRefused(t *testing.T) {
	_, _, err := compile(t, strict()).Protect(nil, bundleOf(`{"type":"email-addr","id":"email-addr--11111111-1111-4111-8111-111111111115","value":"jane.roe@example.com"}`), lazy{})
	assert.Error(t, err)
}

func TestLimits(t *testing.T) {
	c := stix.Standard()
	c.Limits = payload.Limits{Bytes: 1000}
	p, err := stix.Compile(c, strict())
	require.NoError(t, err)
	_, _, err = p.Protect(nil, bundleOf(strings.Repeat(" ", 1000)+`{}`), testKey)
	assert.ErrorContains(t, err, "longer than the limit of 1000 bytes")

	many := strings.Repeat(`{"type":"x-y","id":"x-y--11111111-1111-4111-8111-111111111111"},`, 100_000)
	_, _, err = compile(t, strict()).Protect(nil, bundleOf(many+`{"type":"x-y","id":"x-y--11111111-1111-4111-8111-111111111111"}`), testKey)
	assert.EqualError(t, err, "stix: the bundle: more than 100000 objects")
}

func TestAnEmptyBundleStaysOne(t *testing.T) {
	for _, src := range []string{
		`{"type":"bundle","id":"bundle--b0000000-0000-4000-8000-000000000001"}`,
		`{"type":"bundle","id":"bundle--b0000000-0000-4000-8000-000000000001","objects":[],"x_note":"Jane"}`,
	} {
		out, _, err := compile(t, nil).Protect(nil, []byte(src), testKey)
		require.NoError(t, err)
		assert.Regexp(t, `^\{"type":"bundle","id":"bundle--[0-9a-f-]{36}"\}$`, string(out))
		assert.NotContains(t, string(out), "b0000000")
	}
}

// Circles of references of every kind: within observables, where ids contribute to one another; a relationship to itself; chains
// that lose their end.
func TestCircles(t *testing.T) {
	file := func(n int, contains int) string {
		return fmt.Sprintf(`{"type":"file","id":"file--00000000-0000-4000-8000-%012d","name":"a%d.zip","extensions":{"archive-ext":{"contains_refs":["file--00000000-0000-4000-8000-%012d"]}}}`, n, n, contains)
	}
	relationship := func(n, from, to int) string {
		return fmt.Sprintf(`{"type":"relationship","spec_version":"2.1","id":"relationship--00000000-0000-4000-8000-%012d",%s,"relationship_type":"related-to","source_ref":"relationship--00000000-0000-4000-8000-%012d","target_ref":"relationship--00000000-0000-4000-8000-%012d"}`, n, when, from, to)
	}
	plan := compile(t, strict())
	out, _, err := plan.Protect(nil, bundleOf(file(1, 2), file(2, 3), file(3, 1), file(4, 4), relationship(1, 1, 2), relationship(2, 2, 1)), testKey)
	require.NoError(t, err)
	requireWhole(t, out)
	assert.Equal(t, 6, strings.Count(string(out), `"type":"`)-1)

	var chain []string
	for i := range 2000 {
		chain = append(chain, relationship(i, i+1, i+1), file(i, i+1))
	}
	out, rep, err := plan.Protect(nil, bundleOf(chain...), testKey)
	require.NoError(t, err)
	requireWhole(t, out)
	assert.Equal(t, int64(2000), rep.Withheld[0].Count, "every relationship leads to the one that was never there")
}
