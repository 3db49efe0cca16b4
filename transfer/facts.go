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
	return facts(e, p, dataFacts(e, cat, req.Agreement), exporter, req, at)
}

func facts(e *policy.Engine, p Partners, data map[string]any, exporter string, req Request, at time.Time) policy.Facts {
	_, err := p.Partner(req.Recipient)
	f := policy.Facts{
		At: at, Agreement: req.Agreement, Exporter: exporter, Recipient: req.Recipient,
		Claims:   req.claims(),
		Evidence: map[string]any{"data": data, "recipient_key_pinned": err == nil},
	}
	if len(req.Approvals) > 0 {
		f, _ = WithApprovals(e, f, req.Approvals) // what does not count is no evidence, and the decision says what is missing
	}
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
	subjects string                    // comma-separated, for records; "" if they would not fit
	facts    map[string]map[string]any // by agreement; read-only
}

func newCatalogued(e *policy.Engine, cat *payload.Catalogue) *catalogued {
	c := &catalogued{Catalogue: cat, digest: cat.Digest(), facts: make(map[string]map[string]any)}
	if subjects := strings.Join(cat.Subjects(), ","); len(subjects) <= maxFieldBytes {
		c.subjects = subjects
	}
	for _, a := range e.Agreements() {
		c.facts[a.ID] = dataFacts(e, cat, a.ID)
	}
	return c
}

// dataFacts returns the evidence on the payload under an agreement, which the engine may not hold.
func (c *catalogued) dataFacts(e *policy.Engine, agreement string) map[string]any {
	if data := c.facts[agreement]; data != nil {
		return data
	}
	return dataFacts(e, c.Catalogue, agreement)
}
