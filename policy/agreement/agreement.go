// Package agreement reads data-sharing agreements: what two or more parties signed, in a form that rules can use.
//
// An agreement is one YAML document, agreements/<id>/agreement.yaml. Its shape is the JSON Schema
// rego/schemas/agreement.json: unknown keys, wrong types, dates that do not exist, aliases and second documents are
// refused with file, line and pointer. The field list follows the ICO data sharing code and EDPB Guidelines 2/2020.
package agreement

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/passavant/passavant/internal/canonical"
)

// ErrNotParty is the condition that a party id is not one of the agreement.
var ErrNotParty = errors.New("not a party to the agreement")

// Agreement is one version of an agreement. Treat it as read-only: engines share it.
type Agreement struct {
	ID               string              `json:"id"`
	Version          string              `json:"version"`
	Title            string              `json:"title"`
	Status           string              `json:"status"` // active, suspended or terminated
	SignedOn         string              `json:"signed_on"`
	ValidFrom        string              `json:"valid_from"`  // first day in force, UTC, YYYY-MM-DD
	ValidUntil       string              `json:"valid_until"` // last day in force, inclusive
	ReviewDate       string              `json:"review_date,omitempty"`
	Parties          []Party             `json:"parties"`
	Instrument       string              `json:"instrument"`
	LawfulBasis      map[string]string   `json:"lawful_basis"` // party id to GDPR:6(1)(a..f)
	Purposes         []Purpose           `json:"purposes"`
	CollectedFor     string              `json:"collected_for"`
	Safeguard        map[string]any      `json:"safeguard,omitempty"` // keys of the fact "safeguard"
	TIA              map[string]any      `json:"tia,omitempty"`       // keys of the fact "tia", plus date, reviewed_on, ref
	Data             map[string]any      `json:"data,omitempty"`      // data.pseudonymised, data.encrypted
	DataCategories   map[string]Category `json:"data_categories"`
	DataSubjects     []string            `json:"data_subjects"`
	RetentionDays    int                 `json:"retention_days"`
	GroupSize        int                 `json:"group_size,omitempty"` // records of a table that must be alike; 0: the default
	Onward           Onward              `json:"onward"`
	Derogations      []string            `json:"derogations,omitempty"`
	CACMechanism     string              `json:"cac_mechanism,omitempty"`         // PIPL Art. 38
	Undertaking      *bool               `json:"recipient_undertaking,omitempty"` // Regulation (EU) 2016/794
	Partnership      Partnership         `json:"partnership,omitzero"`
	Special          Special             `json:"special_categories,omitzero"`
	Offences         Offences            `json:"criminal_offence_data,omitzero"`
	Pseudonymisation Pseudonymisation    `json:"pseudonymisation,omitzero"`
	Clauses          []Clause            `json:"clauses"`
	LegalText        LegalText           `json:"legal_text,omitzero"`
	OwnCategories    map[string]string   `json:"own_categories,omitempty"` // beyond the vocabulary, with what each is
	Approvals        []Approval          `json:"approvals,omitempty"`
	WhoMay           map[string][]Entry  `json:"who_may,omitempty"` // action to who may; an action that is absent names nobody
	Signatories      []Signatory         `json:"signatories,omitempty"`
	Security         []string            `json:"security,omitempty"`
	Unsealed         string              `json:"unsealed,omitempty"` // why minimised data may travel without sealing; empty if they may not
	DPIARef          string              `json:"dpia_ref,omitempty"`
	TIARef           string              `json:"tia_ref,omitempty"`

	digest   string
	document []byte         // canonical JSON
	file     string         // for messages
	lines    map[string]int // line of each place
	party    map[string]map[string]any
}

// Party is one side of the agreement, as people see it. The facts about a party that rules read come from the document.
type Party struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Country   string   `json:"country,omitempty"` // ISO 3166-1 alpha-2; absent for an international organisation
	Type      string   `json:"type"`
	Role      string   `json:"role,omitempty"` // controller, processor or joint_controller
	SubjectTo []string `json:"subject_to,omitempty"`
	Contact   string   `json:"contact,omitempty"`
	// Keys pins the party's signing keys: the SHA-256 of each in hexadecimal. Empty if the agreement pins none.
	Keys []string `json:"keys,omitempty"`
}

// Purpose is one agreed purpose. CompatibleWith names purposes of collection with which the parties have found it
// compatible (GDPR Art. 6(4)).
type Purpose struct {
	Code           string   `json:"code"`
	Description    string   `json:"description"`
	CompatibleWith []string `json:"compatible_with,omitempty"`
}

// Category is the agreed treatment of one data category: one of [Techniques], with its parameters.
type Category struct {
	Treatment string            `json:"treatment"`
	Params    map[string]string `json:"params,omitempty"`
}

// Partnership is a partnership for information sharing (Regulation (EU) 2024/1624, Art. 75): the days on which its supervisor
// was notified and had verified it.
type Partnership struct {
	Notified string `json:"supervisor_notified,omitempty"`
	Verified string `json:"supervisor_verified,omitempty"`
}

// Onward says whether the recipient may pass data on: prohibited or prior_authorisation. Under names the agreements, by
// id, under which it then may; together they must not lead in a circle.
type Onward struct {
	Default string   `json:"default"`
	Under   []string `json:"under,omitempty"`
}

// Special is the parties' condition of GDPR Art. 9(2), if special categories may be shared at all.
type Special struct {
	Allowed   bool   `json:"allowed"`
	Condition string `json:"condition,omitempty"`
}

// Offences is the parties' basis under GDPR Art. 10, if data on criminal offences may be shared at all.
type Offences struct {
	Allowed bool   `json:"allowed"`
	Basis   string `json:"basis,omitempty"`
}

// Pseudonymisation is the part of the pseudonymisation domain that the agreement fixes. Scope is transaction (the
// default), relationship or person. Epoch is a name such as "2026", or yearly, quarterly or monthly ([Agreement.EpochAt]).
type Pseudonymisation struct {
	Scope string `json:"scope,omitempty"`
	Epoch string `json:"epoch,omitempty"`
}

// Approval says who may approve, under which role, and when a transfer needs it: always, for special_categories, for
// criminal_offence_data, for data of foreign_origin, for an onward transfer, or never unless a rule asks.
type Approval struct {
	Role string        `json:"role"`
	When string        `json:"when"`
	Keys []ApprovalKey `json:"keys"`
}

// ApprovalKey is one key whose signature counts for a role. PublicKey is the base64 of an Ed25519 public key.
type ApprovalKey struct {
	Party     string `json:"party"`
	Holder    string `json:"holder"`
	PublicKey string `json:"public_key"`
}

// Entry names callers for an action: those for whom all that it says holds. Role is always said.
type Entry struct {
	Role       string            `json:"role"`
	Unit       string            `json:"unit,omitempty"`
	Party      string            `json:"party,omitempty"`
	Purposes   []string          `json:"purposes,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Signatory is a responsible person who signed the legal text for a party.
type Signatory struct {
	Party string `json:"party"`
	Name  string `json:"name"`
	Title string `json:"title"`
}

// Digest is "sha256:" and the hexadecimal SHA-256 of the canonical JSON (RFC 8785) of the document: layout and
// comments do not change it, every key and value does.
func (a *Agreement) Digest() string { return a.digest }

// Document is the canonical JSON (RFC 8785) that Digest is taken over. Treat it as read-only.
func (a *Agreement) Document() []byte { return a.document }

// TextDigest is the digest of what the parties agreed in words: number, title and text of each clause, and the digest of
// the legal text. How a clause is enforced is not part of it.
func (a *Agreement) TextDigest() string {
	words := make([][3]string, len(a.Clauses))
	for i, c := range a.Clauses {
		words[i] = [3]string{c.ID, c.Title, c.Text}
	}
	digest, _ := canonical.Digest(map[string]any{"clauses": words, "legal_text": a.LegalText.Digest}) // text only: cannot fail
	return digest
}

// Fault makes an error about a place of the document, given as a JSON Pointer.
func (a *Agreement) Fault(pointer, problem string) *Error {
	return &Error{File: a.file, Line: lineOf(a.lines, pointer), Pointer: pointer, Problem: problem}
}

// Party returns the party with the id.
func (a *Agreement) Party(id string) (Party, bool) {
	for _, p := range a.Parties {
		if p.ID == id {
			return p, true
		}
	}
	return Party{}, false
}

// Categories are the data categories that may leave, sorted: those whose treatment is not "drop".
func (a *Agreement) Categories() []string {
	var leaving []string
	for _, name := range slices.Sorted(maps.Keys(a.DataCategories)) {
		if a.DataCategories[name].Treatment != "drop" {
			leaving = append(leaving, name)
		}
	}
	return leaving
}

// PseudonymScope is the agreed scope of pseudonyms, "transaction" if the agreement is silent.
func (a *Agreement) PseudonymScope() string {
	if a.Pseudonymisation.Scope == "" {
		return "transaction"
	}
	return a.Pseudonymisation.Scope
}

// EpochAt is the epoch of pseudonyms that are made at t: the agreed one, or the UTC year, quarter or month of t if the agreement
// says yearly, quarterly or monthly ("2026", "2026-Q4", "2026-11").
func (a *Agreement) EpochAt(t time.Time) string {
	t = t.UTC()
	switch a.Pseudonymisation.Epoch {
	case "yearly":
		return t.Format("2006")
	case "quarterly":
		return fmt.Sprintf("%04d-Q%d", t.Year(), (int(t.Month())+2)/3)
	case "monthly":
		return t.Format("2006-01")
	}
	return a.Pseudonymisation.Epoch
}

// ActiveAt reports whether the agreement is in force at t: status active and the UTC day of t within its period, both
// ends included. A date that does not parse means not in force. Decisions do not use this: the rules decide.
func (a *Agreement) ActiveAt(t time.Time) bool {
	from, err1 := time.Parse(time.DateOnly, a.ValidFrom)
	until, err2 := time.Parse(time.DateOnly, a.ValidUntil)
	if err1 != nil || err2 != nil || a.Status != "active" {
		return false
	}
	return !t.Before(from) && t.Before(until.AddDate(0, 0, 1))
}

// StandingFacts are the facts that this version of the agreement establishes for a transfer from exporter to recipient
// (party ids): the branch "standing" of the input. Names and contacts of parties are not facts. The result is the
// caller's own. It fails with ErrNotParty.
func (a *Agreement) StandingFacts(exporter, recipient string) (map[string]any, error) {
	from, to := a.party[exporter], a.party[recipient]
	if from == nil {
		return nil, fmt.Errorf("exporter: %w", ErrNotParty)
	}
	if to == nil || exporter == recipient {
		return nil, fmt.Errorf("recipient: %w", ErrNotParty)
	}
	facts := map[string]any{
		"exporter": project(from, exporterFacts()), "recipient": project(to, recipientFacts()),
		"collected_for": a.CollectedFor, "agreement": a.terms(), "who_may": a.Named("send"),
	}
	put(facts, "lawful_basis", a.LawfulBasis[exporter])
	put(facts, "cac_mechanism", a.CACMechanism)
	if a.Undertaking != nil {
		facts["recipient_undertaking"] = *a.Undertaking
	}
	if a.Special.Allowed {
		put(facts, "art9_condition", a.Special.Condition)
	}
	if a.Offences.Allowed {
		put(facts, "art10_basis", a.Offences.Basis)
	}
	if a.Safeguard != nil {
		facts["safeguard"] = clone(a.Safeguard)
	}
	if a.TIA != nil {
		facts["tia"] = project(a.TIA, assessmentFacts())
	}
	if a.Data != nil {
		facts["data"] = clone(a.Data)
	}
	return facts, nil
}

func (a *Agreement) terms() map[string]any {
	codes, compatible := []any{}, map[string]any{}
	for _, p := range a.Purposes {
		codes = append(codes, p.Code)
		if len(p.CompatibleWith) > 0 {
			compatible[p.Code] = list(p.CompatibleWith)
		}
	}
	treatments := map[string]any{}
	for name, c := range a.DataCategories {
		params := map[string]any{}
		for k, v := range c.Params {
			params[k] = v
		}
		treatments[name] = map[string]any{"technique": c.Treatment, "params": params}
	}
	terms := map[string]any{
		"id": a.ID, "version": a.Version, "digest": a.digest, "rules": PackageName(a.ID),
		"active": a.Status == "active", "type": a.Instrument, "valid_from": a.ValidFrom, "valid_until": a.ValidUntil,
		"purposes": codes, "compatible_purposes": compatible, "data_categories": list(a.Categories()),
		"data_subjects": list(a.DataSubjects), "treatments": treatments, "retention_days": a.RetentionDays,
		"onward": a.Onward.Default, "derogations": list(a.Derogations), "approvals": a.approvalTerms(),
	}
	put(terms, "dpia_ref", a.DPIARef)
	if a.Partnership.Notified != "" {
		terms["partnership_verified"] = a.Partnership.Verified != ""
	}
	return terms
}

// approvalTerms are the roles and when each is needed. Keys are no facts: Go checks them.
func (a *Agreement) approvalTerms() []any {
	out := make([]any, len(a.Approvals))
	for i, p := range a.Approvals {
		out[i] = map[string]any{"role": p.Role, "when": p.When}
	}
	return out
}

// put sets a key unless the value is empty: an empty text is no fact.
func put(m map[string]any, key, value string) {
	if value != "" {
		m[key] = value
	}
}

func list(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

func project(m map[string]any, keys []string) map[string]any {
	out := map[string]any{}
	for _, k := range keys {
		if v, ok := m[k]; ok {
			out[k] = clone(v)
		}
	}
	return out
}

func clone[T any](v T) T {
	return deep(v).(T)
}

func deep(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = deep(e)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = deep(e)
		}
		return out
	}
	return v
}
