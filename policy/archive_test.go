package policy_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/canonical"
	"github.com/passavant/passavant/policy"
)

func japan(t *testing.T, e *policy.Engine) policy.Facts {
	t.Helper()
	return fraudFacts(t, e, "ie-jp-bank-fraud", "sakura-bank-jp")
}

// An archive that went through a file decides as its engine did, word by word, and proves which revision it is.
func TestArchiveDecidesTheSame(t *testing.T) {
	e := engine(t)
	var file bytes.Buffer
	require.NoError(t, e.Archive().WriteZip(&file))
	a, err := policy.ParseArchive(file.Bytes())
	require.NoError(t, err)
	assert.Equal(t, e.Revision(), a.Revision())
	assert.Equal(t, policy.EvaluatorVersion(), a.OPA())
	assert.Equal(t, e.Revision(), canonical.DigestBytes(a.Listing))

	again, err := policy.LoadArchive(t.Context(), a, policy.Options{Timeout: time.Minute})
	require.NoError(t, err)
	for _, purpose := range []string{"prevent_and_investigate_fraud", "marketing"} {
		f := japan(t, e)
		f.Claims["purpose"] = purpose
		want := e.Decide(t.Context(), f)
		got := again.Replay(t.Context(), want.FactsCanonical, want.AgreementDigest)
		assert.Equal(t, want, got, purpose)
		assert.NotEmpty(t, got.Digest)
	}
	access := e.Authorize(t.Context(), policy.Access{
		At: japan(t, e).At, Action: policy.ReadLog, Party: "emerald-bank-ie", Agreement: "ie-jp-bank-fraud",
	})
	assert.Equal(t, access, again.Replay(t.Context(), access.FactsCanonical, access.AgreementDigest), "an answer about access")
	assert.False(t, again.Replay(t.Context(), []byte("null"), "").Permit)
	assert.False(t, again.Replay(t.Context(), []byte("{"), "").Permit)
	assert.False(t, again.Decide(t.Context(), japan(t, e)).Permit, "it holds no agreements")
}

func TestArchiveIsDeterministic(t *testing.T) {
	e := engine(t)
	var one, two bytes.Buffer
	require.NoError(t, e.Archive().WriteZip(&one))
	require.NoError(t, e.Archive().WriteZip(&two))
	assert.Equal(t, one.Bytes(), two.Bytes())
}

// Whatever is changed in an archive, it is refused, or is another revision.
func TestArchiveRefusesWhatIsNotItself(t *testing.T) {
	a := engine(t).Archive()
	for name := range a.Files {
		b := policy.Archive{Listing: a.Listing, Files: maps.Clone(a.Files)}
		b.Files[name] = append(append([]byte{}, a.Files[name]...), '\n')
		_, err := policy.ParseArchive(zipped(t, b))
		require.ErrorIs(t, err, policy.ErrArchive, name)
		assert.Contains(t, err.Error(), name)
		delete(b.Files, name)
		_, err = policy.ParseArchive(zipped(t, b))
		require.ErrorIs(t, err, policy.ErrArchive, name)
	}
	_, err := policy.ParseArchive([]byte("not a ZIP file"))
	require.ErrorIs(t, err, policy.ErrArchive)
	other := policy.Archive{Listing: bytes.Replace(a.Listing, []byte("sha256:"), []byte("sha256:0"), 1), Files: a.Files}
	_, err = policy.ParseArchive(zipped(t, other))
	require.ErrorIs(t, err, policy.ErrArchive)
}

func zipped(t *testing.T, a policy.Archive) []byte {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, a.WriteZip(&file))
	return file.Bytes()
}

// A decision's digest covers every word of it.
func TestDecisionDigest(t *testing.T) {
	e := engine(t)
	d := e.Decide(t.Context(), japan(t, e))
	again := e.Decide(t.Context(), japan(t, e))
	assert.Equal(t, d.Digest, again.Digest, "from the cache")
	want, err := canonical.Digest(d)
	require.NoError(t, err)
	assert.Equal(t, want, d.Digest)
	d.Reasons[0].Message += "."
	got, err := canonical.Digest(d)
	require.NoError(t, err)
	assert.NotEqual(t, want, got)
	assert.NotEmpty(t, e.Decide(t.Context(), policy.Facts{Agreement: "none"}).Digest)
}

// Reconsider takes the candidate's agreement, and the claims and evidence of the question that was asked.
func TestReconsider(t *testing.T) {
	e := engine(t)
	before := e.Decide(t.Context(), japan(t, e))
	require.True(t, before.Permit)
	reconsider := func(e *policy.Engine, facts []byte) policy.Decision {
		return e.Reconsider(t.Context(), "ie-jp-bank-fraud", "emerald-bank-ie", "sakura-bank-jp", facts)
	}
	assert.Equal(t, before, reconsider(e, before.FactsCanonical), "nothing changed")

	candidate, err := policy.LoadWith(t.Context(), policy.Options{
		FS: []fs.FS{edited(t, "code: prevent_and_investigate_fraud", "code: train_staff")}, Timeout: time.Minute,
	})
	require.NoError(t, err)
	after := reconsider(candidate, before.FactsCanonical)
	assert.False(t, after.Permit)
	assert.NotEmpty(t, after.Missing)

	assert.Equal(t, []string{policy.CodeUnknownAgreement}, e.Reconsider(t.Context(), "none", "a", "b", before.FactsCanonical).Missing)
	assert.Equal(t, []string{policy.CodeUnknownParty}, e.Reconsider(t.Context(), "ie-jp-bank-fraud", "a", "b", before.FactsCanonical).Missing)
	assert.Equal(t, []string{policy.CodeFactsInvalid}, reconsider(e, []byte("{")).Missing)
}

func TestArchiveHoldsTheAgreement(t *testing.T) {
	e := engine(t)
	a, found := e.Agreement("ie-jp-bank-fraud")
	require.True(t, found)
	assert.Equal(t, a.Digest(), canonical.DigestBytes(e.Archive().Agreement(a.ID)))
	assert.Nil(t, e.Archive().Agreement("none"))
	var document map[string]any
	require.NoError(t, json.Unmarshal(a.Document(), &document))
	assert.Equal(t, a.ID, document["id"])
	assert.True(t, strings.HasPrefix(e.Revision(), "sha256:"))
}
