package opa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/version"
)

// Version is the version of OPA that is linked in.
func Version() string { return version.Version }

// Source is everything a policy is compiled from.
type Source struct {
	Modules map[string]string // file name to Rego
	Data    map[string]any    // the base documents, as decoded JSON
	Schemas map[string][]byte // name to JSON Schema; "facts" is the input, others are schema.<name> in METADATA
	Plain   bool              // evaluate without rule indexing and early exit: the differential twin, for tests
}

// Policy is compiled Rego. It is immutable and safe for concurrent use.
type Policy struct {
	compiler *ast.Compiler
	store    storage.Store
	outcome  rego.PreparedEvalQuery
	rules    map[string]Rule
	codes    []string
	plain    bool
	tracer   *follower // nil but for Following
}

// Compile parses, lints, type-checks and prepares the query data.passavant.decision.outcome.
func Compile(ctx context.Context, src Source) (*Policy, error) {
	modules, err := parse(src.Modules)
	if err != nil {
		return nil, err
	}
	return compile(ctx, src, modules)
}

func compile(ctx context.Context, src Source, modules map[string]*ast.Module) (*Policy, error) {
	if err := lint(modules); err != nil {
		return nil, err
	}
	schemas, err := schemaSet(src.Schemas)
	if err != nil {
		return nil, err
	}
	rules, err := annotatedRules(modules)
	if err != nil {
		return nil, err
	}
	codes, err := obligationCodes(modules, rules)
	if err != nil {
		return nil, err
	}
	p := &Policy{rules: rules, codes: codes, plain: src.Plain}
	p.compiler = ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).
		WithSchemas(schemas).WithUseTypeCheckAnnotations(true)
	if p.compiler.Compile(modules); p.compiler.Failed() {
		return nil, p.compiler.Errors
	}
	if err := unresolved(p.compiler, src.Data); err != nil {
		return nil, err
	}
	p.store = inmem.NewFromObjectWithOpts(src.Data, inmem.OptReturnASTValuesOnRead(true))
	p.outcome, err = p.prepare(ctx, "data.passavant.decision.outcome")
	return p, err
}

func (p *Policy) prepare(ctx context.Context, query string) (rego.PreparedEvalQuery, error) {
	return rego.New(
		rego.Query(query), rego.Compiler(p.compiler), rego.Store(p.store), rego.StoreReadAST(true),
		rego.StrictBuiltinErrors(true), rego.Strict(true), rego.EnablePrintStatements(false),
	).PrepareForEval(ctx)
}

func parse(sources map[string]string) (map[string]*ast.Module, error) {
	modules := map[string]*ast.Module{}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		m, err := ast.ParseModuleWithOpts(name, sources[name], ast.ParserOptions{
			ProcessAnnotation: true, RegoVersion: ast.RegoV1, Capabilities: capabilities(),
		})
		if err != nil {
			errs = append(errs, err)
			continue
		}
		modules[name] = m
	}
	return modules, errors.Join(errs...)
}

func schemaSet(documents map[string][]byte) (*ast.SchemaSet, error) {
	set := ast.NewSchemaSet()
	for name, document := range documents {
		var schema any
		if err := json.Unmarshal(document, &schema); err != nil {
			return nil, fmt.Errorf("schema %s: %w", name, err)
		}
		if name == "facts" {
			set.Put(ast.SchemaRootRef, schema)
		}
		set.Put(ast.MustParseRef("schema."+name), schema)
	}
	return set, nil
}

// PackageOf returns the package that a Rego source declares, in dotted form without "data.".
func PackageOf(name, source string) (string, error) {
	m, err := ast.ParseModuleWithOpts(name, source, ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return "", located(err)
	}
	return strings.TrimPrefix(m.Package.Path.String(), "data."), nil
}

// Rules are the rules that permit or refuse, by identifier.
func (p *Policy) Rules() map[string]Rule { return maps.Clone(p.rules) }

// ObligationCodes are the codes that some rule can require, sorted.
func (p *Policy) ObligationCodes() []string { return slices.Clone(p.codes) }
