package auditor

import (
	"strings"

	"github.com/passavant/passavant/audit"
)

// Led25 draws up the logs of processing operations that the Law Enforcement Directive asks for: disclosures with transfers,
// consultations, erasures and re-identifications (Art. 25(1)), and the categories of processing as far as they are transfers (Art. 24).
// Who acted and why is sealed in the log: the column names the record that 'passavant log open' opens.
func (a *Auditor) Led25(party string, f Filter) (*Report, error) {
	report, err := a.newReport("led25", "Logs of processing operations", "Directive (EU) 2016/680, Art. 24 and 25", party, f)
	if err != nil {
		return nil, err
	}
	all, err := a.disclosures(f)
	if err != nil {
		return nil, err
	}
	report.Sections = []Section{
		a.led24(all), ledDisclosures(all),
		a.operations(f, "Consultations, Art. 25(1)", audit.LogAccess, "what", "reading"),
		a.operations(f, "Re-identifications", audit.Reidentified, "what", "scope"),
		a.operations(f, "Erasures, Art. 25(1)", audit.Erased, "what", "scope"),
	}
	return report, a.Err()
}

func (a *Auditor) led24(all []disclosure) Section {
	s := Section{
		Title:   "Categories of processing, Art. 24(1)",
		Columns: []string{"(a) authority, contact", "(b) purpose", "(c) recipients", "(d) data subjects", "(d) personal data", "(f) transfers to", "(g) legal basis", "(h) erasure", "(i) security", "transfers"},
	}
	s.Rows = grouped(all, byAgreement, func(key []string, group []disclosure) []string {
		w := a.wordsOf(group[0].record)
		return []string{w.exporter, w.purpose, w.recipient, subjects(group), categories(group), key[4], bases(group), w.erasure, w.security, count(group)}
	})
	return s
}

func ledDisclosures(all []disclosure) Section {
	s := Section{
		Title: "Disclosures including transfers, Art. 25(1); Art. 37(3), 38(3), 39(4)",
		Note:  "Actor and justification are committed to and sealed. Open them with 'passavant log open RECORD --field person/actor --field person/justification'.",
		Columns: []string{"date and time", "recipient", "country", "purpose", "basis", "personal data", "outcome",
			"actor and justification"},
	}
	for _, d := range all {
		sealed := "not stated"
		if d.record.Commitments["fields.person"] != "" {
			sealed = "sealed"
		}
		s.Rows = append(s.Rows, Row{Records: []int64{d.index}, Alarm: sealed != "sealed", Cells: []string{
			d.record.At, d.record.Recipient, d.record.RecipientCountry, d.record.Purpose, strings.Join(d.record.Basis, ", "),
			strings.Join(d.record.Categories, ", "), d.outcome, sealed,
		}})
	}
	return s
}

// operations lists the records of one type.
func (a *Auditor) operations(f Filter, title string, t audit.Type, column, code string) Section {
	s := Section{Title: title, Columns: []string{"date and time", column, "concerning", "purpose", "answer"}}
	f.Type = t
	for i, r := range a.Select(f) {
		answer := "permitted"
		if r.Cause != "" {
			answer = "refused: " + joined(r.Missing, []string{r.Cause})
		}
		concerning := r.Agreement
		if n := r.Fields["record"]; n != "" {
			concerning = strings.TrimSpace(concerning + " record " + n + " " + r.Fields["fields"])
		}
		s.Rows = append(s.Rows, Row{Records: []int64{i}, Alarm: r.Cause != "", Cells: []string{r.At, r.Fields[code], concerning, r.Purpose, answer}})
	}
	return s
}
