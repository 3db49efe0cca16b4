package main

import (
	"iter"
	"maps"
	"slices"
	"strings"
)

// paramText prints parameters in a fixed order: " (days=90, to=month)".
func paramText(params map[string]string) string {
	if len(params) == 0 {
		return ""
	}
	parts := make([]string, 0, len(params))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		parts = append(parts, name+"="+params[name])
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// sorted yields a map's entries in the order of its keys.
func sorted(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !yield(key, m[key]) {
				return
			}
		}
	}
}

// listOr joins a list, or says that it is empty.
func listOr(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}
