package keyring

import (
	"crypto/ed25519"
	"fmt"
	"sort"

	"github.com/tink-crypto/tink-go/v2/hybrid/hpke"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	tinkkey "github.com/tink-crypto/tink-go/v2/key"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf/hmacprf"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	tinked25519 "github.com/tink-crypto/tink-go/v2/signature/ed25519"

	"github.com/passavant/passavant/crypto/pseudonym"
	"github.com/passavant/passavant/crypto/seal"
)

const (
	ed25519Name = "Ed25519"
	hmacName    = "HMAC-SHA256-PRF"
)

// key is one entry of a keyset, ready for use. One of the three pointers is set.
type key struct {
	info      KeyInfo
	public    []byte // of a key pair
	tinkID    uint32
	open      *seal.OpeningKey
	sign      *seal.SigningKey
	pseudonym *pseudonym.Pseudonymizer
}

// newKeyset makes a keyset with one key for the purpose.
func newKeyset(p Purpose, postQuantum bool) (*keyset.Handle, error) {
	return addKey(keyset.NewManager(), p, postQuantum)
}

// addKey adds a new primary key to the keyset of m.
func addKey(m *keyset.Manager, p Purpose, postQuantum bool) (*keyset.Handle, error) {
	parameters, err := parametersFor(p, postQuantum)
	if err != nil {
		return nil, err
	}
	id, err := m.AddNewKeyFromParameters(parameters)
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	return m.Handle()
}

func parametersFor(p Purpose, postQuantum bool) (tinkkey.Parameters, error) {
	switch p {
	case Sealing:
		opts := hpke.ParametersOpts{KEMID: hpke.DHKEM_X25519_HKDF_SHA256, KDFID: hpke.HKDFSHA256, AEADID: hpke.AES256GCM, Variant: hpke.VariantNoPrefix}
		if postQuantum {
			opts.KEMID = hpke.X_WING
		}
		return hpke.NewParameters(opts)
	case Signing, Logging:
		parameters, err := tinked25519.NewParameters(tinked25519.VariantNoPrefix)
		return &parameters, err
	case Pseudonymizing:
		return hmacprf.NewParameters(32, hmacprf.SHA256)
	}
	return nil, fmt.Errorf("%w: no such purpose", ErrUnknownKey)
}

// keysOf turns a keyset into keys, the primary first and the others as the file has them.
func keysOf(p Purpose, h *keyset.Handle) ([]*key, error) {
	var keys []*key
	for i := range h.Len() {
		entry, err := h.Entry(i)
		if err != nil {
			return nil, ErrCorrupt
		}
		k, err := keyOf(p, entry.Key())
		if err != nil {
			return nil, err
		}
		k.tinkID = entry.KeyID()
		k.info.Purpose, k.info.Primary, k.info.Status = p, entry.IsPrimary(), Enabled
		if entry.KeyStatus() != keyset.Enabled {
			k.info.Status = Disabled
		}
		keys = append(keys, k)
	}
	sort.SliceStable(keys, func(a, b int) bool { return keys[a].info.Primary && !keys[b].info.Primary })
	if len(keys) == 0 || !keys[0].info.Primary || keys[0].info.Status != Enabled {
		return nil, fmt.Errorf("%w: no primary key", ErrCorrupt)
	}
	return keys, nil
}

func keyOf(p Purpose, k tinkkey.Key) (*key, error) {
	switch k := k.(type) {
	case *hpke.PrivateKey:
		if p == Sealing {
			return sealingKey(k)
		}
	case *tinked25519.PrivateKey:
		if p == Signing || p == Logging {
			return signingKey(k)
		}
	case *hmacprf.Key:
		if p == Pseudonymizing {
			return pseudonymKey(k)
		}
	}
	return nil, fmt.Errorf("%w, want keys for %s", ErrPurpose, p)
}

// reveal is the one place where a secret leaves Tink.
func reveal(b secretdata.Bytes) []byte { return b.Data(insecuresecretdataaccess.Token{}) }

func sealingKey(k *hpke.PrivateKey) (*key, error) {
	parameters, ok := k.Parameters().(*hpke.Parameters)
	if !ok || parameters.Variant() != hpke.VariantNoPrefix || parameters.KDFID() != hpke.HKDFSHA256 || parameters.AEADID() != hpke.AES256GCM {
		return nil, fmt.Errorf("%w, want HPKE with HKDF-SHA256, AES-256-GCM and no prefix", ErrPurpose)
	}
	var algorithm string
	switch parameters.KEMID() {
	case hpke.DHKEM_X25519_HKDF_SHA256:
		algorithm = seal.X25519
	case hpke.X_WING:
		algorithm = seal.XWing
	default:
		return nil, fmt.Errorf("%w, want X25519 or X-Wing", ErrPurpose)
	}
	open, err := seal.ParseOpeningKey(algorithm, reveal(k.PrivateKeyBytes()))
	if err != nil {
		return nil, ErrCorrupt
	}
	return &key{info: KeyInfo{ID: open.ID(), Algorithm: algorithm}, public: open.Recipient().Bytes(), open: open}, nil
}

func signingKey(k *tinked25519.PrivateKey) (*key, error) {
	parameters, ok := k.Parameters().(*tinked25519.Parameters)
	if !ok || parameters.Variant() != tinked25519.VariantNoPrefix {
		return nil, fmt.Errorf("%w, want Ed25519 without prefix", ErrPurpose)
	}
	seed := reveal(k.PrivateKeyBytes())
	if len(seed) != ed25519.SeedSize {
		return nil, ErrCorrupt
	}
	sign, err := seal.NewSigningKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		return nil, ErrCorrupt
	}
	return &key{info: KeyInfo{ID: sign.ID(), Algorithm: ed25519Name}, public: sign.Verify().Public(), sign: sign}, nil
}

// pseudonymKey lets Tink compute the PRF: the key itself stays inside. A keyset of its own gives also a disabled key
// its id.
func pseudonymKey(k *hmacprf.Key) (*key, error) {
	m := keyset.NewManager()
	id, err := m.AddKey(k)
	if err != nil {
		return nil, ErrCorrupt
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, ErrCorrupt
	}
	h, err := m.Handle()
	if err != nil {
		return nil, ErrCorrupt
	}
	p, err := pseudonym.FromKeyset(h)
	if err != nil {
		return nil, ErrCorrupt
	}
	return &key{info: KeyInfo{ID: p.KeyID(), Algorithm: hmacName}, pseudonym: p}, nil
}
