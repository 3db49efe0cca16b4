package wycheproof

import (
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tink-crypto/tink-go/v2/prf/subtle"

	"github.com/passavant/passavant/crypto/internal/technique"
)

type macCase struct {
	ID    int    `json:"tcId"`
	Key   string `json:"key"`
	Msg   string `json:"msg"`
	Tag   string `json:"tag"`
	Valid string `json:"result"`
}

// TestHMAC holds HMAC-SHA-256 of the standard library, by which values become pseudonyms, and that of Tink, by which domains
// are derived, to the same vectors.
func TestHMAC(t *testing.T) {
	byTink, refused := 0, 0
	for _, g := range load[macCase](t, "hmac_sha256_test.json").TestGroups {
		for _, tc := range g.Tests {
			tag := unhex(t, tc.Tag)
			mac := hmac.New(sha256.New, unhex(t, tc.Key))
			mac.Write(unhex(t, tc.Msg))
			equal := hmac.Equal(mac.Sum(nil)[:g.TagSize/8], tag)
			require.Equal(t, tc.Valid == "valid", equal, tc.ID)
			if !equal {
				refused++
			}
			if prf, err := subtle.NewHMACPRF("SHA256", unhex(t, tc.Key)); err == nil {
				got, err := prf.ComputePRF(unhex(t, tc.Msg), uint32(g.TagSize/8))
				require.NoError(t, err)
				require.Equal(t, tc.Valid == "valid", hmac.Equal(got, tag), tc.ID)
				byTink++
			}
		}
	}
	assert.Greater(t, byTink, 100)
	assert.Greater(t, refused, 50)
}

type sivCase struct {
	ID    int    `json:"tcId"`
	Key   string `json:"key"`
	AAD   string `json:"aad"`
	Msg   string `json:"msg"`
	Ct    string `json:"ct"`
	Valid string `json:"result"`
}

// TestAESSIV runs the vectors with keys of 512 bits, the only ones that tokens have.
func TestAESSIV(t *testing.T) {
	opened, refused := 0, 0
	for _, g := range load[sivCase](t, "aes_siv_cmac_test.json").TestGroups {
		for _, tc := range g.Tests {
			siv, err := technique.NewSIV(unhex(t, tc.Key))
			if g.KeySize != 512 {
				require.Error(t, err, tc.ID)
				continue
			}
			require.NoError(t, err)
			plain, err := siv.DecryptDeterministically(unhex(t, tc.Ct), unhex(t, tc.AAD))
			if tc.Valid != "valid" {
				require.Error(t, err, tc.ID)
				refused++
				continue
			}
			require.NoError(t, err, tc.ID)
			assert.Equal(t, tc.Msg, hexOf(plain), tc.ID)
			sealed, err := siv.EncryptDeterministically(unhex(t, tc.Msg), unhex(t, tc.AAD))
			require.NoError(t, err)
			assert.Equal(t, tc.Ct, hexOf(sealed), tc.ID)
			opened++
		}
	}
	assert.Greater(t, opened, 30)
	assert.Greater(t, refused, 50)
}
