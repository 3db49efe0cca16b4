package stix_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

func indicator(pattern string) string {
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(pattern)
	return `{"type":"indicator","spec_version":"2.1","id":"indicator--11111111-1111-4111-8111-111111111113",` + when +
		`,"pattern_type":"stix","valid_from":"2026-11-17T10:00:00Z","pattern":"` + quoted + `"}`
}

// keepAll keeps what a pattern of the tables below may name, so that the text of the mapped pattern shows.
func keepAll() map[string]payload.Treatment {
	t := map[string]payload.Treatment{}
	for category := range roles() {
		t[category] = technique(payload.Keep)
	}
	return t
}

func mapPattern(t *testing.T, with map[string]payload.Treatment, pattern string) (mapped string, rep *payload.Report) {
	t.Helper()
	b, rep := protect(t, with, indicator(pattern))
	if found := objects(b, "indicator"); len(found) == 1 {
		return found[0]["pattern"].(string), rep
	}
	return "", rep
}

func TestPatternsAreWrittenAgain(t *testing.T) {
	for in, want := range map[string]string{
		`[ipv4-addr:value='198.51.100.3']`:                                                         `[ipv4-addr:value = '198.51.100.3']`,
		`[ipv4-addr:value=='198.51.100.3']`:                                                        `[ipv4-addr:value = '198.51.100.3']`,
		`[ ipv4-addr:value <> '198.51.100.3' ]`:                                                    `[ipv4-addr:value != '198.51.100.3']`,
		`[ipv4-addr:value ISSUBSET '198.51.100.0/24']`:                                             `[ipv4-addr:value ISSUBSET '198.51.100.0/24']`,
		`[ipv4-addr:value NOT IN ('198.51.100.3' , '198.51.100.4')]`:                               `[ipv4-addr:value NOT IN ('198.51.100.3', '198.51.100.4')]`,
		`[file:hashes."x" = 'a']`:                                                                  ``,
		`[file:hashes.MD5='D41D8CD98F00B204E9800998ECF8427E']`:                                     `[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']`,
		`[file:hashes.'SHA-256'='` + strings.Repeat("ab", 32) + `']`:                               `[file:hashes.'SHA-256' = '` + strings.Repeat("ab", 32) + `']`,
		`[file:size > 25 AND file:size <= 1000]`:                                                   `[file:size > 25 AND file:size <= 1000]`,
		`[file:name MATCHES '^x[0-9]+\\.exe$']`:                                                    `[file:name MATCHES '^x[0-9]+\\.exe$']`,
		`[file:name = 'o\'neil']`:                                                                  `[file:name = 'o\'neil']`,
		`[file:name LIKE 'inv%.exe']`:                                                              `[file:name LIKE 'inv%.exe']`,
		`[EXISTS file:name]`:                                                                       `[EXISTS file:name]`,
		`[NOT EXISTS file:name]`:                                                                   `[NOT EXISTS file:name]`,
		`[NOT file:name = 'x.exe']`:                                                                `[file:name NOT = 'x.exe']`,
		`[email-message:is_multipart = true]`:                                                      `[email-message:is_multipart = true]`,
		`[file:ctime > t'2026-01-01T00:00:00Z']`:                                                   `[file:ctime > t'2026-01-01T00:00:00.000Z']`,
		`[file:magic_number_hex = h'ffd8']`:                                                        `[file:magic_number_hex = h'ffd8']`,
		`[network-traffic:src_ref.value = '198.51.100.3']`:                                         `[network-traffic:src_ref.value = '198.51.100.3']`,
		`[network-traffic:protocols[*] = 'tcp']`:                                                   `[network-traffic:protocols[*] = 'tcp']`,
		`[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl/8.1']`: `[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'curl/8.1']`,
		`[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.01]`:                      `[file:extensions.'windows-pebinary-ext'.sections[*].entropy > 7.01]`,
		"[a:b = 'c'] /* comment */":                                                                ``,
		"[file:name = 'x.exe'] // comment":                                                         `[file:name = 'x.exe']`,
		`([file:name = 'a.exe'] AND [file:name = 'b.exe']) FOLLOWEDBY [file:name = 'c.exe'] REPEATS 5 TIMES WITHIN 1800 SECONDS`: `([file:name = 'a.exe'] AND [file:name = 'b.exe']) FOLLOWEDBY [file:name = 'c.exe'] REPEATS 5 TIMES WITHIN 1800 SECONDS`,
		`[file:name = 'a.exe'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'`:                                       `[file:name = 'a.exe'] START t'2026-01-01T00:00:00.000Z' STOP t'2026-02-01T00:00:00.000Z'`,
		`[(file:name = 'a.exe' OR file:name = 'b.exe') AND file:size = 5]`:                                                       `[(file:name = 'a.exe' OR file:name = 'b.exe') AND file:size = 5]`,
	} {
		mapped, _ := mapPattern(t, keepAll(), in)
		assert.Equal(t, want, mapped, in)
	}
}

func TestBrokenPatternsTakeTheirIndicatorAway(t *testing.T) {
	for _, in := range []string{
		``, `[`, `[]`, `[file:name]`, `[file:name = ]`, `[file:name = 'a'`, `file:name = 'a'`, `[file:name = 'a']]`, `[file:name = 'a`,
		`[file:name IN ()]`, `[file:name IN ('a',)]`, `[file:name = 'a'] WITHIN SECONDS`, `[file:name = 'a'] START 'x'`, `[:name = 'a']`,
		`[file: = 'a']`, `[file:name. = 'a']`, `[file:name[x] = 'a']`, `[file:name LIKE 5]`, `[file:name = 'a'] AND`, `[file:name ~ 'a']`,
		`[file:name = 12abc]`, `/* never ends`, `([file:name = 'a']`, `[file:name = 'a' and file:name = 'b']`,
	} {
		mapped, rep := mapPattern(t, keepAll(), in)
		assert.Empty(t, mapped, in)
		assert.Equal(t, []payload.Withheld{{What: "indicator", Why: "its pattern cannot be mapped", Count: 1}}, rep.Withheld, in)
	}
}

// A pattern matches the treated observables when it matched the original ones: literals and values are mapped alike.
func TestPatternsMatchWhatTheyMatched(t *testing.T) {
	const digest = "a41d8cd98f00b204e9800998ecf8427e"
	for _, tc := range []struct{ object, property, pattern string }{
		{`{"type":"ipv4-addr","id":"ipv4-addr--%s","value":"198.51.100.3"}`, "value", `[ipv4-addr:value = '198[.]51[.]100[.]3']`},
		{`{"type":"ipv4-addr","id":"ipv4-addr--%s","value":"198.51.100.3"}`, "value", `[network-traffic:dst_ref.value = '198.51.100.3']`},
		{`{"type":"ipv6-addr","id":"ipv6-addr--%s","value":"2001:db8:0:0::1"}`, "value", `[ipv6-addr:value = '2001:DB8::1']`},
		{`{"type":"mac-addr","id":"mac-addr--%s","value":"00:1b:44:11:3a:b7"}`, "value", `[network-traffic:src_ref.value = '00:1B:44:11:3A:B7']`},
		{`{"type":"domain-name","id":"domain-name--%s","value":"Mail.Example.COM"}`, "value", `[domain-name:value IN ('mail[.]example.com')]`},
		{`{"type":"email-addr","id":"email-addr--%s","value":"Jane@Example.com"}`, "value", `[email-message:from_ref.value = 'jane@example.com']`},
		{`{"type":"url","id":"url--%s","value":"hxxps://example[.]com/x"}`, "value", `[url:value = 'https://EXAMPLE.com/x']`},
		{`{"type":"user-account","id":"user-account--%s","account_login":"jroe"}`, "account_login", `[process:creator_user_ref.account_login = 'jroe']`},
		{`{"type":"windows-registry-key","id":"windows-registry-key--%s","key":"HKEY_CURRENT_USER\\Software\\x"}`, "key", `[windows-registry-key:key = 'HKEY_CURRENT_USER\\Software\\x']`},
		{`{"type":"bank-account","id":"bank-account--%s","iban":"IE29AIBK93115212345678"}`, "iban", `[bank-account:iban = 'IE29AIBK93115212345678']`},
		{`{"type":"file","id":"file--%s","hashes":{"MD5":"` + digest + `"}}`, "hashes", `[file:hashes.MD5 = '` + digest + `']`},
	} {
		object := strings.Replace(tc.object, "%s", "22222222-2222-4222-8222-222222222222", 1)
		b, _ := protect(t, nil, object, indicator(tc.pattern))
		typ, _, _ := strings.Cut(strings.TrimPrefix(object, `{"type":"`), `"`)
		require.Len(t, objects(b, typ), 1, tc.pattern)
		value := objects(b, typ)[0][tc.property]
		if hashes, ok := value.(map[string]any); ok {
			value = hashes["MD5"]
		}
		require.Len(t, objects(b, "indicator"), 1, tc.pattern)
		quoted := "'" + strings.NewReplacer(`\`, `\\`).Replace(value.(string)) + "'"
		assert.Contains(t, objects(b, "indicator")[0]["pattern"], quoted, tc.pattern)
		assert.NotContains(t, value, "example.com")
	}
}

func TestWhatCannotBeMappedGoes(t *testing.T) {
	for _, in := range []string{
		`[ipv4-addr:value ISSUBSET '198.51.100.0/24']`,                                  // the network of a pseudonym is another one
		`[email-addr:value LIKE 'jane%']`,                                               //
		`[domain-name:value MATCHES 'jane']`,                                            //
		`[email-message:subject = 'Dear Jane']`,                                         // dropped
		`[x-acme:owner = 'Jane']`,                                                       // a type that nobody names
		`[file:x_owner = 'Jane']`,                                                       // a property that nobody names
		`[process:environment_variables.JANE = 'x']`,                                    // a key that nobody names
		`[user-account:credential = 'x']`,                                               // never
		`[network-traffic:ipfix.x = 5]`,                                                 //
		`[file:name = 'x.exe' OR x-acme:owner = 'Jane']`,                                // half of it
		`[file:hashes.JANE = 'a41d8cd98f00b204e9800998ecf8427e']`,                       //
		`[file:extensions.'jane-ext'.x = 'y']`,                                          //
		`[network-traffic:src_ref = 'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4']`, // an id gives the value away
	} {
		mapped, rep := mapPattern(t, nil, in)
		assert.Empty(t, mapped, in)
		assert.Len(t, rep.Withheld, 1, in)
	}
}

func TestRelationshipsOfAWithheldIndicatorGo(t *testing.T) {
	b, rep := protect(t, nil, indicator(`[x-acme:owner = 'Jane']`),
		`{"type":"malware","spec_version":"2.1","id":"malware--11111111-1111-4111-8111-111111111112",`+when+`,"name":"Emotet","is_family":true}`,
		`{"type":"relationship","spec_version":"2.1","id":"relationship--11111111-1111-4111-8111-111111111114",`+when+`,"relationship_type":"indicates","source_ref":"indicator--11111111-1111-4111-8111-111111111113","target_ref":"malware--11111111-1111-4111-8111-111111111112"}`)
	assert.Len(t, b["objects"], 1)
	assert.Equal(t, []payload.Withheld{
		{What: "indicator", Why: "its pattern cannot be mapped", Count: 1},
		{What: "relationship", Why: "an object that it refers to does not leave", Count: 1},
	}, rep.Withheld)
}

func TestOtherLanguagesFollowTheirCategory(t *testing.T) {
	yara := strings.Replace(indicator(`rule x { condition: true }`), `"pattern_type":"stix"`, `"pattern_type":"yara"`, 1)
	for technique, want := range map[string]any{payload.Keep: "rule x { condition: true }", payload.Mask: "withheld", payload.Drop: nil} {
		b, _ := protect(t, map[string]payload.Treatment{"content": {Technique: technique}}, yara)
		found := objects(b, "indicator")
		if want == nil {
			assert.Empty(t, found)
			continue
		}
		require.Len(t, found, 1)
		assert.Equal(t, want, found[0]["pattern"])
	}
	b, _ := protect(t, map[string]payload.Treatment{"content": technique(payload.Keep)}, yara,
		`{"type":"email-addr","id":"email-addr--11111111-1111-4111-8111-111111111115","value":"jane@example.com"}`,
		strings.Replace(yara, "condition: true", `strings: $a = \"amFuZUBleGFtcGxlLmNvbQ==\" condition: $a`, 1))
	assert.Len(t, objects(b, "indicator"), 1, "a rule that holds an identifier in base64 goes")
}

func TestDeepPatternsAreRefused(t *testing.T) {
	plan := compile(t, strict())
	for _, pattern := range []string{
		strings.Repeat("(", 10_000) + "[file:name = 'x']" + strings.Repeat(")", 10_000),
		"[" + strings.Repeat("(", 10_000) + "file:name = 'x'" + strings.Repeat(")", 10_000) + "]",
		"[file:size IN (1" + strings.Repeat(",1", 60_000) + ")]",
	} {
		out, rep, err := plan.Protect([]byte("before"), bundleOf(indicator(pattern)), testKey)
		var refused *stix.ObjectError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, "stix: /objects/0/pattern: nested deeper than 64 levels, or longer than 100000 tokens", err.Error())
		assert.Equal(t, "before", string(out))
		assert.Nil(t, rep)
	}
}

// An or of ten thousand terms is long and not deep.
func TestLongPatternsAreMapped(t *testing.T) {
	mapped, _ := mapPattern(t, nil, "[file:size = 1"+strings.Repeat(" OR file:size = 1", 9_999)+"]")
	assert.Equal(t, 10_000, strings.Count(mapped, "file:size"))
}
