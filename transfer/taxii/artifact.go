package taxii

import (
	"bytes"
	"crypto/sha1" // UUID version 5 is SHA-1 (RFC 9562, section 5.5); nothing relies on it
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/transfer"
)

// The identifiers of our property extension.
const (
	// ExtensionID names the extension-definition of the member that [Artifact] adds.
	ExtensionID = "extension-definition--7f6e2c1b-0a54-4d0e-9a86-5b0c6f4c2d11"
	// ReceiptMediaType is the mime_type of an Artifact that carries a receipt.
	ReceiptMediaType = "application/vnd.passavant.receipt+json"
)

// Extension is what an Artifact says of the envelope in it, so that people and relays can route it without opening
// anything. None of it is verified before [transfer.Receiver.Receive] has returned; the envelope says the same, signed.
type Extension struct {
	ExtensionType string   `json:"extension_type"` // property-extension
	Agreement     string   `json:"agreement"`
	Exporter      string   `json:"exporter"`
	KeyIDs        []string `json:"key_ids"`
	LogIndex      int64    `json:"log_index"` // of the intent in the exporter's log; -1 without a proof
	Recipient     string   `json:"recipient"`
	Suite         string   `json:"suite"`
	Transfer      string   `json:"transfer"`
}

// artifact is section 6.1 of STIX 2.1. There is no encryption_algorithm: that would say that the payload is an encrypted
// archive, and there is none for HPKE. There is never a decryption_key.
type artifact struct {
	Extensions  map[string]json.RawMessage `json:"extensions,omitempty"`
	ID          string                     `json:"id"`
	MimeType    string                     `json:"mime_type"`
	PayloadBin  []byte                     `json:"payload_bin"`
	SpecVersion string                     `json:"spec_version"`
	Type        string                     `json:"type"`
}

// Artifact puts an envelope into a STIX Artifact.
func Artifact(e *transfer.Envelope) (json.RawMessage, error) {
	raw, err := e.Bytes()
	if err != nil {
		return nil, err
	}
	info, err := seal.ReadHeader(bytes.NewReader(e.Sealed))
	if err != nil {
		return nil, err
	}
	extension := Extension{
		ExtensionType: "property-extension", Agreement: e.Header.Agreement, Exporter: e.Header.Exporter, KeyIDs: info.Recipients,
		LogIndex: -1, Recipient: e.Header.Recipient, Suite: info.Suite, Transfer: e.Header.Transfer,
	}
	if e.Staple != nil {
		extension.LogIndex = e.Staple.Proof.Index
	}
	text, err := canonical.Marshal(extension)
	if err != nil {
		return nil, err
	}
	return newArtifact(transfer.MediaType, raw, map[string]json.RawMessage{ExtensionID: text})
}

// ReceiptArtifact puts a receipt into a STIX Artifact.
func ReceiptArtifact(r *transfer.Receipt) (json.RawMessage, error) {
	raw, err := r.MarshalJSON()
	if err != nil {
		return nil, err
	}
	return newArtifact(ReceiptMediaType, raw, nil)
}

func newArtifact(media string, payload []byte, extensions map[string]json.RawMessage) (json.RawMessage, error) {
	id, err := artifactID(payload)
	if err != nil {
		return nil, err
	}
	return canonical.Marshal(artifact{
		Type: "artifact", SpecVersion: "2.1", ID: id, MimeType: media, PayloadBin: payload, Extensions: extensions,
	})
}

// artifactID is the deterministic id of section 2.9: UUID version 5 of the canonical contributing properties. The payload is
// ciphertext or a signed receipt, so the id gives nothing away.
func artifactID(payload []byte) (string, error) {
	return deterministicID(map[string]string{"payload_bin": base64.StdEncoding.EncodeToString(payload)})
}

func deterministicID(contributing map[string]string) (string, error) {
	name, err := canonical.Marshal(contributing)
	if err != nil {
		return "", err
	}
	namespace := [16]byte{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}
	sum := sha1.Sum(append(namespace[:], name...))
	sum[6], sum[8] = sum[6]&0x0f|0x50, sum[8]&0x3f|0x80
	h := hex.EncodeToString(sum[:16])
	return fmt.Sprintf("artifact--%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:]), nil
}

// ErrNotOurs is the condition that an object is no Artifact with an envelope or a receipt.
var ErrNotOurs = errors.New("not an Artifact with an envelope or a receipt")

// Item is what an Artifact carried. One of the two is set.
type Item struct {
	ID       string // of the Artifact
	Envelope *transfer.Envelope
	Receipt  *transfer.Receipt
}

// ReadArtifact takes an envelope or a receipt out of a STIX object. What is something else is [ErrNotOurs]; what says that
// it is ours and cannot be read is another error. Nothing is verified.
func ReadArtifact(object json.RawMessage) (Item, error) {
	var a artifact
	if err := json.Unmarshal(object, &a); err != nil || a.Type != "artifact" {
		return Item{}, ErrNotOurs
	}
	switch a.MimeType {
	case transfer.MediaType:
		e, err := transfer.ParseEnvelope(bytes.NewReader(a.PayloadBin))
		return Item{ID: a.ID, Envelope: e}, err
	case ReceiptMediaType:
		r, err := transfer.ParseReceipt(a.PayloadBin)
		return Item{ID: a.ID, Receipt: r}, err
	}
	return Item{}, ErrNotOurs
}
