package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/casebook"
)

// coverageReport says what the tests and cases reached.
type coverageReport struct {
	Lines   float64          `json:"lines_percent"`
	Missed  []string         `json:"missed_lines"`
	Rules   []ruleCoverage   `json:"rules"`
	Clauses []clauseCoverage `json:"clauses"`
}

type ruleCoverage struct {
	ID     string   `json:"id"`
	Source string   `json:"source"`
	Tested bool     `json:"tested"` // a Rego test reached it
	Cases  []string `json:"cases"`  // the cases in which it spoke
}

// clauseCoverage is one clause of an agreement, with the rules and obligations that carry it and the cases in which they
// took effect. A clause without carriers is kept by people.
type clauseCoverage struct {
	Agreement   string   `json:"agreement"`
	Clause      string   `json:"clause"`
	Title       string   `json:"title"`
	Enforcement string   `json:"enforcement"`
	Carriers    []string `json:"carriers"`
	Cases       []string `json:"cases"`
}

func newCoverage(engine *policy.Engine, report policy.RegoReport, results []casebook.Result) *coverageReport {
	c := &coverageReport{Lines: report.Coverage, Missed: orEmpty(report.Missed)}
	spoke := casebook.Spoke(results)
	for _, r := range engine.Rules() {
		c.Rules = append(c.Rules, ruleCoverage{
			ID: r.ID, Source: r.Source, Tested: slices.Contains(report.Reached, r.ID), Cases: orEmpty(spoke[r.ID]),
		})
	}
	effects := casebook.Effects(results)
	for _, a := range engine.Agreements() {
		for _, clause := range a.Clauses {
			line := clauseCoverage{Agreement: a.ID, Clause: clause.ID, Title: clause.Title, Enforcement: clause.Enforcement}
			line.Carriers = append(append([]string{}, clause.Rules...), clause.Obligations...)
			line.Cases = casesOf(effects[a.ID], line.Carriers)
			c.Clauses = append(c.Clauses, line)
		}
	}
	return c
}

// casesOf are the cases in which one of the rules spoke or one of the obligations was required.
func casesOf(effects map[string][]string, carriers []string) []string {
	cases := map[string]bool{}
	for _, id := range carriers {
		for _, name := range effects[id] {
			cases[name] = true
		}
	}
	return orEmpty(slices.Sorted(maps.Keys(cases)))
}

func (a *app) printCoverage(c *coverageReport) {
	p := a.out
	tested, told := 0, 0
	var silent []string
	for _, r := range c.Rules {
		if r.Tested {
			tested++
		}
		if len(r.Cases) > 0 {
			told++
		}
		if !r.Tested && len(r.Cases) == 0 {
			silent = append(silent, r.ID+" ("+r.Source+")")
		}
	}
	rows := [][]string{
		{"lines", fmt.Sprintf("%.1f %% of the rules reached by a test", c.Lines)},
		{"rules", fmt.Sprintf("%d of %d reached by a test, %d spoke in a case", tested, len(c.Rules), told)},
	}
	for _, id := range slices.Sorted(maps.Keys(c.byAgreement())) {
		clauses := c.byAgreement()[id]
		rows = append(rows, []string{"clauses of " + id, triedText(clauses)})
	}
	p.table(rows)
	for _, place := range c.Missed {
		p.line("not reached: %s", place)
	}
	for _, rule := range silent {
		p.line("never spoke: %s", rule)
	}
}

func (c *coverageReport) byAgreement() map[string][]clauseCoverage {
	out := map[string][]clauseCoverage{}
	for _, clause := range c.Clauses {
		out[clause.Agreement] = append(out[clause.Agreement], clause)
	}
	return out
}

func triedText(clauses []clauseCoverage) string {
	tried, carried := 0, 0
	for _, c := range clauses {
		if len(c.Carriers) > 0 {
			carried++
		}
		if len(c.Cases) > 0 {
			tried++
		}
	}
	return fmt.Sprintf("%d of %d tried in a case; %d more are kept by people", tried, carried, len(clauses)-carried)
}
