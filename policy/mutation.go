package policy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/passavant/passavant/policy/internal/opa"
)

// Mutation is the result of mutation testing: how many small changes of the rules somebody noticed.
type Mutation struct {
	Killed    int        `json:"killed"`
	Survived  int        `json:"survived"`
	Stillborn int        `json:"stillborn"` // do not load, and so cannot decide anything
	Untried   int        `json:"untried"`   // the time was up
	KillRate  float64    `json:"kill_rate_percent"`
	Survivors []Survivor `json:"survivors"`
}

// Survivor is a change that nobody noticed.
type Survivor struct {
	Source string `json:"source"` // file:line
	Kind   string `json:"kind"`   // comparison, boundary, line, negation, rule, default, number or element
	Text   string `json:"text"`   // what was changed
}

// MutationOptions say what to change and who looks.
type MutationOptions struct {
	// Only changes the modules whose file name holds this text. Default all: the library and the user's own.
	Only string
	// Questions are put to each changed engine, beside the Rego tests, until one is not answered as expected.
	Questions []Question
	// Part, from 0, of Parts: every nth change only, so that a long run can be divided. Both 0 for all.
	Part, Parts int
	// Progress is told after each change. May be nil.
	Progress func(done, all int)
}

// Question is one question with the answer that is expected. Holds asks the engine that it is given and nothing else; it is
// called by several goroutines at once.
type Question struct {
	Name  string
	Holds func(ctx context.Context, changed *Engine) bool
}

// Mutate changes the rules one at a time and counts how many changes a Rego test or a question finds wrong. It ends when the
// context does and then reports what it tried. All tests must hold on the unchanged rules.
func Mutate(ctx context.Context, opts Options, m MutationOptions) (Mutation, error) {
	engine, err := LoadWith(ctx, opts)
	if err != nil {
		return Mutation{}, err
	}
	lib, err := readLibrary(opts.FS, true)
	if err != nil {
		return Mutation{}, fmt.Errorf("policy: %w", err)
	}
	work := opa.Mutation{
		Source: opa.Source{Modules: lib.modules, Data: lib.data(), Schemas: lib.schemas},
		Match:  func(file string) bool { return strings.Contains(file, m.Only) },
		Limit:  10 * time.Second, Progress: m.Progress, Part: m.Part, Parts: m.Parts,
	}
	for _, q := range m.Questions {
		work.Questions = append(work.Questions, opa.Question{Name: q.Name, Holds: func(ctx context.Context, p *opa.Policy) bool {
			return q.Holds(ctx, engine.with(p))
		}})
	}
	mutants, err := opa.Mutate(ctx, work)
	if err != nil {
		return Mutation{}, fmt.Errorf("policy: %w", err)
	}
	return counted(mutants), nil
}

// with is the engine with other rules and no memory.
func (e *Engine) with(p *opa.Policy) *Engine {
	other := *e
	other.policy, other.rules, other.cache = p, p.Rules(), newCache(-1)
	return &other
}

func counted(mutants []opa.Mutant) Mutation {
	out := Mutation{Survivors: []Survivor{}}
	for _, m := range mutants {
		switch m.Fate {
		case opa.Killed:
			out.Killed++
		case opa.Stillborn:
			out.Stillborn++
		case opa.Untried:
			out.Untried++
		default:
			out.Survived++
			out.Survivors = append(out.Survivors, Survivor{Source: fmt.Sprintf("%s:%d", m.File, m.Row), Kind: m.Kind, Text: m.Text})
		}
	}
	if tried := out.Killed + out.Survived; tried > 0 {
		out.KillRate = 100 * float64(out.Killed) / float64(tried)
	}
	return out
}
