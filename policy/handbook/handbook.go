// Package handbook writes the rule book of a policy, for people: every rule with its source, its words in each language and
// the cases in which it spoke; every agreement with its coverage sheet and a drawing of what goes where in which form. It
// comes as a static site (HTML, no script, nothing from elsewhere) and as Markdown, from the same data.
//
//	index.html, index.md              what there is
//	parts/<package>.html, .md         the rules of one part of the law
//	agreements/<id>.html, .md         one agreement
//	style.css
//
// The same policy and cases give the same bytes.
package handbook

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/policy/casebook"
	"github.com/passavant/passavant/policy/sentences"
	regolib "github.com/passavant/passavant/rego"
)

// Book is what the pages are made of.
type Book struct {
	Revision    string
	DataVersion string
	Parts       []Part
	Agreements  []Agreement
	CasesJudged int
}

// Part is one package of rules.
type Part struct {
	Name  string // the package, without "passavant."
	File  string // of its page, without extension
	Rules []Rule
}

// Rule is one rule on a page.
type Rule struct {
	policy.RuleEntry
	Words []Word            // the rule in each language
	Cases []casebook.Result // in which it spoke
	Rego  string            // its text
}

// Word is a text in a language.
type Word struct{ Language, Name, Text string }

// Agreement is one agreement on a page.
type Agreement struct {
	*agreement.Agreement
	Coverage   policy.Coverage
	Signatures policy.SignatureStatus
	Cases      []casebook.Result
	Flow       Flow
	Own        []Rule // rules of its own
}

// New gathers a book. results are judged cases; trees are the user's, for the text of their rules.
func New(e *policy.Engine, results []casebook.Result, trees ...fs.FS) (Book, error) {
	b := Book{Revision: e.Revision(), DataVersion: e.DataVersion(), CasesJudged: len(results)}
	languages, err := allLanguages()
	if err != nil {
		return b, err
	}
	parts := map[string]*Part{}
	for _, entry := range e.RuleBook() {
		r := Rule{RuleEntry: entry, Words: words(languages, entry), Cases: spokeIn(results, entry.ID), Rego: source(entry.Source, trees)}
		name := strings.TrimPrefix(entry.Package, "passavant.")
		if parts[name] == nil {
			parts[name] = &Part{Name: name, File: strings.ReplaceAll(name, ".", "-")}
		}
		parts[name].Rules = append(parts[name].Rules, r)
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		b.Parts = append(b.Parts, *parts[name])
	}
	for _, a := range e.Agreements() {
		coverage, _ := e.Coverage(a.ID)
		page := Agreement{Agreement: a, Coverage: coverage, Signatures: e.Signatures(a.ID), Flow: newFlow(a)}
		page.Cases = slices.DeleteFunc(slices.Clone(results), func(r casebook.Result) bool { return r.Agreement != a.ID })
		if own := parts["agreements."+agreement.PackageName(a.ID)]; own != nil {
			page.Own = own.Rules
		}
		b.Agreements = append(b.Agreements, page)
	}
	return b, nil
}

func allLanguages() ([]*sentences.Language, error) {
	var all []*sentences.Language
	for _, tag := range sentences.Languages() {
		l, err := sentences.In(tag)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

func words(languages []*sentences.Language, r policy.RuleEntry) []Word {
	var out []Word
	for _, l := range languages {
		if text := cmp.Or(l.Rules[r.ID], map[bool]string{true: r.Message}[l.Tag == "en"]); text != "" {
			out = append(out, Word{l.Tag, l.Name, text})
		}
	}
	return out
}

func spokeIn(results []casebook.Result, id string) []casebook.Result {
	return slices.DeleteFunc(slices.Clone(results), func(r casebook.Result) bool {
		return !slices.ContainsFunc(r.Decision.Reasons, func(reason policy.Reason) bool { return reason.ID == id })
	})
}

// source is the text of the rule that begins at "file:line"; "" if it is not to be had.
func source(place string, trees []fs.FS) string {
	file, rest, _ := strings.Cut(place, ":")
	row := 0
	if _, err := fmt.Sscanf(rest, "%d", &row); err != nil {
		return ""
	}
	if embedded, ok := strings.CutPrefix(file, "rego/"); ok {
		trees, file = []fs.FS{regolib.FS}, embedded
	}
	for _, tree := range trees {
		if text, err := fs.ReadFile(tree, file); err == nil {
			return ruleAt(strings.Split(string(text), "\n"), row-1)
		}
	}
	return ""
}

// ruleAt takes the lines of one rule: to its closing brace, or to the next empty line.
func ruleAt(lines []string, from int) string {
	if from < 0 || from >= len(lines) {
		return ""
	}
	to := from + 1
	for to < len(lines) {
		if lines[to-1] == "}" || lines[to] == "" && !strings.HasSuffix(lines[from], "{") {
			break
		}
		to++
	}
	return strings.TrimRight(strings.Join(lines[from:to], "\n"), "\n")
}
