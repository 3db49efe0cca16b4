package audit_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
)

// The index says of every transfer what Reader.Details says of it, and notices an erasure.
func TestDetailIndexAgreesWithDetails(t *testing.T) {
	dir := t.TempDir()
	l := openLog(t, dir, testOptions())
	for i := range 40 {
		_, err := l.Append(t.Context(), audit.Record{Type: audit.Refused, Transfer: fmt.Sprintf("t%d", i%15)}, []byte(fmt.Sprintf("detail %d", i)))
		require.NoError(t, err)
	}
	vkey := l.VerifierKey()
	require.NoError(t, l.Close())
	_, err := audit.EraseDetail(dir, "t3")
	require.NoError(t, err)
	r, err := audit.OpenReader(dir, vkey)
	require.NoError(t, err)
	x, err := r.IndexDetails()
	require.NoError(t, err)
	for i := range 17 {
		id := fmt.Sprintf("t%d", i)
		want, wantErr := r.Details(id)
		got, gotErr := x.Details(id)
		assert.Equal(t, want, got, id)
		assert.Equal(t, wantErr, gotErr, id)
	}
	_, err = audit.EraseDetail(dir, "t4")
	require.NoError(t, err)
	_, err = x.Details("t4")
	require.ErrorIs(t, err, audit.ErrErased)
}
