package casebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy"
)

// Gaps finds what the cases of agreements leave untried: refusing rules without a case in which one of their facts is
// absent, clauses whose rules and obligations no case brings about, and rules that cite a clause which is not there. An
// agreement without any case is found by its rules alone.
func Gaps(e *policy.Engine, results []Result) []policy.Finding {
	out := untriedRules(e, results)
	effects := Effects(results)
	for _, a := range e.Agreements() {
		clauses := map[string]bool{}
		for _, c := range a.Clauses {
			clauses[c.ID] = true
			carriers := append(slices.Clone(c.Rules), c.Obligations...)
			triable := len(c.Obligations) > 0 || slices.ContainsFunc(c.Rules, func(id string) bool { return hangsOnTransfers(e, id) })
			if effects[a.ID] != nil && triable && !slices.ContainsFunc(carriers, func(id string) bool { return len(effects[a.ID][id]) > 0 }) {
				out = append(out, policy.NewFinding(policy.CheckClause, "agreements/"+a.ID+"/agreement.yaml",
					fmt.Sprintf("no case tries clause %s (%s): %s", c.ID, c.Title, strings.Join(carriers, ", "))))
			}
		}
		for _, r := range e.Rules() {
			if strings.HasPrefix(r.Source, "agreements/"+a.ID+"/") && r.Clause != "" && !clauses[r.Clause] {
				out = append(out, policy.NewFinding(policy.CheckNoClause, r.Source, fmt.Sprintf("rule %s cites clause %s, which the agreement does not list", r.ID, r.Clause)))
			}
		}
	}
	return out
}

// hangsOnTransfers reports whether a rule can come out differently from one transfer to the next under one agreement. What
// depends on the parties themselves, such as their lawful basis or safeguard, no case can vary.
func hangsOnTransfers(e *policy.Engine, rule string) bool {
	return !slices.ContainsFunc(e.FactsRead(rule), func(fact string) bool {
		return strings.HasPrefix(fact, "standing.") && !strings.HasPrefix(fact, "standing.agreement")
	})
}

// Effects are the rules that spoke and the obligations that were required in the cases of each agreement, by agreement and
// by id or code, with the cases.
func Effects(results []Result) map[string]map[string][]string {
	out := map[string]map[string][]string{}
	for _, r := range results {
		if r.Agreement == "" {
			continue
		}
		if out[r.Agreement] == nil {
			out[r.Agreement] = map[string][]string{}
		}
		for _, reason := range r.Decision.Reasons {
			out[r.Agreement][reason.ID] = append(out[r.Agreement][reason.ID], r.ID)
		}
		for _, o := range r.Decision.Obligations {
			out[r.Agreement][o.Code] = append(out[r.Agreement][o.Code], r.ID)
		}
	}
	return out
}

// untriedRules are the refusing rules of agreements that no case tries with a fact absent: a case in which the rule spoke
// although, or because, one of the facts that it reads was not there.
func untriedRules(e *policy.Engine, results []Result) []policy.Finding {
	var out []policy.Finding
	for _, rule := range e.Rules() {
		if rule.Effect != policy.EffectRefuses || !strings.HasPrefix(rule.Source, "agreements/") || len(e.FactsRead(rule.ID)) == 0 {
			continue
		}
		if !slices.ContainsFunc(results, func(r Result) bool { return triedWithout(e, rule.ID, r) }) {
			out = append(out, policy.NewFinding(policy.CheckAbsentFact, rule.Source,
				fmt.Sprintf("no case tries rule %s without one of its facts: %s", rule.ID, strings.Join(e.FactsRead(rule.ID), ", "))))
		}
	}
	return out
}

func triedWithout(e *policy.Engine, rule string, r Result) bool {
	spoke := slices.ContainsFunc(r.Decision.Reasons, func(reason policy.Reason) bool { return reason.ID == rule })
	return spoke && e.LacksFact(rule, r.Decision)
}
