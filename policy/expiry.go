package policy

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"time"
)

// Expiry is a record of the reference data whose period ends.
type Expiry struct {
	Document string `json:"document"` // such as "adequacy"
	Record   string `json:"record"`   // its place in the document, such as "records/eu_gdpr_gb"
	Until    string `json:"until"`    // last day of validity, YYYY-MM-DD
}

// Expiring are the records of the reference data that are valid on the day of at and end within the given time, earliest
// first.
func (e *Engine) Expiring(at time.Time, within time.Duration) []Expiry {
	var out []Expiry
	for _, document := range slices.Sorted(maps.Keys(e.reference)) {
		expiries(e.reference[document], "", func(record, until string) {
			day, err := time.Parse(time.DateOnly, until)
			if err == nil && day.AddDate(0, 0, 1).After(at) && !day.After(at.Add(within)) {
				out = append(out, Expiry{Document: document, Record: record, Until: until})
			}
		})
	}
	slices.SortStableFunc(out, func(a, b Expiry) int { return cmp.Compare(a.Until, b.Until) })
	return out
}

func expiries(value any, at string, found func(record, until string)) {
	switch v := value.(type) {
	case map[string]any:
		if until, ok := v["valid_until"].(string); ok {
			found(at, until)
		}
		for _, key := range slices.Sorted(maps.Keys(v)) {
			expiries(v[key], path.Join(at, key), found)
		}
	case []any:
		for i, element := range v {
			expiries(element, path.Join(at, strconv.Itoa(i)), found)
		}
	}
}

// String is the expiry as a sentence.
func (x Expiry) String() string {
	return fmt.Sprintf("reference/%s: %s ends on %s", x.Document, x.Record, x.Until)
}
