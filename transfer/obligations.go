package transfer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/payload"
)

// discharge is the way in which an obligation is met.
type discharge int

const (
	// applied: the steps of Send meet it, and the record shows it.
	applied discharge = iota + 1
	// travels: it binds the recipient and goes into the header; the recipient refuses what it cannot honour.
	travels
	// recorded: a duty of the exporter's organisation outside of this program. It is recorded as open.
	recorded
)

// discharges returns every obligation that this package can discharge. A policy that imposes another one does not load
// ([policy.Options.KnownObligations]), and if it did, the transfer would fail.
func discharges() map[string]discharge {
	return map[string]discharge{
		// Met by minimisation, the manifest and the record.
		pseudonymizeIdentifiers: applied, // GDPR Art. 25(1), 32(1)(a)
		"record_art30":          applied, // GDPR Art. 30(1)(d)(e): the record is the entry
		recordRequest:           applied,
		logConsultation:         applied, // LED Art. 25(1)

		// Bind the recipient.
		"delete_after":              travels,
		"delete_or_return":          travels,
		"no_onward_transfer":        travels,
		"bind_onward_authorisation": travels,
		"purpose_limit":             travels,
		"use_limit":                 travels,
		"notify_breach":             travels,
		"strict_need_to_know":       travels,
		"preserve_marking":          travels,

		// Duties of the exporter's organisation.
		"inform_data_subjects":         recorded, // GDPR Art. 13(1)(f), 14(1)(f)
		"make_safeguards_available":    recorded, // GDPR Art. 13(1)(f), 15(2)
		"document_tia":                 recorded,
		"check_dpf_status":             recorded,
		"inform_sa_49":                 recorded, // GDPR Art. 49(1) second subparagraph
		"inform_ds_49":                 recorded,
		"document_49_6":                recorded,
		"led_document":                 recorded,
		"led_inform_sa":                recorded,
		"led_inform_authorising_state": recorded,
		"led_inform_foreign_authority": recorded,
		"led_inform_recipient_purpose": recorded,
		"suspend_on_change":            recorded, // SCC clause 14(f): the exporter suspends
		"notify_conditions_9_3":        recorded,
		"mark_subject_category":        recorded,
		"verify_quality":               recorded,
	}
}

// KnownObligations returns the codes of all obligations that [Sender] can discharge, sorted; give them to
// [policy.LoadWith], so that a policy which imposes another one does not load.
func KnownObligations() []string { return slices.Sorted(maps.Keys(discharges())) }

// HonouredObligations returns the codes of the obligations that a [Receiver] takes on if it is not told otherwise.
func HonouredObligations() []string {
	var codes []string
	for code, how := range discharges() {
		if how == travels {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// DischargedBy says in words who meets an obligation: the record itself, the recipient, or the exporter's organisation.
func DischargedBy(o policy.Obligation) string {
	switch how := discharges()[o.Code]; {
	case o.Travels:
		return "binds the recipient"
	case how == applied:
		return "met by this transfer and its record"
	case how == recorded:
		return "your organisation's to do"
	}
	return "nobody's: the transfer fails"
}

// sortObligations splits what a decision imposes into the duties that travel and the duties to record.
func sortObligations(known map[string]discharge, decided []policy.Obligation, created time.Time) (travelling []Duty, record []audit.Duty, err error) {
	travelling, record = []Duty{}, make([]audit.Duty, 0, len(decided))
	for _, o := range decided {
		how, found := known[o.Code]
		if !found {
			return nil, nil, fmt.Errorf("%w: %q", ErrObligation, o.Code)
		}
		duty := Duty{Code: o.Code, Params: o.Params}
		if o.Travels {
			travelling = append(travelling, duty)
		}
		deadline, err := duty.deadline(created)
		if err != nil {
			return nil, nil, err
		}
		record = append(record, audit.Duty{Code: o.Code, Deadline: deadline, Discharged: how == applied})
	}
	return travelling, record, nil
}

// deadline returns the day, as RFC 3339 full-date, on which a duty with a number of days falls due; "" without one.
func (d Duty) deadline(created time.Time) (string, error) {
	text, bounded := d.Params["days"]
	if !bounded {
		return "", nil
	}
	days, err := strconv.Atoi(text)
	if err != nil || days < 0 || days > maxDutyDays {
		return "", fmt.Errorf("%w: %q has no usable number of days", ErrObligation, d.Code)
	}
	return created.AddDate(0, 0, days).Format(time.DateOnly), nil
}

// maxDutyDays is a hundred years.
const maxDutyDays = 36525

// checkApplied verifies that what the record will call discharged is.
func checkApplied(decided []policy.Obligation, req Request, report *payload.Report) error {
	for _, o := range decided {
		switch o.Code {
		case pseudonymizeIdentifiers:
			for _, f := range report.Fields {
				if f.Role == payload.Direct && f.Technique == payload.Keep && f.Count > 0 {
					return fmt.Errorf("%w: %q, but %s would be kept", ErrObligation, o.Code, f.Path)
				}
			}
		case logConsultation, recordRequest:
			if req.Actor == "" || req.Justification == "" {
				return fmt.Errorf("%w: %q needs the request's actor and justification", ErrObligation, o.Code)
			}
		}
	}
	return nil
}

const (
	pseudonymizeIdentifiers = "pseudonymise_identifiers"
	logConsultation         = "led_log_25"
	recordRequest           = "record_request"
)
