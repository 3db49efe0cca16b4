package opa

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// Mutant is one small change of one rule, and whether anything noticed it.
type Mutant struct {
	File string
	Row  int
	Kind string
	Text string
	Fate Fate
	By   string // what noticed it
}

// Fate is what became of a mutant.
type Fate int

// The fates. Survived is the zero value: a mutant has to be noticed.
const (
	Survived  Fate = iota
	Killed         // a test or a case noticed
	Stillborn      // it does not compile, so nobody could load it
	Untried        // the time was up
)

// Mutation says what to change and who looks.
type Mutation struct {
	Source Source
	Match  func(file string) bool                // which modules to change; tests are never changed
	Notice func(context.Context, *Policy) string // what, if anything, in the decisions of this policy is wrong; "" for nothing
	// Progress is told after each mutant; it is called by one goroutine at a time. May be nil.
	Progress func(done, all int)
	Limit    time.Duration // per test
}

// Mutate tries every mutant against the Rego tests of its own package, then against all Rego tests, then against Notice.
// It stops when the context ends; the rest is Untried. The tests must hold before.
func Mutate(ctx context.Context, m Mutation) ([]Mutant, error) {
	modules, err := parse(m.Source.Modules)
	if err != nil {
		return nil, err
	}
	mutants := list(modules, m.Match)
	jobs := make(chan int)
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	for range runtime.GOMAXPROCS(0) {
		own, err := parse(m.Source.Modules) // trees keep caches, so no two goroutines share one
		if err != nil {
			return nil, err
		}
		wg.Go(func() {
			l := lab{Mutation: m, modules: own, needs: dependencies(own)}
			for n := range jobs {
				l.try(ctx, &mutants[n].Mutant, mutants[n].site)
				mu.Lock()
				done++
				if m.Progress != nil {
					m.Progress(done, len(mutants))
				}
				mu.Unlock()
			}
		})
	}
	for n := range mutants {
		jobs <- n
	}
	close(jobs)
	wg.Wait()
	return sorted(mutants), nil
}

// numbered is a mutant with the number of its site in its module.
type numbered struct {
	Mutant
	site int
}

// list finds the mutants, in an order that is always the same and spreads them, so that a run that ends early has looked
// everywhere a little.
func list(modules map[string]*ast.Module, match func(string) bool) []numbered {
	var all []numbered
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		if strings.HasSuffix(name, "_test.rego") || match != nil && !match(name) {
			continue
		}
		for n, s := range sites(modules[name]) {
			all = append(all, numbered{Mutant{File: name, Row: s.row, Kind: s.kind, Text: s.text}, n})
		}
	}
	slices.SortStableFunc(all, func(a, b numbered) int { return int(int64(spread(a)) - int64(spread(b))) })
	return all
}

func spread(n numbered) uint32 {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s/%d", n.File, n.site)
	return h.Sum32()
}

func sorted(mutants []numbered) []Mutant {
	slices.SortFunc(mutants, func(a, b numbered) int {
		return strings.Compare(fmt.Sprintf("%s:%09d:%09d", a.File, a.Row, a.site), fmt.Sprintf("%s:%09d:%09d", b.File, b.Row, b.site))
	})
	out := make([]Mutant, len(mutants))
	for i, n := range mutants {
		out[i] = n.Mutant
	}
	return out
}

// lab is one worker's bench: its own trees, never changed; each mutant is made in a copy.
type lab struct {
	Mutation
	modules map[string]*ast.Module
	needs   map[string][]string // file to the files it needs, itself included
}

func (l *lab) try(ctx context.Context, m *Mutant, n int) {
	if ctx.Err() != nil {
		m.Fate = Untried
		return
	}
	changed := l.modules[m.File].Copy()
	sites(changed)[n].apply()
	own := strings.TrimSuffix(m.File, ".rego") + "_test.rego"
	if _, ok := l.modules[own]; ok && l.tests(ctx, m, changed, own) || m.Fate == Stillborn {
		return
	}
	if l.tests(ctx, m, changed, "") || m.Fate == Stillborn {
		return
	}
	l.decisions(ctx, m, changed)
	if ctx.Err() != nil && m.Fate == Survived {
		m.Fate = Untried
	}
}

// tests runs the tests of one test file, or all, and reports whether one noticed.
func (l *lab) tests(ctx context.Context, m *Mutant, changed *ast.Module, file string) bool {
	modules, filter := maps.Clone(l.modules), ""
	if file != "" {
		modules = map[string]*ast.Module{}
		for _, name := range l.needs[file] {
			modules[name] = l.modules[name]
		}
		filter = "^" + regexp.QuoteMeta(l.modules[file].Package.Path.String()+".")
	}
	modules[m.File] = changed
	by, err := firstFailure(ctx, modules, l.Source.Data, filter, l.Limit)
	switch {
	case err != nil && file != "":
		return false // what the test file needs may be more than it says; the whole will tell
	case err != nil:
		m.Fate = Stillborn
	case by != "" && ctx.Err() == nil:
		m.Fate, m.By = Killed, by
	}
	return m.Fate == Killed
}

// firstFailure runs tests until one does not hold, and names it.
func firstFailure(ctx context.Context, modules map[string]*ast.Module, data map[string]any, filter string, limit time.Duration) (string, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	store := inmem.NewFromObject(data)
	runner := tester.NewRunner().SetCompiler(ast.NewCompiler().WithCapabilities(capabilities("internal.test_case"))).
		SetStore(store).SetModules(modules).RaiseBuiltinErrors(true).SetTimeout(limit).SetParallel(1)
	if filter != "" {
		runner = runner.Filter(filter)
	}
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return "", err
	}
	defer store.Abort(ctx, txn)
	results, err := runner.RunTests(ctx, txn)
	if err != nil {
		return "", err
	}
	by := ""
	for r := range results {
		if by == "" && !r.Pass() {
			by = strings.TrimPrefix(r.Package, "data.") + "." + r.Name
			stop()
		}
	}
	return by, nil
}

// decisions compiles the changed policy as it would be loaded and lets Notice look at what it decides.
func (l *lab) decisions(ctx context.Context, m *Mutant, changed *ast.Module) {
	modules := rulesOnly(l.modules)
	modules[m.File] = changed
	policy, err := compile(ctx, l.Source, modules)
	if err != nil {
		if ctx.Err() == nil {
			m.Fate = Stillborn
		}
		return
	}
	if l.Notice == nil {
		return
	}
	if by := l.Notice(ctx, policy); by != "" && ctx.Err() == nil {
		m.Fate, m.By = Killed, by
	}
}

// dependencies gives each file the files that it needs: those of the packages that it, and they, refer to.
func dependencies(modules map[string]*ast.Module) map[string][]string {
	direct := map[string][]string{}
	for name, m := range modules {
		refs := map[string]ast.Ref{}
		note := func(r ast.Ref) {
			if r.HasPrefix(ast.DefaultRootRef) {
				prefix := r.GroundPrefix()
				refs[prefix.String()] = prefix
			}
		}
		for _, i := range m.Imports {
			if r, ok := i.Path.Value.(ast.Ref); ok {
				note(r)
			}
		}
		ast.WalkRefs(m, func(r ast.Ref) bool { note(r); return false })
		refs[m.Package.Path.String()] = m.Package.Path
		for other, o := range modules {
			for _, r := range refs {
				if r.HasPrefix(o.Package.Path) || o.Package.Path.HasPrefix(r) {
					direct[name] = append(direct[name], other)
					break
				}
			}
		}
	}
	closed := map[string][]string{}
	for name := range modules {
		closed[name] = closure(direct, name)
	}
	return closed
}

func closure(direct map[string][]string, from string) []string {
	seen, queue := map[string]bool{from: true}, []string{from}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		for _, next := range direct[name] {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
