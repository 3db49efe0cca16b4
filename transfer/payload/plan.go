package payload

import (
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"sync"

	"github.com/passavant/passavant/internal/canonical"
)

// Pseudonymizer makes pseudonyms inside one pseudonymisation domain (agreement, recipient, purpose, scope, epoch).
//
// AppendPseudonym appends the pseudonym of value, 16 to 128 letters, digits and characters of "-_.:~", and nothing
// else. Equal values of a category must give equal pseudonyms, different ones different ones. value is only valid
// during the call.
type Pseudonymizer interface {
	AppendPseudonym(dst []byte, category string, value []byte) []byte
	KeyID() string
}

// ErrNoPseudonymizer is the condition that a plan pseudonymises and no [Pseudonymizer] was given.
var ErrNoPseudonymizer = errors.New("payload: the plan pseudonymises, and no pseudonymizer was given")

// ErrPseudonym is the condition that a [Pseudonymizer] returned something that is not a pseudonym.
var ErrPseudonym = errors.New("payload: the pseudonymizer returned something that is not a pseudonym")

// Plan is a catalogue joined with treatments. It is immutable and may be used by any number of goroutines.
type Plan struct {
	catalogue Catalogue
	fields    []planField
	root      *node
	places    []*node // by index
	report    []FieldReport
	keyed     bool // some field is pseudonymised
	shifts    bool // some date is shifted
	scrubs    bool // some text is scrubbed
	// techniques means that some field needs a technique of [Techniques].
	techniques bool
	seed       maphash.Seed
	digest     string
	rules      *rules
	walkers    sync.Pool // of *walker
	gates      sync.Pool // of *gate
}

// planField is a field with its treatment made ready.
type planField struct {
	*Field
	index int
	action
	kindSpec
	guarded    bool      // the gate searches for its original values
	of         subjectOf // of a date that is shifted
	identifies bool      // its value says whose some date is
}

// Compile joins a catalogue with the treatments of its data categories. A category without a treatment is dropped;
// treatments of categories that the catalogue does not have are checked for a known technique and otherwise ignored.
// A direct identifier leaves in clear only if its category is explicitly kept.
//
// The errors are [*CatalogueError] and [*TreatmentError], all of them joined.
func Compile(c *Catalogue, treatments map[string]Treatment) (*Plan, error) {
	if c.ReadAs() != FormatJSON {
		return nil, errFormat(c)
	}
	return compile(c, treatments)
}

func compile(c *Catalogue, treatments map[string]Treatment) (*Plan, error) {
	p := &Plan{catalogue: *c, seed: maphash.MakeSeed()}
	p.catalogue.Fields = slices.Clone(c.Fields)
	p.catalogue.Limits = c.Limits.orDefault()
	if faults := p.catalogue.validate(); len(faults) > 0 {
		return nil, asError("catalogue "+c.Type, faults, func(int) int { return 0 })
	}
	effective := make(map[string]Treatment)
	errs := p.checkOthers(treatments)
	for i := range p.catalogue.Fields {
		f := &p.catalogue.Fields[i]
		t := treatmentOf(f.Category, treatments)
		effective[f.Category] = t
		if err := p.addField(f, t); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	p.finish(effective)
	if errs := p.findSubjects(); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return p, nil
}

// checkOthers checks the treatments of categories that the catalogue does not have.
func (p *Plan) checkOthers(treatments map[string]Treatment) (errs []error) {
	own := p.catalogue.Categories()
	for _, category := range slices.Sorted(maps.Keys(treatments)) {
		t := treatments[category]
		if _, found := slices.BinarySearch(own, category); !found && !t.known() {
			errs = append(errs, &TreatmentError{category, t.unknown().Error()})
		}
	}
	return errs
}

// treatmentOf returns a copy of the treatment of a category; drop is the default.
func treatmentOf(category string, treatments map[string]Treatment) Treatment {
	t, ok := treatments[category]
	if !ok {
		return Treatment{Technique: Drop}
	}
	t.Params = maps.Clone(t.Params)
	return t
}

func (p *Plan) addField(f *Field, t Treatment) error {
	a, err := t.compile(f.Kind, &p.catalogue)
	if err != nil {
		return &TreatmentError{f.Category, fmt.Sprintf("%s: %v", f.Path, err)}
	}
	spec, _ := f.Kind.spec()
	p.fields = append(p.fields, planField{
		Field: f, index: len(p.fields), action: a, kindSpec: spec,
		guarded: f.Role == Direct && t.Technique != Keep,
	})
	p.techniques = p.techniques || a.keyed != nil || a.subject != ""
	p.scrubs = p.scrubs || t.Technique == Scrub
	p.keyed = p.keyed || t.Technique == Pseudonymize || p.techniques
	p.report = append(p.report, FieldReport{
		Path: f.Path, Category: f.Category, Role: f.Role, Technique: t.Technique, Params: t.Params,
	})
	return nil
}

func (p *Plan) finish(effective map[string]Treatment) {
	p.root, _ = buildTree(p.catalogue.Fields)
	count := p.root.seal(p.seed, func(i int) bool { return p.fields[i].technique != Drop }, 0)
	p.places = make([]*node, count)
	p.root.walk(func(n *node) { p.places[n.index] = n })
	digest, err := canonical.Digest(struct {
		Catalogue  string               `json:"catalogue"`
		Treatments map[string]Treatment `json:"treatments"`
	}{p.catalogue.Digest(), effective})
	if err != nil { // strings always encode
		panic(fmt.Sprintf("payload: digest of a plan: %v", err))
	}
	p.digest = digest
	p.rules = newRules(p)
	p.walkers.New = func() any { return newWalker(p) }
	p.gates.New = func() any { return newGate(p) }
}

// Digest returns "sha256:" and 64 hexadecimal digits over the canonical JSON (RFC 8785) of
// {"catalogue": its digest, "treatments": {category: treatment}}, with every category of the catalogue and no other.
func (p *Plan) Digest() string { return p.digest }

// Catalogue returns a copy of the catalogue, with its limits filled in.
func (p *Plan) Catalogue() *Catalogue {
	c := p.catalogue
	c.Fields = slices.Clone(c.Fields)
	return &c
}
