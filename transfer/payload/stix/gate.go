package stix

import (
	"strconv"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// gate checks a result before it may leave. It reads the bytes with a scanner of its own and looks for what must not be
// in them: ids of the source, references that lead nowhere, original values in any written form.
func (b *bundle) gate(out []byte) error {
	g := &gate{bundle: b, scanner: scanner{text: out}, ids: make(map[string]bool)}
	for _, e := range b.entries {
		if e.typ != "marking-definition" && e.newID != e.id { // what says the same has the same id by the standard
			g.ids[e.id] = true
		}
	}
	g.defined, g.referred = make(map[string]bool), nil
	if err := g.scan(g.string); err != nil {
		return err
	}
	for _, id := range g.referred {
		if !g.defined[id] {
			return &payload.GateError{Pointer: "/objects/*", Msg: "a reference that leads to no object of the bundle"}
		}
	}
	return nil
}

type gate struct {
	*bundle
	scanner
	ids      map[string]bool // of the source
	defined  map[string]bool
	referred []string
}

// string is told every string and number of the result and where it stands: the name of its member, or of the list that it is in.
func (g *gate) string(place string, depth int, text string, isName bool) error {
	switch {
	case isName && g.structureName(text):
		return nil
	case !isName && g.own(text):
		return nil
	case !isName && isID(text, ""):
		return g.identifier(place, depth, text)
	case !isName && g.made[text]:
		if isStamp(text) || !g.found.plain([]byte(text), shortestLoose) {
			return nil
		}
	case !isName && isStamp(text), !g.found.findsIn(text):
		return nil
	}
	return &payload.LeakError{Pointer: "/objects/*/" + g.shownMember(place), Category: g.found.categories[g.found.hit]}
}

// shownMember is the name of a member if the standard or the catalogue has it.
func (g *gate) shownMember(name string) string {
	if g.structureName(name) {
		return name
	}
	return "?"
}

// structureName reports whether a name is one of the catalogue, the standard or a list index: nothing can hide in it.
func (g *gate) structureName(name string) bool {
	if g.layout.names[name] || isAlgorithm(name) {
		return true
	}
	_, err := strconv.Atoi(name)
	return err == nil && len(name) <= 6 || g.layout.valid("language", "", name)
}

// own reports whether a text comes from a table of this package.
func (g *gate) own(text string) bool { return g.layout.words[text] || g.layout.named[text] }

// isStamp reports whether a text is a timestamp as this package writes them.
func isStamp(text string) bool {
	if len(text) < len(noTime) || len(text) > len(noTime)+6 || text[4] != '-' || text[10] != 'T' {
		return false
	}
	for i := range len(text) {
		if c := text[i]; !isDigit(c) && strings.IndexByte("-T:.Z", c) < 0 {
			return false
		}
	}
	return true
}

// identifier checks an id of a result.
func (g *gate) identifier(place string, depth int, id string) error {
	typ := typeOfID(id)
	switch {
	case typ == "marking-definition" || typ == "extension-definition":
		return nil
	case g.ids[strings.ToLower(id)]:
		return &payload.GateError{Pointer: "/objects/*/" + g.shownMember(place), Msg: "an id of the source"}
	case place == "id" && depth == idDepth:
		g.defined[id] = true
	case place != "id":
		g.referred = append(g.referred, id)
	}
	return nil
}

const idDepth = 3 // bundle, list, object
