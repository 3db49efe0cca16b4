package stix_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

const schemaFolder = "PASSAVANT_STIX_SCHEMAS"

// schemas validates objects against the schemas of OASIS and of stix2extensions, object by object: the schema of bundles
// leaves out seven types of the standard.
type schemas struct{ byType map[string]*jsonschema.Schema }

func loadSchemas(t testing.TB) *schemas {
	t.Helper()
	folder := os.Getenv(schemaFolder)
	if folder == "" {
		t.Skipf("no schemas: clone github.com/oasis-open/cti-stix2-json-schemas (branch stix2.1), put its folder schemas beneath "+
			"DIR/oasis, and run: %s=DIR go test ./transfer/payload/stix", schemaFolder)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	urls := make(map[string]string)
	add := func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" || strings.Contains(path, "extension-definitions") {
			return err
		}
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		require.NoError(t, err, path)
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		id, _ := doc.(map[string]any)["$id"].(string)
		if id == "" {
			id = "https://schemas.invalid/" + name + ".json"
		}
		require.NoError(t, c.AddResource(id, doc))
		// Those of stix2extensions refer to another branch over https.
		other := strings.Replace(strings.Replace(id, "http://", "https://", 1), "/stix2.1/", "/master/", 1)
		if other != id {
			require.NoError(t, c.AddResource(other, doc))
		}
		urls[name] = id
		return nil
	}
	require.NoError(t, filepath.WalkDir(folder, add))
	s := &schemas{byType: make(map[string]*jsonschema.Schema)}
	for name, url := range urls {
		compiled, err := c.Compile(url)
		require.NoError(t, err)
		s.byType[name] = compiled
	}
	require.Contains(t, s.byType, "indicator", "%s holds no schemas of OASIS", folder)
	return s
}

// validate checks every object of a result; unknown lists the types that have no schema.
func (s *schemas) validate(t testing.TB, bundle []byte) (checked int) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(bundle)))
	require.NoError(t, err)
	list, _ := doc.(map[string]any)["objects"].([]any)
	for i, o := range list {
		object := o.(map[string]any)
		schema := s.byType[object["type"].(string)]
		if schema == nil {
			continue
		}
		withoutLanguageMarkings(object)
		if err := schema.Validate(object); err != nil {
			text, _ := json.Marshal(object)
			require.NoError(t, err, "/objects/%d: %s", i, text)
		}
		checked++
	}
	return checked
}

// withoutLanguageMarkings takes out granular markings of languages, which the standard allows (section 7.2.3) and the
// schema refuses.
func withoutLanguageMarkings(object map[string]any) {
	markings, ok := object["granular_markings"].([]any)
	if !ok {
		return
	}
	var left []any
	for _, m := range markings {
		if m.(map[string]any)["lang"] == nil {
			left = append(left, m)
		}
	}
	if object["granular_markings"] = left; len(left) == 0 {
		delete(object, "granular_markings")
	}
}
