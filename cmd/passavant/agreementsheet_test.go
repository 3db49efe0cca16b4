package main

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/policy/agreement"
)

// The key that signs envelopes must not be the second person.
func TestCheckWarnsOfASenderThatApproves(t *testing.T) {
	keys, err := keyring.Create(t.TempDir()+"/keys", "emerald-bank-ie")
	require.NoError(t, err)
	own := base64.StdEncoding.EncodeToString(keys.Public().Sign[0].Public)
	for key, warnings := range map[string]int{own: 1, base64.StdEncoding.EncodeToString(make([]byte, 32)): 0} {
		var f findings
		f.checkApprovers(keys.Public(), &agreement.Agreement{
			ID: "x", Approvals: []agreement.Approval{{Role: "second_person", Keys: []agreement.ApprovalKey{{PublicKey: key}}}},
		})
		assert.Len(t, f.Warnings, warnings)
	}
}
