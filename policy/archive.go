package policy

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy/internal/opa"
	"github.com/passavant/passavant/policy/internal/schema"
)

// Archive is everything that one revision consists of: what somebody needs who decides again, years later, what was
// decided under it. Its parts are named by the digests that the revision is made of, so it proves itself.
type Archive struct {
	// Listing is the canonical JSON of [["opa", version], [path, digest], …]; its digest is the revision.
	Listing []byte
	// Files are the parts by path: Rego and schemas byte by byte, agreements and reference data as canonical JSON.
	Files map[string][]byte
	// Signatures are the agreements' signatures by path, agreements/<id>/signatures/<party>.json. They are no part of the
	// revision, and each stands or falls by itself.
	Signatures map[string][]byte
}

// ErrArchive is the condition that an archive is damaged or not of the revision that it claims; the text says where.
var ErrArchive = errors.New("not a policy archive")

const (
	archiveListing  = "listing.json"
	maxArchiveBytes = 64 << 20 // of one file, uncompressed
)

// Archive returns the sources of the engine's revision. Treat the files as read-only.
func (e *Engine) Archive() Archive {
	return Archive{Listing: slices.Clone(e.archive.Listing), Files: maps.Clone(e.archive.Files), Signatures: maps.Clone(e.archive.Signatures)}
}

// archive collects what revision hashes.
func (l *library) archive() (Archive, error) {
	listing, err := l.listing()
	if err != nil {
		return Archive{}, err
	}
	a := Archive{Listing: listing, Files: make(map[string][]byte, len(l.digests)), Signatures: map[string][]byte{}}
	for id, list := range l.signatures {
		for _, s := range list {
			if a.Signatures["agreements/"+id+"/signatures/"+s.Statement.Party+".json"], err = s.MarshalJSON(); err != nil {
				return Archive{}, err
			}
		}
	}
	for name := range l.digests {
		switch {
		case l.modules[name] != "":
			a.Files[name] = []byte(l.modules[name])
		case strings.HasPrefix(name, "rego/schemas/"):
			a.Files[name] = l.schemas[strings.TrimSuffix(path.Base(name), ".json")]
		case strings.HasPrefix(name, "reference/"):
			if a.Files[name], err = canonical.Marshal(l.reference[path.Base(name)]); err != nil {
				return Archive{}, err
			}
		default:
			a.Files[name] = l.agreements[path.Base(path.Dir(name))].Document()
		}
	}
	return a, nil
}

// Revision is the revision that the archive holds.
func (a Archive) Revision() string { return canonical.DigestBytes(a.Listing) }

// OPA is the version of OPA under which the revision decided.
func (a Archive) OPA() string {
	for _, entry := range a.entries() {
		if entry[0] == "opa" {
			return entry[1]
		}
	}
	return ""
}

// Agreement is the canonical JSON of an agreement of the revision, nil if there is none with the id.
func (a Archive) Agreement(id string) []byte { return a.Files[agreementPath(id)] }

func agreementPath(id string) string { return "agreements/" + id + "/agreement.yaml" }

func (a Archive) entries() [][2]string {
	var list [][2]string
	if json.Unmarshal(a.Listing, &list) != nil {
		return nil
	}
	return list
}

// WriteZip writes the archive as a ZIP file that ReadArchive reads. Equal archives give equal bytes.
func (a Archive) WriteZip(w io.Writer) error {
	z := zip.NewWriter(w)
	put := func(name string, content []byte) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		_, err = f.Write(content)
		return err
	}
	if err := put(archiveListing, a.Listing); err != nil {
		return err
	}
	for _, part := range []map[string][]byte{a.Files, a.Signatures} {
		for _, name := range slices.Sorted(maps.Keys(part)) {
			if err := put(name, part[name]); err != nil {
				return err
			}
		}
	}
	return z.Close()
}

// ReadArchive reads an archive from a file system, such as a zip.Reader, and compares every part with its digest. Errors
// are ErrArchive.
func ReadArchive(fsys fs.FS) (Archive, error) {
	listing, err := readPart(fsys, archiveListing)
	if err != nil {
		return Archive{}, err
	}
	a := Archive{Listing: listing, Files: map[string][]byte{}, Signatures: map[string][]byte{}}
	entries := a.entries()
	if entries == nil {
		return Archive{}, fmt.Errorf("%w: %s is not a list of paths and digests", ErrArchive, archiveListing)
	}
	for _, entry := range entries {
		if entry[0] == "opa" {
			continue
		}
		content, err := readPart(fsys, entry[0])
		if err != nil {
			return Archive{}, err
		}
		if canonical.DigestBytes(content) != entry[1] {
			return Archive{}, fmt.Errorf("%w: %s does not have the digest that the listing gives", ErrArchive, entry[0])
		}
		a.Files[entry[0]] = content
	}
	signatures, err := fs.Glob(fsys, "agreements/*/signatures/*.json")
	if err != nil {
		return Archive{}, fmt.Errorf("%w: its folders cannot be read", ErrArchive)
	}
	for _, name := range signatures {
		if a.Signatures[name], err = readPart(fsys, name); err != nil {
			return Archive{}, err
		}
	}
	return a, nil
}

func readPart(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is missing", ErrArchive, name)
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxArchiveBytes+1))
	if err != nil || len(content) > maxArchiveBytes {
		return nil, fmt.Errorf("%w: %s cannot be read", ErrArchive, name)
	}
	return content, nil
}

// ParseArchive is ReadArchive for the bytes of a ZIP file.
func ParseArchive(file []byte) (Archive, error) {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return Archive{}, fmt.Errorf("%w: not a ZIP file", ErrArchive)
	}
	return ReadArchive(z)
}

// LoadArchive compiles the rules of an archive for [Engine.Replay]. The engine holds no agreements, since the stored
// input of a decision says what the agreement said, so it decides no new question. Its revision is the archive's own;
// whether the OPA that this program links is the archive's as well, Archive.OPA and EvaluatorVersion tell.
func LoadArchive(ctx context.Context, a Archive, opts Options) (*Engine, error) {
	lib := newLibrary()
	for _, name := range slices.Sorted(maps.Keys(a.Files)) {
		if err := lib.addArchived(name, a.Files[name]); err != nil {
			return nil, fmt.Errorf("policy: %w", err)
		}
	}
	compiled, err := opa.Compile(ctx, opa.Source{Modules: lib.modules, Data: lib.data(), Schemas: lib.schemas})
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	opts.Signers, opts.Signatures = nil, SignaturesOptional
	e, err := newEngine(ctx, lib, compiled, opts)
	if err != nil {
		return nil, err
	}
	e.revision, e.archive = a.Revision(), a
	return e, nil
}

func (l *library) addArchived(name string, content []byte) error {
	switch {
	case path.Ext(name) == ".rego":
		l.modules[name] = string(content)
		l.digests[name] = canonical.DigestBytes(content)
	case strings.HasPrefix(name, "rego/schemas/"):
		l.schemas[strings.TrimSuffix(path.Base(name), ".json")] = content
		l.digests[name] = canonical.DigestBytes(content)
	case strings.HasPrefix(name, "reference/"):
		return l.addReference(name+".json", content)
	}
	return nil
}

// EvaluatorVersion is the version of OPA that decides in this program.
func EvaluatorVersion() string { return opa.Version() }

// Replay decides again on the stored input of a decision, Decision.FactsCanonical, made under the version of the agreement
// with the digest. Under the revision that decided, the answer is the very same, bit for bit.
func (e *Engine) Replay(ctx context.Context, input []byte, agreementDigest string) Decision {
	var in map[string]any
	doc, err := schema.Decode(input)
	if err == nil {
		in, _ = doc.(map[string]any)
	}
	if in == nil {
		return e.seal(e.stamp(refused(CodeFactsInvalid, "the stored facts are not a JSON object")))
	}
	d, _ := e.evaluate(ctx, e.policy, in)
	d.AgreementDigest = agreementDigest
	return e.seal(d)
}

// seal gives a finished decision its digest.
func (e *Engine) seal(d Decision) Decision {
	d.Digest, _ = canonical.Digest(d) // texts and booleans only: cannot fail
	return d
}

// Reconsider decides a question that was decided before, under another revision: the claims and the evidence are those of
// the stored input, and the agreement is this engine's own. What the parties had signed counts as signed again, since a
// candidate is judged before anybody has put his name to it; and the data categories that may leave follow this engine's
// agreement. An input that cannot be read is refused.
func (e *Engine) Reconsider(ctx context.Context, agreementID, exporter, recipient string, facts []byte) Decision {
	var stored struct {
		At       string         `json:"at"`
		Standing map[string]any `json:"standing"`
		Claims   map[string]any `json:"claims"`
		Evidence map[string]any `json:"evidence"`
	}
	if err := json.Unmarshal(facts, &stored); err != nil {
		return e.seal(e.stamp(refused(CodeFactsInvalid, "the stored facts are not a JSON object")))
	}
	a, ok := e.agreements[agreementID]
	if !ok {
		return e.seal(e.stamp(refused(CodeUnknownAgreement, "no agreement with this id is loaded")))
	}
	standing, err := a.StandingFacts(exporter, recipient)
	if err != nil {
		return e.seal(e.stamp(refused(CodeUnknownParty, "exporter and recipient must be two parties of the agreement")))
	}
	if before, ok := stored.Standing["agreement"].(map[string]any); ok {
		standing["agreement"].(map[string]any)["signatures"] = before["signatures"]
	}
	if data, ok := stored.Evidence["data"].(map[string]any); ok {
		if all, ok := data["catalogue_categories"].([]any); ok {
			data["categories"] = agreed(all, a.Categories())
		}
	}
	d, _ := e.evaluate(ctx, e.policy, input(scopeTransfer, stored.At, standing, stored.Claims, stored.Evidence))
	d.AgreementDigest = a.Digest()
	return e.seal(d)
}

func agreed(all []any, categories []string) []any {
	kept := []any{}
	for _, c := range all {
		if name, ok := c.(string); ok && slices.Contains(categories, name) {
			kept = append(kept, c)
		}
	}
	return kept
}
