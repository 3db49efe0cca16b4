package keyring_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/keyring"
)

func TestARetiredKeyIsRevokedInPublic(t *testing.T) {
	for _, why := range []keyring.Reason{keyring.Superseded, keyring.Compromised, keyring.Lost} {
		dir, first := create(t)
		second, err := first.Rotate(keyring.Signing)
		require.NoError(t, err)
		old := first.Sealer().ID()
		opened, err := keyring.Open(dir, at(created.Add(time.Hour)))
		require.NoError(t, err)
		third, err := opened.Retire(keyring.Signing, old, why)
		require.NoError(t, err)
		assert.Empty(t, second.Public().Revoked)
		want := []keyring.Revocation{{ID: old, Purpose: keyring.Signing, Reason: why, Since: "2026-11-02T11:00:00Z"}}
		assert.Equal(t, want, third.Public().Revoked)

		_, err = third.Public().Verifier(old)
		require.ErrorIs(t, err, keyring.ErrUnknownKey)
		require.ErrorIs(t, err, keyring.ErrRevoked)
		parsed, err := keyring.ParsePublic(marshal(t, third.Public()))
		require.NoError(t, err)
		assert.Equal(t, third.Public(), parsed)
		again, err := keyring.Open(dir)
		require.NoError(t, err)
		assert.Equal(t, want, again.Public().Revoked, "kept on disk")
	}
}

func TestARetiredPseudonymisationKeyIsNobodysBusiness(t *testing.T) {
	_, k := create(t)
	old, err := k.Pseudonymizer()
	require.NoError(t, err)
	k, err = k.Rotate(keyring.Pseudonymizing)
	require.NoError(t, err)
	k, err = k.Disable(keyring.Pseudonymizing, old.KeyID())
	require.NoError(t, err)
	assert.Empty(t, k.Public().Revoked)
	assert.NotContains(t, string(marshal(t, k.Public())), old.KeyID())
}

func TestARevokedKeyDoesNotComeBack(t *testing.T) {
	dir, first := create(t)
	second, err := first.Rotate(keyring.Signing)
	require.NoError(t, err)
	third, err := second.Retire(keyring.Signing, first.Sealer().ID(), keyring.Compromised)
	require.NoError(t, err)
	require.True(t, third.Public().Succeeds(second.Public()))

	// The thief of the first key also signs with a key that the victim still uses: it must not help.
	thief := second.Public()
	assert.True(t, thief.Succeeds(first.Public()))
	assert.False(t, thief.Succeeds(third.Public()), "it uses a key that was revoked")
	_, err = keyring.Open(dir)
	require.NoError(t, err)
}

func TestRetireRefuses(t *testing.T) {
	dir, k := create(t)
	k, err := k.Rotate(keyring.Signing)
	require.NoError(t, err)
	before := files(t, dir)
	old := infoOf(k, keyring.Signing)[1].ID
	_, err = k.Retire(keyring.Signing, old, "because")
	require.ErrorIs(t, err, keyring.ErrReason)
	_, err = k.Retire(keyring.Signing, k.Sealer().ID(), keyring.Lost)
	require.ErrorIs(t, err, keyring.ErrUnknownKey, "the primary key")
	assert.Equal(t, before, files(t, dir))
}

func TestValidity(t *testing.T) {
	dir, k := create(t, keyring.WithValidity(30*24*time.Hour))
	p := k.Public()
	end := created.Add(30 * 24 * time.Hour)
	assert.Equal(t, end, p.Expires)
	require.NoError(t, p.Valid(end.Add(-time.Second)))
	err := p.Valid(end)
	require.ErrorIs(t, err, keyring.ErrExpired)
	assert.ErrorContains(t, err, "emerald-bank-ie")
	assert.ErrorContains(t, err, "2026-12-02")
	require.NoError(t, keyring.Public{}.Valid(end), "a document without an end")

	later, err := keyring.Open(dir, keyring.WithValidity(30*24*time.Hour), at(end))
	require.NoError(t, err)
	renewed, err := later.Renew()
	require.NoError(t, err)
	require.NoError(t, renewed.Public().Valid(end))
	assert.Equal(t, p.Sign, renewed.Public().Sign, "the keys stay")
	assert.True(t, renewed.Public().Succeeds(p))
	assert.False(t, p.Succeeds(renewed.Public()))
}

func TestParsePublicRefusesWrongValidityAndRevocation(t *testing.T) {
	_, k := create(t)
	k, err := k.Rotate(keyring.Signing)
	require.NoError(t, err)
	k, err = k.Disable(keyring.Signing, infoOf(k, keyring.Signing)[1].ID)
	require.NoError(t, err)
	good := string(marshal(t, k.Public()))
	gone := k.Public().Revoked[0].ID
	for name, tc := range map[string]struct{ old, new, want string }{
		"expires in another zone": {k.Public().Expires.Format(time.RFC3339), "2028-11-02T10:00:00+00:00", "/expires"},
		"expires before created":  {k.Public().Expires.Format(time.RFC3339), "2025-01-01T00:00:00Z", "/expires"},
		"expires later":           {k.Public().Expires.Format(time.RFC3339), "2040-01-01T00:00:00Z", "/signatures/0"},
		"revoked id":              {`"id":"` + gone + `","purpose"`, `"id":"XYZ","purpose"`, "/revoked/0"},
		"revoked and in use":      {`"id":"` + gone + `","purpose"`, `"id":"` + k.Sealer().ID() + `","purpose"`, "/revoked/0"},
		"revoked purpose":         {`"purpose":"sign"`, `"purpose":"pseudonym"`, "/revoked/0"},
		"revoked reason":          {`"reason":"superseded"`, `"reason":"whim"`, "/revoked/0"},
		"revoked date":            {`"since":"2026-11-02T10:00:00Z"`, `"since":"yesterday"`, "/revoked/0"},
		"revocation forged":       {`"reason":"superseded"`, `"reason":"compromised"`, "/signatures/0"},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, good, tc.old)
			_, err := keyring.ParsePublic([]byte(strings.Replace(good, tc.old, tc.new, 1)))
			require.ErrorIs(t, err, keyring.ErrPublic)
			assert.ErrorContains(t, err, tc.want)
		})
	}
}

// Without the lock the later writer would put back a keyset that lacks the earlier one's key.
func TestChangesAtTheSameTimeAreNotLost(t *testing.T) {
	dir, _ := create(t)
	const each, programs = 3, 6
	var wg sync.WaitGroup
	for i := range programs {
		wg.Go(func() {
			p := []keyring.Purpose{keyring.Sealing, keyring.Signing}[i%2]
			for range each {
				k, err := keyring.Open(dir)
				if assert.NoError(t, err) {
					_, err = k.Rotate(p)
					assert.NoError(t, err)
				}
			}
		})
	}
	wg.Wait()
	k, err := keyring.Open(dir)
	require.NoError(t, err)
	assert.Len(t, infoOf(k, keyring.Sealing), 1+each*programs/2)
	assert.Len(t, infoOf(k, keyring.Signing), 1+each*programs/2)
	for _, info := range k.List() {
		assert.False(t, info.Created.IsZero(), "no date was lost either")
	}
}
