package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/passavant/passavant/internal/canonical"
)

const (
	format       = "passavant-keyring/1"
	manifestName = "keyring.json"
	lockName     = "lock"
	maxFile      = 1 << 20 // bytes; a keyset of a thousand keys is far smaller
	maxPartyID   = 64
)

// manifest is keyring.json.
type manifest struct {
	Format  string               `json:"format"`
	Party   string               `json:"party"`
	Changed time.Time            `json:"changed"`
	Created map[string]time.Time `json:"created"` // by key id
	// Retired says of disabled keys why and since when.
	Retired map[string]retirement `json:"retired,omitempty"`
	// Passphrase is there if a passphrase locks the keysets.
	Passphrase *stretch `json:"passphrase,omitempty"`
}

type retirement struct {
	Reason Reason    `json:"reason"`
	Since  time.Time `json:"since"`
}

type options struct {
	master      tink.AEADWithContext
	passphrase  []byte // until the master key is derived from it
	validity    time.Duration
	ctx         context.Context
	now         func() time.Time
	postQuantum bool
	step        func(string) error // called before each change to the disk; an error stands for a failing disk
}

// Option changes how a keyring is made or opened.
type Option func(*options)

// WithMasterKey encrypts the keysets at rest under k.
func WithMasterKey(k tink.AEAD) Option {
	return func(o *options) { o.master = local{k} }
}

// WithRemoteMasterKey encrypts the keysets at rest under a key in a key management service. The context bounds the
// calls that Create, Open, Rotate and Disable make to it.
func WithRemoteMasterKey(ctx context.Context, k tink.AEADWithContext) Option {
	return func(o *options) { o.ctx, o.master = ctx, k }
}

// WithClock replaces time.Now, which dates new keys.
func WithClock(now func() time.Time) Option { return func(o *options) { o.now = now } }

// DefaultValidity is how long a published document is good for if [WithValidity] does not say.
const DefaultValidity = 2 * 365 * 24 * time.Hour

// WithValidity sets how long [Keyring.Public] is good for, counted from the last change of the keyring or
// [Keyring.Renew]. Whole seconds.
func WithValidity(d time.Duration) Option { return func(o *options) { o.validity = d } }

// WithPostQuantum makes new sealing keys X-Wing keys instead of X25519 keys.
func WithPostQuantum() Option { return func(o *options) { o.postQuantum = true } }

func newOptions(opts []Option) options {
	o := options{ctx: context.Background(), now: time.Now, step: func(string) error { return nil }, validity: DefaultValidity}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// local makes a Tink AEAD an AEADWithContext.
type local struct{ aead tink.AEAD }

func (l local) EncryptWithContext(_ context.Context, plaintext, ad []byte) ([]byte, error) {
	return l.aead.Encrypt(plaintext, ad)
}

func (l local) DecryptWithContext(_ context.Context, ciphertext, ad []byte) ([]byte, error) {
	return l.aead.Decrypt(ciphertext, ad)
}

// Create makes a keyring for party in dir with one new key for each purpose. The directory must not exist or be
// empty. It appears complete or not at all. Errors are [ErrExists], [ErrParty], [ErrMasterKey] or [ErrWrite].
func Create(dir, party string, opts ...Option) (*Keyring, error) {
	o := newOptions(opts)
	if err := checkParty(party); err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	now := o.now().UTC().Truncate(time.Second)
	book := &manifest{Format: format, Party: party, Changed: now, Created: map[string]time.Time{}}
	if o.passphrase != nil {
		book.Passphrase = newStretch()
	}
	if err := o.unlock(book.Passphrase); err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	files := map[string][]byte{}
	for _, p := range Purposes() {
		h, err := newKeyset(p, o.postQuantum)
		if err != nil {
			return nil, fmt.Errorf("keyring: making keys for %s: %w", p, ErrWrite)
		}
		if err := book.date(p, h, now); err != nil {
			return nil, fmt.Errorf("keyring: making keys for %s: %w", p, err)
		}
		if files[p.file()], err = o.encode(p, party, h); err != nil {
			return nil, fmt.Errorf("keyring: %s: %w", filepath.Join(dir, p.file()), err)
		}
	}
	var err error
	if files[manifestName], err = canonical.Marshal(book); err != nil {
		return nil, fmt.Errorf("keyring: %s: %w", manifestName, ErrWrite)
	}
	if err := o.writeDir(dir, files); err != nil {
		return nil, err
	}
	return open(dir, o)
}

func (p Purpose) file() string { return string(p) + ".json" }

// date notes when the keys of h that are new to the manifest were made.
func (m *manifest) date(p Purpose, h *keyset.Handle, now time.Time) error {
	keys, err := keysOf(p, h)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if _, known := m.Created[k.info.ID]; !known {
			m.Created[k.info.ID] = now
		}
	}
	return nil
}

func checkParty(party string) error {
	if party == "" || len(party) > maxPartyID || strings.Trim(party, "-.") != party {
		return ErrParty
	}
	for _, c := range []byte(party) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.') {
			return ErrParty
		}
	}
	return nil
}

// Open reads a keyring. Errors name the file and are fs.ErrNotExist, [ErrMode], [ErrCorrupt], [ErrPurpose] or
// [ErrMasterKey], or another error of the file system.
func Open(dir string, opts ...Option) (*Keyring, error) {
	return open(dir, newOptions(opts))
}

func open(dir string, o options) (*Keyring, error) {
	if err := checkMode(dir); err != nil {
		return nil, err
	}
	book, err := readManifest(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, err
	}
	if err := o.unlock(book.Passphrase); err != nil {
		return nil, fmt.Errorf("keyring: %s: %w", filepath.Join(dir, manifestName), err)
	}
	k := &Keyring{dir: dir, options: o, book: book, keys: map[Purpose][]*key{}}
	for _, p := range Purposes() {
		if _, k.keys[p], err = o.load(dir, book.Party, p); err != nil {
			return nil, err
		}
		for _, key := range k.keys[p] {
			key.info.Created = book.Created[key.info.ID]
		}
	}
	if k.public, err = k.publish(); err != nil {
		return nil, err
	}
	return k, nil
}

func readManifest(path string) (*manifest, error) {
	raw, err := readFile(path)
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := canonical.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("keyring: %s: %w: %w", path, ErrCorrupt, err)
	}
	if m.Format != format {
		return nil, fmt.Errorf("keyring: %s: %w: /format is not %s", path, ErrCorrupt, format)
	}
	if err := checkParty(m.Party); err != nil {
		return nil, fmt.Errorf("keyring: %s: %w: /party: %w", path, ErrCorrupt, err)
	}
	if m.Created == nil {
		m.Created = map[string]time.Time{}
	}
	return &m, nil
}

func (o *options) load(dir, party string, p Purpose) (*keyset.Handle, []*key, error) {
	path := filepath.Join(dir, p.file())
	raw, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	h, err := o.decode(p, party, raw)
	if err != nil {
		return nil, nil, fmt.Errorf("keyring: %s: %w", path, err)
	}
	keys, err := keysOf(p, h)
	if err != nil {
		return nil, nil, fmt.Errorf("keyring: %s: %w", path, err)
	}
	return h, keys, nil
}

func associatedData(party string, p Purpose) []byte {
	return []byte(format + "\n" + party + "\n" + string(p))
}

func (o *options) encode(p Purpose, party string, h *keyset.Handle) ([]byte, error) {
	var out bytes.Buffer
	w := keyset.NewJSONWriter(&out)
	if o.master == nil {
		if err := insecurecleartextkeyset.Write(h, w); err != nil {
			return nil, ErrWrite
		}
		return out.Bytes(), nil
	}
	if err := h.WriteWithContext(o.ctx, w, o.master, associatedData(party, p)); err != nil {
		return nil, fmt.Errorf("%w: encrypting failed", ErrMasterKey)
	}
	return out.Bytes(), nil
}

// decode drops the errors of Tink and protobuf, which can quote what they read.
func (o *options) decode(p Purpose, party string, raw []byte) (*keyset.Handle, error) {
	encrypted, err := keyset.NewJSONReader(bytes.NewReader(raw)).ReadEncrypted()
	isEncrypted := err == nil && len(encrypted.GetEncryptedKeyset()) > 0
	r := keyset.NewJSONReader(bytes.NewReader(raw))
	switch {
	case isEncrypted && o.master == nil:
		return nil, fmt.Errorf("%w: the keyset is encrypted, open it with its master key", ErrMasterKey)
	case isEncrypted:
		h, err := keyset.ReadWithContext(o.ctx, r, o.master, associatedData(party, p))
		if err != nil {
			return nil, fmt.Errorf("%w: it does not decrypt the keyset of this party and purpose", ErrMasterKey)
		}
		return h, nil
	}
	h, err := insecurecleartextkeyset.Read(r)
	if err != nil {
		return nil, fmt.Errorf("%w: not a Tink keyset", ErrCorrupt)
	}
	if o.master != nil {
		return nil, fmt.Errorf("%w: one was given, but the keyset is not encrypted", ErrMasterKey)
	}
	return h, nil
}

// checkMode refuses what others than the owner may read or write. Windows has no such modes.
func checkMode(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("keyring: %w", err)
	}
	want := fs.FileMode(0o600)
	if info.IsDir() {
		want = 0o700
	}
	if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return fmt.Errorf("keyring: %s: %w: mode is %04o; run: chmod %o %s", path, ErrMode, mode, want, path)
	}
	return nil
}

func readFile(path string) ([]byte, error) {
	if err := checkMode(path); err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxFile {
		return nil, fmt.Errorf("keyring: %s: %w: longer than 1 MiB", path, ErrCorrupt)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("keyring: %w", err)
	}
	return raw, nil
}

// writeDir writes the files into a new directory beside dir and then gives it its name.
func (o *options) writeDir(dir string, files map[string][]byte) error {
	if err := removeEmpty(dir); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return failed(err)
	}
	temp, err := os.MkdirTemp(parent, ".keyring-*")
	if err != nil {
		return failed(err)
	}
	defer func() { _ = os.RemoveAll(temp) }() // does nothing once renamed
	for name, data := range files {
		if err := o.writeSynced(filepath.Join(temp, name), data); err != nil {
			return err
		}
	}
	if err := syncDir(temp); err != nil {
		return failed(err)
	}
	if err := o.rename(temp, dir); errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("keyring: %s: %w", dir, ErrExists)
	} else if err != nil {
		return err
	}
	return nil
}

// removeEmpty makes room for a new directory and removes nothing but an empty one.
func removeEmpty(dir string) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || !info.IsDir() || os.Remove(dir) != nil {
		return fmt.Errorf("keyring: %s: %w", dir, ErrExists)
	}
	return nil
}
