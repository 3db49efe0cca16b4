package main

import (
	"fmt"
	"strings"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/sentences"
)

// explanationJSON is the --json form of explain: the decision, what would permit it, and the same in sentences.
type explanationJSON struct {
	decisionJSON
	Verdict   sentences.Verdict `json:"verdict"`
	Language  string            `json:"language"`
	Sentences []sentences.Part  `json:"sentences"`
}

// showExplanation says a decision in sentences of a language.
func (a *app) showExplanation(e policy.Explanation, l *sentences.Language) error {
	parts := l.Explain(e)
	if a.json {
		a.out.document(explanationJSON{decisionDocument(e, true), sentences.VerdictOf(e.Decision), l.Tag, parts})
	} else {
		a.printParts(e.Decision.Permit, parts)
	}
	if !e.Decision.Permit {
		return fmt.Errorf("%w%w", errRefused, errSaid)
	}
	return nil
}

func (a *app) printParts(permit bool, parts []sentences.Part) {
	for i, p := range parts {
		heading := p.Heading
		if i == 0 && permit {
			heading = a.out.good(heading)
		} else if i == 0 {
			heading = a.out.bad(heading)
		}
		a.out.line("%s", heading)
		for _, line := range p.Lines {
			a.out.line("  - %s", line)
		}
	}
}

// languageOf opens the language of --lang; another one is wrong usage.
func languageOf(tag string) (*sentences.Language, error) {
	l, err := sentences.In(strings.ToLower(tag))
	if err != nil {
		return nil, usageError{err}
	}
	return l, nil
}
