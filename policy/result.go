package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/policy/internal/opa"
)

// The outcome of the rules is foreign until it is checked. Anything unexpected refuses.
var (
	errShape      = errors.New("the outcome does not have the agreed shape")
	errTreatment  = errors.New("the outcome names a treatment outside the closed set")
	errObligation = errors.New("the outcome requires an obligation that nobody can discharge")
)

// read turns the outcome of the rules into a Decision, or into a refusal if it is not exactly what was agreed.
func (e *Engine) read(outcome any, in map[string]any) Decision {
	d, err := e.parse(outcome, in)
	switch {
	case errors.Is(err, errTreatment):
		return refused(CodeUnknownTreatment, err.Error())
	case errors.Is(err, errObligation):
		return refused(CodeUnknownObligation, err.Error())
	case err != nil:
		return refused(CodeMalformedResult, err.Error())
	}
	return d
}

func (e *Engine) parse(outcome any, in map[string]any) (Decision, error) {
	o, ok := outcome.(map[string]any)
	if !ok || len(o) != 9 {
		return Decision{}, errShape
	}
	permit, ok := o["permit"].(bool)
	if !ok {
		return Decision{}, fmt.Errorf("%w: permit", errShape)
	}
	prohibits, err1 := e.reasons(o["prohibits"], opa.Refuses)
	lacks, err2 := e.reasons(o["lacks"], opa.Refuses)
	supports, err3 := e.reasons(o["supports"], opa.Permits)
	grounds, err4 := e.reasons(o["grounds"], opa.Permits)
	basis, err5 := texts(o["basis"])
	notices, err6 := texts(o["notices"])
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return Decision{}, err
	}
	if permit != (len(prohibits) == 0 && len(grounds) > 0) || permit != (len(basis) > 0) {
		return Decision{}, fmt.Errorf("%w: it contradicts itself", errShape)
	}
	d := Decision{Permit: permit, Basis: basis, Notices: notices}
	if !permit {
		d.refuse(append(prohibits, lacks...))
		return d, nil
	}
	d.Reasons = append(grounds, supports...)
	return d, e.readDuties(&d, o, in)
}

func (d *Decision) refuse(reasons []Reason) {
	d.Reasons = reasons
	for _, r := range reasons {
		d.Missing = append(d.Missing, r.Code)
	}
}

func (e *Engine) readDuties(d *Decision, o, in map[string]any) error {
	var err error
	if d.Obligations, err = e.readObligations(o["obligations"]); err != nil {
		return err
	}
	d.Treatments, err = readTreatments(o["treatments"])
	if err != nil {
		return err
	}
	return coversAgreed(d.Treatments, in)
}

// reasons joins each rule that spoke to its METADATA. A rule that has none, or whose effect is another, is malformed.
func (e *Engine) reasons(value any, effect string) ([]Reason, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: reasons", errShape)
	}
	var out []Reason
	for _, item := range list {
		m, _ := item.(map[string]any)
		id, _ := m["id"].(string)
		rule, known := e.rules[id]
		if !known || rule.Effect != effect {
			return nil, fmt.Errorf("%w: a reason without METADATA", errShape)
		}
		out = append(out, reasonOf(rule))
	}
	slices.SortFunc(out, func(a, b Reason) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

func reasonOf(r opa.Rule) Reason {
	message := r.Message
	if message == "" {
		message = r.Title
	}
	return Reason{ID: r.ID, Title: r.Title, Instrument: r.Instrument, Article: r.Article, Clause: r.Clause,
		Message: message, Effect: r.Effect, Kind: r.Kind, Code: r.Code, Confirm: r.Confirm, Source: r.Source}
}

func (e *Engine) readObligations(value any) ([]Obligation, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("%w: obligations", errShape)
	}
	out := make([]Obligation, 0, len(list))
	for _, item := range list {
		m, _ := item.(map[string]any)
		code, ok1 := m["code"].(string)
		travels, ok2 := m["travels"].(bool)
		params, err := textMap(m["params"])
		if !ok1 || !ok2 || err != nil || len(m) != 3 {
			return nil, fmt.Errorf("%w: obligation", errShape)
		}
		if !e.obligations[code] {
			return nil, errObligation
		}
		out = append(out, Obligation{Code: code, Params: params, Travels: travels})
	}
	slices.SortStableFunc(out, func(a, b Obligation) int { return cmp.Compare(a.Code, b.Code) })
	return out, nil
}

func readTreatments(value any) (map[string]Treatment, error) {
	table, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%w: treatments", errShape)
	}
	out := make(map[string]Treatment, len(table))
	for category, item := range table {
		m, _ := item.(map[string]any)
		technique, ok := m["technique"].(string)
		params, err := textMap(m["params"])
		if !ok || err != nil || len(m) != 2 {
			return nil, fmt.Errorf("%w: treatment", errShape)
		}
		if !slices.Contains(agreement.Techniques(), technique) {
			return nil, errTreatment
		}
		out[category] = Treatment{Technique: technique, Params: params}
	}
	return out, nil
}

// coversAgreed refuses an outcome that forgot, or invented, a category.
func coversAgreed(treatments map[string]Treatment, in map[string]any) error {
	standing, _ := in[branchStanding].(map[string]any)
	terms, _ := standing["agreement"].(map[string]any)
	agreed, _ := terms["treatments"].(map[string]any)
	if !maps.EqualFunc(treatments, agreed, func(Treatment, any) bool { return true }) {
		return fmt.Errorf("%w: treatments do not match the categories of the agreement", errTreatment)
	}
	return nil
}

func texts(value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		return nil, errShape
	}
	out := make([]string, len(list))
	for i, item := range list {
		if out[i], ok = item.(string); !ok {
			return nil, errShape
		}
	}
	return out, nil
}

func textMap(value any) (map[string]string, error) {
	m, ok := value.(map[string]any)
	if !ok {
		return nil, errShape
	}
	if len(m) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		if out[k], ok = v.(string); !ok {
			return nil, errShape
		}
	}
	return out, nil
}
