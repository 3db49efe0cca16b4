// Package tinkv1 holds keysets and ciphertexts of github.com/google/tink/go v1.7.0, the archived predecessor of the module
// that Passavant uses, against those of the successor. It is a module of its own, because the two cannot be linked into one
// program: both register the same protocol buffers. What crosses between them is testdata/tink, in both directions.
package tinkv1

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/tink/go/aead"
	"github.com/google/tink/go/daead"
	"github.com/google/tink/go/hybrid"
	"github.com/google/tink/go/insecurecleartextkeyset"
	"github.com/google/tink/go/keyset"
	"github.com/google/tink/go/mac"
	"github.com/google/tink/go/prf"
	tinkpb "github.com/google/tink/go/proto/tink_go_proto"
	"github.com/google/tink/go/signature"
	"github.com/google/tink/go/streamingaead"
)

// Vector is one keyset and what it made of a message. Byte strings are hexadecimal.
type Vector struct {
	Name      string          `json:"name"`
	Primitive string          `json:"primitive"` // aead, daead, hybrid, mac, prf, signature, streaming
	Keyset    json.RawMessage `json:"keyset"`    // in the clear: these keys protect nothing
	Message   string          `json:"message"`
	Context   string          `json:"context"` // associated data or context info
	Output    string          `json:"output"`  // ciphertext, tag or signature
}

func templates() []struct {
	name, primitive string
	template        *tinkpb.KeyTemplate
} {
	return []struct {
		name, primitive string
		template        *tinkpb.KeyTemplate
	}{
		{"AES256-GCM", "aead", aead.AES256GCMKeyTemplate()},
		{"XChaCha20-Poly1305", "aead", aead.XChaCha20Poly1305KeyTemplate()},
		{"AES256-SIV", "daead", daead.AESSIVKeyTemplate()},
		{"HPKE-X25519, no prefix: keyring seal.json", "hybrid", hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Raw_Key_Template()},
		{"HPKE-X25519, Tink prefix", "hybrid", hybrid.DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_Key_Template()},
		{"ECIES-P256", "hybrid", hybrid.ECIESHKDFAES128GCMKeyTemplate()},
		{"HMAC-SHA256", "mac", mac.HMACSHA256Tag256KeyTemplate()},
		{"HMAC-SHA256 PRF: keyring pseudonym.json", "prf", prf.HMACSHA256PRFKeyTemplate()},
		{"AES-CMAC PRF", "prf", prf.AESCMACPRFKeyTemplate()},
		{"Ed25519, no prefix: keyring sign.json and log.json", "signature", signature.ED25519KeyWithoutPrefixTemplate()},
		{"Ed25519, Tink prefix", "signature", signature.ED25519KeyTemplate()},
		{"ECDSA-P256", "signature", signature.ECDSAP256KeyTemplate()},
		{"AES256-GCM-HKDF-4K: body of an envelope", "streaming", streamingaead.AES256GCMHKDF4KBKeyTemplate()},
	}
}

// Generate makes a vector of every template.
func Generate() ([]Vector, error) {
	var all []Vector
	for _, t := range templates() {
		h, err := keyset.NewHandle(t.template)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		var text bytes.Buffer
		if err := insecurecleartextkeyset.Write(h, keyset.NewJSONWriter(&text)); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		message, context := []byte("made by google/tink/go v1.7.0: "+t.name), []byte("context")
		out, err := produce(t.primitive, h, message, context)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		all = append(all, Vector{t.name, t.primitive, text.Bytes(), hex.EncodeToString(message), hex.EncodeToString(context), hex.EncodeToString(out)})
	}
	return all, nil
}

func produce(primitive string, h *keyset.Handle, message, context []byte) ([]byte, error) {
	switch primitive {
	case "aead":
		p, err := aead.New(h)
		if err != nil {
			return nil, err
		}
		return p.Encrypt(message, context)
	case "daead":
		p, err := daead.New(h)
		if err != nil {
			return nil, err
		}
		return p.EncryptDeterministically(message, context)
	case "hybrid":
		return encryptTo(h, message, context)
	case "mac":
		p, err := mac.New(h)
		if err != nil {
			return nil, err
		}
		return p.ComputeMAC(message)
	case "prf":
		p, err := prf.NewPRFSet(h)
		if err != nil {
			return nil, err
		}
		return p.ComputePrimaryPRF(message, 16)
	case "signature":
		p, err := signature.NewSigner(h)
		if err != nil {
			return nil, err
		}
		return p.Sign(message)
	}
	return encryptStream(h, message, context)
}

func encryptTo(h *keyset.Handle, message, context []byte) ([]byte, error) {
	public, err := h.Public()
	if err != nil {
		return nil, err
	}
	p, err := hybrid.NewHybridEncrypt(public)
	if err != nil {
		return nil, err
	}
	return p.Encrypt(message, context)
}

func encryptStream(h *keyset.Handle, message, context []byte) ([]byte, error) {
	p, err := streamingaead.New(h)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := p.NewEncryptingWriter(&out, context)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(message); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// Check reads a vector: it decrypts, verifies or computes again.
func (v Vector) Check() error {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(v.Keyset)))
	if err != nil {
		return err
	}
	message, context, out := unhex(v.Message), unhex(v.Context), unhex(v.Output)
	got, err := consume(v.Primitive, h, message, context, out)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, message) && !bytes.Equal(got, out) {
		return fmt.Errorf("%s: another result", v.Name)
	}
	return nil
}

// unhex returns nil for what is not hexadecimal, which then does not match.
func unhex(text string) []byte {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil
	}
	return raw
}

// consume returns the message again, or what the primitive computes anew.
func consume(primitive string, h *keyset.Handle, message, context, out []byte) ([]byte, error) {
	switch primitive {
	case "aead":
		p, err := aead.New(h)
		if err != nil {
			return nil, err
		}
		return p.Decrypt(out, context)
	case "daead":
		p, err := daead.New(h)
		if err != nil {
			return nil, err
		}
		return p.DecryptDeterministically(out, context)
	case "hybrid":
		p, err := hybrid.NewHybridDecrypt(h)
		if err != nil {
			return nil, err
		}
		return p.Decrypt(out, context)
	case "signature":
		return message, verify(h, message, out)
	case "streaming":
		p, err := streamingaead.New(h)
		if err != nil {
			return nil, err
		}
		r, err := p.NewDecryptingReader(bytes.NewReader(out), context)
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	}
	return produce(primitive, h, message, context)
}

func verify(h *keyset.Handle, message, sig []byte) error {
	public, err := h.Public()
	if err != nil {
		return err
	}
	p, err := signature.NewVerifier(public)
	if err != nil {
		return err
	}
	return p.Verify(sig, message)
}
