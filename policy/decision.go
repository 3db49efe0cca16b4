package policy

import (
	"maps"
	"slices"
)

// Decision is the answer to one question. The zero Decision refuses.
type Decision struct {
	Permit bool `json:"permit"`
	// Basis cites what the permission rests on, the decisive ground first, such as "GDPR:45", "EU:2019/419". Empty if
	// refused.
	Basis []string `json:"basis"`
	// Reasons are the rules that spoke: those that refuse if refused, those that permit if permitted.
	Reasons []Reason `json:"reasons"`
	// Missing are the condition codes of the refusing reasons, sorted, each once.
	Missing []string `json:"missing"`
	// Obligations bind: discharge every one or do not transfer.
	Obligations []Obligation `json:"obligations"`
	// Treatments say what happens to each data category. A category that is not named is dropped.
	Treatments map[string]Treatment `json:"treatments"`

	Revision        string `json:"revision"`         // Engine.Revision
	DataVersion     string `json:"data_version"`     // Engine.DataVersion
	FactsDigest     string `json:"facts_digest"`     // "sha256:…" over FactsCanonical; empty if there were no valid facts
	AgreementDigest string `json:"agreement_digest"` // agreement.Agreement.Digest; empty for a question about the law

	// LawOnly marks the answer to a question about the law alone (Engine.Assess). Never act on it.
	LawOnly bool `json:"law_only,omitempty"`
	// Notices do not change the decision, such as "stale_legal_data".
	Notices []string `json:"notices,omitempty"`
	// FactsCanonical is the evaluated input as canonical JSON (RFC 8785): store it to replay the decision. It holds no
	// payload values. It is shared between equal decisions and must not be changed.
	FactsCanonical []byte `json:"-"`
	// Digest is "sha256:" and the hexadecimal SHA-256 of the decision's own canonical JSON, which leaves it out. Two
	// decisions with one digest are the same in every word.
	Digest string `json:"-"`
}

// Reason is one rule that spoke.
type Reason struct {
	ID         string `json:"id"`    // such as gdpr.art46.2.c; unique in a revision
	Title      string `json:"title"` // one line
	Instrument string `json:"instrument"`
	Article    string `json:"article"`
	Clause     string `json:"clause,omitempty"`
	Message    string `json:"message"`
	Effect     string `json:"effect"` // "permits" or "refuses"
	// Kind is how the rule speaks: "prohibits" forbids whatever else holds, "lacks" names what a ground for the transfer is
	// missing, "permits" is a ground, "supports" a condition that is met. Empty for the engine's own refusals.
	Kind string `json:"kind,omitempty"`
	// Code is the condition code when refusing: the vocabulary of docs/facts.md, or one of the Code constants.
	Code string `json:"code,omitempty"`
	// Confirm marks a rule whose reading of the law awaits confirmation by counsel.
	Confirm bool   `json:"confirm,omitempty"`
	Source  string `json:"source,omitempty"` // file:line of the rule
}

// Effects of a reason.
const (
	EffectPermits = "permits"
	EffectRefuses = "refuses"
)

// Kinds of reasons.
const (
	KindProhibits = "prohibits"
	KindLacks     = "lacks"
	KindPermits   = "permits"
	KindSupports  = "supports"
)

// Forbidden reports whether some rule forbids the transfer, whatever ground there may be. A refusal that is not
// forbidden merely lacks a ground.
func (d Decision) Forbidden() bool {
	return !d.Permit && slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Kind == KindProhibits })
}

// Obligation is a duty that comes with a permission.
type Obligation struct {
	Code    string            `json:"code"`
	Params  map[string]string `json:"params,omitempty"`
	Travels bool              `json:"travels"` // binds the recipient too, and goes with the data
}

// Treatment is what happens to the values of one data category: one of agreement.Techniques.
// Params are the technique's own, such as {"to": "month"}.
type Treatment struct {
	Technique string            `json:"technique"`
	Params    map[string]string `json:"params,omitempty"`
}

// Codes of refusals that the engine gives itself, beside the condition codes of the law.
const (
	CodeFactsInvalid      = "facts_invalid"      // unknown fact, wrong type, or a fact outside its home
	CodeUnknownAgreement  = "unknown_agreement"  // no agreement with this id is loaded
	CodeUnknownParty      = "unknown_party"      // exporter or recipient is not a party
	CodeEvaluationError   = "evaluation_error"   // a rule failed, for instance on a date that does not exist
	CodeEvaluationTimeout = "evaluation_timeout" // over Options.Timeout, or the context ended
	CodeUndefinedResult   = "undefined_result"   // the rules gave no answer
	CodeConflict          = "conflict"           // the rules gave two answers
	CodeMalformedResult   = "malformed_result"   // the answer does not have the agreed shape or contradicts itself
	CodeUnknownObligation = "unknown_obligation" // an obligation that nobody can discharge
	CodeUnknownTreatment  = "unknown_treatment"  // a technique outside the closed set
	CodeNoApplicableLaw   = "no_applicable_law"  // no law in the library governs the exporter
)

// clone copies everything that a caller could change.
func (d Decision) clone() Decision {
	d.Basis, d.Reasons, d.Missing = slices.Clone(d.Basis), slices.Clone(d.Reasons), slices.Clone(d.Missing)
	d.Obligations, d.Notices = slices.Clone(d.Obligations), slices.Clone(d.Notices)
	for i := range d.Obligations {
		d.Obligations[i].Params = maps.Clone(d.Obligations[i].Params)
	}
	d.Treatments = maps.Clone(d.Treatments)
	for category, t := range d.Treatments {
		if t.Params != nil {
			t.Params = maps.Clone(t.Params)
			d.Treatments[category] = t
		}
	}
	return d
}

// refused is a Decision that refuses for one reason of the engine's own.
func refused(code, message string) Decision {
	return Decision{
		Missing: []string{code},
		Reasons: []Reason{{
			ID: "engine." + code, Title: "The engine could not reach a decision", Instrument: "library",
			Article: "fail closed", Message: message, Effect: EffectRefuses, Code: code,
		}},
	}
}

// Requires reports whether the decision carries the obligation.
func (d Decision) Requires(code string) bool {
	return slices.ContainsFunc(d.Obligations, func(o Obligation) bool { return o.Code == code })
}

// BuiltinObligations are the obligation codes of docs/facts.md and the technical ones of this library: the handlers that
// Options.KnownObligations stands for when it is nil.
func BuiltinObligations() []string {
	return []string{
		"bind_onward_authorisation", "check_dpf_status", "delete_after", "delete_or_return", "document_49_6",
		"document_tia", "inform_data_subjects", "inform_ds_49", "inform_sa_49", "led_document",
		"led_inform_authorising_state", "led_inform_foreign_authority", "led_inform_recipient_purpose", "led_inform_sa",
		"led_log_25", "make_safeguards_available", "mark_subject_category", "no_onward_transfer", "notify_breach",
		"notify_conditions_9_3", "preserve_marking", "pseudonymise_identifiers", "purpose_limit", "record_art30",
		"record_request", "strict_need_to_know", "suspend_on_change", "use_limit", "verify_quality",
	}
}
