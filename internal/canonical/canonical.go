// Package canonical writes JSON in the one form of RFC 8785 (JSON Canonicalization Scheme): members sorted by their
// UTF-16 code units, no white space, numbers as ECMAScript prints them, strings with the fewest escapes.
//
// Every digest that Passavant publishes over a JSON value is taken over these bytes, so that a second
// implementation can recompute it.
package canonical

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Marshal encodes v with encoding/json and returns its canonical form.
func Marshal(v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding for canonical JSON: %w", err)
	}
	return Transform(raw)
}

// Transform returns the canonical form of one JSON value. It refuses duplicate member names, invalid UTF-8 and
// trailing bytes (RFC 7493). The argument is not changed.
func Transform(value []byte) ([]byte, error) {
	out := jsontext.Value(append([]byte(nil), value...))
	if err := out.Canonicalize(); err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", redact(err))
	}
	return out, nil
}

// Digest returns "sha256:" and the hexadecimal SHA-256 of the canonical form of v.
func Digest(v any) (string, error) {
	raw, err := Marshal(v)
	if err != nil {
		return "", err
	}
	return DigestBytes(raw), nil
}

// DigestBytes returns "sha256:" and the hexadecimal SHA-256 of b as it stands.
func DigestBytes(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
