package transfer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/payload"
)

func TestCompilePlanChoosesByFormat(t *testing.T) {
	cat := &payload.Catalogue{Type: "t", Version: "1", Fields: []payload.Field{
		{Path: "/a", Category: "c", Role: payload.Direct, Kind: payload.KindString},
	}}
	p, err := transfer.CompilePlan(cat, nil)
	require.NoError(t, err)
	out, _, err := p.Protect(nil, []byte(`{"a":"x"}`), nil)
	require.NoError(t, err)
	assert.Equal(t, `{}`, string(out))

	cat.Format = "xml"
	p, err = transfer.CompilePlan(cat, nil)
	var wrong *payload.CatalogueError
	require.ErrorAs(t, err, &wrong)
	assert.Nil(t, p)

	cat.Format, cat.Fields = payload.FormatJSON, nil
	p, err = transfer.CompilePlan(cat, nil)
	require.ErrorAs(t, err, &wrong)
	assert.True(t, p == nil, "an error comes without a plan, not with a nil pointer in one")
}
