package transfer

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

// planCache keeps the field plans compiled so far, under two keys. A decision that was seen before finds its plan by the
// digest of its facts. A new decision with equal treatments, the next minute's for instance, finds it by those.
type planCache struct {
	mu          sync.RWMutex
	byDecision  map[decisionKey]Plan
	byTreatment map[string]Plan
}

// decisionKey names a decision: equal facts under an equal revision decide equally. An Engine has one revision.
type decisionKey struct{ catalogue, facts string }

// maxPlans bounds both maps; there are as many plans as (agreement, recipient, purpose, type) in use.
const maxPlans = 1024

func (c *planCache) plan(cat *catalogued, d *policy.Decision) (Plan, error) {
	key := decisionKey{cat.digest, d.FactsDigest}
	c.mu.RLock()
	plan := c.byDecision[key]
	c.mu.RUnlock()
	if plan != nil {
		return plan, nil
	}
	return c.compile(cat, d, key)
}

func (c *planCache) compile(cat *catalogued, d *policy.Decision, key decisionKey) (Plan, error) {
	treatments := make(map[string]payload.Treatment, len(d.Treatments))
	for category, t := range d.Treatments {
		treatments[category] = payload.Treatment(t)
	}
	text := fmt.Sprint(cat.digest, treatmentsKey(treatments))
	c.mu.Lock()
	defer c.mu.Unlock()
	plan := c.byTreatment[text]
	if plan == nil {
		var err error
		if plan, err = CompilePlan(cat.Catalogue, treatments); err != nil {
			return nil, fmt.Errorf("compiling the field plan: %w", err)
		}
	}
	c.remember(key, text, plan)
	return plan, nil
}

func (c *planCache) remember(key decisionKey, text string, plan Plan) {
	if c.byDecision == nil || len(c.byDecision) >= maxPlans {
		c.byDecision = make(map[decisionKey]Plan)
	}
	if c.byTreatment == nil || len(c.byTreatment) >= maxPlans {
		c.byTreatment = make(map[string]Plan)
	}
	c.byDecision[key], c.byTreatment[text] = plan, plan
}

// treatmentsKey writes treatments in one order and without ambiguity.
func treatmentsKey(treatments map[string]payload.Treatment) string {
	var b []byte
	for _, category := range slices.Sorted(maps.Keys(treatments)) {
		t := treatments[category]
		b = fmt.Appendf(b, "\n%q %q", category, t.Technique)
		for _, name := range slices.Sorted(maps.Keys(t.Params)) {
			b = fmt.Appendf(b, " %q=%q", name, t.Params[name])
		}
	}
	return string(b)
}
