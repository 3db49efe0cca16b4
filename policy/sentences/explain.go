package sentences

import (
	"maps"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy"
)

// Part is one paragraph of an explanation: a heading, which may be all there is, and lines below it.
type Part struct {
	Heading string   `json:"heading"`
	Lines   []string `json:"lines,omitempty"`
}

// Explain puts a decision, and what would turn it, into sentences.
func (l *Language) Explain(e policy.Explanation) []Part {
	d := e.Decision
	parts := []Part{{Heading: l.Verdict(d)}}
	if d.LawOnly {
		parts = append(parts, Part{Heading: l.Phrases["law_only"]})
	}
	parts = append(parts, l.reasons(d)...)
	if len(d.Missing) > 0 {
		parts = append(parts, Part{Heading: l.phrase("missing", strings.Join(d.Missing, ", "))})
	}
	parts = append(parts, l.duties(d)...)
	if !d.Permit {
		parts = append(parts, l.remedies(e)...)
	}
	return parts
}

// reasons puts what forbids before what a ground lacks. A permission names its grounds and the conditions that are met.
func (l *Language) reasons(d policy.Decision) []Part {
	var forbids, lacks, grounds []string
	for _, r := range d.Reasons {
		switch {
		case r.Effect == policy.EffectPermits:
			grounds = append(grounds, l.Reason(r))
		case r.Kind == policy.KindLacks:
			lacks = append(lacks, l.Reason(r))
		default:
			forbids = append(forbids, l.Reason(r))
		}
	}
	heading := "what_forbids"
	if VerdictOf(d) == Undecided {
		heading = "notices"
	}
	return some(Part{l.Phrases[heading], forbids}, Part{l.Phrases["what_lacks"], lacks}, Part{l.Phrases["grounds"], grounds})
}

func some(parts ...Part) []Part {
	return slices.DeleteFunc(parts, func(p Part) bool { return len(p.Lines) == 0 })
}

func (l *Language) duties(d policy.Decision) []Part {
	var obligations, treatments, notices []string
	for _, o := range d.Obligations {
		obligations = append(obligations, l.Obligation(o.Code)+params(o.Params)+" ["+o.Code+"]")
	}
	byTechnique := map[string][]string{}
	for category, t := range d.Treatments {
		byTechnique[t.Technique] = append(byTechnique[t.Technique], category+params(t.Params))
	}
	for _, technique := range slices.Sorted(maps.Keys(byTechnique)) {
		slices.Sort(byTechnique[technique])
		treatments = append(treatments, l.Treatment(technique)+": "+strings.Join(byTechnique[technique], ", "))
	}
	for _, code := range d.Notices {
		notices = append(notices, l.Notice(code))
	}
	return some(Part{l.Phrases["obligations"], obligations}, Part{l.Phrases["treatments"], treatments}, Part{l.Phrases["notices"], notices})
}

func params(m map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, key+" "+m[key])
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func (l *Language) remedies(e policy.Explanation) []Part {
	if len(e.Remedies) == 0 {
		parts := []Part{{Heading: l.Phrases["no_remedy"]}}
		if !e.Complete {
			parts = append(parts, Part{Heading: l.Phrases["search_cut"]})
		}
		return parts
	}
	var parts []Part
	for i, r := range e.Remedies {
		heading := l.Phrases["remedy"]
		if i > 0 {
			heading = l.Phrases["or"]
		}
		var lines []string
		for _, c := range r.Changes {
			lines = append(lines, l.Change(c))
		}
		parts = append(parts, Part{heading, lines})
	}
	return parts
}
