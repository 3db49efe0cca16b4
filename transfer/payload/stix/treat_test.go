package stix_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

func TestFreeTextIsScrubbed(t *testing.T) {
	person := `{"type":"identity","spec_version":"2.1","id":"` + jane + `",` + when + `,"name":"Jane Roe","description":"Calls herself JANE ROE, writes from someone.else@example.com, pays into IE29 AIBK 9311 5212 3456 78."}`
	for _, technique := range []string{payload.Keep, payload.Scrub} {
		b, _ := protect(t, map[string]payload.Treatment{"narrative": {Technique: technique}}, person)
		text := objects(b, "identity")[0]["description"].(string)
		assert.Regexp(t, `^Calls herself psn_\S{22}, writes from psn_\S{22}, pays into psn_\S{22}\.$`, text)
		assert.Contains(t, text, objects(b, "identity")[0]["name"], "one person, one pseudonym")
	}
	b, rep := protect(t, map[string]payload.Treatment{"narrative": technique(payload.Scrub)}, strings.Replace(person, "JANE ROE", "SmFuZSBSb2U=", 1))
	assert.NotContains(t, objects(b, "identity")[0], "description", "in base64 it cannot be replaced")
	assert.Equal(t, []payload.Withheld{{What: "/identity/description", Why: "it is not what may stand there, or holds an identifier", Count: 1}}, rep.Withheld)
}

// The name of an account in a path goes, whoever's it is; those of every system stay.
func TestAccountsInPaths(t *testing.T) {
	with := map[string]payload.Treatment{"file_name": technique(payload.Keep)}
	for in, want := range map[string]string{
		`C:\\Users\\jroe77\\Desktop`:                `^C:\\Users\\psn_\S{22}\\Desktop$`,
		`/home/jroe77/.ssh/id_rsa`:                  `^/home/psn_\S{22}/.ssh/id_rsa$`,
		`/Users/jroe77`:                             `^/Users/psn_\S{22}$`,
		`C:\\Documents and Settings\\J. Roe\\x.exe`: `^C:\\Documents and Settings\\psn_\S{22}\\x.exe$`,
		`C:\\Users\\Public\\x.exe`:                  `^C:\\Users\\Public\\x.exe$`,
		`/root/x`:                                   `^/root/x$`,
		`/opt/jroe77/x`:                             `^/opt/jroe77/x$`, // nobody says that this is an account
	} {
		b, _ := protect(t, with, `{"type":"directory","id":"directory--11111111-1111-4111-8111-111111111112","path":"`+in+`"}`)
		assert.Regexp(t, want, objects(b, "directory")[0]["path"], in)
	}
	b, _ := protect(t, with, `{"type":"windows-registry-key","id":"windows-registry-key--11111111-1111-4111-8111-111111111112","key":"HKEY_USERS\\S-1-5-21-1004336348-1177238915-682003330-1001\\Software"}`)
	assert.Regexp(t, `^HKEY_USERS\\psn_\S{22}\\Software$`, objects(b, "windows-registry-key")[0]["key"])
	b, _ = protect(t, with,
		`{"type":"directory","id":"directory--11111111-1111-4111-8111-111111111112","path":"/opt/jroe77/x"}`,
		`{"type":"user-account","id":"user-account--11111111-1111-4111-8111-111111111112","account_login":"jroe77"}`)
	assert.Regexp(t, `^psn_`, objects(b, "directory")[0]["path"], "somebody says so")
}

func TestFilesAreMalwareByRelation(t *testing.T) {
	const sample, document = "a41d8cd98f00b204e9800998ecf8427e", "b41d8cd98f00b204e9800998ecf8427e"
	file := func(n, digest string) string {
		return `{"type":"file","id":"file--11111111-1111-4111-8111-11111111111` + n + `","name":"n` + n + `.exe","hashes":{"MD5":"` + digest + `"}}`
	}
	malware := `{"type":"malware","spec_version":"2.1","id":"malware--11111111-1111-4111-8111-111111111112",` + when + `,"name":"Emotet","is_family":true`
	for name, tie := range map[string][]string{
		"sample_refs":  {malware + `,"sample_refs":["file--11111111-1111-4111-8111-111111111111"]}`},
		"relationship": {malware + `}`, `{"type":"relationship","spec_version":"2.1","id":"relationship--11111111-1111-4111-8111-111111111112",` + when + `,"relationship_type":"downloads","source_ref":"malware--11111111-1111-4111-8111-111111111112","target_ref":"file--11111111-1111-4111-8111-111111111111"}`},
		"analysis":     {`{"type":"malware-analysis","spec_version":"2.1","id":"malware-analysis--11111111-1111-4111-8111-111111111112",` + when + `,"product":"x","result":"malicious","sample_ref":"file--11111111-1111-4111-8111-111111111111"}`},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := protect(t, nil, append(tie, file("1", sample), file("2", document), file("3", sample),
				indicator(`[file:hashes.MD5 = '`+sample+`']`))...)
			files := objects(b, "file")
			require.Len(t, files, 3)
			digest := func(i int) any { return files[i]["hashes"].(map[string]any)["MD5"] }
			assert.Equal(t, sample, digest(0))
			assert.NotEqual(t, document, digest(1))
			assert.Equal(t, sample, digest(2), "a digest of malware is one wherever it stands")
			assert.Equal(t, "n1.exe", files[0]["name"])
			assert.NotEqual(t, "n3.exe", files[2]["name"], "but its name there is not")
			assert.Contains(t, objects(b, "indicator")[0]["pattern"], sample)
		})
	}
	b, _ := protect(t, nil, file("1", sample), malware+`}`, indicator(`[file:hashes.MD5 = '`+sample+`']`))
	assert.NotContains(t, objects(b, "indicator")[0]["pattern"], sample, "what nobody relates to malware is a document's")
}
