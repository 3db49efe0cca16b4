package stix

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/passavant/passavant/transfer/payload"
)

// maxObjects bounds a bundle, nested observables included.
const maxObjects = 100_000

// entry is one object of a bundle on its way.
type entry struct {
	index   int
	src     *node
	typ     string
	id      string // as it was, in small letters
	variant string
	indexed bool // found under its id: not an observable nested in observed-data
	parsed  *pattern
	out     *node // nil once it does not leave
	newID   string
	old     string // of a nested observable, what its id is made of
	naming  bool   // its id is being computed
}

// bundle is one bundle on its way through a plan.
type bundle struct {
	*Plan
	ps      payload.Pseudonymizer
	src     *node
	entries []*entry
	inner   []*entry          // observables within observed-data that leave
	byID    map[string]*entry // the first object with an id; others are versions of it
	sources map[*node]*entry  // the entry that a result belongs to
	ties    ties
	cache   map[treatedKey]treatedValue
	taken   map[string]string // small pseudonyms, and which value has them
	made    map[string]bool   // timestamps and what stands for values: no encoding of anything
	found   finder
	fixed   map[string]fixedMarking
	scratch []byte

	counts   []int64
	unlisted map[string]int64
	withheld map[payload.Withheld]int64
}

func (p *Plan) newBundle(root *node, ps payload.Pseudonymizer) (*bundle, error) {
	b := &bundle{
		Plan: p, ps: ps, src: root, byID: make(map[string]*entry), sources: make(map[*node]*entry),
		cache: make(map[treatedKey]treatedValue), taken: make(map[string]string), made: make(map[string]bool), fixed: fixedMarkings(),
		counts: make([]int64, len(p.fields)), unlisted: make(map[string]int64), withheld: make(map[payload.Withheld]int64),
	}
	objects, err := bundleObjects(root)
	if err != nil {
		return nil, err
	}
	for i, n := range objects {
		e, err := newEntry(i, n)
		if err != nil {
			return nil, err
		}
		b.entries = append(b.entries, e)
		if b.byID[e.id] == nil {
			b.byID[e.id] = e
		}
	}
	return b, b.parsePatterns()
}

// bundleObjects checks that a document is a bundle and returns its objects.
func bundleObjects(root *node) ([]*node, error) {
	refuse := func(msg string) ([]*node, error) { return nil, &ObjectError{Object: -1, Msg: msg} }
	switch {
	case root.kind != '{':
		return refuse("want an object as the whole document")
	case root.str("type") != "bundle":
		return refuse(`want "type": "bundle"`)
	case !isID(root.str("id"), "bundle"):
		return refuse("want an id: bundle-- and a UUID")
	}
	objects := root.get("objects")
	if objects == nil {
		return nil, nil
	}
	if objects.kind != '[' {
		return refuse("objects: want a list")
	}
	if len(objects.items) > maxObjects {
		return refuse("more than 100000 objects")
	}
	return objects.items, nil
}

func newEntry(i int, n *node) (*entry, error) {
	if n.kind != '{' {
		return nil, &ObjectError{Object: i, Msg: "want an object"}
	}
	e := &entry{index: i, src: n, typ: n.str("type"), id: strings.ToLower(n.str("id")), indexed: true}
	if !isTypeName(e.typ) {
		return nil, &ObjectError{Object: i, Member: "type", Msg: "want the name of a type"}
	}
	if e.typ == "bundle" {
		return nil, &ObjectError{Object: i, Member: "type", Msg: "a bundle within a bundle"}
	}
	if !isID(e.id, e.typ) {
		return nil, &ObjectError{Object: i, Member: "id", Msg: "want the type, -- and a UUID"}
	}
	return e, nil
}

// isTypeName follows section 2.7: small letters, digits and hyphens, 3 to 250 of them.
func isTypeName(text string) bool {
	for i := range len(text) {
		c := text[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9' || i == 0) && (c != '-' || i == 0) {
			return false
		}
	}
	return len(text) >= 3 && len(text) <= 250
}

// isID reports whether text is an identifier (section 2.9) of a type, or of any if typ is "".
func isID(text, typ string) bool {
	prefix, uuid, found := strings.Cut(text, "--")
	return found && (typ == "" || prefix == typ) && isTypeName(prefix) && isUUID(uuid)
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch i {
		case 8, 13, 18, 23:
			if text[i] != '-' {
				return false
			}
		default:
			if !isHex(text[i : i+1]) {
				return false
			}
		}
	}
	return true
}

// protect takes the steps from reading to naming.
func (b *bundle) protect() (*node, error) {
	b.tie()
	b.collect()
	for _, e := range b.entries {
		if err := b.transform(e); err != nil {
			return nil, err
		}
	}
	b.resolve()
	if err := b.name(); err != nil {
		return nil, err
	}
	return b.assemble()
}

// assemble puts what leaves into a bundle.
func (b *bundle) assemble() (*node, error) {
	id, err := b.keyedID("bundle", strings.ToLower(b.src.str("id")))
	if err != nil {
		return nil, err
	}
	out := &node{kind: '{', members: []member{{"type", textNode("bundle", nil)}, {"id", textNode(id, nil)}}}
	objects := &node{kind: '['}
	for _, e := range b.entries {
		if e.out != nil {
			b.selectors(e)
			objects.items = append(objects.items, e.out)
		}
	}
	if len(objects.items) > 0 {
		out.members = append(out.members, member{"objects", objects})
	}
	return out, nil
}

// drop takes an object out of the result and says why.
func (b *bundle) drop(e *entry, cause string) {
	e.out = nil
	typ := e.typ
	if b.layout.objects[typ].class == "" {
		typ = "?" // the name of a type may itself be personal
	}
	b.withheld[payload.Withheld{What: typ, Why: cause}]++
}

// Why an object does not leave, in reports.
const (
	causeForm       = "it is not what may stand there, or holds an identifier"
	causeUnlisted   = "the catalogue does not name its type"
	causeIncomplete = "a value that it requires may not leave"
	causeReference  = "an object that it refers to does not leave"
	causePattern    = "its pattern cannot be mapped"
	causeMarking    = "the text of a marking may not leave"
	causeKnown      = "its content is known to everybody"
)

// report adds up what was counted.
func (b *bundle) report(in, out int) *payload.Report {
	rep := &payload.Report{BytesIn: int64(in), BytesOut: int64(out)}
	for i := range b.fields {
		f := &b.fields[i]
		rep.Fields = append(rep.Fields, payload.FieldReport{
			Path: f.Path, Category: f.Category, Role: f.Role, Technique: f.treatment.Technique, Params: f.treatment.Params, Count: b.counts[i],
		})
		switch f.treatment.Technique {
		case payload.Keep:
			rep.Kept += b.counts[i]
		case payload.Drop:
			rep.Dropped += b.counts[i]
		default:
			rep.Transformed += b.counts[i]
		}
	}
	for _, beneath := range slices.Sorted(maps.Keys(b.unlisted)) {
		rep.Unlisted += b.unlisted[beneath]
		rep.UnlistedPaths = append(rep.UnlistedPaths, payload.UnlistedReport{Beneath: beneath, Count: b.unlisted[beneath]})
	}
	for w, n := range b.withheld {
		rep.Withheld = append(rep.Withheld, payload.Withheld{What: w.What, Why: w.Why, Count: n})
	}
	slices.SortFunc(rep.Withheld, func(a, b payload.Withheld) int { return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Why, b.Why)) })
	return rep
}
