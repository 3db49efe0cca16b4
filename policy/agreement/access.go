package agreement

import "fmt"

// Named is the fact "who_may" for one action: what this agreement says of who may, or an empty list if it says nothing
// (docs/callers.md). The result is the caller's own.
func (a *Agreement) Named(action string) []any {
	entries, said := a.WhoMay[action]
	if !said {
		return []any{}
	}
	named := make([]any, len(entries))
	for i, e := range entries {
		named[i] = e.fact()
	}
	return []any{map[string]any{"agreement": a.ID, "entries": named}}
}

func (e Entry) fact() map[string]any {
	fact := map[string]any{"role": e.Role}
	put(fact, "unit", e.Unit)
	put(fact, "party", e.Party)
	if e.Purposes != nil {
		fact["purposes"] = list(e.Purposes)
	}
	if e.Attributes != nil {
		attributes := make(map[string]any, len(e.Attributes))
		for name, value := range e.Attributes {
			attributes[name] = value
		}
		fact["attributes"] = attributes
	}
	return fact
}

// ActingFacts are the standing facts about a party that does something other than export, such as reading its log. It
// fails with ErrNotParty.
func (a *Agreement) ActingFacts(party string) (map[string]any, error) {
	p := a.party[party]
	if p == nil {
		return nil, fmt.Errorf("party: %w", ErrNotParty)
	}
	codes := make([]string, len(a.Purposes))
	for i, purpose := range a.Purposes {
		codes[i] = purpose.Code
	}
	return map[string]any{
		"exporter":  project(p, exporterFacts()),
		"agreement": map[string]any{"id": a.ID, "version": a.Version, "digest": a.digest, "purposes": list(codes)},
	}, nil
}

func (a *Agreement) checkWhoMay(fault func(pointer, problem string)) {
	for action, entries := range a.WhoMay {
		for i, e := range entries {
			if _, ok := a.Party(e.Party); e.Party != "" && !ok {
				fault(fmt.Sprintf("/who_may/%s/%d/party", action, i), "not a party to the agreement")
			}
		}
	}
}
