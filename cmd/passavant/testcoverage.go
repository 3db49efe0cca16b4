package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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

// clauseCoverage is one clause of an agreement, with the rules that carry it and the cases in which they spoke.
type clauseCoverage struct {
	Agreement string   `json:"agreement"`
	Clause    string   `json:"clause"`
	Title     string   `json:"title"`
	Rules     []string `json:"rules"`
	Cases     []string `json:"cases"`
}

func newCoverage(engine *policy.Engine, report policy.RegoReport, results []casebook.Result) *coverageReport {
	c := &coverageReport{Lines: report.Coverage, Missed: orEmpty(report.Missed)}
	spoke := casebook.Spoke(results)
	for _, r := range engine.Rules() {
		c.Rules = append(c.Rules, ruleCoverage{
			ID: r.ID, Source: r.Source, Tested: slices.Contains(report.Reached, r.ID), Cases: orEmpty(spoke[r.ID]),
		})
	}
	for _, a := range engine.Agreements() {
		for _, clause := range a.Clauses {
			c.Clauses = append(c.Clauses, clauseCoverage{Agreement: a.ID, Clause: clause.ID, Title: clause.Title})
		}
	}
	c.coverClauses(engine, spoke)
	return c
}

func (c *coverageReport) coverClauses(engine *policy.Engine, spoke map[string][]string) {
	for i := range c.Clauses {
		clause := &c.Clauses[i]
		cases := map[string]bool{}
		clause.Rules = rulesOfClause(engine, clause.Agreement, clause.Clause)
		for _, id := range clause.Rules {
			for _, name := range spoke[id] {
				cases[name] = true
			}
		}
		clause.Rules, clause.Cases = orEmpty(clause.Rules), orEmpty(slices.Sorted(maps.Keys(cases)))
	}
}

// rulesOfClause are the rules of the agreement's own that name the clause in their METADATA.
func rulesOfClause(engine *policy.Engine, agreement, clause string) []string {
	var ids []string
	for _, r := range engine.Rules() {
		if r.Clause == clause && strings.HasPrefix(r.Source, "agreements/"+agreement+"/") {
			ids = append(ids, r.ID)
		}
	}
	return ids
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
		rows = append(rows, []string{"clauses of " + id, fmt.Sprintf("%d of %d tried in a case", countTried(clauses), len(clauses))})
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

func countTried(clauses []clauseCoverage) int {
	n := 0
	for _, c := range clauses {
		if len(c.Cases) > 0 {
			n++
		}
	}
	return n
}
