package transfer

import (
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

// Facts takes step 1: it puts together what a decision on a request is made of, what the request claims and what this
// package verified, in their own branches. The standing facts of the agreement are the engine's own; nobody can hand
// them in.
func Facts(e *policy.Engine, p Partners, cat *payload.Catalogue, exporter string, req Request, at time.Time) policy.Facts {
	f := facts(p, exporter, req.labelled(cat.ReadAs()), at)
	f.Evidence["data"] = dataFacts(e, cat, req.Agreement)
	if len(req.Approvals) > 0 {
		f, _ = WithApprovals(e, f, req.Approvals, req.document) // what does not count is no evidence, and the decision says what is missing
	}
	return f
}

// ApprovalProblems says of each approval shown with a request that does not count, why: a decision only says what is missing.
func ApprovalProblems(e *policy.Engine, p Partners, cat *payload.Catalogue, exporter string, req Request, at time.Time) []error {
	f := facts(p, exporter, req.labelled(cat.ReadAs()), at)
	f.Evidence["data"] = dataFacts(e, cat, req.Agreement)
	_, problems := WithApprovals(e, f, req.Approvals, req.document)
	return problems
}

// facts are the facts of a request but for those on its data and its approvals.
func facts(p Partners, exporter string, req Request, at time.Time) policy.Facts {
	_, err := p.Partner(req.Recipient)
	f := policy.Facts{
		At: at, Agreement: req.Agreement, Exporter: exporter, Recipient: req.Recipient,
		Claims:   req.claims(),
		Evidence: map[string]any{"recipient_key_pinned": err == nil},
	}
	if caller := req.Caller.Facts(); caller != nil {
		f.Evidence["caller"] = caller
	}
	req.Labels.into(f.Evidence)
	return f
}

// facts are those of [Facts], with what all transfers of this type have in common prepared.
func (s *Sender) facts(cat *catalogued, req Request, at time.Time) policy.Facts {
	prepared := cat.prepared[req.Agreement]
	if prepared == nil || len(req.Approvals) > 0 {
		return Facts(s.Engine, s.Partners, cat.Catalogue, s.Keys.Party(), req, at)
	}
	f := facts(s.Partners, s.Keys.Party(), req.labelled(cat.ReadAs()), at)
	f.Prepared = prepared
	return f
}

// dataFacts are read from the catalogue, by which the payload will be cut; they are not what anybody says of it.
func dataFacts(e *policy.Engine, cat *payload.Catalogue, agreement string) map[string]any {
	categories := cat.Categories()
	leaving := categories
	if a, found := e.Agreement(agreement); found {
		agreed := a.Categories()
		leaving = slices.DeleteFunc(slices.Clone(categories), func(c string) bool { return !slices.Contains(agreed, c) })
	}
	return map[string]any{
		"categories":            texts(leaving),
		"catalogue_categories":  texts(categories),
		"roles":                 roles(cat),
		"special_categories":    texts(cat.SpecialCategories()),
		"criminal_offence_data": cat.HasCriminalOffenceData(),
		"subjects":              texts(cat.Subjects()),
	}
}

// roles gives each category the role of its most identifying field.
func roles(cat *payload.Catalogue) map[string]any {
	byCategory := make(map[string]any)
	for category, role := range cat.Roles() {
		byCategory[category] = string(role)
	}
	return byCategory
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// catalogued is a catalogue with what a Sender would otherwise compute again for each transfer.
type catalogued struct {
	*payload.Catalogue
	digest   string
	subjects string                      // comma-separated, for records; "" if they would not fit
	prepared map[string]*policy.Prepared // the evidence on the data, by agreement
}

func newCatalogued(e *policy.Engine, cat *payload.Catalogue) *catalogued {
	c := &catalogued{Catalogue: cat, digest: cat.Digest(), prepared: make(map[string]*policy.Prepared)}
	if subjects := strings.Join(cat.Subjects(), ","); len(subjects) <= maxFieldBytes {
		c.subjects = subjects
	}
	for _, a := range e.Agreements() {
		c.prepared[a.ID] = policy.Prepare(map[string]any{"data": dataFacts(e, cat, a.ID)})
	}
	return c
}
