package sentences_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/policy/sentences"
)

func language(t testing.TB, tag string) *sentences.Language {
	t.Helper()
	l, err := sentences.In(tag)
	require.NoError(t, err)
	return l
}

// words are the English words of the law: the messages of its rules by id, and the changes that they propose.
func words(t testing.TB) (rules map[string]string, remedies []string) {
	t.Helper()
	e, err := policy.Load(t.Context())
	require.NoError(t, err)
	rules, set := map[string]string{}, map[string]bool{}
	for _, r := range e.RuleBook() {
		rules[r.ID] = r.Message
		for _, text := range r.Remedies {
			set[text] = true
		}
	}
	return rules, slices.Sorted(maps.Keys(set))
}

func keys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// Every catalogue knows every rule, change, obligation, notice, treatment and refusal, and nothing that does not exist. The
// failure lists what is missing with its English words.
func TestCataloguesAreComplete(t *testing.T) {
	rules, remedies := words(t)
	english := language(t, "en")
	if out := os.Getenv("PASSAVANT_MESSAGE_SOURCE"); out != "" {
		raw, err := json.Marshal(map[string]any{"rules": rules, "remedies": remedies})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(out, raw, 0o600))
	}
	for _, tag := range sentences.Languages() {
		l := language(t, tag)
		assert.NotEmpty(t, l.Name)
		assert.Equal(t, keys(english.Phrases), keys(l.Phrases), tag)
		assert.ElementsMatch(t, policy.BuiltinObligations(), keys(l.Obligations), tag)
		assert.ElementsMatch(t, agreement.Techniques(), keys(l.Treatments), tag)
		assert.ElementsMatch(t, []string{"stale_legal_data"}, keys(l.Notices), tag)
		assert.ElementsMatch(t, []string{
			policy.CodeFactsInvalid, policy.CodeUnknownAgreement, policy.CodeUnknownParty, policy.CodeEvaluationError, policy.CodeEvaluationTimeout,
			policy.CodeUndefinedResult, policy.CodeConflict, policy.CodeMalformedResult, policy.CodeUnknownObligation, policy.CodeUnknownTreatment,
		}, keys(l.Engine), tag)
		for _, id := range keys(rules) {
			assert.NotEmpty(t, l.Rules[id], "rego/messages/%s.yaml: rules: missing %s: %q", tag, id, rules[id])
		}
		for _, text := range remedies {
			assert.NotEmpty(t, l.Remedies[text], "rego/messages/%s.yaml: remedies: missing %q", tag, text)
		}
		assert.Subset(t, keys(rules), keys(l.Rules), "%s translates rules that are not there", tag)
		assert.Subset(t, remedies, keys(l.Remedies), "%s translates changes that are not there", tag)
	}
}

// The English catalogue repeats the words of the METADATA, so that a changed word is noticed and its translations are read again.
func TestEnglishIsTheMetadata(t *testing.T) {
	rules, remedies := words(t)
	english := language(t, "en")
	for id, text := range rules {
		assert.Equal(t, text, english.Rules[id], "%s: correct rego/messages/en.yaml and read the translations again", id)
	}
	for _, text := range remedies {
		assert.Equal(t, text, english.Remedies[text])
	}
}

var verbs = regexp.MustCompile(`%.`)

// A translation takes the same parameters in the same order, says something of its own, and ends as the English does.
func TestTranslationsFitTheirPhrases(t *testing.T) {
	english := language(t, "en")
	for _, tag := range sentences.Languages()[1:] {
		l := language(t, tag)
		for key, text := range english.Phrases {
			assert.Equal(t, verbs.FindAllString(text, -1), verbs.FindAllString(l.Phrases[key], -1), "%s: %s", tag, key)
			assert.Equal(t, strings.HasSuffix(text, ":"), strings.HasSuffix(l.Phrases[key], ":"), "%s: %s", tag, key)
		}
		same := 0
		for id, text := range english.Rules {
			if l.Rules[id] == text {
				same++
			}
		}
		assert.Zero(t, same, "%s: rules that are still in English", tag)
	}
}

func question(t testing.TB, e *policy.Engine, change func(*policy.Facts)) policy.Explanation {
	t.Helper()
	f := policy.Facts{
		At: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Agreement: "ie-us-bank-scc", Exporter: "emerald-bank-ie", Recipient: "liberty-bank-us",
		Claims: map[string]any{"purpose": "prevent_and_investigate_fraud"},
		Evidence: map[string]any{"data": map[string]any{
			"categories": []any{"iban"}, "special_categories": []any{}, "criminal_offence_data": false, "subjects": []any{"victim"}, "roles": map[string]any{},
		}},
	}
	change(&f)
	return e.Explain(context.Background(), f)
}

func engine(t testing.TB) *policy.Engine {
	t.Helper()
	e, err := policy.Load(t.Context(), sample.Elsewhere())
	require.NoError(t, err)
	return e
}

// Forbidden and not permitted are two things, in every language; so is a question that could not be answered.
func TestVerdicts(t *testing.T) {
	e := engine(t)
	for want, change := range map[sentences.Verdict]func(*policy.Facts){
		sentences.Permitted:    func(*policy.Facts) {},
		sentences.Forbidden:    func(f *policy.Facts) { f.Claims["purpose"] = "marketing" },
		sentences.NotPermitted: func(f *policy.Facts) { f.Agreement, f.Recipient = "ie-vn-memorandum", "lotus-bank-vn" },
		sentences.Undecided:    func(f *policy.Facts) { f.Agreement = "nothing" },
	} {
		x := question(t, e, change)
		require.Equal(t, want, sentences.VerdictOf(x.Decision), "%+v", x.Decision.Reasons)
		said := map[string]bool{}
		for _, tag := range sentences.Languages() {
			parts := language(t, tag).Explain(x)
			said[parts[0].Heading] = true
			for _, p := range parts {
				assert.NotEmpty(t, p.Heading, "%s %s", tag, want)
				for _, line := range append(p.Lines, p.Heading) {
					assert.NotContains(t, line, "%!", "%s %s", tag, want)
					assert.NotContains(t, line, "()", "%s %s", tag, want)
				}
			}
		}
		assert.Len(t, said, len(sentences.Languages()), "each language has its own words for %s", want)
	}
}

func text(parts []sentences.Part) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprintln(&b, p.Heading)
		for _, line := range p.Lines {
			fmt.Fprintln(&b, "- "+line)
		}
	}
	return b.String()
}

func TestGermanRefusal(t *testing.T) {
	x := question(t, engine(t), func(f *policy.Facts) { f.Claims["purpose"] = "marketing" })
	said := text(language(t, "de").Explain(x))
	assert.Contains(t, said, "Diese Übermittlung ist verboten")
	assert.Contains(t, said, "- der Zweck des Ersuchens gehört nicht zu den Zwecken der Vereinbarung [Vereinbarung purposes]")
	assert.Contains(t, said, "Fehlende Bedingungen: purpose_compatible")
	assert.NotContains(t, said, "nicht übersetzt")
}

func TestFrenchPermission(t *testing.T) {
	said := text(language(t, "fr").Explain(question(t, engine(t), func(*policy.Facts) {})))
	assert.Contains(t, said, "Ce transfert est permis. Il repose sur GDPR:46(2)(c), EU:2021/914, EDPB:01/2020:UC2.")
	assert.Contains(t, said, "- clauses contractuelles types [GDPR 46(2)(c), clause 14]")
	assert.Contains(t, said, "le destinataire efface les données après le nombre de jours convenu (days ")
	assert.Contains(t, said, "Ce qu'il advient des données :")
	assert.NotContains(t, said, "Ce qui l'interdit")
}

// A rule of the parties' own is in no catalogue: it is said in its own words, and marked.
func TestWordsThatNobodyTranslated(t *testing.T) {
	r := policy.Reason{ID: "jp.few", Kind: policy.KindProhibits, Instrument: "agreement", Article: "4", Clause: "4.1", Message: "too many persons", Confirm: true}
	assert.Equal(t, "too many persons [Vereinbarung 4, Klausel 4.1] (von einer Juristin oder einem Juristen zu bestätigen; nicht übersetzt)", language(t, "de").Reason(r))
	assert.Equal(t, "too many persons [agreement 4, clause 4.1] (to be confirmed by a lawyer)", language(t, "en").Reason(r))
	es := language(t, "es")
	assert.Equal(t, "send_flowers", es.Obligation("send_flowers"))
	assert.Equal(t, "shred", es.Treatment("shred"))
	assert.Equal(t, "x", es.Notice("x"))
	assert.Equal(t, "do it (en el acuerdo, en la solicitud)", es.Change(policy.Change{Text: "do it", Branches: []string{"standing", "claims"}}))
}

func TestRemediesAreSaid(t *testing.T) {
	l := language(t, "es")
	x := policy.Explanation{Remedies: []policy.Remedy{
		{Changes: []policy.Change{{Text: "use module 1 (controller to controller)", Branches: []string{"standing"}}}},
		{Changes: []policy.Change{{Text: "use module 2 (controller to processor)"}}},
	}}
	said := text(l.Explain(x))
	assert.Contains(t, said, "- usar el módulo 1 (responsable a responsable) (en el acuerdo)\no bien:\n- usar el módulo 2")
	assert.Contains(t, text(l.Explain(policy.Explanation{})), "La búsqueda de un cambio terminó antes de completarse.")
	assert.NotContains(t, text(l.Explain(policy.Explanation{Complete: true})), "La búsqueda")
	assert.Contains(t, text(l.Explain(policy.Explanation{Decision: policy.Decision{LawOnly: true}})), "solo sobre el derecho")
}

func TestUnknownLanguage(t *testing.T) {
	_, err := sentences.In("tlh")
	require.ErrorIs(t, err, sentences.ErrUnknownLanguage)
	assert.ErrorContains(t, err, "en, de, fr, es")
}

func ExampleLanguage_Reason() {
	l, err := sentences.In("fr")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Reason(policy.Reason{ID: "gdpr.art9.2", Instrument: "GDPR", Article: "9(2)"}))
	// Output: les données peuvent comporter des catégories particulières et aucune condition de l'article 9, paragraphe 2, n'est consignée [GDPR 9(2)]
}
