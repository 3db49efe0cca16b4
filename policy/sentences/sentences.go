// Package sentences says decisions in the language of the reader: English, German, French and Spanish.
//
// The words are message catalogues, rego/messages/<language>.yaml, that lawyers can edit. Reasons are found by the id of
// their rule, obligations and notices by their code, proposed changes by their English words. What a catalogue does not know,
// such as a rule of the parties' own, is said in the words of the rule.
package sentences

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/passavant/passavant/policy"
	regolib "github.com/passavant/passavant/rego"
)

// ErrUnknownLanguage is the condition that there is no catalogue for a language.
var ErrUnknownLanguage = errors.New("no message catalogue for this language")

// Languages are the tags of the languages that there are catalogues for.
func Languages() []string { return []string{"en", "de", "fr", "es"} }

// Language says things in one language. It is immutable and safe for concurrent use.
type Language struct {
	Tag string
	catalogue
}

// catalogue is rego/messages/<tag>.yaml.
type catalogue struct {
	Name        string            `yaml:"name"`
	Phrases     map[string]string `yaml:"phrases"`
	Treatments  map[string]string `yaml:"treatments"`
	Notices     map[string]string `yaml:"notices"`
	Engine      map[string]string `yaml:"engine"` // refusals of the engine's own, by code
	Obligations map[string]string `yaml:"obligations"`
	Rules       map[string]string `yaml:"rules"`
	Remedies    map[string]string `yaml:"remedies"`
}

// In opens the catalogue of a language, such as "de". It fails with ErrUnknownLanguage.
func In(tag string) (*Language, error) {
	if !slices.Contains(Languages(), tag) {
		return nil, fmt.Errorf("%w: %q; there are %s", ErrUnknownLanguage, tag, strings.Join(Languages(), ", "))
	}
	name := "messages/" + tag + ".yaml"
	document, err := regolib.FS.ReadFile(name)
	if err != nil {
		return nil, err
	}
	l := &Language{Tag: tag}
	if err := yaml.Unmarshal(document, &l.catalogue); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return l, nil
}

func (l *Language) phrase(key string, args ...any) string {
	return fmt.Sprintf(l.Phrases[key], args...)
}

// Verdict is how a decision came out.
type Verdict string

// The verdicts. Forbidden means that a rule prohibits the transfer, whatever ground there may be; NotPermitted, that nothing
// forbids it and it lacks a ground; Undecided, that the engine could not reach a decision and therefore refuses.
const (
	Permitted    Verdict = "permitted"
	Forbidden    Verdict = "forbidden"
	NotPermitted Verdict = "not_permitted"
	Undecided    Verdict = "undecided"
)

// VerdictOf tells how a decision came out.
func VerdictOf(d policy.Decision) Verdict {
	switch {
	case d.Permit:
		return Permitted
	case d.Forbidden():
		return Forbidden
	case slices.ContainsFunc(d.Reasons, func(r policy.Reason) bool { return r.Kind == policy.KindLacks }):
		return NotPermitted
	}
	return Undecided
}

// Verdict says how a decision came out.
func (l *Language) Verdict(d policy.Decision) string {
	if v := VerdictOf(d); v != Permitted {
		return l.phrase(string(v))
	}
	return l.phrase(string(Permitted), strings.Join(d.Basis, ", "))
}

// Reason is what a rule says, with the article, and the clause, where it is written.
func (l *Language) Reason(r policy.Reason) string {
	text, ok := l.Rules[r.ID]
	if !ok && r.Kind == "" {
		text, ok = l.Engine[r.Code]
	}
	if !ok {
		text = r.Message
	}
	notes := []string{}
	if r.Confirm {
		notes = append(notes, l.Phrases["confirm"])
	}
	if !ok && l.Tag != "en" {
		notes = append(notes, l.Phrases["untranslated"])
	}
	text += " [" + l.where(r) + "]"
	if len(notes) > 0 {
		text += " (" + strings.Join(notes, "; ") + ")"
	}
	return text
}

func (l *Language) where(r policy.Reason) string {
	instrument := r.Instrument
	if own, ok := l.Phrases[instrument]; ok {
		instrument = own
	}
	where := strings.TrimSpace(instrument + " " + r.Article)
	if r.Clause != "" {
		where = l.phrase("clause", where, r.Clause)
	}
	return where
}

// Obligation says what an obligation asks for; an unknown code stands for itself.
func (l *Language) Obligation(code string) string { return known(l.Obligations, code) }

// Treatment says what a technique does.
func (l *Language) Treatment(technique string) string { return known(l.Treatments, technique) }

// Notice says a notice of a decision.
func (l *Language) Notice(code string) string { return known(l.Notices, code) }

func known(m map[string]string, key string) string {
	if text, ok := m[key]; ok {
		return text
	}
	return key
}

// Change says a proposed change and whose it is to make.
func (l *Language) Change(c policy.Change) string {
	var where []string
	for _, branch := range c.Branches {
		where = append(where, l.Phrases["in_"+branch])
	}
	text := known(l.Remedies, c.Text)
	if c.Role != "" {
		text = l.phrase("approval", c.Role, c.Role)
	}
	if len(where) > 0 {
		text += " (" + strings.Join(where, ", ") + ")"
	}
	return text
}
