package auditor

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy/agreement"
)

// disclosure is one transfer that left, or may have left: its intent, and what became of it.
type disclosure struct {
	index   int64
	record  audit.Record
	outcome string
}

// disclosures are the transfers of the party as exporter whose intent lies in the period. What failed for certain is left
// out: nothing arrived. What is in doubt is kept, since it may have.
func (a *Auditor) disclosures(f Filter) ([]disclosure, error) {
	profiles := a.profiles()
	if err := a.Err(); err != nil {
		return nil, err
	}
	f.Type = audit.Intent
	var all []disclosure
	for i, r := range a.Select(f) {
		if outcome := profiles[r.Transfer].outcome; outcome != Failed {
			all = append(all, disclosure{i, r, outcome})
		}
	}
	return all, a.Err()
}

// agreementOf reads the version of the agreement that decided, nil if its policy was not archived.
func (a *Auditor) agreementOf(r audit.Record) *agreement.Agreement {
	if a.Archives == nil {
		return nil
	}
	if a.agreements == nil {
		a.agreements = map[string]*agreement.Agreement{}
	}
	if known, read := a.agreements[r.AgreementDigest]; read {
		return known
	}
	var read *agreement.Agreement
	if archive, err := a.Archives(r.PolicyRevision); err == nil {
		var document agreement.Agreement
		if json.Unmarshal(archive.Agreement(r.Agreement), &document) == nil {
			read = &document
		}
	}
	a.agreements[r.AgreementDigest] = read
	return read
}

// grouped sorts disclosures into the rows of a register.
func grouped(all []disclosure, key func(disclosure) []string, row func(key []string, group []disclosure) []string) []Row {
	groups := map[string][]disclosure{}
	for _, d := range all {
		k := strings.Join(key(d), "\x00")
		groups[k] = append(groups[k], d)
	}
	var rows []Row
	for _, k := range slices.Sorted(maps.Keys(groups)) {
		group := groups[k]
		r := Row{Cells: row(strings.Split(k, "\x00"), group)}
		for _, d := range group {
			r.Records = append(r.Records, d.index)
		}
		rows = append(rows, r)
	}
	return rows
}

func count(group []disclosure) string { return strconv.Itoa(len(group)) }

func categories(group []disclosure) string {
	return joined(each(group, func(r audit.Record) []string { return r.Categories })...)
}

func subjects(group []disclosure) string {
	return joined(each(group, func(r audit.Record) []string { return strings.Split(r.Fields["subjects"], ",") })...)
}

func bases(group []disclosure) string {
	return joined(each(group, func(r audit.Record) []string { return r.Basis })...)
}

func each(group []disclosure, list func(audit.Record) []string) (all [][]string) {
	for _, d := range group {
		all = append(all, list(d.record))
	}
	return all
}

// role is how the exporter acts under an agreement; an agreement that cannot be read counts as a controller's, whose form
// asks for more.
func (a *Auditor) role(r audit.Record) string {
	if agreed := a.agreementOf(r); agreed != nil {
		if p, found := agreed.Party(r.Exporter); found && p.Role != "" {
			return p.Role
		}
	}
	return "controller"
}

// Art30 draws up the record of processing activities, as far as it concerns transfers: GDPR Art. 30(1)(a) to (g) for what the
// party does as a controller, Art. 30(2)(a) to (d) for what it does as a processor.
func (a *Auditor) Art30(party string, f Filter) (*Report, error) {
	report, err := a.newReport("art30", "Record of processing activities: transfers", "GDPR Art. 30(1) and (2)", party, f)
	if err != nil {
		return nil, err
	}
	all, err := a.disclosures(f)
	if err != nil {
		return nil, err
	}
	mine := slices.DeleteFunc(slices.Clone(all), func(d disclosure) bool { return a.role(d.record) == "processor" })
	others := slices.DeleteFunc(slices.Clone(all), func(d disclosure) bool { return a.role(d.record) != "processor" })
	report.Sections = []Section{a.controllerForm(mine), a.processorForm(others), blocked(a, f)}
	return report, a.Err()
}

func byAgreement(d disclosure) []string {
	return []string{d.record.Agreement, d.record.AgreementDigest, d.record.Purpose, d.record.Recipient, d.record.RecipientCountry}
}

func (a *Auditor) controllerForm(all []disclosure) Section {
	s := Section{
		Title: "As a controller, Art. 30(1)",
		Note:  "One line for each version of an agreement, purpose and recipient. Refused and failed transfers are not in it: nobody received anything.",
		Columns: []string{"agreement", "(a) controller, contact", "(b) purpose", "(c) data subjects", "(c) personal data", "(d) recipient",
			"(e) third country", "(e) basis and safeguards", "(f) erasure", "(g) security", "transfers"},
	}
	s.Rows = grouped(all, byAgreement, func(key []string, group []disclosure) []string {
		words := a.wordsOf(group[0].record)
		return []string{words.title, words.exporter, words.purpose, subjects(group), categories(group), words.recipient, key[4],
			bases(group), words.erasure, words.security, count(group)}
	})
	return s
}

func (a *Auditor) processorForm(all []disclosure) Section {
	s := Section{
		Title:   "As a processor, Art. 30(2)",
		Note:    "One line for each version of an agreement, purpose and recipient.",
		Columns: []string{"agreement", "(a) processor, contact", "(b) processing", "(c) recipient", "(c) third country", "(c) basis and safeguards", "(d) security", "transfers"},
	}
	s.Rows = grouped(all, byAgreement, func(key []string, group []disclosure) []string {
		words := a.wordsOf(group[0].record)
		return []string{words.title, words.exporter, words.purpose + ": " + categories(group), words.recipient, key[4], bases(group), words.security, count(group)}
	})
	return s
}

// blocked counts what was refused: no recipient got anything, and a register that kept silent would hide what was tried.
func blocked(a *Auditor, f Filter) Section {
	s := Section{
		Title: "Refused", Note: "Transfers that were asked for and did not happen, by the conditions that were missing.",
		Columns: []string{"recipient", "third country", "purpose", "missing or cause", "attempts"},
	}
	f.Type = audit.Refused
	var all []disclosure
	for i, r := range a.Select(f) {
		if r.Recipient != "" {
			all = append(all, disclosure{i, r, Refused})
		}
	}
	s.Rows = grouped(all, func(d disclosure) []string {
		return []string{d.record.Recipient, d.record.RecipientCountry, d.record.Purpose, cmp.Or(strings.Join(d.record.Missing, ", "), d.record.Cause)}
	}, func(key []string, group []disclosure) []string { return append(key, count(group)) })
	return s
}

// words are what an agreement says of itself; the codes of the record stand in where it cannot be read.
type words struct{ title, exporter, recipient, purpose, erasure, security string }

func (a *Auditor) wordsOf(r audit.Record) words {
	w := words{title: r.Agreement, exporter: r.Exporter, recipient: r.Recipient, purpose: r.Purpose}
	agreed := a.agreementOf(r)
	if agreed == nil {
		return w
	}
	w.title = agreed.Title + " (" + agreed.ID + ", version " + agreed.Version + ")"
	w.exporter, w.recipient = partyText(agreed, r.Exporter), partyText(agreed, r.Recipient)
	for _, p := range agreed.Purposes {
		if p.Code == r.Purpose {
			w.purpose = p.Code + ": " + p.Description
		}
	}
	if agreed.RetentionDays > 0 {
		w.erasure = strconv.Itoa(agreed.RetentionDays) + " days"
	}
	w.security = joined(agreed.Security, []string{"sealed to the recipient", "pseudonymised as agreed"})
	return w
}

func partyText(agreed *agreement.Agreement, id string) string {
	p, found := agreed.Party(id)
	if !found {
		return id
	}
	return strings.TrimSuffix(p.Name+", "+p.Contact, ", ")
}

// Transfers draws up the register of transfers to third countries and international organisations, and counts the uses of
// derogations (GDPR Art. 49, LED Art. 38): more than one under the same derogation to the same recipient is an alarm, since
// derogations are for exceptions.
func (a *Auditor) Transfers(party string, f Filter) (*Report, error) {
	report, err := a.newReport("transfers", "Register of transfers", "GDPR Art. 30(1)(e), 44 to 49; LED Art. 35 to 39", party, f)
	if err != nil {
		return nil, err
	}
	all, err := a.disclosures(f)
	if err != nil {
		return nil, err
	}
	report.Sections = []Section{byCountry(all), derogations(all), outcomes(all), blocked(a, f)}
	return report, a.Err()
}

func byCountry(all []disclosure) Section {
	s := Section{
		Title:   "Transfers by country and basis",
		Columns: []string{"country", "recipient", "agreement", "purpose", "basis", "personal data", "first", "last", "bytes", "transfers"},
	}
	s.Rows = grouped(all, func(d disclosure) []string {
		return []string{d.record.RecipientCountry, d.record.Recipient, d.record.Agreement, d.record.Purpose, strings.Join(d.record.Basis, ", ")}
	}, func(key []string, group []disclosure) []string {
		var bytes int64
		for _, d := range group {
			bytes += d.record.Bytes
		}
		return append(key, categories(group), group[0].record.At, group[len(group)-1].record.At, strconv.FormatInt(bytes, 10), count(group))
	})
	return s
}

// IsDerogation reports whether a basis is an exception: a derogation of GDPR Art. 49, its British twin, or LED Art. 38.
func IsDerogation(basis string) bool {
	return strings.HasPrefix(basis, "GDPR:49") || strings.HasPrefix(basis, "UKGDPR:49") || strings.HasPrefix(basis, "LED:38")
}

func derogations(all []disclosure) Section {
	s := Section{
		Title: "Derogations used", Note: "Derogations are for exceptions (GDPR Art. 49; EDPB Guidelines 2/2018). A line with more than one use is marked.",
		Columns: []string{"derogation", "recipient", "country", "purpose", "uses"},
	}
	var each []disclosure
	for _, d := range all {
		for _, basis := range d.record.Basis {
			if IsDerogation(basis) {
				one := d
				one.record.Basis = []string{basis}
				each = append(each, one)
			}
		}
	}
	s.Rows = grouped(each, func(d disclosure) []string {
		return []string{d.record.Basis[0], d.record.Recipient, d.record.RecipientCountry, d.record.Purpose}
	}, func(key []string, group []disclosure) []string { return append(key, count(group)) })
	for i := range s.Rows {
		s.Rows[i].Alarm = len(s.Rows[i].Records) > 1
	}
	return s
}

func outcomes(all []disclosure) Section {
	s := Section{
		Title: "What became of them", Note: "In doubt: the intent has no outcome, and the envelope may or may not have left ('passavant log reconcile').",
		Columns: []string{"outcome", "transfers"},
	}
	s.Rows = grouped(all, func(d disclosure) []string { return []string{d.outcome} },
		func(key []string, group []disclosure) []string { return append(key, count(group)) })
	for i, r := range s.Rows {
		s.Rows[i].Alarm = r.Cells[0] == InDoubt
	}
	return s
}
