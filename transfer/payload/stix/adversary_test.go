package stix_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// The tests of this file think like somebody who wants to get a value out. The planter of generator_test.go knows where personal data
// stand; these do not care what a place is for: they put a value everywhere, one place at a time.

// mutate calls f with a document for each string, number and member name of doc, in which that one is the value; place says where.
func mutate(t testing.TB, doc any, value string, f func(place string, mutated []byte)) {
	t.Helper()
	emit := func(place string) {
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		f(place, text)
	}
	var walk func(place string, v any, set func(any))
	walk = func(place string, v any, set func(any)) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				if name == "objects" && place == "" || name == "id" && place == "" || place == "" && name == "type" {
					continue
				}
				walk(place+"/"+name, inner, func(x any) { v[name] = x })
				delete(v, name)
				v[value] = inner
				emit(place + "/" + name + " (name)")
				delete(v, value)
				v[name] = inner
			}
		case []any:
			for i, inner := range v {
				walk(place+"/*", inner, func(x any) { v[i] = x })
			}
		default:
			set(value)
			emit(place)
			set(v)
		}
	}
	root := doc.(map[string]any)
	for _, o := range root["objects"].([]any) {
		object := o.(map[string]any)
		walk("/"+object["type"].(string), object, nil)
	}
}

// mayHold are the places of the strict agreement in which free text is kept: what malware, tools and techniques are called.
func mayHold(place string) bool {
	for _, p := range []string{
		"/malware/name", "/malware/aliases/*", "/tool/name", "/tool/aliases/*", "/attack-pattern/name", "/attack-pattern/aliases/*", "/vulnerability/name",
		"/malware-analysis/result_name", "/marking-definition/definition/statement", "/marking-definition/name", "/file/name",
	} {
		if place == p {
			return true
		}
	}
	return false
}

func TestAValueInAnyOnePlaceStaysInside(t *testing.T) {
	if testing.Short() {
		t.Skip("two thousand bundles")
	}
	plan := compile(t, strict())
	var doc any
	require.NoError(t, json.Unmarshal(newPlanter(21).bundle(40), &doc))
	list := doc.(map[string]any)["objects"].([]any)
	list = append(list, map[string]any{
		"type": "marking-definition", "spec_version": "2.1", "id": copyright, "created": "2026-01-01T00:00:00.000Z",
		"definition_type": "statement", "definition": map[string]any{"statement": "Copyright"},
	}, map[string]any{
		"type": "extension-definition", "spec_version": "2.1", "id": "extension-definition--11111111-1111-4111-8111-111111111111", "name": "x",
		"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "schema": "https://x.example/s", "version": "1.0", "extension_types": []any{"new-sco"},
	})
	for _, value := range []string{"quillonbrandywine"} {
		doc.(map[string]any)["objects"] = oneOfEach(list)
		tried, refused := 0, 0
		mutate(t, doc, value, func(place string, mutated []byte) {
			tried++
			out, rep, err := plan.Protect(nil, mutated, testKey)
			if err != nil {
				refused++
				assert.NotContains(t, fmt.Sprintf("%v %#v", err, err), value, place)
				return
			}
			report, err := json.Marshal(rep)
			require.NoError(t, err)
			assert.NotContains(t, string(report), value, "the report, for %s", place)
			if strings.Contains(string(out), value) && !mayHold(place) {
				t.Errorf("%s lets %q out", place, value)
			}
		})
		t.Logf("%s: %d places tried, %d refused", value, tried, refused)
		assert.Greater(t, tried, 800)
		assert.Less(t, refused, tried/4)
	}
}

// oneOfEach returns the first object of each type, and a few indicators.
func oneOfEach(list []any) (some []any) {
	seen := map[string]int{}
	for _, o := range list {
		typ := o.(map[string]any)["type"].(string)
		if seen[typ]++; seen[typ] == 1 || typ == "indicator" && seen[typ] < 5 {
			some = append(some, o)
		}
	}
	return some
}

// disguises are ways to write a value so that a search for it finds nothing.
func disguises(value string) map[string]string {
	b64 := base64.StdEncoding.EncodeToString
	return map[string]string{
		"plain": value, "capitals": strings.ToUpper(value), "reversed": reverse(value), "reversed capitals": strings.ToUpper(reverse(value)),
		"percent": percentAll(value), "percent twice": url.QueryEscape(percentAll(value)), "query": url.QueryEscape(value), "hex": hex.EncodeToString([]byte(value)),
		"HEX": strings.ToUpper(hex.EncodeToString([]byte(value))), "hex with colons": colons(value), "c escapes": escapes(`\x%02x`, value),
		"javascript escapes": escapes(`\u%04x`, value), "html": html.EscapeString(value), "html codes": escapes("&#%d;", value), "quoted-printable": escapes("=%02X", value),
		"base64": b64([]byte(value)), "base64, no padding": base64.RawStdEncoding.EncodeToString([]byte(value)), "base64url": base64.RawURLEncoding.EncodeToString([]byte(value)),
		"base64, one off": b64([]byte("x" + value)), "base64, two off": b64([]byte("xy" + value)), "base64 in text": "id=" + b64([]byte("user "+value+" here")) + ";x",
		"base64 of base64": b64([]byte(b64([]byte(value)))), "base64 of hex": b64([]byte(hex.EncodeToString([]byte(value)))), "base64 of percent": b64([]byte(percentAll(value))),
		"base64 of reversed": b64([]byte(reverse(value))), "utf-16 in base64": b64(utf16Bytes(value, binary.LittleEndian)), "utf-16 in hex": hex.EncodeToString(utf16Bytes(value, binary.LittleEndian)),
		"spaced": strings.Join(strings.Split(value, ""), " "), "dotted": strings.Join(strings.Split(value, ""), "."), "zero width": strings.Join(strings.Split(value, ""), "\u200b"),
		"full width": fullWidth(value), "md5": written(value)["md5 of "+value], "sha1": written(value)["sha1 of "+value], "sha256": written(value)["sha256 of "+value],
		"sha512": written(value)["sha512 of "+value], "SHA256": strings.ToUpper(written(value)["sha256 of "+value]), "sha256 of small": written(value)["sha256 of "+strings.ToLower(value)],
		"sha256 in base64": written(value)["sha256 base64 of "+value], "uuid": uuid5(value), "uuid of object": uuid5(`{"value":"` + value + `"}`),
		"codes": escapes("%d ", value), "base64 of codes": b64([]byte(escapes("%d,", value))),
	}
}

func escapes(format, value string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		fmt.Fprintf(&b, format, c)
	}
	return b.String()
}

func colons(value string) string {
	return strings.TrimSuffix(escapes("%02x:", value), ":")
}

func fullWidth(value string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, value)
}

// Every value that the bundle names as somebody's is found in every kept place, however it is written there.
func TestKeptPlacesAreReadInAllDisguises(t *testing.T) {
	treatments := strict()
	for _, category := range []string{"url", "narrative", "content", "application", "user_agent"} {
		treatments[category] = technique(payload.Keep)
	}
	plan := compile(t, treatments)
	people := map[string]string{
		"Quillon Brandywine":        `{"type":"identity","spec_version":"2.1","id":"` + jane + `",` + when + `,"name":"Quillon Brandywine"}`,
		"q.brandywine@mail.example": `{"type":"email-addr","id":"email-addr--11111111-1111-4111-8111-111111111111","value":"q.brandywine@mail.example"}`,
		"IE29AIBK93115212345678":    `{"type":"bank-account","id":"bank-account--11111111-1111-4111-8111-111111111111","iban":"IE29 AIBK 9311 5212 3456 78"}`,
		"qbrandywine77":             `{"type":"user-account","id":"user-account--11111111-1111-4111-8111-111111111111","account_login":"qbrandywine77"}`,
		"198.51.100.203":            `{"type":"ipv4-addr","id":"ipv4-addr--11111111-1111-4111-8111-111111111111","value":"198.51.100.203"}`,
	}
	for value, person := range people {
		forms := disguises(value)
		if value == "198.51.100.203" {
			forms["integer"] = "3325256907"
		}
		if strings.HasPrefix(value, "IE29") {
			delete(forms, "reversed capitals") // the same
		}
		for form, hidden := range forms {
			for place, carrier := range keptCarriers(hidden) {
				out, _, err := plan.Protect(nil, bundleOf(person, carrier), testKey)
				require.NoError(t, err, "%s of %s in %s: the transform sees what the gate sees", form, value, place)
				text, _ := json.Marshal(hidden)
				if strings.Contains(string(out), strings.Trim(string(text), `"`)) || strings.Contains(string(out), hidden) {
					t.Errorf("%s of %q gets out through %s", form, value, place)
				}
				requireNone(t, place+" with "+form, out, []string{value})
			}
		}
	}
}

// keptCarriers are objects in which a text stands in a place that is kept.
func keptCarriers(hidden string) map[string]string {
	quoted := func(s string) string { text, _ := json.Marshal(s); return string(text) }
	literal := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(hidden)
	return map[string]string{
		"a name of malware":   `{"type":"malware","spec_version":"2.1","id":"malware--11111111-1111-4111-8111-111111111112",` + when + `,"is_family":true,"name":` + quoted("Trojan "+hidden) + `}`,
		"a URL":               `{"type":"url","id":"url--11111111-1111-4111-8111-111111111112","value":` + quoted("https://evil.example/a?u="+hidden+"&x=1") + `}`,
		"a description":       `{"type":"malware","spec_version":"2.1","id":"malware--11111111-1111-4111-8111-111111111112",` + when + `,"is_family":true,"name":"x","description":` + quoted("It was "+hidden+" who saw it.") + `}`,
		"a pattern":           indicator(`[url:value = 'https://evil.example/` + literal + `']`),
		"a pattern with LIKE": indicator(`[url:value LIKE '%` + literal + `%']`),
		"a YARA rule":         strings.Replace(indicator(`rule x { strings: $a = "`+hidden+`" condition: $a }`), `"pattern_type":"stix"`, `"pattern_type":"yara"`, 1),
		"a marking":           `{"type":"marking-definition","spec_version":"2.1","id":"` + copyright + `","created":"2026-01-01T00:00:00.000Z","definition_type":"statement","definition":{"statement":` + quoted("Copyright "+hidden) + `}}`,
		"a user agent":        `{"type":"network-traffic","id":"network-traffic--11111111-1111-4111-8111-111111111112","protocols":["tcp"],"src_ref":"ipv4-addr--11111111-1111-4111-8111-111111111119","extensions":{"http-request-ext":{"request_method":"get","request_value":"/","request_header":{"User-Agent":[` + quoted("curl/8 "+hidden) + `]}}}},{"type":"ipv4-addr","id":"ipv4-addr--11111111-1111-4111-8111-111111111119","value":"198.51.100.9"}`,
	}
}
