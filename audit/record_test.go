package audit_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/internal/canonical"
)

// fullRecord has every member.
func fullRecord() audit.Record {
	return audit.Record{
		Agreement: "ie-jp-bank-fraud", AgreementDigest: "sha256:00", At: "2026-03-04T05:06:07.008Z",
		Basis: []string{"GDPR:45"}, Bytes: 2048, Categories: []string{"iban", "name"}, Cause: "timeout",
		Commitments: map[string]string{"case": strings.Repeat("0a", 32), "amount": strings.Repeat("0b", 32)},
		DataVersion: "2026-01", EnvelopeDigest: "sha256:01", Exporter: "emerald-bank-ie", FactsDigest: "sha256:02",
		Fields: map[string]string{"key": "<&>\"\\"}, Manifest: &audit.Manifest{Digest: "sha256:03", KeyID: "k1", Withheld: 7,
			Items: []audit.Treated{{Count: 2, Path: "/Überweisung/*/iban", Technique: "pseudonymise"}}},
		Missing: []string{"transfer_tool"}, Obligations: []audit.Duty{{Code: "log", Deadline: "2026-04-01"}, {Code: "notify", Discharged: true}},
		PolicyRevision: "r1", Purpose: "fraud-prevention", Reasons: []string{"gdpr.art45"}, Recipient: "sakura-bank-jp",
		RecipientCountry: "JP", Transfer: transferID(1), Type: audit.Intent, Version: 1,
	}
}

// store appends r to a throw-away log and returns its stored bytes.
func store(t testing.TB, r audit.Record) ([]byte, error) {
	t.Helper()
	l := openLog(t, t.TempDir(), testOptions())
	e, err := l.Append(context.Background(), r, nil)
	return e.Record, err
}

func TestRecordRoundTripsInCanonicalForm(t *testing.T) {
	want := fullRecord()
	raw, err := store(t, want)
	require.NoError(t, err)
	got, err := audit.ParseRecord(raw)
	require.NoError(t, err)
	require.Equal(t, want, got)
	again, err := canonical.Transform(raw)
	require.NoError(t, err)
	require.Equal(t, string(again), string(raw), "the stored form is RFC 8785")

	v := reflect.ValueOf(want)
	for i := range v.NumField() {
		require.False(t, v.Field(i).IsZero(), "fullRecord lacks %s", v.Type().Field(i).Name)
	}
}

// TestRecordMembersAreDeclaredSorted upholds the canonical form: encoding/json writes members in order of declaration.
func TestRecordMembersAreDeclaredSorted(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[audit.Record](), reflect.TypeFor[audit.Duty](),
		reflect.TypeFor[audit.Manifest](), reflect.TypeFor[audit.Treated]()} {
		var names []string
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			names = append(names, name)
		}
		require.True(t, slices.IsSorted(names), "%s: %v", typ, names)
	}
}

func TestParseRecordRefusesEveryOtherSpelling(t *testing.T) {
	const good = `{"at":"2026-03-04T05:06:07Z","fields":{"a":"x","b":"y"},"transfer":"t1","type":"intent","version":1}`
	_, err := audit.ParseRecord([]byte(good))
	require.NoError(t, err)
	for name, edit := range map[string][2]string{
		"white space":              {`{"at"`, `{ "at"`},
		"trailing bytes":           {`:1}`, ":1}\n"},
		"another order":            {`"transfer":"t1","type":"intent"`, `"type":"intent","transfer":"t1"`},
		"another order inside":     {`"a":"x","b":"y"`, `"b":"y","a":"x"`},
		"a duplicate name":         {`"a":"x","b":"y"`, `"a":"x","a":"y"`},
		"an unknown name":          {`"version"`, `"verse":1,"version"`},
		"an unknown name at front": {`{"at"`, `{"aa":"b","at"`},
		"an escape not needed":     {`"x"`, `"\u0078"`},
		"a null":                   {`{"a":"x","b":"y"}`, `null`},
		"an empty member":          {`{"a":"x","b":"y"}`, `{}`},
		"a wrong form":             {`{"a":"x","b":"y"}`, `["a"]`},
		"a wrong form inside":      {`"x"`, `1`},
		"an unknown type":          {`"intent"`, `"intend"`},
		"no transfer":              {`"transfer":"t1",`, ``},
		"another version":          {`:1}`, `:2}`},
		"a fraction":               {`:1}`, `:1.0}`},
		"an exponent":              {`:1}`, `:1e0}`},
		"a leading zero":           {`:1}`, `:01}`},
		"a large integer":          {`"fields":{"a":"x","b":"y"}`, `"bytes":9007199254740992`},
		"a negative integer":       {`"fields":{"a":"x","b":"y"}`, `"bytes":-1`},
		"a local time":             {`05:06:07Z`, `05:06:07+01:00`},
		"no time":                  {`2026-03-04T05:06:07Z`, ``},
		"bad UTF-8":                {`"x"`, "\"\xff\""},
		"a control character":      {`"x"`, "\"\x01\""},
		"a line separator":         {`"x"`, "\"\u2028\""},
		"a transfer with a slash":  {`"t1"`, `"t/1"`},
		"deep nesting":             {`{"a":"x","b":"y"}`, strings.Repeat("[", 9000) + strings.Repeat("]", 9000)},
		"truncation":               {`,"version":1}`, ``},
		"nothing":                  {good, ``},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good, edit[0], edit[1], 1)
			require.NotEqual(t, good, bad)
			_, err := audit.ParseRecord([]byte(bad))
			require.ErrorIs(t, err, audit.ErrInvalidRecord)
		})
	}
}

// TestRecordErrorsHoldNoValue plants a value in every string of a record and makes it invalid there.
func TestRecordErrorsHoldNoValue(t *testing.T) {
	const canary = "canary-7f3a\x00"
	full := fullRecord()
	for i := range reflect.TypeFor[audit.Record]().NumField() {
		r := full
		f := reflect.ValueOf(&r).Elem().Field(i)
		switch f.Interface().(type) {
		case string, audit.Type:
			f.SetString(canary)
		case []string:
			f.Set(reflect.ValueOf([]string{canary}))
		case map[string]string:
			f.Set(reflect.ValueOf(map[string]string{"k": canary}))
		case *audit.Manifest:
			f.Set(reflect.ValueOf(&audit.Manifest{Items: []audit.Treated{{Path: canary}}}))
		case []audit.Duty:
			f.Set(reflect.ValueOf([]audit.Duty{{Code: canary}}))
		default:
			continue
		}
		_, err := store(t, r)
		require.ErrorIs(t, err, audit.ErrInvalidRecord)
		require.NotContains(t, err.Error(), "canary")

		raw, _ := json.Marshal(r)
		_, err = audit.ParseRecord(raw)
		require.Error(t, err)
		require.NotContains(t, err.Error(), "canary")
	}
}

func TestRecordTooLarge(t *testing.T) {
	r := fullRecord()
	for range 40 {
		r.Reasons = append(r.Reasons, strings.Repeat("r", 1000))
	}
	_, err := store(t, r)
	require.ErrorIs(t, err, audit.ErrRecordTooLarge)
	_, err = audit.ParseRecord(make([]byte, audit.MaxRecordBytes+1))
	require.ErrorIs(t, err, audit.ErrRecordTooLarge)
}

// TestRecordsOfAnyTextRoundTrip: what Append accepts, ParseRecord reads back equal, in RFC 8785 form.
func TestRecordsOfAnyTextRoundTrip(t *testing.T) {
	l := openLog(t, t.TempDir(), testOptions())
	rapid.Check(t, func(rt *rapid.T) {
		r := audit.Record{
			Type: audit.Refused, At: "2026-03-04T05:06:07Z", Version: 1, Purpose: rapid.String().Draw(rt, "purpose"),
			Reasons: rapid.SliceOfN(rapid.String(), 1, 3).Draw(rt, "reasons"),
			Bytes:   rapid.Int64Range(0, 1<<53).Draw(rt, "bytes"),
			Fields:  rapid.MapOfN(rapid.StringMatching(`[a-z._:-]{1,6}`), rapid.StringMatching(`[ -~]{0,9}`), 1, 4).Draw(rt, "fields"),
		}
		e, err := l.Append(context.Background(), r, nil)
		if err != nil {
			require.ErrorIs(rt, err, audit.ErrInvalidRecord)
			return
		}
		got, err := audit.ParseRecord(e.Record)
		require.NoError(rt, err)
		require.Equal(rt, r, got)
		again, err := canonical.Transform(e.Record)
		require.NoError(rt, err)
		require.Equal(rt, string(again), string(e.Record))
	})
}

func FuzzParseRecord(f *testing.F) {
	raw, err := store(f, fullRecord())
	require.NoError(f, err)
	f.Add(raw)
	f.Add([]byte(`{"at":"2026-03-04T05:06:07Z","type":"refused","version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := audit.ParseRecord(data)
		if err != nil {
			return
		}
		again, err := canonical.Marshal(r)
		if err != nil || string(again) != string(data) {
			t.Fatalf("accepted %q, which is not the canonical form of its content: %q", data, again)
		}
	})
}

func TestCommit(t *testing.T) {
	var salt [32]byte
	for i := range salt {
		salt[i] = byte(i)
	}
	// Written out once more from the definition in docs/log-format.md.
	want := sha256.Sum256([]byte("passavant-commitment-v1\x00" + "\x00\x00\x00\x04" + "iban" + string(salt[:]) + "IE00"))
	require.Equal(t, hex.EncodeToString(want[:]), audit.Commit("iban", salt, []byte("IE00")))
	require.NotEqual(t, audit.NewSalt(), audit.NewSalt())
}

// TestCommitSeparatesItsParts: no byte can wander from one part to another without changing the commitment.
func TestCommitSeparatesItsParts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name, value := rapid.String().Draw(rt, "name"), rapid.SliceOf(rapid.Byte()).Draw(rt, "value")
		name2, value2 := rapid.String().Draw(rt, "name2"), rapid.SliceOf(rapid.Byte()).Draw(rt, "value2")
		same := name == name2 && string(value) == string(value2)
		require.Equal(rt, same, audit.Commit(name, [32]byte{}, value) == audit.Commit(name2, [32]byte{}, value2))
		require.NotEqual(rt, audit.Commit(name, [32]byte{}, value), audit.Commit(name, [32]byte{1}, value))
	})
}

// TestParametersOfATechnique are stored in order, and refused where they could not be shown.
func TestParametersOfATechnique(t *testing.T) {
	r := fullRecord()
	r.Manifest = &audit.Manifest{Items: []audit.Treated{{Path: "/a", Technique: "generalise", Params: map[string]string{"width": "5", "to": "band"}}}}
	stored, err := store(t, r)
	require.NoError(t, err)
	require.Contains(t, string(stored), `{"params":{"to":"band","width":"5"},"path":"/a","technique":"generalise"}`)
	again, err := audit.ParseRecord(stored)
	require.NoError(t, err)
	require.Equal(t, r.Manifest, again.Manifest)
	for name, value := range map[string]string{"": "x", "two words": "x", "ok": "bell\a"} {
		r.Manifest.Items[0].Params = map[string]string{name: value}
		_, err := store(t, r)
		require.ErrorIs(t, err, audit.ErrInvalidRecord)
	}
}
