package transfer_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/transfertest"
)

func TestFieldNames(t *testing.T) {
	for name, tc := range map[string]struct {
		person, released string
		want             map[string]string
	}{
		"person only":        {`{"actor":"a","reference":"r/1"}`, ``, map[string]string{"person/actor": `"a"`, "person/reference": `"r/1"`}},
		"every kind":         {`{}`, `{"a":1,"b":"x","c":null,"d":true,"e":1e2}`, map[string]string{"released/a": "1", "released/b": `"x"`, "released/c": "null", "released/d": "true", "released/e": "1e2"}},
		"nested":             {`{}`, `{"a":[{"b":1},{"b":2}]}`, map[string]string{"released/a/0/b": "1", "released/a/1/b": "2"}},
		"empty ones":         {`{}`, `{"a":{},"b":[],"c":[[]]}`, map[string]string{"released/a": "{}", "released/b": "[]", "released/c/0": "[]"}},
		"pointer escapes":    {`{}`, `{"a/b~c":1}`, map[string]string{"released/a~1b~0c": "1"}},
		"a scalar":           {`{}`, `"x"`, map[string]string{"released": `"x"`}},
		"an empty document":  {`{}`, `{}`, map[string]string{"released": "{}"}},
		"escapes of a value": {`{}`, `{"a":"\u00e9\n"}`, map[string]string{"released/a": `"\u00e9\n"`}},
		"escapes of a name":  {`{}`, `{"\u00e9\/":1}`, map[string]string{"released/é~1": "1"}},
		"white space":        {`{}`, " { \"a\" : [ 1 , 2 ] } \n", map[string]string{"released/a/0": "1", "released/a/1": "2"}},
		"cut short":          {`{}`, `{"a":[1`, map[string]string{}},
		"no comma":           {`{}`, `{"a":1 "b":2}`, map[string]string{}},
		"two values":         {`{}`, "{\"a\":1}\n{\"a\":2}", map[string]string{}},
		"no JSON":            {`{}`, `a,b`, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			fields, err := transfer.PersonFields([]byte(tc.person))
			require.NoError(t, err)
			fields = append(fields, transfer.ReleasedFields([]byte(tc.released))...)
			got := map[string]string{}
			for _, f := range fields {
				got[f.Name] = string(f.Value)
			}
			assert.Equal(t, tc.want, got)
		})
	}
	_, err := transfer.PersonFields([]byte("{"))
	require.Error(t, err)
}

// Every scalar is found, however a document is built, and under its own name.
func TestReleasedFieldsFindsEveryScalar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOf(rapid.StringMatching(`[a-z/~ é]{0,6}`), rapid.Int32()).Draw(t, "members")
		document, err := json.Marshal(map[string]any{"list": []any{want}})
		require.NoError(t, err)
		fields := transfer.ReleasedFields(document)
		names := map[string]bool{}
		for _, f := range fields {
			names[f.Name] = true
		}
		require.Len(t, fields, max(len(want), 1))
		require.Len(t, names, max(len(want), 1))
	})
}

// What a record commits to can be opened field by field by who has the detail and the released document.
func TestRecordedFieldsOpen(t *testing.T) {
	p := transfertest.New(t)
	req := transfertest.Request()
	req.Actor, req.Justification = "a.murphy", "open case"
	sent, err := p.Sender.Send(t.Context(), req, transfertest.Report(t))
	require.NoError(t, err)
	received, err := p.Receiver.Receive(t.Context(), sent.Envelope)
	require.NoError(t, err)
	reader, err := audit.OpenReader(p.ExporterLog.Dir(), p.ExporterLog.VerifierKey())
	require.NoError(t, err)
	record, _, err := reader.Record(sent.Index)
	require.NoError(t, err)
	assert.Equal(t, sent.Decision.Digest, record.Fields["decision"])
	assert.NotEmpty(t, record.Fields["subjects"])

	raw, err := reader.Detail(sent.Transfer)
	require.NoError(t, err)
	detail, err := transfer.ParseDetail(raw)
	require.NoError(t, err)
	assert.True(t, detail.HasFacts())
	fields, err := transfer.PersonFields(detail.Person)
	require.NoError(t, err)
	assert.Len(t, fields, 2)
	released := transfer.ReleasedFields(received.Document)
	assert.Greater(t, len(released), 20)
	for name, set := range map[string][]audit.FieldValue{"fields.person": fields, "fields.released": released} {
		seed, found := detail.Salt(name)
		require.True(t, found)
		for _, f := range set {
			o, err := audit.OpenField(seed, set, f.Name)
			require.NoError(t, err)
			require.NoError(t, o.Verify(record.Commitments[name]))
		}
	}
	_, found := detail.Salt("another")
	assert.False(t, found)
}

// The hand-written walk agrees with the library on every document, and never crashes on what is none.
func FuzzReleasedFields(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":"\u00e9"}],"c":{}}`, `[]`, `"x"`, "{\"a\":1}\n{}", `{"a":1,}`, `[1 2]`, `{"a"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, document string) {
		fields := transfer.ReleasedFields([]byte(document))
		var value any
		if _, err := canonical.Transform([]byte(document)); err != nil || json.Unmarshal([]byte(document), &value) != nil {
			return // it may have fields or none: only documents that were written by this library get here
		}
		want := map[string]any{}
		flatten(want, "released", value)
		for _, f := range fields {
			var got any
			require.NoError(t, json.Unmarshal(f.Value, &got))
			require.Equal(t, want[f.Name], got, f.Name)
			delete(want, f.Name)
		}
		require.Empty(t, want)
	})
}

func flatten(into map[string]any, pointer string, value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			flatten(into, pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), member)
		}
		if len(v) > 0 {
			return
		}
	case []any:
		for i, element := range v {
			flatten(into, pointer+"/"+strconv.Itoa(i), element)
		}
		if len(v) > 0 {
			return
		}
	}
	into[pointer] = value
}
