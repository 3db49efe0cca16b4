package policy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/policy/internal/opa"
	"github.com/passavant/passavant/policy/internal/schema"
)

const (
	defaultTimeout = 2 * time.Second
	defaultEntries = 4096
)

// Engine decides. It is immutable, and safe for concurrent use.
type Engine struct {
	policy      *opa.Policy
	rules       map[string]opa.Rule
	shape       *schema.Schema
	home        map[string]string // fact to branch, from data.passavant.facts.home
	agreements  map[string]*agreement.Agreement
	obligations map[string]bool
	reference   map[string]any // reference data, as decoded JSON
	signatures  map[string]SignatureStatus
	ownRules    map[string]string // agreement to the digest of its rules.rego
	revision    string
	archive     Archive
	dataVersion string
	timeout     time.Duration
	cache       *cache
}

// evaluator is what the engine asks; tests put faults in its place.
type evaluator interface {
	Outcome(ctx context.Context, input []byte, limit time.Duration) (any, error)
}

func newEngine(ctx context.Context, lib *library, compiled *opa.Policy, opts Options) (*Engine, error) {
	e := &Engine{policy: compiled, rules: compiled.Rules(), agreements: lib.agreements, reference: lib.reference, ownRules: lib.ownRules, timeout: opts.Timeout}
	if e.timeout <= 0 {
		e.timeout = defaultTimeout
	}
	entries := opts.CacheEntries
	if entries == 0 {
		entries = defaultEntries
	}
	e.cache = newCache(entries)
	var err error
	if e.shape, err = schema.Compile("facts.json", lib.schemas["facts"]); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if e.home, err = readHome(ctx, compiled); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if e.obligations, err = handlers(compiled, opts.KnownObligations); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if err = lib.checkCoverage(e.rules, compiled.ObligationCodes(), e.obligations); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if e.signatures, err = lib.checkSignatures(opts); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if e.revision, err = lib.revision(); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	if e.archive, err = lib.archive(); err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	e.dataVersion, err = lib.dataVersion()
	return e, err
}

func readHome(ctx context.Context, p *opa.Policy) (map[string]string, error) {
	value, err := p.Value(ctx, "data.passavant.facts.home")
	if err != nil {
		return nil, fmt.Errorf("table of fact homes: %w", err)
	}
	table, _ := value.(map[string]any)
	home := make(map[string]string, len(table))
	for key, branch := range table {
		home[key], _ = branch.(string)
	}
	return home, nil
}

// ErrUnknownObligation is the condition that a rule can require an obligation for which there is no handler.
var ErrUnknownObligation = errors.New("obligation without a handler")

func handlers(p *opa.Policy, known []string) (map[string]bool, error) {
	if known == nil {
		known = BuiltinObligations()
	}
	set := map[string]bool{}
	for _, code := range known {
		set[code] = true
	}
	var errs []error
	for _, code := range p.ObligationCodes() {
		if !set[code] {
			errs = append(errs, fmt.Errorf("%w: %q", ErrUnknownObligation, code))
		}
	}
	return set, errors.Join(errs...)
}

// Revision is "sha256:" and the digest over the canonical list of (path, digest) of all Rego, schemas, reference data and
// agreements, and the version of OPA. Equal revisions and equal facts give equal decisions.
func (e *Engine) Revision() string { return e.revision }

// DataVersion is the version of the reference data: the date that the pack states, "+", and twelve hexadecimal digits of
// the digest over all reference documents, so that a replaced document shows.
func (e *Engine) DataVersion() string { return e.dataVersion }

// Agreement returns the loaded agreement with the id. Treat it as read-only.
func (e *Engine) Agreement(id string) (*agreement.Agreement, bool) {
	a, ok := e.agreements[id]
	return a, ok
}

// Agreements are the loaded agreements, sorted by id.
func (e *Engine) Agreements() []*agreement.Agreement {
	var all []*agreement.Agreement
	for _, id := range slices.Sorted(maps.Keys(e.agreements)) {
		all = append(all, e.agreements[id])
	}
	return all
}

// Rules are the reasons that this revision can give, sorted by id: what a page about the policy, or a check of its
// coverage, is made of.
func (e *Engine) Rules() []Reason {
	var all []Reason
	for _, id := range slices.Sorted(maps.Keys(e.rules)) {
		all = append(all, reasonOf(e.rules[id]))
	}
	return all
}
