package audit

import (
	"cmp"
	"slices"
)

// doubts are the transfers that left an intent and no outcome yet, by the number of the intent.
type doubts map[string]int64

// apply takes one durable record into account.
func (d doubts) apply(index int64, typ Type, transfer string) {
	switch typ {
	case Intent:
		d[transfer] = index
	case Delivered, Failed, Reconciled:
		delete(d, transfer)
	}
}

// list returns the transfers in the order of their intents.
func (d doubts) list() []string {
	ids := make([]string, 0, len(d))
	for id := range d {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(d[a], d[b]) })
	return ids
}
