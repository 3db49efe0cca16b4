package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

//go:embed draft
var draftTemplates embed.FS

// draft is what a new agreement is made of: the answers to the questions, and what follows from them.
type draft struct {
	ID, Title                                                    string
	Exporter, ExporterName, ExporterCountry, ExporterType        string
	Recipient, RecipientName, RecipientCountry, RecipientType    string
	RecipientRole, SubjectTo, CollectedFor, Purpose, LawfulBasis string
	Subjects, Days, From, Until, Module                          string

	Categories map[string]string // data category to its treatment, in YAML
	TextDigest string
	Answers    []draftCase
}

// draftCase is one case of a draft; every part but the first two is YAML, empty where it is not there.
type draftCase struct{ ID, Title, From, At, Request, Claims, Evidence, Expect string }

// drafted is what the rules say to a draft.
type drafted struct {
	explanation policy.Explanation
	cases       int
}

// PurposeText, Laws and SubjectList are the answers as the documents write them.
func (d draft) PurposeText() string {
	return "The data are shared to " + strings.ReplaceAll(d.Purpose, "_", " ") + "."
}
func (d draft) Laws() string        { return strings.Join(fields(d.SubjectTo), ", ") }
func (d draft) SubjectList() string { return strings.Join(fields(d.Subjects), ", ") }

func fields(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

func unique(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

// draftTreatments proposes a treatment for each category of the catalogues: the strictest role of its fields decides.
func draftTreatments(catalogues []*payload.Catalogue) map[string]string {
	out := map[string]string{}
	for _, c := range catalogues {
		for category, role := range c.Roles() {
			technique, params := proposal(role, kindsOf(c, category))
			text := "{treatment: " + technique + "}"
			if params != "" {
				text = "{treatment: " + technique + ", params: {" + params + "}}"
			}
			if old, twice := out[category]; twice && old != text {
				text = "{treatment: drop}"
			}
			out[category] = text
		}
	}
	return out
}

func kindsOf(c *payload.Catalogue, category string) []payload.Kind {
	var kinds []payload.Kind
	for _, f := range c.Fields {
		if f.Category == category && !slices.Contains(kinds, f.Kind) {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds
}

func proposal(role payload.Role, kinds []payload.Kind) (technique, params string) {
	switch role {
	case payload.Direct:
		return "pseudonymise", ""
	case payload.Operational:
		return "keep", ""
	case payload.Quasi:
		coarser := map[payload.Kind]string{
			payload.KindDate: "to: year", payload.KindDatetime: "to: month", payload.KindPostcode: "to: area", payload.KindIP: `to: prefix, keep: "24"`,
		}
		if len(kinds) == 1 && coarser[kinds[0]] != "" {
			return "generalise", coarser[kinds[0]]
		}
	}
	return "drop", ""
}

// files writes the draft, loads it as it would be loaded, and takes the answers of its cases from the rules.
func (d *draft) files(ctx context.Context) (map[string][]byte, drafted, error) {
	text, err := d.render("text.md.tmpl")
	if err != nil {
		return nil, drafted{}, err
	}
	sum := sha256.Sum256(text)
	d.TextDigest = "sha256:" + hex.EncodeToString(sum[:])
	terms, err := d.render("agreement.yaml.tmpl")
	if err != nil {
		return nil, drafted{}, err
	}
	files := map[string][]byte{"agreement.yaml": terms, "text.md": text}
	engine, err := d.load(ctx, files)
	if err != nil {
		return nil, drafted{}, err
	}
	first, err := d.answer(ctx, engine, "agreements/"+d.ID+"/cases.yaml")
	if err != nil {
		return nil, drafted{}, err
	}
	files["cases.yaml"], err = d.render("cases.yaml.tmpl")
	return files, first, err
}

// load loads the draft by itself, from a folder that is gone afterwards.
func (d *draft) load(ctx context.Context, files map[string][]byte) (engine *policy.Engine, err error) {
	tree, err := os.MkdirTemp("", "passavant-draft-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tree)) }()
	dir := filepath.Join(tree, "agreements", filepath.Base(d.ID))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, err
		}
	}
	return policy.LoadWith(ctx, policy.Options{FS: []fs.FS{os.DirFS(tree)}, KnownObligations: transfer.KnownObligations(), Timeout: time.Minute})
}

func (d *draft) render(name string) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{"yaml": quoted}).ParseFS(draftTemplates, "draft/"+name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, d)
	return bytes.TrimLeft(out.Bytes(), "\n"), err
}

// quoted writes a text as YAML: JSON is YAML.
func quoted(v any) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSpace(out.String()), err
}

// answer puts the cases to the rules and writes down what they say.
func (d *draft) answer(ctx context.Context, engine *policy.Engine, file string) (drafted, error) {
	d.Answers = d.cases()
	for i := range d.Answers {
		d.Answers[i].Expect = "{allow: false}"
	}
	text, err := d.render("cases.yaml.tmpl")
	if err != nil {
		return drafted{}, err
	}
	cases, err := casebook.Read(file, text)
	if err != nil {
		return drafted{}, err
	}
	for i, c := range cases {
		decision := casebook.Decide(ctx, engine, c)
		expect := casebook.Expect{Allow: decision.Permit, Missing: decision.Missing}
		if decision.Permit {
			expect.Basis = decision.Basis[:1]
		}
		for _, o := range decision.Obligations {
			expect.Obligations = append(expect.Obligations, o.Code)
		}
		if d.Answers[i].Expect, err = quoted(expect); err != nil {
			return drafted{}, err
		}
	}
	f := cases[0].Facts
	f.Exporter, f.Recipient = d.Exporter, d.Recipient
	return drafted{engine.Explain(ctx, f), len(cases)}, nil
}

// cases are the questions that every agreement should have an answer to: what is agreed, and each term left or unknown.
func (d *draft) cases() []draftCase {
	name := func(n int) string { return fmt.Sprintf("%s-%02d", d.ID, n) }
	var leaving []string
	for category, treatment := range d.Categories {
		if !strings.Contains(treatment, "drop") {
			leaving = append(leaving, category)
		}
	}
	data := fmt.Sprintf("{recipient_key_pinned: true, data: {categories: [%s], special_categories: [], criminal_offence_data: false, subjects: [%s]}}",
		strings.Join(unique(leaving), ", "), d.SubjectList())
	last, _ := time.Parse(time.DateOnly, d.Until) // a day that is none does not load, and says so
	base := name(1)
	return []draftCase{
		{ID: base, Title: "What is agreed", At: d.From, Request: fmt.Sprintf("{exporter: %s, recipient: %s, purpose: %s}", d.Exporter, d.Recipient, d.Purpose), Evidence: data},
		{ID: name(2), Title: "Another purpose", From: base, Request: "{purpose: another_purpose}"},
		{ID: name(3), Title: "Nobody says for what", From: base, Request: "{purpose: null}"},
		{ID: name(4), Title: "A category of data that is not agreed", From: base, Evidence: "{data: {categories: [criminal_record]}}"},
		{ID: name(5), Title: "Nobody says whose data they are", From: base, Evidence: "{data: {subjects: null}}"},
		{ID: name(6), Title: "Nobody says whether there are special categories", From: base, Evidence: "{data: {special_categories: null}}"},
		{ID: name(7), Title: "To be passed on", From: base, Claims: fmt.Sprintf("{onward: {recipient: {country: %s}}}", d.RecipientCountry)},
		{ID: name(8), Title: "After the last day", From: base, At: last.AddDate(0, 0, 1).Format(time.DateOnly)},
	}
}
