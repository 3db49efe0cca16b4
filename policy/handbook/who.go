package handbook

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy/agreement"
)

// who says for each action who may do it, and for each approval who gives it.
func who(a *agreement.Agreement) []string {
	var out []string
	for _, action := range []string{"send", "approve", "read_log", "open_detail", "reidentify"} {
		entries, said := a.WhoMay[action]
		text := strings.ReplaceAll(action, "_", " ") + ": "
		switch {
		case !said && (action == "open_detail" || action == "reidentify"):
			text += "nobody, unless the rules of the house open it"
		case !said:
			text += "not said here; whom the program lets in, unless the rules of the house say more"
		case len(entries) == 0:
			text += "nobody"
		default:
			text += strings.Join(named(entries), "; or ")
		}
		out = append(out, text)
	}
	for _, p := range a.Approvals {
		var holders []string
		for _, k := range p.Keys {
			holders = append(holders, k.Holder+" ("+k.Party+")")
		}
		out = append(out, fmt.Sprintf("approval as %s, %s: %s", p.Role, occasion(p.When), strings.Join(holders, ", ")))
	}
	return out
}

// occasion puts into words when an approval is needed.
func occasion(when string) string {
	return map[string]string{
		"always": "for every transfer", "special_categories": "for special categories of data", "criminal_offence_data": "for data on criminal offences",
		"foreign_origin": "for data from another State", "onward": "for passing data on", "never": "where a rule asks for it",
	}[when]
}

func named(entries []agreement.Entry) []string {
	out := make([]string, len(entries))
	for i, e := range entries {
		text := e.Role
		if e.Unit != "" {
			text += " of unit " + e.Unit
		}
		if e.Party != "" {
			text += " at " + e.Party
		}
		if len(e.Purposes) > 0 {
			text += " for " + strings.Join(e.Purposes, ", ")
		}
		for _, name := range slices.Sorted(maps.Keys(e.Attributes)) {
			text += " with " + name + " " + e.Attributes[name]
		}
		out[i] = text
	}
	return out
}
