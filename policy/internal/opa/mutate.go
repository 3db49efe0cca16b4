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
	Match  func(file string) bool // which modules to change; tests are never changed
	// Questions are asked of the policy as it would be loaded, in their order, until one is not answered as expected.
	Questions []Question
	Part      int // of Parts; 0 and 0 for all
	Parts     int
	// Progress is told after each mutant; it is called by one goroutine at a time. May be nil.
	Progress func(done, all int)
	Limit    time.Duration // per test
}

// Question is one look at the decisions of a policy. Holds must ask the policy that it is given and nothing else, and may be
// called by several goroutines at once.
type Question struct {
	Name  string
	Holds func(context.Context, *Policy) bool
}

// Mutate tries every mutant against the Rego tests of its own package, then against all Rego tests that look at the changed
// rule, then against the questions that do. It stops when the context ends; the rest is Untried. The tests must hold before.
func Mutate(ctx context.Context, m Mutation) ([]Mutant, error) {
	modules, err := parse(m.Source.Modules)
	if err != nil {
		return nil, err
	}
	mutants := part(list(modules, m.Match), m.Part, m.Parts)
	known, err := m.survey(ctx)
	if err != nil && ctx.Err() == nil {
		return nil, err
	}
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
			l := lab{Mutation: m, survey: known, modules: own, needs: dependencies(own)}
			for n := range jobs {
				l.try(ctx, &mutants[n])
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
	path string // of the rule that is changed
}

// part is every nth mutant: the parts together are all of them, and each is spread like the whole.
func part(all []numbered, n, of int) []numbered {
	if of <= 1 {
		return all
	}
	var out []numbered
	for i, m := range all {
		if i%of == n {
			out = append(out, m)
		}
	}
	return out
}

// survey is what the unchanged rules show: which tests and which questions look at which rule.
type survey struct {
	tests     map[string][]string
	questions map[string]map[int]bool
}

func (m Mutation) survey(ctx context.Context) (survey, error) {
	modules, err := parse(m.Source.Modules)
	if err != nil {
		return survey{}, err
	}
	s := survey{questions: map[string]map[int]bool{}}
	if s.tests, err = reachOfTests(ctx, modules, m.Source.Data, m.Limit); err != nil || len(m.Questions) == 0 {
		return s, err
	}
	policy, err := compile(ctx, m.Source, rulesOnly(modules))
	if err != nil {
		return s, err
	}
	for n, q := range m.Questions {
		q.Holds(ctx, policy.Following(func(path string) {
			if s.questions[path] == nil {
				s.questions[path] = map[int]bool{}
			}
			s.questions[path][n] = true
		}))
	}
	return s, nil
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
			all = append(all, numbered{Mutant{File: name, Row: s.row, Kind: s.kind, Text: s.text}, n, s.path})
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
	survey
	modules map[string]*ast.Module
	needs   map[string][]string // file to the files it needs, itself included
}

func (l *lab) try(ctx context.Context, m *numbered) {
	if ctx.Err() != nil {
		m.Fate = Untried
		return
	}
	changed := l.modules[m.File].Copy()
	sites(changed)[m.site].apply()
	own := strings.TrimSuffix(m.File, ".rego") + "_test.rego"
	if test, ok := l.modules[own]; ok {
		l.ownTests(ctx, m, changed, own, "^"+regexp.QuoteMeta(test.Package.Path.String())+`[.\[]`)
	}
	if m.Fate == Survived {
		l.otherTests(ctx, m, changed)
	}
	if m.Fate == Survived {
		l.decisions(ctx, m, changed)
	}
	if ctx.Err() != nil && m.Fate == Survived {
		m.Fate = Untried
	}
}

// ownTests runs the tests beside the module with what they need. If that does not compile, the whole will tell.
func (l *lab) ownTests(ctx context.Context, m *numbered, changed *ast.Module, file, filter string) {
	by, err := firstFailure(ctx, l.with(changed, m.File, l.needs[file]), l.Source.Data, filter, l.Limit)
	if err == nil && by != "" && ctx.Err() == nil {
		m.Fate, m.By = Killed, by
	}
}

// otherTests runs the tests in other modules that look at the changed rule, with what they need.
func (l *lab) otherTests(ctx context.Context, m *numbered, changed *ast.Module) {
	names, files := l.survey.tests[m.path], []string{m.File}
	for name, module := range l.modules {
		prefix := module.Package.Path.String()
		ofModule := func(test string) bool {
			rest, found := strings.CutPrefix(test, prefix)
			return found && strings.ContainsRune(".[", rune(rest[0]))
		}
		if strings.HasSuffix(name, "_test.rego") && slices.ContainsFunc(names, ofModule) {
			files = append(files, l.needs[name]...)
		}
	}
	if len(names) == 0 {
		return
	}
	by, err := firstFailure(ctx, l.with(changed, m.File, files), l.Source.Data, onlyThese(names), l.Limit)
	switch {
	case err != nil && ctx.Err() == nil:
		m.Fate = Stillborn
	case by != "" && ctx.Err() == nil:
		m.Fate, m.By = Killed, by
	}
}

// with are some modules, one of them changed.
func (l *lab) with(changed *ast.Module, file string, names []string) map[string]*ast.Module {
	modules := map[string]*ast.Module{}
	for _, name := range names {
		modules[name] = l.modules[name]
	}
	modules[file] = changed
	return modules
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

// decisions compiles the changed policy as it would be loaded and asks the questions that look at the changed rule.
func (l *lab) decisions(ctx context.Context, m *numbered, changed *ast.Module) {
	modules := rulesOnly(l.modules)
	modules[m.File] = changed
	policy, err := compile(ctx, l.Source, modules)
	if err != nil {
		if ctx.Err() == nil {
			m.Fate = Stillborn
		}
		return
	}
	for n, q := range l.Questions {
		if l.questions[m.path][n] && !q.Holds(ctx, policy) {
			if ctx.Err() == nil {
				m.Fate, m.By = Killed, q.Name
			}
			return
		}
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
