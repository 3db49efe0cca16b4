package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/policy/internal/opa"
	"github.com/passavant/passavant/policy/internal/schema"
	regolib "github.com/passavant/passavant/rego"
)

// Options configure LoadWith. The zero value is usable.
type Options struct {
	// FS are the user's trees: agreements/<id>/agreement.yaml with an optional rules.rego beside it (package
	// passavant.agreements.<id with _ for ->), and optional reference/<name>.json or .yaml that replaces the reference
	// data of that name. Later trees win for reference data; an agreement may appear only once.
	FS []fs.FS
	// Timeout bounds each evaluation. The default, 2 s, is a thousand times what one takes: it ends what never would, and
	// refuses nothing because a machine is busy.
	Timeout time.Duration
	// CacheEntries bounds the decision cache. Default 4096; negative for none.
	CacheEntries int
	// KnownObligations are the codes that the embedding program can discharge. An obligation that some rule can require and
	// that is not among them refuses at load. Nil stands for BuiltinObligations.
	KnownObligations []string
	// Signers verify the signatures of agreements, agreements/<id>/signatures/<party>.json. Nil: none can be verified.
	Signers Signers
	// Signatures says whether unsigned agreements may decide.
	Signatures SignatureRule
}

// Load compiles the embedded library with the user's trees. Errors name file and line or place.
func Load(ctx context.Context, fsys ...fs.FS) (*Engine, error) {
	return LoadWith(ctx, Options{FS: fsys})
}

// LoadWith is Load with options.
func LoadWith(ctx context.Context, opts Options) (*Engine, error) {
	return load(ctx, opts, false)
}

func load(ctx context.Context, opts Options, plain bool) (*Engine, error) {
	lib, err := readLibrary(opts.FS, false)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	compiled, err := opa.Compile(ctx, opa.Source{
		Modules: lib.modules, Data: lib.data(), Schemas: lib.schemas, Plain: plain,
	})
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return newEngine(ctx, lib, compiled, opts)
}

func readLibrary(trees []fs.FS, withTests bool) (*library, error) {
	parser, err := agreement.NewParser()
	if err != nil {
		return nil, err
	}
	lib := newLibrary()
	lib.parser, lib.withTests = parser, withTests
	if err := lib.readEmbedded(); err != nil {
		return nil, fmt.Errorf("embedded library: %w", err)
	}
	for _, tree := range trees {
		if err := lib.readUser(tree); err != nil {
			return nil, err
		}
	}
	if err := lib.checkReference(); err != nil {
		return nil, err
	}
	return lib, errors.Join(lib.checkCategories(), lib.checkOnward())
}

// library is everything that is loaded, before it is compiled.
type library struct {
	withTests  bool
	parser     *agreement.Parser
	modules    map[string]string
	reference  map[string]any
	schemas    map[string][]byte
	agreements map[string]*agreement.Agreement
	digests    map[string]string // path to digest, for the revision
	ownRules   map[string]string // agreement to the digest of its rules.rego
	signatures map[string][]agreement.Signature
}

func newLibrary() *library {
	return &library{
		modules: map[string]string{}, reference: map[string]any{}, schemas: map[string][]byte{},
		agreements: map[string]*agreement.Agreement{}, digests: map[string]string{},
		ownRules: map[string]string{}, signatures: map[string][]agreement.Signature{},
	}
}

func (l *library) readEmbedded() error {
	return fs.WalkDir(regolib.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isTest(name) && !l.withTests {
			return err
		}
		content, err := fs.ReadFile(regolib.FS, name)
		if err != nil {
			return err
		}
		return l.addEmbedded(name, content)
	})
}

func (l *library) addEmbedded(name string, content []byte) error {
	base := strings.TrimSuffix(path.Base(name), ".json")
	switch {
	case path.Ext(name) == ".rego":
		l.modules["rego/"+name] = string(content)
		l.digests["rego/"+name] = canonical.DigestBytes(content)
		return l.checkPackage("rego/"+name, "passavant."+strings.ReplaceAll(path.Dir(name), "/", "."))
	case path.Dir(name) == "schemas" && path.Ext(name) == ".json":
		l.schemas[base] = content
		l.digests["rego/"+name] = canonical.DigestBytes(content)
	case path.Dir(name) == "reference" && path.Ext(name) == ".json":
		return l.addReference(name, content)
	}
	return nil
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.rego") }

// checkPackage holds the rule that the package is the folder, with "_test" for tests.
func (l *library) checkPackage(name, want string) error {
	got, err := opa.PackageOf(name, l.modules[name])
	if err != nil {
		return err
	}
	if isTest(name) {
		want += "_test"
	}
	if got != want {
		return fmt.Errorf("%s:1: package must be %s", name, want)
	}
	return nil
}

func (l *library) readUser(tree fs.FS) error {
	var errs []error
	dirs, err := fs.Glob(tree, "agreements/*")
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if info, err := fs.Stat(tree, dir); err == nil && info.IsDir() {
			errs = append(errs, l.addAgreement(tree, dir))
		}
	}
	for _, pattern := range []string{"reference/*.json", "reference/*.yaml"} {
		files, err := fs.Glob(tree, pattern)
		if err != nil {
			return err
		}
		for _, name := range files {
			content, err := fs.ReadFile(tree, name)
			if err == nil {
				err = l.addReference(name, content)
			}
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (l *library) addAgreement(tree fs.FS, dir string) error {
	name := path.Join(dir, "agreement.yaml")
	document, err := fs.ReadFile(tree, name)
	if err != nil {
		return fmt.Errorf("%s: an agreement folder needs this file: %w", name, err)
	}
	a, err := l.parser.Parse(name, document)
	if err != nil {
		return err
	}
	if a.ID != path.Base(dir) {
		return a.Fault("/id", fmt.Sprintf("must be the name of the folder, %q", path.Base(dir)))
	}
	if l.agreements[a.ID] != nil {
		return a.Fault("/id", fmt.Sprintf("agreement %q appears twice", a.ID))
	}
	l.agreements[a.ID] = a
	l.digests[name] = a.Digest()
	err = l.addRules(tree, path.Join(dir, "rules.rego"), a)
	if l.withTests {
		err = errors.Join(err, l.addRules(tree, path.Join(dir, "rules_test.rego"), a))
	}
	l.ownRules[a.ID] = l.digests[path.Join(dir, "rules.rego")]
	return errors.Join(err, l.readLegalText(tree, dir, a), l.readSignatures(tree, dir, a))
}

// addRules takes the agreement's own rules. They live in their own package only, so that they can add to the law and
// never replace it.
func (l *library) addRules(tree fs.FS, name string, a *agreement.Agreement) error {
	source, err := fs.ReadFile(tree, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	l.modules[name] = string(source)
	l.digests[name] = canonical.DigestBytes(source)
	return l.checkPackage(name, "passavant.agreements."+agreement.PackageName(a.ID))
}

// addReference takes one document of reference data; a later one of the same name replaces it.
func (l *library) addReference(name string, content []byte) error {
	value, err := decodeDocument(name, content)
	if err != nil {
		return err
	}
	digest, err := canonical.Digest(value)
	if err != nil {
		return fmt.Errorf("%s: not expressible as JSON", name)
	}
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	l.reference[base] = value
	l.digests["reference/"+base] = digest
	return nil
}

func decodeDocument(name string, content []byte) (any, error) {
	var value any
	if path.Ext(name) == ".yaml" {
		if err := yaml.Unmarshal(content, &value); err != nil {
			return nil, fmt.Errorf("%s: not valid YAML", name)
		}
		content, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("%s: not expressible as JSON", name)
		}
		return decodeDocument(name+".json", content)
	}
	strict, err := canonical.Transform(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	err = json.Unmarshal(strict, &value)
	return value, err
}

// checkReference holds every reference document against its schema and every day in it against the calendar. A document
// that no schema knows is refused: nothing would read it.
func (l *library) checkReference() error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(l.reference)) {
		file := "reference/" + name
		document, ok := l.schemas["reference_"+name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: no reference data of this name is known", file))
			continue
		}
		shape, err := schema.Compile(file, document)
		if err != nil {
			return err
		}
		for _, f := range shape.Validate(l.reference[name]) {
			errs = append(errs, fmt.Errorf("%s: %s: %s %s", file, f.Pointer(), f.Problem, f.Key))
		}
		errs = append(errs, checkDays(file, "", l.reference[name]))
	}
	return errors.Join(errs...)
}

func checkDays(file, pointer string, value any) error {
	var errs []error
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			errs = append(errs, checkDays(file, pointer+"/"+key, v[key]))
		}
	case []any:
		for i, e := range v {
			errs = append(errs, checkDays(file, fmt.Sprintf("%s/%d", pointer, i), e))
		}
	case string:
		if isDayField(path.Base(pointer)) {
			if _, err := time.Parse(time.DateOnly, v); err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: not a day of the calendar (YYYY-MM-DD)", file, pointer))
			}
		}
	}
	return errors.Join(errs...)
}

func isDayField(name string) bool {
	return name == "valid_from" || name == "valid_until" || name == "checked_on"
}

func (l *library) data() map[string]any {
	// The empty document stands for the rules of agreements where no agreement has any.
	return map[string]any{"passavant": map[string]any{"reference": l.reference, "agreements": map[string]any{}}}
}

// revision digests what decides: every module, schema, reference document and agreement, and the version of OPA.
func (l *library) revision() (string, error) {
	listing, err := l.listing()
	return canonical.DigestBytes(listing), err
}

// listing names every part and its digest; its own digest is the revision.
func (l *library) listing() ([]byte, error) {
	list := [][2]string{{"opa", opa.Version()}}
	for _, name := range slices.Sorted(maps.Keys(l.digests)) {
		list = append(list, [2]string{name, l.digests[name]})
	}
	return canonical.Marshal(list)
}

// dataVersion is the version that the pack states and twelve digits of the digest over all reference data.
func (l *library) dataVersion() (string, error) {
	digest, err := canonical.Digest(l.reference)
	if err != nil {
		return "", err
	}
	pack, _ := l.reference["pack"].(map[string]any)
	version, _ := pack["version"].(string)
	return version + "+" + strings.TrimPrefix(digest, "sha256:")[:12], nil
}
