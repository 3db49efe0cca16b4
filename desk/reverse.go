package desk

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/crypto/reidentify"
	"github.com/passavant/passavant/transfer/payload"
)

// MaxCandidates is how many candidates a one-way pseudonym is compared with.
const MaxCandidates = 1_000_000

// open opens the domain of the transfer, under the key and epoch that its record names.
func (t *attempt) open() (*reidentify.Reverser, error) {
	id, epoch, _ := strings.Cut(t.intent.Manifest.KeyID, "/")
	master, err := t.Keys.PseudonymizerByID(id)
	if err != nil {
		return nil, err
	}
	scope := t.request.Scope
	if scope == "" {
		if t.intent.AgreementDigest != t.agreement.Digest() {
			return nil, ErrScope
		}
		scope = t.agreement.PseudonymScope()
	}
	c := pseudonym.Context{
		Agreement: t.intent.Agreement, Recipient: t.intent.Recipient, Purpose: t.intent.Purpose, Scope: pseudonym.Scope(scope), Epoch: epoch,
	}
	if c.Scope == pseudonym.Transaction {
		c.ScopeID = t.intent.Transfer
	}
	return reidentify.Open(master, c)
}

// reverse leads the value back by its technique. proved is false where every value would have led somewhere.
func (t *attempt) reverse(r *reidentify.Reverser, candidates iter.Seq[[]byte]) (value []byte, proved bool, err error) {
	category, kind, text, params := t.field.Category, string(t.field.Kind), []byte(t.request.Value), t.item.Params
	switch t.item.Technique {
	case payload.Tokenize:
		value, err = r.Token(category, text)
		return value, true, err
	case payload.PreservePrefix:
		value, err = r.Address(category, text)
		return value, false, err
	case payload.PreserveFormat:
		if strings.HasPrefix(t.request.Value, pseudonym.Prefix) && params["otherwise"] == "pseudonymise" {
			value, err = r.Pseudonym(category, kind, text, limited(candidates))
			return value, true, err
		}
		format, keep := formatOf(params, t.field.Kind)
		value, err = r.Format(category, format, keep, text)
		return value, false, err
	case payload.SplitEmail:
		value, err = r.Email(category, params["domain"] == "keep", text, limited(candidates))
		return value, true, err
	case payload.Pseudonymize:
		value, err = r.Pseudonym(category, kind, text, limited(candidates))
		return value, true, err
	case payload.ShiftDate:
		value, err = t.unshift(r)
		return value, false, err
	}
	return nil, false, fmt.Errorf("%w: %s", ErrIrreversible, t.item.Technique)
}

// formatOf reads the parameters of preserve_format as package payload does.
func formatOf(params map[string]string, kind payload.Kind) (format string, keep int) {
	format = params["format"]
	if format == "" {
		format = string(kind)
	}
	if format == "iban" && params["keep"] == "bank" {
		return "iban-bank", 0
	}
	if format == "card" {
		keep, _ = strconv.Atoi(params["keep"])
	}
	return format, keep
}

// limited ends after MaxCandidates. Without candidates nothing is compared.
func limited(candidates iter.Seq[[]byte]) iter.Seq[[]byte] {
	if candidates == nil {
		return slices.Values([][]byte(nil))
	}
	return func(yield func([]byte) bool) {
		n := 0
		for c := range candidates {
			if n++; n > MaxCandidates || !yield(c) {
				return
			}
		}
	}
}

// unshift moves a date back by the days of the subject that the request names.
func (t *attempt) unshift(r *reidentify.Reverser) ([]byte, error) {
	if t.request.Subject == "" {
		return nil, fmt.Errorf(`%w: a shifted date needs the member "subject"`, ErrRequest)
	}
	window, err := strconv.Atoi(t.item.Params["days"])
	if err != nil {
		return nil, fmt.Errorf("%w: the record does not name the window", ErrTransfer)
	}
	text := t.request.Value
	if len(text) < len(time.DateOnly) {
		return nil, ErrNotFound
	}
	day, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)])
	if err != nil {
		return nil, ErrNotFound
	}
	days, err := r.Days(t.item.Params["subject"], t.subjectKind(), window, []byte(t.request.Subject))
	if err != nil {
		return nil, err
	}
	return append(day.AddDate(0, 0, -days).AppendFormat(nil, time.DateOnly), text[len(time.DateOnly):]...), nil
}

// subjectKind is the kind of the fields that identify subjects.
func (t *attempt) subjectKind() string {
	for _, c := range t.Catalogues {
		for _, f := range c.Fields {
			if c.Type == t.request.Type && f.Category == t.item.Params["subject"] {
				return string(f.Kind)
			}
		}
	}
	return ""
}
