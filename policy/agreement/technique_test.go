package agreement_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy/agreement"
)

// withTreatment is an agreement whose currency has the treatment.
func withTreatment(t *testing.T, treatment string) error {
	t.Helper()
	valid := sample(t, "ie-jp-bank-fraud")
	text := strings.Replace(valid, "currency: {treatment: keep}", "currency: "+treatment, 1)
	require.Contains(t, text, "currency: "+treatment)
	_, err := agreement.Parse("agreement.yaml", []byte(text))
	return err
}

func TestTechniques(t *testing.T) {
	for _, good := range []string{
		`{treatment: keep}`, `{treatment: mask, params: {keep_last: "2"}}`, `{treatment: drop}`, `{treatment: redact}`,
		`{treatment: redact, params: {text: "[victim]"}}`, `{treatment: pseudonymise}`, `{treatment: tokenise}`,
		`{treatment: preserve_format}`, `{treatment: preserve_format, params: {keep: bank}}`,
		`{treatment: preserve_format, params: {format: card, keep: "6", otherwise: pseudonymise}}`,
		`{treatment: preserve_prefix}`, `{treatment: split_email, params: {domain: keep}}`,
		`{treatment: shift_date, params: {days: "30", subject: iban}}`,
		`{treatment: generalise, params: {to: hour}}`, `{treatment: generalise, params: {to: quarter, as: start}}`,
		`{treatment: generalise, params: {to: band, width: "1000"}}`, `{treatment: generalise, params: {to: band, bands: "0,10, 100"}}`,
		`{treatment: generalise, params: {to: round, width: "5"}}`, `{treatment: generalise, params: {to: cap, max: "90", min: "18"}}`,
		`{treatment: generalise, params: {to: geo, places: "2"}}`, `{treatment: generalise, params: {to: hierarchy, table: jobs, level: "2"}}`,
		`{treatment: generalise, params: {to: area}}`, `{treatment: generalise, params: {to: prefix, keep: "24", keep_v6: "48"}}`,
	} {
		assert.NoError(t, withTreatment(t, good), good)
	}
	for bad, want := range map[string]string{
		`{treatment: shred}`:                                                    "not one of the allowed values",
		`{treatment: tokenise, params: {keep: "1"}}`:                            `parameter "keep" does not belong`,
		`{treatment: mask, params: {keep_last: "9"}}`:                           `parameter "keep_last": want a number of 0 to 8`,
		`{treatment: mask, params: {keep_last: "02"}}`:                          `parameter "keep_last"`,
		`{treatment: shift_date, params: {days: "30"}}`:                         `shift_date needs the parameter "subject"`,
		`{treatment: shift_date, params: {subject: iban}}`:                      `shift_date needs the parameter "days"`,
		`{treatment: shift_date, params: {subject: iban, days: "0"}}`:           `parameter "days"`,
		`{treatment: shift_date, params: {subject: IBAN, days: "3"}}`:           `parameter "subject"`,
		`{treatment: split_email, params: {domain: hide}}`:                      `parameter "domain": want pseudonymise or keep`,
		`{treatment: preserve_format, params: {format: swift}}`:                 `parameter "format"`,
		`{treatment: preserve_format, params: {format: card, keep: bank}}`:      `parameter "keep"`,
		`{treatment: preserve_format, params: {format: digits, keep: "1"}}`:     `parameter "keep" does not belong`,
		`{treatment: redact, params: {text: ""}}`:                               `parameter "text"`,
		`{treatment: generalise}`:                                               `generalise needs the parameter "to"`,
		`{treatment: generalise, params: {to: band}}`:                           `want one of the parameters`,
		`{treatment: generalise, params: {to: band, width: "5", bands: "1,2"}}`: `want one of the parameters`,
		`{treatment: generalise, params: {to: band, bands: "2,1"}}`:             `parameter "bands"`,
		`{treatment: generalise, params: {to: round}}`:                          `needs the parameter "width"`,
		`{treatment: generalise, params: {to: cap}}`:                            `want the parameter "max"`,
		`{treatment: generalise, params: {to: cap, max: "5", min: "5"}}`:        `parameter "min"`,
		`{treatment: generalise, params: {to: geo}}`:                            `needs the parameter "places"`,
		`{treatment: generalise, params: {to: hierarchy, level: "1"}}`:          `needs the parameter "table"`,
		`{treatment: generalise, params: {to: year, width: "5"}}`:               `parameter "width" does not belong`,
		`{treatment: keep, params: {salt: "x"}}`:                                "unknown key",
	} {
		assert.ErrorContains(t, withTreatment(t, bad), want, bad)
	}
}

// TestHashesAreRefusedWithTheReason looks for the reason, not only for the refusal.
func TestHashesAreRefusedWithTheReason(t *testing.T) {
	for _, name := range []string{"sha256", "SHA-256", "md5", "hash", "salted-hash", "blake2b", "bcrypt", "message_digest"} {
		err := withTreatment(t, "{treatment: "+name+"}")
		require.ErrorContains(t, err, "a hash without a key is no pseudonym", name)
		require.ErrorContains(t, err, "/data_categories/currency/treatment", name)
	}
}

func TestEpochs(t *testing.T) {
	a := parse(t, sample(t, "ie-jp-bank-fraud"))
	at := time.Date(2026, 12, 31, 23, 30, 0, 0, time.FixedZone("", -3600)) // 2027 in UTC
	for epoch, want := range map[string]string{"": "", "2026-Q4": "2026-Q4", "yearly": "2027", "quarterly": "2027-Q1", "monthly": "2027-01"} {
		a.Pseudonymisation.Epoch = epoch
		assert.Equal(t, want, a.EpochAt(at), epoch)
	}
	a.Pseudonymisation.Epoch = "quarterly"
	for month, want := range map[time.Month]string{1: "2026-Q1", 3: "2026-Q1", 4: "2026-Q2", 9: "2026-Q3", 10: "2026-Q4", 12: "2026-Q4"} {
		assert.Equal(t, want, a.EpochAt(time.Date(2026, month, 1, 0, 0, 0, 0, time.UTC)))
	}
}
