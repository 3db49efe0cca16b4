package payload_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/transfer/payload"
)

func scrubTreatments() map[string]payload.Treatment {
	return map[string]payload.Treatment{
		"name": pseudonymize(), "iban": {Technique: payload.Drop}, "born": generalize("year"), "postcode": generalize("area"),
		"code": keep(), "note": {Technique: payload.Scrub},
	}
}

func scrub(t testing.TB, record map[string]string) map[string]string {
	t.Helper()
	p, err := payload.Compile(accounts(""), scrubTreatments())
	require.NoError(t, err)
	doc, err := json.Marshal(record)
	require.NoError(t, err)
	out, _, err := p.Protect(nil, doc, newPseudonyms())
	require.NoError(t, err)
	var got map[string]string
	require.NoError(t, json.Unmarshal(out, &got))
	return got
}

func TestScrubReplacesTheRecordsOwnIdentifiers(t *testing.T) {
	got := scrub(t, map[string]string{
		"note": "ADA BYRON rang; Ms Byron gave ie98 EMRD 9900 0012 3456 78 and was born 1961-02-03 in D02X285. Adàlbert too.",
		"name": "Ada Byron", "iban": "IE98EMRD99000012345678", "born": "1961-02-03", "postcode": "D02 X285", "code": "K1",
	})
	psn := got["name"]
	assert.Regexp(t, `^psn_`, psn)
	assert.Equal(t, psn+" rang; Ms "+psn+" gave [iban] and was born [born] in [postcode]. Adàlbert too.", got["note"])
}

func TestScrubReplacesShortNamesAsWords(t *testing.T) {
	got := scrub(t, map[string]string{"note": "Li came, and Lisa with LI's sister", "name": "Li"})
	assert.Equal(t, got["name"]+" came, and Lisa with "+got["name"]+"'s sister", got["note"])
}

func TestScrubWorksInTables(t *testing.T) {
	p := bulkPlan(t, accounts(payload.FormatCSV), scrubTreatments())
	out, _, err := protectBulk(p, strings.NewReader("note,name\n\"said \"\"Byron, Ada\"\" on +353 1 496 0123\",\"Ada \"\"A\"\" Byron\"\nByron,Li\n"), payload.StreamOptions{})
	require.NoError(t, err)
	rows := strings.Split(out, "\n")
	assert.Regexp(t, `^"said ""psn_\S{22}, psn_\S{22}"" on \[phone\]",psn_\S{22}$`, rows[1])
	assert.Regexp(t, `^Byron,psn_\S{22}$`, rows[2], "the identifiers of one row are not those of another")
}

func TestScrubRecognisesIdentifiers(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		"nothing to see at 14:30 on 2026-11-23":  "nothing to see at 14:30 on 2026-11-23",
		"pay DE89 3704 0044 0532 0130 00 now":    "pay [iban] now",
		"pay DE88370400440532013000 now":         "pay DE88370400440532013000 now", // wrong check digits, no IBAN
		"gb82west12345698765432.":                "[iban].",
		"card 4111 1111 1111 1111 exp 12/29":     "card [card] exp 12/29",
		"card 4111 1111 1111 1112":               "card 4111 1111 1111 1112",
		"mail ada.byron+x@mail.example.org!":     "mail [email]!",
		"at@home":                                "at@home",
		"call +44 20 7946 0958 or (01) 496 0123": "call [phone] or [phone]",
		"call 0049-30-901820, today":             "call [phone], today",
		"from 198.51.100.7:8080 to 2001:db8::1.": "from [ip]:8080 to [ip].",
		"not 198.51.100.700":                     "not 198.51.100.700",
		"PPS 1234567FA, 1234567T and 1234567Q":   "PPS [national-id], [national-id] and 1234567Q",
		"NI AB 12 34 56 C":                       "NI [national-id]",
		"DNI 12345678Z NIE X1234567L":            "DNI [national-id] NIE [national-id]",
		"Steuer-ID 86095742719":                  "Steuer-ID [national-id]",
		"BSN 111222333 PESEL 44051401359":        "BSN [national-id] PESEL [national-id]",
		"CF RSSMRA85T10A562S":                    "CF [national-id]",
		"pnr 811228-9874 hetu 131052-308T":       "pnr [national-id] hetu [national-id]",
		"NIR 255081416802538":                    "NIR [national-id]",
		"SSN 078-05-1120":                        "SSN [national-id]",
		"asmens kodas 33309240064":               "asmens kodas [national-id]",
		"rrn 85.07.30-033.28":                    "rrn [national-id]",
		"my number 1234 5678 9018":               "my number [national-id]",
	} {
		assert.Equal(t, want, scrub(t, map[string]string{"note": text})["note"], text)
	}
}

func TestScrubIsForStrings(t *testing.T) {
	_, err := payload.Compile(accounts(""), map[string]payload.Treatment{"score": {Technique: payload.Scrub}})
	assert.ErrorContains(t, err, "kind string")
	_, err = payload.Compile(accounts(""), map[string]payload.Treatment{"note": {Technique: payload.Scrub, Params: map[string]string{"x": "y"}}})
	assert.ErrorContains(t, err, "unknown parameter")
}

// TestScrubLeavesNoOriginal: whatever is written around it and however, a value that the record treats is never left in its
// text; the gate, which looks for it in its own way, lets every result through.
func TestScrubLeavesNoOriginal(t *testing.T) {
	names := []string{"Ada Byron", "Ní Bhraonáin", "O'Shea-Doyle", "Tomas Venckutonis"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "name")
		spelt := rapid.SampledFrom([]func(string) string{strings.ToUpper, strings.ToLower, func(s string) string { return s }}).Draw(t, "case")(name)
		around := rapid.StringMatching(`[a-z0-9 .,+@:-]{0,12}`)
		note := around.Draw(t, "before") + rapid.SampledFrom([]string{" ", "", "-"}).Draw(t, "gap") + spelt + around.Draw(t, "after")
		record := map[string]string{"name": name, "note": note, "iban": "IE98EMRD99000012345678"}
		doc, err := json.Marshal(record)
		require.NoError(t, err)
		p, err := payload.Compile(accounts(""), scrubTreatments())
		require.NoError(t, err)
		out, _, err := p.Protect(nil, doc, newPseudonyms())
		require.NoError(t, err)
		var got map[string]string
		require.NoError(t, json.Unmarshal(out, &got))
		require.NotContains(t, strings.ToLower(got["note"]), strings.ToLower(name))
	})
}

func FuzzScrub(f *testing.F) {
	for _, seed := range []string{"Ada Byron", "a@b.example +353 1 496 0123 DE89370400440532013000", "::1 1::", "psn_0123456789abcdefghij", "ß É ﬁ \xff"} {
		f.Add("Ada Byron", seed)
	}
	p, err := payload.Compile(accounts(""), scrubTreatments())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, name, note string) {
		doc, err := json.Marshal(map[string]string{"name": name, "note": note})
		require.NoError(t, err)
		out, _, err := p.Protect(nil, doc, newPseudonyms())
		if err != nil {
			require.NotErrorIs(t, err, payload.ErrPseudonym)
			return
		}
		require.NoError(t, p.Gate(out, doc))
	})
}
