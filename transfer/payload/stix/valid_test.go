package stix_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// agreements are sets of treatments from one end to the other.
func agreements() map[string]map[string]payload.Treatment {
	everything := func(technique string) map[string]payload.Treatment {
		t := map[string]payload.Treatment{}
		for category := range roles() {
			t[category] = payload.Treatment{Technique: technique}
		}
		return t
	}
	generous := everything(payload.Keep)
	for _, c := range []string{"name", "email", "user_name", "content", "narrative"} {
		delete(generous, c)
	}
	coarse := strict()
	coarse["timestamp"] = payload.Treatment{Technique: payload.Generalize, Params: map[string]string{"to": "month"}}
	coarse["ip_address"] = payload.Treatment{Technique: payload.Generalize, Params: map[string]string{"to": "prefix"}}
	coarse["email"] = payload.Treatment{Technique: payload.Mask}
	coarse["name"] = payload.Treatment{Technique: payload.Mask, Params: map[string]string{"keep_last": "2"}}
	return map[string]map[string]payload.Treatment{
		"strict": strict(), "nothing": {}, "everything kept": everything(payload.Keep), "generous": generous, "coarse": coarse,
	}
}

func TestResultsAreValid(t *testing.T) {
	s := loadSchemas(t)
	for name, treatments := range agreements() {
		plan := compile(t, treatments)
		for _, seed := range seeds() {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				out, _, err := plan.Protect(nil, newPlanter(seed).bundle(250), testKey)
				require.NoError(t, err)
				if checked := s.validate(t, out); name != "nothing" {
					require.Greater(t, checked, 50)
				}
			})
		}
	}
	require.Error(t, s.byType["indicator"].Validate(map[string]any{"type": "indicator"}), "the tester is tested: it refuses")
}

// roles returns the categories of the standard.
func roles() map[string]payload.Role { return standardCatalogue().Roles() }

func TestResultsAreWhole(t *testing.T) {
	for name, treatments := range agreements() {
		plan := compile(t, treatments)
		for _, seed := range seeds()[:1] {
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				src := newPlanter(seed).bundle(250)
				out, _, err := plan.Protect(nil, src, testKey)
				require.NoError(t, err)
				requireWhole(t, out)
				if name == "strict" || name == "nothing" {
					requireNoOldID(t, src, out)
				}
			})
		}
	}
}

// requireWhole walks a result on its own: every reference leads to an object in it.
func requireWhole(t testing.TB, out []byte) {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(out, &doc))
	list, _ := doc["objects"].([]any)
	defined := map[string]bool{}
	for _, o := range list {
		id := o.(map[string]any)["id"].(string)
		assert.False(t, defined[id], "two objects with the id %s", id)
		defined[id] = true
	}
	var walk func(name string, v any, inner map[string]any)
	check := func(name, ref string, inner map[string]any) {
		if strings.HasPrefix(ref, "marking-definition--") {
			return
		}
		if !defined[ref] && inner[ref] == nil {
			t.Errorf("%s refers to %s, which is not there", name, ref)
		}
	}
	walk = func(name string, v any, inner map[string]any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				if objects, ok := x.(map[string]any); ok && k == "objects" {
					walk(k, x, objects)
					continue
				}
				walk(k, x, inner)
			}
		case []any:
			for _, x := range v {
				walk(name, x, inner)
			}
		case string:
			if strings.HasSuffix(name, "_ref") || strings.HasSuffix(name, "_refs") {
				check(name, v, inner)
			}
		}
	}
	walk("", doc, nil)
}

func requireNoOldID(t testing.TB, src, out []byte) {
	t.Helper()
	var doc struct{ Objects []struct{ ID, Type string } }
	require.NoError(t, json.Unmarshal(src, &doc))
	for _, o := range doc.Objects {
		if o.Type != "marking-definition" {
			assert.False(t, strings.Contains(string(out), strings.SplitN(o.ID, "--", 2)[1]), "the id of the source leaves: %s", o.ID)
		}
	}
}
