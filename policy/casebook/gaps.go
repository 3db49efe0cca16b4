package casebook

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
)

// Gaps finds what the cases of agreements leave untried: refusing rules without a case in which one of their facts is
// absent, refusing rules that say nothing where nothing is known, clauses whose rules and obligations no case brings about
// although one could, and rules that cite a clause which is not there. An agreement without any case is found by its rules alone.
func Gaps(ctx context.Context, e *policy.Engine, results []Result) []policy.Finding {
	out := untriedRules(e, results)
	effects := Effects(results)
	for _, a := range e.Agreements() {
		spoke := speakOnNothing(ctx, e, a)
		out = append(out, silentRules(e, a, spoke)...)
		clauses := map[string]bool{}
		for _, c := range a.Clauses {
			clauses[c.ID] = true
			carriers := append(slices.Clone(c.Rules), c.Obligations...)
			triable := len(c.Obligations) > 0 || slices.ContainsFunc(c.Rules, func(id string) bool { return spoke[id] })
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

// speakOnNothing are the rules that refuse when nothing is known of a transfer but its parties and their agreement: no claim, no
// evidence. What does not speak then hangs on the terms, or waits for a fact before it asks for a proof.
func speakOnNothing(ctx context.Context, e *policy.Engine, a *agreement.Agreement) map[string]bool {
	spoke := map[string]bool{}
	at, err := time.Parse(time.DateOnly, a.ValidFrom)
	if err != nil {
		return spoke
	}
	for _, from := range a.Parties {
		for _, to := range a.Parties {
			if from.ID == to.ID {
				continue
			}
			d := e.Decide(ctx, policy.Facts{At: at, Agreement: a.ID, Exporter: from.ID, Recipient: to.ID})
			for _, r := range d.Reasons {
				spoke[r.ID] = true
			}
		}
	}
	return spoke
}

// silentRules are the refusing rules of an agreement that say nothing when nothing is known: whoever leaves a fact out gets
// past them.
func silentRules(e *policy.Engine, a *agreement.Agreement, spoke map[string]bool) []policy.Finding {
	var out []policy.Finding
	for _, rule := range e.Rules() {
		if rule.Effect == policy.EffectRefuses && strings.HasPrefix(rule.Source, "agreements/"+a.ID+"/") && !spoke[rule.ID] {
			out = append(out, policy.NewFinding(policy.CheckSilent, rule.Source,
				fmt.Sprintf("rule %s does not refuse when no claim and no evidence is there; it reads %s", rule.ID, strings.Join(e.FactsRead(rule.ID), ", "))))
		}
	}
	return out
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
