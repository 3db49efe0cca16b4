package agreement

import (
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
)

// ApprovalKeys returns the public keys that the agreement names for a role of approval.
func (a *Agreement) ApprovalKeys(role string) []crypto.PublicKey {
	var keys []crypto.PublicKey
	for _, approval := range a.Approvals {
		if approval.Role != role {
			continue
		}
		for _, k := range approval.Keys {
			if raw, err := base64.StdEncoding.DecodeString(k.PublicKey); err == nil && len(raw) == ed25519.PublicKeySize {
				keys = append(keys, ed25519.PublicKey(raw))
			}
		}
	}
	return keys
}
