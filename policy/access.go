package policy

import (
	"context"
	"time"
)

// Caller is who asks, as the program that embeds this library has established it: roles, a unit and attributes, never a
// name or an id, since facts are stored and their digest is published. All of it are codes of at most 96 characters. The
// zero Caller is somebody of whom nothing is known, and has no role.
type Caller struct {
	Roles      []string          `json:"roles,omitempty" yaml:"roles"`
	Unit       string            `json:"unit,omitempty" yaml:"unit"`
	Attributes map[string]string `json:"attributes,omitempty" yaml:"attributes"`
}

// Facts is the fact "caller", for Facts.Evidence; nil if nothing is known of the caller.
func (c Caller) Facts() map[string]any {
	facts := map[string]any{}
	if len(c.Roles) > 0 {
		roles := make([]any, len(c.Roles))
		for i, role := range c.Roles {
			roles[i] = role
		}
		facts["roles"] = roles
	}
	if c.Unit != "" {
		facts["unit"] = c.Unit
	}
	if len(c.Attributes) > 0 {
		attributes := make(map[string]any, len(c.Attributes))
		for name, value := range c.Attributes {
			attributes[name] = value
		}
		facts["attributes"] = attributes
	}
	if len(facts) == 0 {
		return nil
	}
	return facts
}

// The actions that Authorize answers for. Sending is part of the decision on the transfer, under "send".
const (
	Approve    = "approve"     // sign an approval
	ReadLog    = "read_log"    // list or show records of the log
	OpenDetail = "open_detail" // open what the erasable side store keeps of a transfer
	Reidentify = "reidentify"  // reverse a pseudonym
)

// Access is a question: may this caller do that?
type Access struct {
	At     time.Time // truncated to the minute, UTC
	Action string    // Approve, ReadLog, OpenDetail or Reidentify
	// Party is the organisation that acts, as the agreement names it.
	Party string
	// Agreement is the id of the agreement under which the data are. Empty: the log as a whole; each loaded agreement that
	// names somebody for the action must name the caller.
	Agreement string
	Caller    Caller
	// Purpose is a code: of the agreement, or one for which logs may be used (docs/callers.md).
	Purpose string
	// CaseReference stays out of the facts: they say only that there is one.
	CaseReference string
	// Approvers counts the different keys whose approval of this action was verified.
	Approvers int
}

// Authorize answers a question about an action other than a transfer. Like Decide it never fails: what cannot be decided
// is refused with a reason. The Decision has no obligations and no treatments, and permits no transfer. Whoever acts on it
// records it.
func (e *Engine) Authorize(ctx context.Context, q Access) Decision {
	standing, digest, refusal := e.accessStanding(q)
	if refusal != nil {
		d := e.stamp(*refusal)
		d.AgreementDigest = digest
		return e.seal(d)
	}
	claims := map[string]any{"access": map[string]any{"action": q.Action, "case_reference": q.CaseReference != ""}}
	if q.Purpose != "" {
		claims["purpose"] = q.Purpose
	}
	evidence := map[string]any{"approvers": q.Approvers, "caller": q.Caller.Facts()}
	d, _ := e.evaluate(ctx, e.policy, input(scopeAccess, instant(q.At), standing, claims, evidence))
	d.AgreementDigest = digest
	return e.seal(d)
}

// accessStanding are the standing facts of the question, or why there are none.
func (e *Engine) accessStanding(q Access) (standing map[string]any, digest string, refusal *Decision) {
	if q.Agreement == "" {
		return e.wholeLog(q), "", nil
	}
	a, ok := e.agreements[q.Agreement]
	if !ok {
		d := refused(CodeUnknownAgreement, "no agreement with this id is loaded")
		return nil, "", &d
	}
	standing, err := a.ActingFacts(q.Party)
	if err != nil && q.Action == Approve {
		standing, err = map[string]any{}, nil // an authority that approves need not be a party
	}
	if err != nil {
		d := refused(CodeUnknownParty, "who acts must be a party of the agreement")
		return nil, a.Digest(), &d
	}
	standing["who_may"] = a.Named(q.Action)
	return standing, a.Digest(), nil
}

// wholeLog gathers what every agreement says. If the party is a competent authority in one of them, it is one.
func (e *Engine) wholeLog(q Access) map[string]any {
	said, exporter := []any{}, map[string]any(nil)
	for _, a := range e.Agreements() {
		said = append(said, a.Named(q.Action)...)
		facts, err := a.ActingFacts(q.Party)
		if err != nil {
			continue
		}
		acting, _ := facts["exporter"].(map[string]any)
		if exporter == nil || acting["competent_authority"] == true {
			exporter = acting
		}
	}
	standing := map[string]any{"who_may": said}
	if exporter != nil {
		standing["exporter"] = exporter
	}
	return standing
}
