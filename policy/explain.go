package policy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy/internal/opa"
)

// Explanation is a decision and, if it refuses, what would turn it.
type Explanation struct {
	Decision Decision `json:"decision"`
	// Remedies are the smallest sets of changes, each verified by deciding again, that turn the refusal into a permission.
	// Several of the same size are alternatives. They are what the rules know to propose, not legal advice.
	Remedies []Remedy `json:"remedies,omitempty"`
	// Complete reports that the search ended by itself: if there are no remedies, none of up to three changes exists among
	// those that the rules propose.
	Complete bool `json:"complete"`
}

// Remedy is one set of changes.
type Remedy struct {
	Changes []Change `json:"changes"`
}

// Change is one thing to do.
type Change struct {
	Rule string `json:"rule"` // the refusing rule that it answers
	Text string `json:"text"`
	// Set gives dotted facts their new values, such as "tia.done": true.
	Set map[string]any `json:"set"`
	// Branches say who can make the change: "standing" is the parties' agreement, "claims" the request, "evidence" what
	// must be verified.
	Branches []string `json:"branches"`
	// Role is the role whose approval would answer the rule, if that is the change.
	Role string `json:"role,omitempty"`
}

const (
	maxChanges = 3
	maxTries   = 96
)

// Explain decides and, if refused, searches for the smallest change. It evaluates up to about a hundred times; use it for
// people, not on the path of the data.
func (e *Engine) Explain(ctx context.Context, f Facts) Explanation {
	first, _ := e.decide(ctx, f, nil)
	s := search{engine: e, roles: e.rolesOf(f.Agreement), seen: map[string]bool{}, try: func(patch func(map[string]any)) Decision {
		d, _ := e.decide(ctx, f, patch)
		return d
	}}
	remedies, complete := s.run(ctx, first)
	return Explanation{Decision: first, Remedies: remedies, Complete: complete}
}

// search walks sets of changes by size, so that the first size with a hit is the smallest.
type search struct {
	engine *Engine
	roles  []string // whose approval the agreement can bring about
	try    func(patch func(map[string]any)) Decision
	seen   map[string]bool
	tries  int
}

type candidate struct {
	changes  []Change
	decision Decision
}

func (s *search) run(ctx context.Context, first Decision) ([]Remedy, bool) {
	if first.Permit {
		return nil, true
	}
	level := []candidate{{decision: first}}
	for range maxChanges {
		var next []candidate
		for _, c := range level {
			next = append(next, s.expand(ctx, c)...)
		}
		var found []Remedy
		for _, c := range next {
			if c.decision.Permit {
				found = append(found, Remedy{Changes: c.changes})
			}
		}
		if len(found) > 0 || s.tries >= maxTries || ctx.Err() != nil {
			return found, s.tries < maxTries && ctx.Err() == nil
		}
		level = next
	}
	return nil, true
}

// expand adds one more change to a set: one that answers a rule that still refuses and sets nothing that is already set.
func (s *search) expand(ctx context.Context, from candidate) []candidate {
	var out []candidate
	for _, reason := range from.decision.Reasons {
		for _, change := range s.answers(reason.ID) {
			if s.tries >= maxTries || ctx.Err() != nil {
				return out
			}
			if collides(from.changes, change) {
				continue
			}
			changes := append(slices.Clone(from.changes), change)
			if id := identity(changes); s.seen[id] {
				continue
			} else {
				s.seen[id] = true
			}
			s.tries++
			out = append(out, candidate{changes, s.try(s.patch(changes))})
		}
	}
	return out
}

// answers are the changes that may answer a refusing rule: those that it proposes, and, if it looks at approvals, one for each
// role that the agreement names keys for.
func (s *search) answers(rule string) []Change {
	var out []Change
	for _, r := range s.engine.rules[rule].Remedies {
		out = append(out, s.change(rule, r))
	}
	if len(s.roles) == 0 || !slices.Contains(s.engine.FactsRead(rule), branchEvidence+"."+approvalsFact) {
		return out
	}
	for _, role := range s.roles {
		c := s.change(rule, opa.Remedy{
			Text: fmt.Sprintf("obtain an approval under the role %s (passavant approve --role %s)", role, role),
			Set:  map[string]any{approvalsFact: []any{role}},
		})
		c.Role = role
		out = append(out, c)
	}
	return out
}

const approvalsFact = "approvals"

// rolesOf are the roles that an agreement names keys for.
func (e *Engine) rolesOf(agreement string) []string {
	a, ok := e.agreements[agreement]
	if !ok {
		return nil
	}
	var roles []string
	for _, p := range a.Approvals {
		roles = append(roles, p.Role)
	}
	return roles
}

func (s *search) change(rule string, r opa.Remedy) Change {
	branches := map[string]bool{}
	for fact := range r.Set {
		branch, _ := s.engine.homeOf(fact)
		branches[branch] = true
	}
	return Change{Rule: rule, Text: r.Text, Set: maps.Clone(r.Set), Branches: slices.Sorted(maps.Keys(branches))}
}

func collides(changes []Change, with Change) bool {
	for _, c := range changes {
		if c.Text == with.Text {
			return true
		}
		for fact := range with.Set {
			if _, twice := c.Set[fact]; twice && fact != approvalsFact { // approvals add up
				return true
			}
		}
	}
	return false
}

func identity(changes []Change) string {
	var ids []string
	for _, c := range changes {
		ids = append(ids, c.Rule+"\x00"+c.Text)
	}
	slices.Sort(ids)
	return strings.Join(ids, "\x01")
}

// patch writes the changes into an assembled input, each fact into its home.
func (s *search) patch(changes []Change) func(map[string]any) {
	return func(in map[string]any) {
		for _, c := range changes {
			for fact, value := range c.Set {
				if branch, ok := s.engine.homeOf(fact); ok {
					setPath(in, append([]string{branch}, strings.Split(fact, ".")...), value)
				}
			}
		}
	}
}

// homeOf finds the branch of a dotted fact: the longest prefix in the table of homes decides.
func (e *Engine) homeOf(fact string) (string, bool) {
	for at := fact; ; {
		if branch, ok := e.home[at]; ok {
			return branch, true
		}
		cut := strings.LastIndexByte(at, '.')
		if cut < 0 {
			return "", false
		}
		at = at[:cut]
	}
}

func setPath(m map[string]any, path []string, value any) {
	for _, segment := range path[:len(path)-1] {
		next, ok := m[segment].(map[string]any)
		if !ok {
			next = map[string]any{}
			m[segment] = next
		}
		m = next
	}
	last := path[len(path)-1]
	if more, isList := value.([]any); isList && last == approvalsFact {
		had, _ := m[last].([]any)
		value = slices.Concat(had, more)
	}
	m[last] = value
}
