package payload_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/transfer/payload"
)

// gateCatalogue has direct identifiers that do not leave in clear, and one field of each technique that does leave.
func gateCatalogue() *payload.Catalogue {
	return catalogueOf(
		field("/who/name", "name", payload.Direct, payload.KindString),
		field("/who/iban", "iban", payload.Direct, payload.KindIBAN),
		field("/who/phone", "phone", payload.Direct, payload.KindPhone),
		field("/who/number", "national_id", payload.Direct, payload.KindAnyScalar),
		field("/who/town", "town", payload.Quasi, payload.KindString),
		field("/who/alias", "alias", payload.Direct, payload.KindString),
		field("/note", "note", payload.FreeText, payload.KindString),
		field("/amount", "amount", payload.Operational, payload.KindAnyScalar),
		field("/list/*/text", "note", payload.FreeText, payload.KindString),
		field("/pseudonym", "pseudonym", payload.Quasi, payload.KindString),
		field("/year", "year", payload.Quasi, payload.KindDate),
		field("/net", "net", payload.Direct, payload.KindIP),
		field("/masked", "masked", payload.Quasi, payload.KindString),
		field("/band", "band", payload.Quasi, payload.KindAmount),
		field("/round", "round", payload.Quasi, payload.KindAmount),
		field("/area", "area", payload.Quasi, payload.KindPostcode),
		field("/date", "date", payload.Operational, payload.KindDate),
	)
}

func gatePlan(t testing.TB) *payload.Plan {
	return compile(t, gateCatalogue(), map[string]payload.Treatment{
		"iban": pseudonymize(), "phone": mask("2"), "note": keep(), "amount": keep(), "date": keep(), "alias": keep(),
		"pseudonym": pseudonymize(), "year": generalize("year"), "net": generalize("prefix"), "masked": mask("4"),
		"band": generalize("band", "width", "1000"), "round": generalize("round", "width", "10"), "area": generalize("area"),
	})
}

func TestInvariant04_OriginalsDoNotSurvive(t *testing.T) {
	p := gatePlan(t)
	for _, tc := range []struct{ name, who, rest, pointer, category string }{
		{"whole value", `"name":"Ada Byron"`, `"note":"Ada Byron"`, "/note", "name"},
		{"inside a text", `"name":"Ada Byron"`, `"note":"we rang Ada Byron twice"`, "/note", "name"},
		{"inside a word", `"name":"Byron"`, `"note":"xByronx"`, "/note", "name"},
		{"in an element", `"name":"Ada Byron"`, `"list":[{"text":"a"},{"text":"to Ada Byron"}]`, "/list/*/text", "name"},
		{"other case", `"name":"Ada Byron"`, `"note":"ADA BYRON"`, "/note", "name"},
		{"other accents", `"name":"Aoife Ní Bhraonáin"`, `"note":"AOIFE NI BHRAONAIN"`, "/note", "name"},
		{"decomposed accents", `"name":"Bhraonáin"`, `"note":"Bhraona\u0301in"`, "/note", "name"},
		{"full width", `"name":"Byron"`, `"note":"Ｂｙｒｏｎ"`, "/note", "name"},
		{"zero width", `"name":"Byron"`, `"note":"By\u200bron"`, "/note", "name"},
		{"other alphabet", `"name":"Σωκράτης"`, `"note":"ο ΣΩΚΡΑΤΗΣ"`, "/note", "name"},
		{"four ideographs", `"name":"山田太郎"`, `"note":"口座は山田太郎名義"`, "/note", "name"},
		{"escaped in the source", `"name":"\u0042yron"`, `"note":"Byron"`, "/note", "name"},
		{"escaped in the result", `"name":"Byron"`, `"note":"\u0042\u0079ron"`, "/note", "name"},
		{"escaped name", `"n\u0061me":"Byron"`, `"note":"Byron"`, "/note", "name"},
		{"quotes inside", `"name":"A\"da\"B"`, `"note":"A\"da\"B"`, "/note", "name"},
		{"space around", `"name":"  Byron  "`, `"note":"Byron"`, "/note", "name"},
		{"in an e-mail address", `"name":"Ada Byron"`, `"note":"ada.byron@example.org"`, "/note", "name"},
		{"spaced account", `"iban":"IE98EMRD99000012345678"`, `"note":"IE98 EMRD 9900 0012 3456 78"`, "/note", "iban"},
		{"account without spaces", `"iban":"IE98 EMRD 9900 0012 3456 78"`, `"note":"ref ie98emrd99000012345678."`, "/note", "iban"},
		{"account with dashes", `"iban":"IE98EMRD99000012345678"`, `"note":"IE98-EMRD-9900-0012-3456-78"`, "/note", "iban"},
		{"phone with other separators", `"phone":"+353 20 910 0142"`, `"note":"(+353)20/910-0142"`, "/note", "phone"},
		{"phone in national form", `"phone":"+353 20 910 0142"`, `"note":"020 9100142"`, "/note", "phone"},
		{"number as number", `"number":12345678`, `"amount":12345678`, "/amount", "national_id"},
		{"number as other text", `"number":12345678`, `"amount":12345678.00`, "/amount", "national_id"},
		{"number as string", `"number":12345678`, `"note":"id 12345678"`, "/note", "national_id"},
		{"number without its exponent", `"number":1.2345678e7`, `"amount":12345678`, "/amount", "national_id"},
		{"number with an exponent in the result", `"number":12345678`, `"amount":1.2345678e7`, "/amount", "national_id"},
		{"string as number with an exponent", `"number":"12345678"`, `"amount":123456780E-1`, "/amount", "national_id"},
		{"decimals as written", `"number":"1234.50"`, `"amount":1234.50`, "/amount", "national_id"},
		{"string as number", `"number":"12345678"`, `"amount":12345678`, "/amount", "national_id"},
		{"letters and digits", `"number":"D02 ZZ99"`, `"note":"at d02zz99"`, "/note", "national_id"},
		{"in a mask", `"name":"Byron"`, `"masked":"George Gordon Byron"`, "", ""}, // four characters remain, no more
		{"the tail of a mask", `"name":"yron"`, `"masked":"George Gordon Byron"`, "/masked", "name"},
		{"the result of an area", `"number":"D02Z"`, `"note":"D02Z"`, "/note", "national_id"},
		{"in another direct identifier", `"name":"Byron","alias":"Lord Byron"`, `"note":"x"`, "/who/alias", "name"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := []byte(`{"who":{` + tc.who + `},` + tc.rest + `}`)
			out, rep, err := p.Protect([]byte("dst"), src, newPseudonyms())
			applied, _, errApply := p.Apply(nil, src, newPseudonyms())
			require.NoError(t, errApply)
			errGate := p.Gate(applied, src)
			if tc.pointer == "" {
				require.NoError(t, err)
				require.NoError(t, errGate)
				return
			}
			want := &payload.LeakError{Pointer: tc.pointer, Category: tc.category}
			assert.Equal(t, want, err)
			assert.Equal(t, want, errGate, "the gate on its own sees the same")
			assert.ErrorIs(t, err, payload.ErrGate)
			assert.Equal(t, "dst", string(out))
			assert.Nil(t, rep)
			assert.NotContains(t, strings.ToLower(err.Error()), "byron")
		})
	}
}

// A refused result must not lie behind dst either, where a caller who extends the slice would find it.
func TestRefusedResultIsOverwritten(t *testing.T) {
	p := gatePlan(t)
	dst := make([]byte, 0, 512)
	_, _, err := p.Protect(dst, []byte(`{"who":{"name":"Ada Byron"},"note":"Ada Byron"}`), newPseudonyms())
	require.Error(t, err)
	assert.NotContains(t, string(dst[:cap(dst)]), "Byron")
}

// The memory of a gate serves one document after another.
func TestGateForgetsTheLastDocument(t *testing.T) {
	p := gatePlan(t)
	for range 20 {
		_, _, err := p.Protect(nil, []byte(`{"who":{"name":"Ada Byron","phone":"+353 20 910 0142"}}`), newPseudonyms())
		require.NoError(t, err)
		_, _, err = p.Protect(nil, []byte(`{"note":"Ada Byron +353 20 910 0142"}`), newPseudonyms())
		require.NoError(t, err)
	}
}

func TestGateLetsPass(t *testing.T) {
	p := gatePlan(t)
	for _, tc := range []struct{ name, who, rest string }{
		{"nothing", ``, `"note":""`},
		{"three characters", `"name":"Ada"`, `"note":"Ada"`},
		{"three characters with space", `"name":" Ada "`, `"note":"xx Ada xx"`},
		{"short across words", `"name":"Theo"`, `"note":"the only one"`},
		{"six digits across words", `"number":"123456"`, `"note":"12 34 56"`},
		{"quasi-identifiers", `"town":"Cloonmore"`, `"note":"Cloonmore"`},
		{"kept direct identifiers", `"alias":"Minerva"`, `"note":"Minerva"`},
		{"null and empty", `"name":null,"iban":""`, `"note":"null"`},
		{"booleans", `"number":true`, `"note":"true"`},
		{"network address that is its own network", `"name":"x"`, `"net":"203.0.113.0"`},
		{"names of the catalogue", `"name":"note"`, `"note":"x"`},
		{"part of a value", `"name":"Ada Byron"`, `"note":"Byron"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			src := []byte(`{"who":{` + tc.who + `},` + tc.rest + `}`)
			out, _, err := p.Protect(nil, src, newPseudonyms())
			require.NoError(t, err)
			require.NoError(t, p.Gate(out, src))
		})
	}
}

// Letters of a pseudonym may spell a short name by chance; a long one there is no chance.
func TestGateInsidePseudonyms(t *testing.T) {
	p := gatePlan(t)
	src := func(name string) []byte { return []byte(`{"who":{"name":"` + name + `"},"pseudonym":"x"}`) }
	_, _, err := p.Protect(nil, src("Anna"), fixed("psn_0123456annaXYZ"))
	require.NoError(t, err)
	_, _, err = p.Protect(nil, src("Annabella"), fixed("psn_0123456annabellaXYZ"))
	assert.Equal(t, &payload.LeakError{Pointer: "/pseudonym", Category: "name"}, err)
	_, _, err = p.Protect(nil, src("Anna Bella"), fixed("psn_0123456anna-bella"))
	assert.Equal(t, &payload.LeakError{Pointer: "/pseudonym", Category: "name"}, err)
}

func TestGateChecksEveryPlace(t *testing.T) {
	p := gatePlan(t)
	const psn = "psn_0123456789abcdefgh"
	for _, tc := range []struct{ out, pointer, msg string }{
		{``, "", "not one strict JSON value"},
		{`nonsense`, "", "not one strict JSON value"},
		{`{"note":"a"`, "", "not one strict JSON value"},
		{`{"note":"a"}{}`, "", "not one strict JSON value"},
		{`{"note":"a","note":"b"}`, "", "not one strict JSON value"},
		{"{\"note\":\"\xff\"}", "/note", "not one strict JSON value"},
		{`{"list":[{"text":"a"},{"text":}]}`, "/list/*/text", "not one strict JSON value"},
		{`"note"`, "", "does not name"},
		{`[]`, "", "an object where the catalogue has an array"},
		{`{"SECRET":1}`, "/?", "does not name"},
		{`{"SECRET":{}}`, "/?", "does not name"},
		{`{"SECRET":{"NAME":[1]}}`, "/?", "does not name"},
		{`{"who":{"SECRET":1}}`, "/who/?", "does not name"},
		{`{"list":[{"SE/CR~ET":[]}]}`, "/list/*/?", "does not name"},
		{`{"list":[[1]]}`, "/list/*", "an object where the catalogue has an array"},
		{`{"list":["a"]}`, "/list/*", "does not name"},
		{`{"list":{"*":{"text":"a"}}}`, "/list", "an object where the catalogue has an array"},
		{`{"who":[]}`, "/who", "an object where the catalogue has an array"},
		{`{"who":"x"}`, "/who", "does not name"},
		{`{"note":{}}`, "/note", "does not name"},
		{`{"note":["a"]}`, "/note", "does not name"},
		{`{"who":{"name":"x"}}`, "/who/name", "a field that is dropped"},
		{`{"who":{"name":null}}`, "/who/name", "a field that is dropped"},
		{`{"who":{"name":""}}`, "/who/name", "a field that is dropped"},
		{`{"note":1}`, "/note", "does not make"},
		{`{"date":"Ada Byron"}`, "/date", "does not make"},
		{`{"pseudonym":"Ada"}`, "/pseudonym", "does not make"},
		{`{"pseudonym":"Ada Byron, 7 Lake View"}`, "/pseudonym", "does not make"},
		{`{"pseudonym":1234567890123456}`, "/pseudonym", "does not make"},
		{`{"year":"1958-04"}`, "/year", "does not make"},
		{`{"year":1958}`, "/year", "does not make"},
		{`{"year":"195x"}`, "/year", "does not make"},
		{`{"net":"203.0.113.7"}`, "/net", "does not make"},
		{`{"net":"203.0.113.7/24"}`, "/net", "does not make"},
		{`{"net":"203.0.113.7/32"}`, "/net", "does not make"},
		{`{"net":"2001:db8::/24"}`, "/net", "does not make"},
		{`{"masked":"Byron"}`, "/masked", "does not make"},
		{`{"masked":"****Byron"}`, "/masked", "does not make"},
		{`{"masked":true}`, "/masked", "does not make"},
		{`{"band":"[4000,6000)"}`, "/band", "does not make"},
		{`{"band":"[4001,5001)"}`, "/band", "does not make"},
		{`{"band":"[04000,5000)"}`, "/band", "does not make"},
		{`{"band":"4950"}`, "/band", "does not make"},
		{`{"band":4950}`, "/band", "does not make"},
		{`{"round":14}`, "/round", "does not make"},
		{`{"round":"14"}`, "/round", "does not make"},
		{`{"round":1e1}`, "/round", "does not make"},
		{`{"round":""}`, "", ""},
		{`{"area":"D02 ZZ99"}`, "/area", "does not make"},
		{`{"area":"d02"}`, "/area", "does not make"},
		{`{"note":"a","who":null,"list":[null],"amount":true}`, "", ""},
		{`{"pseudonym":"` + psn + `","year":"1958","net":"2001:db8::/48","masked":"****","band":"[-1000,0)","round":-10,"area":"D02"}`, "", ""},
		{`{"pseudonym":"","year":null,"net":"","masked":"","band":"","round":"10","area":""}`, "", ""},
	} {
		t.Run(tc.out, func(t *testing.T) {
			err := p.Gate([]byte(tc.out), []byte(`{}`))
			if tc.msg == "" {
				require.NoError(t, err)
				return
			}
			var gate *payload.GateError
			require.ErrorAs(t, err, &gate)
			assert.ErrorIs(t, err, payload.ErrGate)
			assert.Equal(t, tc.pointer, gate.Pointer)
			assert.Contains(t, gate.Msg, tc.msg)
			assert.NotContains(t, err.Error(), "SECRET")
			assert.NotContains(t, err.Error(), "Byron")
		})
	}
}

func TestGateRefusesPlacesThatGoAsAWhole(t *testing.T) {
	c := catalogueOf(
		field("/gone/a", "c", payload.Operational, payload.KindString),
		field("/list/*/a", "c", payload.Operational, payload.KindString),
		field("/k", "k", payload.Operational, payload.KindString),
	)
	p := compile(t, c, map[string]payload.Treatment{"k": keep()})
	for _, out := range []string{`{"gone":{}}`, `{"list":[]}`, `{"gone":null}`} {
		assert.ErrorIs(t, p.Gate([]byte(out), []byte(`{}`)), payload.ErrGate, out)
	}
	assert.NoError(t, p.Gate([]byte(`{"k":"a"}`), []byte(`{}`)))
}

func TestGateRefusesABadSource(t *testing.T) {
	err := gatePlan(t).Gate([]byte(`{}`), []byte(`{"SECRET`))
	assert.EqualError(t, err, "payload: gate: : the source is not one strict JSON value")
}

// Whatever the transform lets through passes the gate, and any original put back in is found.
func TestGateFindsWhatIsPutBack(t *testing.T) {
	p := fraudPlan(t)
	src := readTestdata(t, "payload.json")
	out, _, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(t, err)
	require.NoError(t, p.Gate(out, src))
	originals := []string{
		"Aoife Ní Bhraonáin", "27 Larchfield Terrace", "D02 ZZ99", "+353 20 910 0142",
		"aoife.nibhraonain@mail.example.org", "1234567Z", "IE98 EMRD 9900 0012 3456 78", "IE98EMRD99000012345678",
		"Tomas Venckutonis", "LT989990000000000417", "Kestrel Orbit Trading Ltd", "GB25RIVE99000000417233",
		"9d2c7be4a1f04c5e", "e07b15c93f6d48aa",
	}
	kept := []string{"Emerald Bank DAC", "Nemunas Pay UAB", "first_receiver", "TX-7f19c2d0-0003", "EMRD-FR-2026-004417"}
	rapid.Check(t, func(t *rapid.T) {
		secret, place := rapid.SampledFrom(originals).Draw(t, "secret"), rapid.SampledFrom(kept).Draw(t, "place")
		if rapid.Bool().Draw(t, "capitals") {
			secret = strings.ToUpper(secret)
		}
		at := rapid.IntRange(0, len(place)).Draw(t, "at")
		leaked := bytes.Replace(out, []byte(place), []byte(place[:at]+secret+place[at:]), 1)
		var leak *payload.LeakError
		require.ErrorAs(t, p.Gate(leaked, src), &leak)
		require.NotContains(t, leak.Error(), secret)
	})
}

// Any change of a result's bytes either is refused or leaves a document that keeps the plan.
func FuzzGate(f *testing.F) {
	p := fraudPlan(f)
	src := readTestdata(f, "payload.json")
	out, _, err := p.Protect(nil, src, newPseudonyms())
	require.NoError(f, err)
	f.Add(out)
	f.Add([]byte(`{"case":{"reference":"Tomas Venckutonis"}}`))
	f.Add([]byte(`{"victim":{"email":"psn_0123456789abcdefgh"},"transactions":[{"amount":"[0,1000)"}]}`))
	f.Fuzz(func(t *testing.T, out []byte) {
		err := p.Gate(out, src)
		if err != nil {
			require.ErrorIs(t, err, payload.ErrGate)
			return
		}
		tree, errTree := parseTree(out)
		require.NoError(t, errTree)
		require.Empty(t, unplanned(tree, "", fraudCatalogue(t), fraudTreatments()))
		for _, secret := range []string{"tomas venckutonis", "lt989990000000000417", "1234567z", "9d2c7be4a1f04c5e"} {
			walkStrings(tree, func(s string) {
				require.NotContains(t, strings.ToLower(s), secret)
			})
		}
	})
}

func TestLeakErrorsAreErrGate(t *testing.T) {
	for _, err := range []error{&payload.LeakError{Pointer: "/a", Category: "c"}, &payload.GateError{Pointer: "/a", Msg: "m"}} {
		assert.True(t, errors.Is(fmt.Errorf("wrapped: %w", err), payload.ErrGate))
		assert.False(t, errors.Is(err, payload.ErrPseudonym))
	}
}
