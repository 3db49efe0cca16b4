package handbook_test

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
	"github.com/passavant/passavant/policy/handbook"
)

const (
	folder  = "agreements/ie-jp-bank-fraud/"
	ownRule = `package passavant.agreements.ie_jp_bank_fraud

import data.passavant.facts
import data.passavant.reason

# METADATA
# title: Few persons <b>at a time</b>
# description: The parties agreed to exchange single cases | not lists.
# custom: {id: jp.few, instrument: agreement, article: "4", clause: "4.1", code: too_many_persons, failure_msg: more than ten persons are concerned}
prohibits contains reason.of(rego.metadata.rule()) if not few_persons

few_persons if facts.subject_count <= 10
`
	cases = `
- id: JP01
  title: Eleven persons
  at: 2026-11-23
  request: {purpose: prevent_and_investigate_fraud}
  claims: {data: {subject_count: 11}}
  evidence: {data: {categories: [iban], special_categories: [], criminal_offence_data: false, subjects: [victim]}}
  expect: {allow: false, missing: [too_many_persons]}
`
)

func book(t testing.TB) handbook.Book {
	t.Helper()
	document, err := fs.ReadFile(sample.Workspace(), folder+"agreement.yaml")
	require.NoError(t, err)
	tree := fstest.MapFS{folder + "agreement.yaml": {Data: document}, folder + "rules.rego": {Data: []byte(ownRule)}, folder + "cases.yaml": {Data: []byte(cases)}}
	e, err := policy.Load(t.Context(), tree)
	require.NoError(t, err)
	all, err := casebook.ReadTree(tree)
	require.NoError(t, err)
	b, err := handbook.New(e, casebook.JudgeAll(t.Context(), e, all), tree)
	require.NoError(t, err)
	return b
}

func read(t testing.TB, dir, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return string(raw)
}

func TestPages(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	b := book(t)
	require.NoError(t, handbook.Write(dir, b))
	part := read(t, dir, "parts/law-gdpr-sensitive.html")
	for _, want := range []string{
		`id="gdpr.art9.2"`, "condition <code>special_category_condition</code>", `<dd lang="de">die Daten können besondere Kategorien enthalten`,
		"rego/law/gdpr/sensitive/sensitive.rego:", "prohibits contains reason.of(rego.metadata.rule()) if not", "<code>evidence.data.special_categories</code>",
	} {
		assert.Contains(t, part, want)
	}
	for _, form := range []string{"html", "md"} {
		page := read(t, dir, "agreements/ie-jp-bank-fraud."+form)
		for _, want := range []string{"Emerald Bank DAC", "agreement.onward", "enforced-by-obligation", "JP01", "too_many_persons", "jp.few", "stays behind", "few"} {
			assert.Contains(t, page, want, form)
		}
		assert.Contains(t, read(t, dir, "index."+form), b.Revision)
	}
	assert.NotContains(t, read(t, dir, "agreements/ie-jp-bank-fraud.html"), "<b>at a time", "what people wrote is escaped")
	assert.Contains(t, read(t, dir, "agreements/ie-jp-bank-fraud.md"), "```mermaid\nflowchart LR\n")
	assert.Contains(t, read(t, dir, "agreements/ie-jp-bank-fraud.md"), "```rego\nprohibits contains")
}

var links = regexp.MustCompile(`(?:href="|\]\()([^":)#]+)(?:#([^")]+))?["\)]`)

// Every link leads to a page of the book and to a place on it; nothing is fetched from elsewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "site")
	require.NoError(t, handbook.Write(dir, book(t)))
	seen := 0
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(".html.md", filepath.Ext(name)) {
			return err
		}
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		page := string(raw)
		assert.NotContains(t, page, "<script")
		assert.NotContains(t, page, "src=")
		for _, m := range links.FindAllStringSubmatch(page, -1) {
			if strings.HasPrefix(m[1], "http") || strings.HasSuffix(m[1], ".mermaid") || !strings.Contains(m[1], ".") {
				continue
			}
			target, err := os.ReadFile(filepath.Join(filepath.Dir(name), m[1]))
			if assert.NoError(t, err, "%s: %s", name, m[1]) && m[2] != "" {
				assert.Contains(t, string(target), `id="`+m[2]+`"`, "%s: %s", name, m[0])
			}
			seen++
		}
		return nil
	}))
	assert.Greater(t, seen, 50)
}

func TestSameBookSameBytes(t *testing.T) {
	one, two := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	require.NoError(t, handbook.Write(one, book(t)))
	require.NoError(t, handbook.Write(two, book(t)))
	require.NoError(t, fs.WalkDir(os.DirFS(one), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			assert.Equal(t, read(t, one, name), read(t, two, name), name)
		}
		return err
	}))
}

// An older book is replaced, pages that are gone included; anybody else's folder is left alone.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	b := book(t)
	require.NoError(t, handbook.Write(dir, b), "an empty folder will do")
	b.Agreements = nil
	require.NoError(t, handbook.Write(dir, b))
	assert.NoFileExists(t, filepath.Join(dir, "agreements", "ie-jp-bank-fraud.html"))

	foreign := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(foreign, "parts"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(foreign, "parts", "thesis.txt"), []byte("x"), 0o600))
	err := handbook.Write(foreign, b)
	require.ErrorIs(t, err, handbook.ErrForeignFolder)
	assert.FileExists(t, filepath.Join(foreign, "parts", "thesis.txt"))
}

func TestFlow(t *testing.T) {
	f := book(t).Agreements[0].Flow
	assert.Equal(t, []string{"Emerald Bank DAC (IE)"}, f.Exporters)
	assert.Equal(t, []string{"Sakura Bank K.K. (JP)"}, f.Recipients)
	forms := map[string][]string{}
	for _, s := range f.Streams {
		forms[s.Form] = s.Categories
	}
	assert.Contains(t, forms["as it is"], "currency")
	assert.Contains(t, forms["made coarser"], "date_of_birth (year)")
	assert.Contains(t, forms["pseudonymised"], "iban")
	assert.Equal(t, []string{"address", "narrative", "reference_text"}, f.Stays)
	assert.Equal(t, "passed on to nobody", f.Onward)
	assert.Contains(t, f.Mermaid(), `from["Emerald Bank DAC (IE)"]`)
}

// The drawing is well-formed, escapes names, and keeps each line within its box.
func TestDrawing(t *testing.T) {
	f := book(t).Agreements[0].Flow
	f.Exporters = []string{`Smith & "Sons" <Ltd> of Aberystwyth and all its many dependencies overseas`}
	drawing := f.SVG()
	words := ""
	for d := xml.NewDecoder(strings.NewReader(drawing)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if chars, ok := token.(xml.CharData); ok {
			words += string(chars) + "\n"
			assert.LessOrEqual(t, len([]rune(string(chars))), 60)
		}
	}
	assert.Contains(t, words, `Smith & "Sons" <Ltd> of`)
	assert.Contains(t, words, "stays behind")
	assert.Equal(t, 2*len(f.Streams), strings.Count(drawing, "marker-end"), "each form has an arrow in and an arrow out")
}
