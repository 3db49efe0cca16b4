package auditor

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/passavant/passavant/audit"
)

// Delayed is what a report to a data subject leaves out, for the eyes of the organisation only: telling it would undo the
// delay.
type Delayed struct {
	Record int64  `json:"record"`
	After  string `json:"disclose_after"`
}

// Subject draws up the notice to one person of the transfers that concern him (GDPR Art. 13(1)(e) and (f), 14, 15(1)(c) and (2)),
// found by tokens of his identifiers (transfer.SubjectToken). Transfers that may not be disclosed on the day are left out
// entirely and returned apart; the notice does not differ from one in which they had never been. So that it does not, it
// names no number of records and no root.
func (a *Auditor) Subject(party string, tokens []string, f Filter, today time.Time) (*Report, []Delayed, error) {
	report, err := a.newReport("subject", "Transfers of your personal data", "GDPR Art. 13(1)(e)-(f), 14(1)(e)-(f), 15(1)(c), 15(2)", party, f)
	if err != nil {
		return nil, nil, err
	}
	report.Records, report.Root = 0, ""
	all, err := a.disclosures(f)
	if err != nil {
		return nil, nil, err
	}
	index, err := a.Reader.IndexDetails()
	if err != nil {
		return nil, nil, err
	}
	var told []disclosure
	var delayed []Delayed
	for _, d := range all {
		concerns, err := a.concernsOneOf(index, d.record.Transfer, tokens)
		if err != nil {
			return nil, nil, err
		}
		after := d.record.Fields["disclose_after"]
		switch {
		case !concerns:
		case after > today.UTC().Format(time.DateOnly):
			delayed = append(delayed, Delayed{d.index, after})
		default:
			told = append(told, d)
		}
	}
	report.Sections = []Section{a.notice(told)}
	return report, delayed, nil
}

// concernsOneOf looks for a token in the details of a transfer. What was erased concerns nobody any more.
func (a *Auditor) concernsOneOf(index *audit.DetailIndex, id string, tokens []string) (bool, error) {
	raw, err := index.Details(id)
	if errors.Is(err, audit.ErrErased) || errors.Is(err, audit.ErrNoDetail) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, one := range raw {
		d, found, err := a.parseDetail(id, one)
		if err != nil {
			return false, err
		}
		if found && slices.ContainsFunc(tokens, func(t string) bool { return slices.Contains(d.Subjects, t) }) {
			return true, nil
		}
	}
	return false, nil
}

func (a *Auditor) notice(told []disclosure) Section {
	s := Section{
		Title: "Who received your data, why, and under which protection",
		Note:  "Names, account numbers and other identifiers left only in the form that the column on protection gives.",
		Columns: []string{"day", "recipient", "country", "purpose", "categories of data", "basis and safeguard of the transfer",
			"protection", "kept at most", "your copy of the safeguards"},
	}
	for _, d := range told {
		w := a.wordsOf(d.record)
		at, _, _ := strings.Cut(d.record.At, "T")
		s.Rows = append(s.Rows, Row{Records: []int64{d.index}, Cells: []string{
			at, w.recipient, d.record.RecipientCountry, w.purpose, strings.Join(d.record.Categories, ", "), strings.Join(d.record.Basis, ", "),
			protection(d.record), w.erasure, w.exporter,
		}})
	}
	return s
}

// protection counts how values left.
func protection(r audit.Record) string {
	if r.Manifest == nil {
		return ""
	}
	techniques := map[string]bool{}
	for _, item := range r.Manifest.Items {
		techniques[item.Technique] = true
	}
	var names []string
	for name := range techniques {
		names = append(names, name)
	}
	return joined(names)
}
