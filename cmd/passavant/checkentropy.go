package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer/payload"
)

// checkEntropy warns where a pseudonym that stays the same stands for one of few values: whoever sees it often enough learns
// from frequency and context which value it is, key or no key.
func (f *findings) checkEntropy(a *agreement.Agreement, catalogues []*payload.Catalogue) {
	if !a.StaysTheSame() {
		return
	}
	for _, category := range slices.Sorted(maps.Keys(a.DataCategories)) {
		technique := a.DataCategories[category].Treatment
		if technique != payload.Pseudonymize && technique != payload.Tokenize {
			continue
		}
		if why := fewValues(category, catalogues); why != "" {
			f.warn("agreement %s: %s has %s, and in scope %s its pseudonym stays the same: it can be guessed from how often it occurs; generalise, redact or drop it, or choose scope transaction",
				a.ID, category, why, a.PseudonymScope())
		}
	}
}

// fewValues says why the values of a category are few; it is empty if nothing is known.
func fewValues(category string, catalogues []*payload.Catalogue) string {
	if about, few := agreement.FewValues(category); few {
		return fmt.Sprintf("about %d values", about)
	}
	few := map[payload.Kind]string{
		payload.KindBoolean: "two values", payload.KindDate: "about 40000 values (dates)", payload.KindPostcode: "fewer than a million values (postcodes)",
	}
	for _, c := range catalogues {
		for _, kind := range kindsOf(c, category) {
			if why, found := few[kind]; found {
				return why
			}
		}
	}
	return ""
}
