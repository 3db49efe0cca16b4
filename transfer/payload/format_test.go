package payload_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

func TestFormatOfACatalogue(t *testing.T) {
	plain, err := payload.ParseCatalogue("c.yaml", []byte(minimal+row("/a")))
	require.NoError(t, err)
	assert.Equal(t, payload.FormatJSON, plain.ReadAs())
	spelt, err := payload.ParseCatalogue("c.yaml", []byte("format: json\n"+minimal+row("/a")))
	require.NoError(t, err)
	assert.Equal(t, plain.Digest(), spelt.Digest(), "json is what a catalogue without a format means")
	csv, err := payload.ParseCatalogue("c.yaml", []byte("format: csv\n"+minimal+row("/a")))
	require.NoError(t, err)
	assert.Equal(t, payload.FormatCSV, csv.ReadAs())
	assert.NotEqual(t, plain.Digest(), csv.Digest())
	_, err = payload.ParseCatalogue("c.yaml", []byte("format: xml\n"+minimal+row("/a")))
	assert.ErrorContains(t, err, `unknown format "xml"`)
}

func TestCompileRefusesOtherFormats(t *testing.T) {
	c := catalogueOf(field("/a", "c", payload.Direct, payload.KindString))
	c.Format = payload.FormatSTIX
	_, err := payload.Compile(c, nil)
	var wrong *payload.CatalogueError
	assert.ErrorAs(t, err, &wrong)
}
