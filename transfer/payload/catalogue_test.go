package payload_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

func TestParseCatalogue(t *testing.T) {
	c := fraudCatalogue(t)
	assert.Equal(t, "fraud-case-report", c.Type)
	assert.Equal(t, "1", c.Version)
	assert.Equal(t, payload.Limits{Depth: 8, Bytes: 1 << 20}, c.Limits)
	assert.Len(t, c.Fields, 37)
	assert.Contains(t, c.Fields, payload.Field{
		Path: "/mule_accounts/*/holder", Category: "name", Role: payload.Direct, Kind: payload.KindString,
		Subject: "suspect",
	})
	assert.Equal(t, []string{
		"account_role", "address", "amount", "bic", "case_reference", "country", "currency", "date_of_birth", "device_id",
		"email", "fraud_type", "iban", "ip_address", "merchant", "name", "narrative", "national_id", "organisation",
		"phone", "postcode", "reference_text", "timestamp", "transaction", "user_agent",
	}, c.Categories())
	assert.Equal(t, []string{"suspect", "victim"}, c.Subjects())
	assert.Empty(t, c.SpecialCategories())
	assert.False(t, c.HasCriminalOffenceData())
	roles := c.Roles()
	assert.Equal(t, payload.Direct, roles["address"], "the street is stricter than the town")
	assert.Equal(t, payload.Quasi, roles["country"], "the victim's country is stricter than the bank's")
	assert.Equal(t, payload.FreeText, roles["narrative"])
}

const minimal = "type: t\nversion: \"1\"\ntitle: T\nfields:\n"

func row(path string, more ...string) string {
	return fmt.Sprintf("  - {path: %s, category: c, role: direct, kind: string%s}\n", path, strings.Join(more, ""))
}

func TestParseCatalogueFillsIn(t *testing.T) {
	c, err := payload.ParseCatalogue("c.yaml", []byte(minimal+row("/a", ", special: true, criminal_offence: true")+row("/b")))
	require.NoError(t, err)
	assert.Equal(t, payload.Limits{Depth: payload.DefaultDepth, Bytes: payload.DefaultBytes}, c.Limits)
	assert.Equal(t, []string{"c"}, c.SpecialCategories())
	assert.True(t, c.HasCriminalOffenceData())
	assert.Empty(t, c.Subjects())
}

func TestParseCatalogueRefuses(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		line       int
		msg        string
	}{
		{"nothing", "", 0, "empty file"},
		{"only a comment", "# nothing\n", 0, "empty file"},
		{"not YAML", "a: [", 0, "line 1"},
		{"a list", "- a\n", 1, "want a mapping"},
		{"two documents", minimal + row("/a") + "---\na: b\n", 6, "one YAML document"},
		{"unknown key", minimal + row("/a") + "colour: red\n", 6, `unknown key "colour"`},
		{"repeated key", minimal + row("/a") + "type: u\n", 6, `key "type" occurs twice`},
		{"unknown key of a field", minimal + row("/a") + row("/b", ", rolle: direct"), 6, `unknown key "rolle"`},
		{"repeated key of a field", minimal + row("/a", ", role: quasi"), 5, `key "role" occurs twice`},
		{"unknown limit", minimal + row("/a") + "limits: {width: 3}\n", 6, `unknown key "width"`},
		{"limit of nothing", minimal + row("/a") + "limits: {depth: 0}\n", 6, "1 or more"},
		{"negative limit", minimal + row("/a") + "limits: {bytes: -1}\n", 6, "1 or more"},
		{"fractional limit", minimal + row("/a") + "limits: {bytes: 1.5}\n", 6, "want a number"},
		{"limit beyond all", minimal + row("/a") + "limits: {bytes: 99999999999999999999}\n", 6, "want a number"},
		{"too deep", minimal + row("/a") + "limits: {depth: 513}\n", 1, "depth of 1 to 512"},
		{"unknown role", minimal + strings.Replace(row("/a"), "direct", "indirect", 1), 5, `unknown role "indirect"`},
		{"unknown kind", minimal + strings.Replace(row("/a"), "string", "text", 1), 5, `unknown kind "text"`},
		{"no role", minimal + "  - {path: /a, category: c, kind: string}\n", 5, `unknown role ""`},
		{"no kind", minimal + "  - {path: /a, category: c, role: direct}\n", 5, `unknown kind ""`},
		{"no category", minimal + "  - {path: /a, role: direct, kind: string}\n", 5, "category"},
		{"bad category", minimal + "  - {path: /a, category: Name, role: direct, kind: string}\n", 5, "category"},
		{"bad subject", minimal + row("/a", ", subject: The Victim"), 5, "subject"},
		{"no path", minimal + "  - {category: c, role: direct, kind: string}\n", 5, "path: want a JSON Pointer"},
		{"path without slash", minimal + row("a/b"), 5, "path: want a JSON Pointer"},
		{"path of the document", minimal + row(`""`), 5, "path: want a JSON Pointer"},
		{"empty segment", minimal + row("/a//b"), 5, "path: want a JSON Pointer"},
		{"trailing slash", minimal + row("/a/"), 5, "path: want a JSON Pointer"},
		{"bad escape", minimal + row("/a~2b"), 5, "path: want a JSON Pointer"},
		{"escape without end", minimal + row("/a~"), 5, "path: want a JSON Pointer"},
		{"escape across", minimal + row("/a~~01"), 5, "path: want a JSON Pointer"},
		{"same path", minimal + row("/a") + row("/b") + row("/a"), 7, "another row names already"},
		{"beneath a field", minimal + row("/a") + row("/a/b"), 6, "overlaps a field above"},
		{"deep beneath a field", minimal + row("/a") + row("/a/*/c"), 6, "overlaps a field above"},
		{"above a field", minimal + row("/a/b") + row("/a"), 6, "overlaps a field beneath"},
		{"above an array", minimal + row("/a/*") + row("/a"), 6, "overlaps a field beneath"},
		{"object and array", minimal + row("/a/b") + row("/a/*"), 6, "an object what another row takes for an array"},
		{"array and object", minimal + row("/a/*/x") + row("/a/b"), 6, "an object what another row takes for an array"},
		{"fields is a mapping", "type: t\nversion: \"1\"\nfields: {a: b}\n", 3, "fields: want a list"},
		{"no fields", "type: t\nversion: \"1\"\nfields: []\n", 1, "at least one field"},
		{"field is a string", minimal + "  - /a\n", 5, "want a mapping"},
		{"version is a number", strings.Replace(minimal, `"1"`, "1", 1) + row("/a"), 2, "put it in quotes"},
		{"no version", "type: t\nfields:\n" + row("/a"), 1, "version: missing"},
		{"bad type", "type: T T\nversion: \"1\"\nfields:\n" + row("/a"), 1, "type: want a name"},
		{"null type", "type:\nversion: \"1\"\nfields:\n" + row("/a"), 1, "want a string"},
		{"special is a string", minimal + row("/a", `, special: "yes"`), 5, "true or false"},
		{"special in capitals", minimal + row("/a", `, special: True`), 5, "true or false"},
		{"alias", "type: &x t\nversion: *x\nfields:\n" + row("/a"), 2, "want a string"},
		{"merge", minimal + "  - &x {path: /a, category: c, role: direct, kind: string}\n  - {<<: *x, path: /b}\n", 6, `unknown key "<<"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := payload.ParseCatalogue("c.yaml", []byte(tc.text))
			require.Error(t, err)
			assert.Nil(t, c)
			first := faults(err)[0]
			assert.Equal(t, "c.yaml", first.File)
			assert.Equal(t, tc.line, first.Line)
			assert.Contains(t, first.Msg, tc.msg)
			assert.True(t, strings.HasPrefix(err.Error(), "c.yaml:"), err.Error())
		})
	}
}

// faults takes a joined error apart.
func faults(err error) (all []*payload.CatalogueError) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, e := range joined.Unwrap() {
		if f, ok := errors.AsType[*payload.CatalogueError](e); ok {
			all = append(all, f)
		}
	}
	return all
}

func TestParseCatalogueReportsEveryFault(t *testing.T) {
	_, err := payload.ParseCatalogue("c.yaml", []byte(minimal+row("a")+row("/b")+strings.Replace(row("/b"), "direct", "odd", 1)))
	var lines []int
	for _, f := range faults(err) {
		lines = append(lines, f.Line)
	}
	assert.ElementsMatch(t, []int{5, 7, 7}, lines)
}

func TestCatalogueDigest(t *testing.T) {
	base := func() *payload.Catalogue { return fraudCatalogue(t) }
	digest := base().Digest()
	assert.Regexp(t, `^sha256:[0-9a-f]{64}$`, digest)
	assert.Equal(t, digest, base().Digest())
	for name, change := range map[string]func(*payload.Catalogue){
		"type":     func(c *payload.Catalogue) { c.Type = "other" },
		"version":  func(c *payload.Catalogue) { c.Version = "2" },
		"title":    func(c *payload.Catalogue) { c.Title = "Other" },
		"depth":    func(c *payload.Catalogue) { c.Limits.Depth++ },
		"bytes":    func(c *payload.Catalogue) { c.Limits.Bytes++ },
		"path":     func(c *payload.Catalogue) { c.Fields[3].Path += "x" },
		"category": func(c *payload.Catalogue) { c.Fields[3].Category += "x" },
		"role":     func(c *payload.Catalogue) { c.Fields[3].Role = payload.Direct },
		"kind":     func(c *payload.Catalogue) { c.Fields[3].Kind = payload.KindString },
		"subject":  func(c *payload.Catalogue) { c.Fields[3].Subject += "x" },
		"special":  func(c *payload.Catalogue) { c.Fields[3].Special = true },
		"offence":  func(c *payload.Catalogue) { c.Fields[3].CriminalOffence = true },
		"fewer":    func(c *payload.Catalogue) { c.Fields = c.Fields[1:] },
		"order":    func(c *payload.Catalogue) { c.Fields[0], c.Fields[1] = c.Fields[1], c.Fields[0] },
	} {
		c := base()
		change(c)
		assert.NotEqual(t, digest, c.Digest(), name)
	}
	unset, set := catalogueOf(field("/a", "c", payload.Direct, payload.KindString)), new(payload.Catalogue)
	*set = *unset
	set.Limits = payload.Limits{Depth: payload.DefaultDepth, Bytes: payload.DefaultBytes}
	assert.Equal(t, set.Digest(), unset.Digest())
}

func FuzzParseCatalogue(f *testing.F) {
	f.Add(readTestdata(f, "catalogues/fraud-case-report.yaml"))
	f.Add([]byte(minimal + row("/a") + row("/b/*/c")))
	f.Add([]byte(minimal + row("/a~1b") + row("/~0/*/*")))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("limits: {depth: 0x1f}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := payload.ParseCatalogue("c.yaml", text)
		if err != nil {
			require.Nil(t, c)
			require.NotEmpty(t, faults(err))
			return
		}
		treatments := make(map[string]payload.Treatment)
		for _, category := range c.Categories() {
			treatments[category] = keep()
		}
		p, err := payload.Compile(c, treatments)
		require.NoError(t, err, "a catalogue that parses must compile")
		require.Equal(t, c, p.Catalogue())
		require.Equal(t, c.Digest(), p.Catalogue().Digest())
	})
}
