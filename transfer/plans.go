package transfer

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

// planCache keeps the field plans compiled so far. Plans depend on the catalogue and the treatments alone, so a new
// decision with equal treatments (the next minute's) finds the plan of the last one.
type planCache struct {
	mu    sync.RWMutex
	plans map[string]*payload.Plan
}

// maxPlans bounds the cache; there are as many plans as (agreement, recipient, purpose, type) in use.
const maxPlans = 1024

func (c *planCache) plan(cat *payload.Catalogue, treatments map[string]policy.Treatment) (*payload.Plan, error) {
	key := planKey(cat, treatments)
	c.mu.RLock()
	plan := c.plans[key]
	c.mu.RUnlock()
	if plan != nil {
		return plan, nil
	}
	converted := make(map[string]payload.Treatment, len(treatments))
	for category, t := range treatments {
		converted[category] = payload.Treatment(t)
	}
	plan, err := payload.Compile(cat, converted)
	if err != nil {
		return nil, fmt.Errorf("compiling the field plan: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.plans == nil || len(c.plans) >= maxPlans {
		c.plans = make(map[string]*payload.Plan)
	}
	c.plans[key] = plan
	return plan, nil
}

func planKey(cat *payload.Catalogue, treatments map[string]policy.Treatment) string {
	categories := make([]string, 0, len(treatments))
	for category := range treatments {
		categories = append(categories, category)
	}
	slices.Sort(categories)
	var b strings.Builder
	b.WriteString(cat.Digest())
	for _, category := range categories {
		t := treatments[category]
		fmt.Fprintf(&b, "\n%q %q", category, t.Technique)
		params := make([]string, 0, len(t.Params))
		for name, value := range t.Params {
			params = append(params, fmt.Sprintf(" %q=%q", name, value))
		}
		slices.Sort(params)
		b.WriteString(strings.Join(params, ""))
	}
	return b.String()
}
