package transfertest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// canaryPairs replaces every value of the sample report by one that occurs nowhere else, of a form that the field's kind
// accepts. Years, postcode areas and network prefixes may stay: they are what the agreement lets through.
var canaryPairs = []struct{ from, to string }{
	{"EMRD-FR-2026-004417", "canary-case-reference-01"},
	{"impersonation_app_fraud", "canary-fraud-type-02"},
	{"Emerald Bank DAC", "Canary Organisation 03"},
	{"EMRDIE20XXX", "CNRYIE20XXX"},
	{"Aoife Ní Bhraonáin", "Cánary Ní Náme-04"},
	{"1958-04-23", "1958-11-29"},
	{"27 Larchfield Terrace", "canary street 05"},
	{"Cloonmore", "canarytown06"},
	{"D02 ZZ99", "D02 CN07"},
	{"+353 20 910 0142", "+353 20 777 0808"},
	{"aoife.nibhraonain@mail.example.org", "canary09@mail.example.org"},
	{"1234567Z", "7654321C"},
	{"IE98 EMRD 9900 0012 3456 78", "IE98 CNRY 9900 0012 3456 10"},
	{"IE98EMRD99000012345678", "IE98CNRY99000012345610"},
	{"Tomas Venckutonis", "Canary Holder 11"},
	{"LT989990000000000417", "LT989990000000000812"},
	{"Kestrel Orbit Trading Ltd", "Canary Holder 13"},
	{"GB25RIVE99000000417233", "GB25CNRY99000000417214"},
	{"safe account A NI BHRAONAIN", "canary reference text 15"},
	{"TX-7f19c2d0-0001", "TX-canary-0016"},
	{"Kestrel Orbit Gift Cards", "Canary Merchant 17"},
	{"9d2c7be4a1f04c5e", "ca9a71de71ce0018"},
	{"Mozilla/5.0 (Linux; Android 15; SM-A556B) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "CanaryAgent/19"},
	{"203.0.113.47", "203.0.113.220"},
	{"had her install a remote support tool", "canary narrative twenty-one"},
}

// unlistedCanaries stand in a member that no catalogue names: as its name, beneath it, and in a number.
var unlistedCanaries = []string{"canary-unlisted-name-22", "canary-unlisted-value-23", "9124812491249"}

// Canary is the sample report with a unique value in every field, and with members that the catalogue does not name.
// It returns the document and all values that must stay inside of it.
func Canary(t testing.TB) (document []byte, canaries []string) {
	t.Helper()
	text := string(Report(t))
	for _, pair := range canaryPairs {
		require.Contains(t, text, pair.from, "the sample report has changed; change the canaries")
		text = strings.ReplaceAll(text, pair.from, pair.to)
		canaries = append(canaries, pair.to)
	}
	u := unlistedCanaries
	unlisted := `{"` + u[0] + `": {"deep": ["` + u[1] + `", ` + u[2] + `]},`
	return []byte(strings.Replace(text, "{", unlisted, 1)), append(canaries, u...)
}

// RequireNoCanary fails the test if text holds one of the canaries, as it stands, in hexadecimal, in base64, or as a
// plain SHA-256 of it.
func RequireNoCanary(t testing.TB, where string, text []byte, canaries []string) {
	t.Helper()
	for _, canary := range canaries {
		sum := sha256.Sum256([]byte(canary))
		for form, needle := range map[string]string{
			"in clear": canary, "in hexadecimal": hex.EncodeToString([]byte(canary)),
			"in base64":  strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(canary)), "="),
			"as SHA-256": hex.EncodeToString(sum[:]), "as raw SHA-256": string(sum[:]),
		} {
			if strings.Contains(string(text), needle) {
				t.Fatalf("%s holds the canary %q %s", where, canary, form)
			}
		}
	}
}

// RequireNoCanaryUnder searches the names and contents of all files under dir.
func RequireNoCanaryUnder(t testing.TB, dir string, canaries []string) {
	t.Helper()
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		RequireNoCanary(t, path, append([]byte(path), content...), canaries)
		return err
	}))
	require.Positive(t, files, "nothing to search under %s", dir)
}
