package workspace_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/policy/agreement"
	"github.com/passavant/passavant/transfer/workspace"
)

const (
	id     = "ie-jp-bank-fraud"
	terms  = "agreements/" + id + "/agreement.yaml"
	theirs = "agreements/" + id + "/signatures/sakura-bank-jp.json"
)

func create(t *testing.T) *workspace.Workspace {
	t.Helper()
	w, err := workspace.Create(t.Context(), filepath.Join(t.TempDir(), "w"), sample.Workspace())
	require.NoError(t, err)
	return w
}

func edit(t *testing.T, w *workspace.Workspace, file, old, new string) {
	t.Helper()
	raw, err := os.ReadFile(w.Path(file))
	require.NoError(t, err)
	require.Contains(t, string(raw), old)
	require.NoError(t, os.WriteFile(w.Path(file), []byte(strings.Replace(string(raw), old, new, 1)), 0o600))
}

// configured writes the configuration anew with one more line.
func configured(t *testing.T, w *workspace.Workspace, line string) (*workspace.Workspace, error) {
	t.Helper()
	edit(t, w, workspace.ConfigName, "policy: .", line+"\npolicy: .")
	return workspace.Open(w.Path("."))
}

func status(t *testing.T, w *workspace.Workspace) policy.SignatureStatus {
	t.Helper()
	e, err := w.OpenEngine(t.Context())
	require.NoError(t, err)
	return e.Signatures(id)
}

func TestCreateSignsForBothSides(t *testing.T) {
	s := status(t, create(t))
	assert.True(t, s.Required, "the practice partner's keys are known")
	assert.Equal(t, map[string]bool{"emerald-bank-ie": true, "sakura-bank-jp": true}, s.Signed)
	assert.Empty(t, s.Problems)
}

func TestEachSideSignsAnew(t *testing.T) {
	w := create(t)
	edit(t, w, terms, "retention_days: 365", "retention_days: 30")
	assert.Empty(t, status(t, w).Signed)

	file, s, err := w.SignAgreement(t.Context(), w.Path("."), id, "", time.Now())
	require.NoError(t, err)
	assert.Equal(t, w.Path("agreements/"+id+"/signatures/emerald-bank-ie.json"), file)
	assert.Equal(t, "1.0", s.Statement.Version)
	assert.Equal(t, map[string]bool{"emerald-bank-ie": true}, status(t, w).Signed)

	practice, err := w.OpenPractice()
	require.NoError(t, err)
	elsewhere := filepath.Join(t.TempDir(), "signature.json")
	file, _, err = practice.SignAgreement(t.Context(), w.Path("."), id, elsewhere, time.Now())
	require.NoError(t, err)
	assert.Equal(t, elsewhere, file)
	require.NoError(t, os.Rename(elsewhere, w.Path(theirs)))
	assert.Len(t, status(t, w).Signed, 2)
}

func TestWhetherSignaturesAreRequired(t *testing.T) {
	for line, required := range map[string]bool{"signatures: required": true, "signatures: optional": false, "": true} {
		w, err := configured(t, create(t), line)
		require.NoError(t, err)
		require.NoError(t, os.Remove(w.Path(theirs)))
		assert.Equal(t, required, status(t, w).Required, line)
	}
	w, err := configured(t, create(t), "signatures: required")
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(w.Path("partners")))
	assert.True(t, status(t, w).Required)
	alone := create(t)
	require.NoError(t, os.RemoveAll(alone.Path("partners")))
	assert.False(t, status(t, alone).Required, "nobody's keys are known")

	_, err = configured(t, create(t), "signatures: perhaps")
	require.ErrorContains(t, err, "neither required nor optional")
}

// A workspace without keys still opens its policy: 'check' must be able to look at it.
func TestPolicyWithoutKeys(t *testing.T) {
	w := create(t)
	require.NoError(t, os.RemoveAll(w.Path("keys")))
	s := status(t, w)
	assert.Equal(t, map[string]bool{"sakura-bank-jp": true}, s.Signed)
	assert.Equal(t, []string{"emerald-bank-ie: signed with a key that is not known as the party's"}, s.Problems)
	_, _, err := w.SignAgreement(t.Context(), w.Path("."), id, "", time.Now())
	require.Error(t, err)
}

func TestSignAgreementRefuses(t *testing.T) {
	w := create(t)
	_, _, err := w.SignAgreement(t.Context(), w.Path("."), "nothing", "", time.Now())
	require.ErrorContains(t, err, `no agreement "nothing" is loaded`)
	edit(t, w, workspace.ConfigName, "party: emerald-bank-ie", "party: somebody-else")
	other, err := workspace.Open(w.Path("."))
	require.NoError(t, err)
	_, _, err = other.SignAgreement(t.Context(), w.Path("."), id, "", time.Now())
	require.ErrorContains(t, err, `says "somebody-else"`)
	edit(t, w, terms, "  - id: emerald-bank-ie", "  - id: emerald-bank-uk")
	edit(t, w, terms, "  emerald-bank-ie: \"GDPR", "  emerald-bank-uk: \"GDPR")
	require.NoError(t, os.RemoveAll(w.Path("agreements/"+id+"/signatures")))
	_, _, err = w.SignAgreement(t.Context(), w.Path("."), id, "", time.Now())
	require.ErrorIs(t, err, agreement.ErrNotParty)
}
