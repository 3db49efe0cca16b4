package stix

import (
	"strconv"
	"strings"
)

// selectors makes the granular markings of a result: every selector leads to where the node that it selected in the
// source is now. A selector of what is gone goes, and so does an entry without selectors.
func (b *bundle) selectors(e *entry) {
	source := e.src.get("granular_markings")
	if source == nil || e.typ == "marking-definition" {
		return
	}
	moved := make(map[*node]string)
	locate(e.out, "", moved)
	result := &node{kind: '[', from: source}
	for _, marking := range source.items {
		if made := b.granular(marking, e.src, moved); made != nil {
			result.items = append(result.items, made)
		}
	}
	if result.empty() {
		e.out.remove("granular_markings")
		return
	}
	e.out.set("granular_markings", result)
}

// granular makes one entry; it returns nil if nothing is left that it could mark.
func (b *bundle) granular(marking, object *node, moved map[*node]string) *node {
	selectors := &node{kind: '['}
	if list := marking.get("selectors"); list != nil {
		for _, selector := range list.items {
			if to := moved[selected(object, selector.text)]; to != "" {
				selectors.items = append(selectors.items, textNode(to, selector))
			}
		}
	}
	out := &node{kind: '{', from: marking, members: []member{{"selectors", selectors}}}
	switch ref, lang := marking.str("marking_ref"), marking.str("lang"); {
	case selectors.empty():
		return nil
	case isID(ref, "marking-definition"):
		out.members = append(out.members, member{"marking_ref", textNode(ref, nil)})
	case b.layout.valid("language", "", lang):
		out.members = append(out.members, member{"lang", textNode(lang, nil)})
	default:
		return nil
	}
	return out
}

// selected returns what a selector (section 7.2.3.1) selects in an object, or nil.
func selected(object *node, selector string) *node {
	at := object
	for _, step := range strings.Split(selector, ".") {
		if strings.HasPrefix(step, "[") && strings.HasSuffix(step, "]") {
			i, err := strconv.Atoi(step[1 : len(step)-1])
			if err != nil || at == nil || at.kind != '[' || i < 0 || i >= len(at.items) {
				return nil
			}
			at = at.items[i]
			continue
		}
		if at = at.get(step); at == nil {
			return nil
		}
	}
	return at
}

// locate notes for every node of the source where what was made of it stands. A key that cannot be written in a selector hides
// what is beneath.
func locate(n *node, path string, moved map[*node]string) {
	if n.from != nil && path != "" && moved[n.from] == "" {
		moved[n.from] = path
	}
	for _, m := range n.members {
		if m.name == "granular_markings" && path == "" || !isSelectorStep(m.name) {
			continue
		}
		locate(m.value, strings.TrimPrefix(path+"."+m.name, "."), moved)
	}
	for i, it := range n.items {
		locate(it, path+".["+strconv.Itoa(i)+"]", moved)
	}
}

func isSelectorStep(name string) bool {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return name != "" && len(name) <= 250
}
