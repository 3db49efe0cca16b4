package policy

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy/internal/schema"
)

// Facts are one question: may this go from Exporter to Recipient under Agreement at At?
//
// The three sources are kept apart. What the agreement says (standing facts) the engine takes from its own copy of the
// agreement. Claims are what the request asserts. Evidence is what the enforcement point verified itself. Keys and
// values are those of docs/facts.md; a null counts as absent, and absent means unknown, that is, not met. Facts hold
// shapes (countries, roles, categories, counts), never values of the payload.
type Facts struct {
	At        time.Time // truncated to the minute, UTC
	Agreement string    // id of the agreement
	Exporter  string    // party id
	Recipient string    // party id
	Claims    map[string]any
	Evidence  map[string]any
	// Prepared is more evidence, which many questions share. What Evidence holds too is taken from Evidence.
	Prepared *Prepared
}

// Prepared is evidence that was digested once, so that asking about it again costs little. It is immutable.
type Prepared struct {
	evidence map[string]any
	key      key
	keyed    bool
}

// Prepare copies evidence for [Facts.Prepared].
func Prepare(evidence map[string]any) *Prepared {
	p := &Prepared{evidence: compact(evidence)}
	var s scratch
	p.keyed = s.object(p.evidence)
	p.key = sha256.Sum256(s.buf)
	return p
}

// allEvidence is what the rules see as evidence.
func (f Facts) allEvidence() map[string]any {
	if f.Prepared == nil {
		return f.Evidence
	}
	all := maps.Clone(f.Prepared.evidence)
	maps.Copy(all, f.Evidence)
	return all
}

// Branches of the input.
const (
	branchStanding = "standing"
	branchClaims   = "claims"
	branchEvidence = "evidence"

	scopeAccess   = "access"
	scopeLaw      = "law"
	scopeTransfer = "transfer"
)

func instant(at time.Time) string {
	return at.UTC().Truncate(time.Minute).Format(time.RFC3339)
}

// input assembles the document that the rules see.
func input(scope, at string, standing, claims, evidence map[string]any) map[string]any {
	return map[string]any{
		"at": at, "scope": scope,
		branchStanding: compact(standing), branchClaims: compact(claims), branchEvidence: compact(evidence),
	}
}

// compact copies a document without its nulls: a null says that nothing is known, as an absent key does.
func compact(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		if v = compactValue(v); v != nil {
			out[k] = v
		}
	}
	return out
}

func compactValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return nil
		}
		return compact(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = compactValue(e)
		}
		return out
	}
	return v
}

var errFacts = errors.New("facts are not valid")

// encode validates the input and returns its canonical form: exactly the bytes that are evaluated, digested and stored.
func (e *Engine) encode(in map[string]any) ([]byte, error) {
	raw, err := canonical.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("%w: not expressible as JSON", errFacts)
	}
	doc, err := schema.Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: not JSON", errFacts)
	}
	faults := e.shape.Validate(doc)
	if in["scope"] != scopeLaw {
		for _, branch := range []string{branchClaims, branchEvidence} {
			faults = proseIn(faults, []string{branch}, in[branch])
		}
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%w: %s", errFacts, e.describe(faults))
	}
	return raw, nil
}

// maxCode is the length in bytes of the longest code.
const maxCode = 96

// isCode reports whether a text among claims and evidence is a code, a date or a citation. Facts are stored, and their
// digest is published in the log, so there must be no place in them for the name of a person.
func isCode(s string) bool {
	for _, c := range []byte(s) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && !('0' <= c && c <= '9') && !strings.ContainsRune("_.:()/+-", rune(c)) {
			return false
		}
	}
	return 0 < len(s) && len(s) <= maxCode
}

// proseIn adds a fault for every text beneath value that is not a code.
func proseIn(faults []schema.Fault, path []string, value any) []schema.Fault {
	switch v := value.(type) {
	case string:
		if !isCode(v) {
			faults = append(faults, schema.Fault{Path: path, Problem: "must be a code of at most 96 characters, without white space"})
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if !isCode(key) {
				faults = append(faults, schema.Fault{Path: path, Problem: "must have codes of at most 96 characters as keys, without white space"})
				continue
			}
			faults = proseIn(faults, append(path[:len(path):len(path)], key), v[key])
		}
	case []any:
		for i, e := range v {
			faults = proseIn(faults, append(path[:len(path):len(path)], strconv.Itoa(i)), e)
		}
	}
	return faults
}

// describe names places and known fact names only. A key that nobody knows may itself be personal data.
func (e *Engine) describe(faults []schema.Fault) string {
	var parts []string
	for _, f := range faults {
		text := e.place(f.Path) + " " + f.Problem
		if f.Key != "" {
			text += " " + e.nameIfKnown(f)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func (e *Engine) place(path []string) string {
	if len(path) == 0 {
		return "/"
	}
	out := "/" + path[0]
	for i := 1; i < len(path); i++ {
		if !e.shape.Knows(path[:i+1]) {
			return out + "/?"
		}
		out += "/" + path[i]
	}
	return out
}

// nameIfKnown shows a misplaced fact by its name and its home, and any other key as "?".
func (e *Engine) nameIfKnown(f schema.Fault) string {
	dotted := f.Key
	if len(f.Path) > 1 {
		dotted = strings.Join(append(append([]string{}, f.Path[1:]...), f.Key), ".")
	}
	if home, ok := e.home[dotted]; ok {
		return fmt.Sprintf("%s (its home is %s)", dotted, home)
	}
	return "?"
}

// split puts a flat document of facts into the branches, by the table of fact homes.
func (e *Engine) split(flat map[string]any) (map[string]map[string]any, error) {
	branches := map[string]map[string]any{branchStanding: {}, branchClaims: {}, branchEvidence: {}}
	for key, value := range flat {
		if key == "at" {
			continue
		}
		if home, ok := e.home[key]; ok {
			branches[home][key] = value
			continue
		}
		if err := e.splitNested(branches, key, value); err != nil {
			return nil, err
		}
	}
	return branches, nil
}

// splitNested places the members of a root whose facts have different homes, such as "data".
func (e *Engine) splitNested(branches map[string]map[string]any, root string, value any) error {
	members, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("%w: unknown fact", errFacts)
	}
	for key, member := range members {
		home, ok := e.home[root+"."+key]
		if !ok {
			return fmt.Errorf("%w: unknown fact", errFacts)
		}
		nested, ok := branches[home][root].(map[string]any)
		if !ok {
			nested = map[string]any{}
			branches[home][root] = nested
		}
		nested[key] = member
	}
	return nil
}
