package opa

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// site is one place of a module that can be changed, and how. Sites are found anew in each copy of a module, in the same
// order every time, so that a mutant is known by its module and number alone and no two mutants share a tree.
type site struct {
	row   int
	path  string // of the rule
	kind  string // comparison, boundary, line, negation, rule, default, number or element
	text  string
	apply func()
}

// sites lists every change of the rules of m. METADATA and tables of constants are left alone.
func sites(m *ast.Module) []site {
	f := &finder{}
	for i, r := range m.Rules {
		f.path = pathOfRule(m, r)
		f.rule(m, i, r)
		for at := r; at != nil; at = at.Else {
			f.bodies(at)
			if at.Else != nil {
				f.add(at.Else.Loc(), "rule", "else dropped", func() { at.Else = at.Else.Else })
			}
		}
	}
	return f.found
}

type finder struct {
	found []site
	path  string
}

func (f *finder) add(at *ast.Location, kind, text string, apply func()) {
	if at != nil {
		f.found = append(f.found, site{at.Row, f.path, kind, text, apply})
	}
}

// rule drops a whole rule, and turns round the default of one that is true or false.
func (f *finder) rule(m *ast.Module, i int, r *ast.Rule) {
	if r.Default {
		if value, ok := r.Head.Value.Value.(ast.Boolean); ok {
			f.add(r.Loc(), "default", fmt.Sprintf("default %t to %t", value, !value), func() { r.Head.Value = ast.BooleanTerm(bool(!value)) })
		}
		return
	}
	if isTable(r) {
		return
	}
	f.add(r.Loc(), "rule", "rule "+r.Head.Name.String()+" dropped", func() {
		m.Rules = append(append([]*ast.Rule{}, m.Rules[:i]...), m.Rules[i+1:]...)
	})
}

// isTable reports whether the rule only gives a name to a constant.
func isTable(r *ast.Rule) bool {
	return len(r.Head.Args) == 0 && r.Head.Value != nil && r.Head.Value.IsGround() && onlyTrue(r.Body) && !hasComprehension(r.Head.Value) &&
		!r.Head.Value.Equal(ast.BooleanTerm(true))
}

func hasComprehension(t *ast.Term) bool {
	found := false
	ast.WalkBodies(t, func(ast.Body) bool { found = true; return true })
	return found
}

func onlyTrue(b ast.Body) bool {
	if len(b) != 1 {
		return false
	}
	t, ok := b[0].Terms.(*ast.Term)
	return ok && t.Equal(ast.BooleanTerm(true)) && !b[0].Negated
}

// bodies changes the lines of a rule and of every comprehension and every-block in it.
func (f *finder) bodies(r *ast.Rule) {
	f.body(&r.Body)
	nested := ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Rule:
			return true // an else branch has its own turn
		case *ast.ArrayComprehension:
			f.body(&x.Body)
		case *ast.SetComprehension:
			f.body(&x.Body)
		case *ast.ObjectComprehension:
			f.body(&x.Body)
		case *ast.Every:
			f.body(&x.Body)
		}
		return false
	})
	nested.Walk(r.Head)
	nested.Walk(r.Body)
}

func (f *finder) body(b *ast.Body) {
	if onlyTrue(*b) {
		return
	}
	for i, e := range *b {
		if e.Loc() == nil || isBinding(e) {
			continue
		}
		f.add(e.Loc(), "line", "dropped: "+short(e), func() { *b = dropped(*b, i) })
		f.expression(e)
	}
}

// isBinding reports whether an expression introduces variables: dropping or negating it leaves no rule that compiles.
func isBinding(e *ast.Expr) bool {
	if _, ok := e.Terms.(*ast.SomeDecl); ok {
		return true
	}
	return e.IsAssignment() || e.IsEquality() && !isDoubleEquals(e)
}

func isDoubleEquals(e *ast.Expr) bool { return e.Operator().String() == ast.Equal.Name }

func dropped(b ast.Body, i int) ast.Body {
	if len(b) == 1 {
		return ast.NewBody(ast.NewExpr(ast.BooleanTerm(true)).SetLocation(b[0].Loc()))
	}
	rest := append(append(ast.Body{}, b[:i]...), b[i+1:]...)
	for at, e := range rest {
		e.Index = at
	}
	return rest
}

// comparisons gives each operator its opposite and, for an order, the one that differs at the boundary alone.
func comparisons() map[string][2]string {
	return map[string][2]string{
		"equal": {"neq", ""}, "neq": {"equal", ""}, "lt": {"gte", "lte"}, "lte": {"gt", "lt"}, "gt": {"lte", "gte"}, "gte": {"lt", "gt"},
	}
}

func (f *finder) expression(e *ast.Expr) {
	if pair, ok := f.comparison(e); ok {
		f.operator(e, "comparison", pair[0])
		if pair[1] != "" {
			f.operator(e, "boundary", pair[1])
		}
	} else if _, every := e.Terms.(*ast.Every); !every {
		text := "negated: "
		if e.Negated {
			text = "no longer negated: "
		}
		f.add(e.Loc(), "negation", text+short(e), func() { e.Negated = !e.Negated })
	}
	for _, t := range operands(e) {
		f.constant(e, t)
	}
}

func (f *finder) comparison(e *ast.Expr) ([2]string, bool) {
	if !e.IsCall() || e.Negated {
		return [2]string{}, false
	}
	pair, ok := comparisons()[e.Operator().String()]
	return pair, ok
}

func (f *finder) operator(e *ast.Expr, kind, to string) {
	f.add(e.Loc(), kind, fmt.Sprintf("%s to %s: %s", e.Operator(), to, short(e)), func() {
		e.Terms.([]*ast.Term)[0] = ast.NewTerm(ast.BuiltinMap[to].Ref()).SetLocation(e.Loc())
	})
}

func operands(e *ast.Expr) []*ast.Term {
	if terms, ok := e.Terms.([]*ast.Term); ok && e.IsCall() {
		return terms[1:]
	}
	return nil
}

// constant changes a number, or takes one element out of a set that is written into a condition.
func (f *finder) constant(e *ast.Expr, t *ast.Term) {
	switch v := t.Value.(type) {
	case ast.Number:
		if n, ok := v.Int(); ok {
			f.add(e.Loc(), "number", fmt.Sprintf("%d to %d: %s", n, n+1, short(e)), func() { t.Value = ast.IntNumberTerm(n + 1).Value })
		}
	case ast.Set:
		v.Foreach(func(gone *ast.Term) {
			f.add(e.Loc(), "element", fmt.Sprintf("without %s: %s", gone, short(e)), func() {
				rest := ast.NewSet()
				v.Foreach(func(kept *ast.Term) {
					if !kept.Equal(gone) {
						rest.Add(kept)
					}
				})
				t.Value = rest
			})
		})
	}
}

// short is the source of an expression on one line, cut where it gets long.
func short(e *ast.Expr) string {
	text := strings.Join(strings.Fields(string(e.Loc().Text)), " ")
	if text == "" {
		text = e.String()
	}
	if runes := []rune(text); len(runes) > 90 {
		text = string(runes[:90]) + "…"
	}
	return text
}
