package stix_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/payload/stix"
)

const exampleCatalogue = "../../../examples/stix/workspace/catalogues/stix-bundle.yaml"

// catalogueText writes a catalogue as people read it, a section for each type.
func catalogueText(c *payload.Catalogue) string {
	var b strings.Builder
	b.WriteString(`# What may leave of a STIX 2.1 bundle: every property of the standard that can leave at all, and the financial observables of
# stix2extensions. Paths begin with the type of an object; "object" is every type; identity.organization, TYPE.malware and
# indicator.foreign are variants (docs/stix.md). What is not named here does not leave: take lines out, give them other categories,
# add types of your own. PASSAVANT_UPDATE=1 go test ./transfer/payload/stix writes this file.
`)
	fmt.Fprintf(&b, "type: %s\nversion: %q\ntitle: %s\nformat: %s\nlimits: {depth: %d, bytes: %d}\n\nfields:", c.Type, c.Version, c.Title, c.Format, c.Limits.Depth, c.Limits.Bytes)
	last := ""
	for _, f := range c.Fields {
		typ := strings.Split(strings.Split(f.Path, "/")[1], ".")[0]
		if typ != last {
			fmt.Fprintf(&b, "\n  # %s\n", typ)
			last = typ
		}
		fmt.Fprintf(&b, "  - {path: %s, category: %s, role: %s, kind: %s", f.Path, f.Category, f.Role, f.Kind)
		if f.Subject != "" {
			fmt.Fprintf(&b, ", subject: %s", f.Subject)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func TestTheExampleIsTheStandardCatalogue(t *testing.T) {
	want := catalogueText(stix.Standard())
	if os.Getenv("PASSAVANT_UPDATE") != "" {
		require.NoError(t, os.WriteFile(exampleCatalogue, []byte(want), 0o644))
	}
	got, err := os.ReadFile(exampleCatalogue)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "write it again with PASSAVANT_UPDATE=1")
	c, err := payload.ParseCatalogue(exampleCatalogue, got)
	require.NoError(t, err)
	assert.Equal(t, stix.Standard(), c)
}
