package stix

import "slices"

// Limits of a pattern.
const (
	maxTokens  = 100_000
	maxNesting = 64
)

// pattern is a parsed pattern: its brackets, words and qualifiers in order, and its comparisons among them.
type pattern struct{ parts []part }

// part is either a text that is written as it is, or a comparison.
type part struct {
	text       string
	comparison *comparison
}

// comparison is one test of a property (section 9.6).
type comparison struct {
	object   string
	path     []step
	exists   bool
	not      bool
	operator string // "" for EXISTS
	set      bool
	literals []token // strings, numbers, times, and the words true and false
}

// step is one component of an object path. index is "" for a name.
type step struct{ name, index string }

// patternParser reads section 9 of the standard by recursive descent.
type patternParser struct {
	tokens []token
	pos    int
	depth  int
	out    pattern
}

// parsePattern reads one pattern. The errors are errPattern and errTooDeep.
func parsePattern(text string) (*pattern, error) {
	all, err := tokens(text)
	if err != nil {
		return nil, err
	}
	p := &patternParser{tokens: all}
	if err := p.observations(); err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, errPattern
	}
	return &p.out, nil
}

func (p *patternParser) peek() token { return p.tokens[p.pos] }

func (p *patternParser) take() token {
	t := p.tokens[p.pos]
	if t.kind != tokenEnd {
		p.pos++
	}
	return t
}

func (p *patternParser) is(kind tokenKind, texts ...string) bool {
	t := p.peek()
	return t.kind == kind && slices.Contains(texts, t.text)
}

// accept takes a sign or word if it comes next.
func (p *patternParser) accept(kind tokenKind, text string) bool {
	if !p.is(kind, text) {
		return false
	}
	p.pos++
	return true
}

func (p *patternParser) write(text string) { p.out.parts = append(p.out.parts, part{text: text}) }

// nested runs f one level deeper.
func (p *patternParser) nested(f func() error) error {
	if p.depth++; p.depth > maxNesting {
		return errTooDeep
	}
	defer func() { p.depth-- }()
	return f()
}

// joined reads a list of terms with one of the words between them.
func (p *patternParser) joined(term func() error, words ...string) error {
	for {
		if err := term(); err != nil {
			return err
		}
		if !p.is(tokenWord, words...) {
			return nil
		}
		p.write(p.take().text)
	}
}

func (p *patternParser) observations() error {
	return p.joined(p.observation, "AND", "OR", "FOLLOWEDBY")
}

func (p *patternParser) observation() error {
	switch {
	case p.accept(tokenSign, "["):
		p.write("[")
		if err := p.comparisons(); err != nil {
			return err
		}
		if !p.accept(tokenSign, "]") {
			return errPattern
		}
		p.write("]")
	case p.accept(tokenSign, "("):
		if err := p.parentheses(p.observations); err != nil {
			return err
		}
	default:
		return errPattern
	}
	return p.qualifiers()
}

// parentheses reads up to the one that closes.
func (p *patternParser) parentheses(inside func() error) error {
	p.write("(")
	if err := p.nested(inside); err != nil {
		return err
	}
	if !p.accept(tokenSign, ")") {
		return errPattern
	}
	p.write(")")
	return nil
}

// qualifiers reads section 9.5.1.
func (p *patternParser) qualifiers() error {
	for {
		var kinds []tokenKind
		var words []string
		switch {
		case p.is(tokenWord, "WITHIN"):
			kinds, words = []tokenKind{tokenInteger, tokenFloat}, []string{"WITHIN", "SECONDS"}
		case p.is(tokenWord, "REPEATS"):
			kinds, words = []tokenKind{tokenInteger}, []string{"REPEATS", "TIMES"}
		case p.is(tokenWord, "START"):
			if err := p.span(); err != nil {
				return err
			}
			continue
		default:
			return nil
		}
		p.pos++
		n := p.take()
		if !slices.Contains(kinds, n.kind) || !p.accept(tokenWord, words[1]) {
			return errPattern
		}
		p.write(words[0] + " " + n.text + " " + words[1])
	}
}

// span reads START t'…' STOP t'…'. Both become comparisons, so that they are treated as the timestamps that they are.
func (p *patternParser) span() error {
	for _, word := range []string{"START", "STOP"} {
		if !p.accept(tokenWord, word) {
			return errPattern
		}
		t := p.take()
		if t.kind != tokenTime && t.kind != tokenString {
			return errPattern
		}
		p.out.parts = append(p.out.parts, part{text: word, comparison: &comparison{literals: []token{t}}})
	}
	return nil
}

func (p *patternParser) comparisons() error { return p.joined(p.test, "AND", "OR") }

func (p *patternParser) test() error {
	if p.accept(tokenSign, "(") {
		return p.parentheses(p.comparisons)
	}
	c := &comparison{}
	if p.accept(tokenWord, "NOT") {
		c.not = true
	}
	c.exists = p.accept(tokenWord, "EXISTS")
	if err := p.path(c); err != nil {
		return err
	}
	if !c.exists {
		if err := p.operation(c); err != nil {
			return err
		}
	}
	p.out.parts = append(p.out.parts, part{comparison: c})
	return nil
}

// path reads an object path (section 9.7).
func (p *patternParser) path(c *comparison) error {
	object := p.take()
	if object.kind != tokenWord || !p.accept(tokenSign, ":") {
		return errPattern
	}
	c.object = object.text
	for first := true; ; first = false {
		switch {
		case first || p.accept(tokenSign, "."):
			name := p.take()
			if name.kind != tokenWord && name.kind != tokenString {
				return errPattern
			}
			c.path = append(c.path, step{name: name.text})
		case p.accept(tokenSign, "["):
			index := p.take()
			if index.kind != tokenInteger && index != (token{tokenSign, "*"}) || !p.accept(tokenSign, "]") {
				return errPattern
			}
			c.path = append(c.path, step{index: index.text})
		default:
			return nil
		}
	}
}

func (p *patternParser) operation(c *comparison) error {
	if p.accept(tokenWord, "NOT") {
		c.not = !c.not
	}
	op := p.take()
	c.operator = op.text
	switch {
	case op.kind == tokenSign && slices.Contains([]string{"=", "!=", "<", ">", "<=", ">="}, op.text):
		return p.literal(c)
	case op == token{tokenWord, "IN"}:
		return p.literals(c)
	case op.kind == tokenWord && slices.Contains([]string{"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"}, op.text):
		if p.peek().kind != tokenString {
			return errPattern
		}
		return p.literal(c)
	}
	return errPattern
}

func (p *patternParser) literal(c *comparison) error {
	t := p.take()
	switch {
	case t.kind == tokenWord && (t.text == "true" || t.text == "false"):
	case t.kind < tokenString:
		return errPattern
	}
	c.literals = append(c.literals, t)
	return nil
}

func (p *patternParser) literals(c *comparison) error {
	c.set = true
	if !p.accept(tokenSign, "(") {
		return errPattern
	}
	for {
		if err := p.literal(c); err != nil {
			return err
		}
		if p.accept(tokenSign, ")") {
			return nil
		}
		if !p.accept(tokenSign, ",") {
			return errPattern
		}
	}
}
