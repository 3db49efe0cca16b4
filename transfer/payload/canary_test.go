package payload_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/transfer/payload"
)

// plant writes the value of a field into a tree, through one element of each array on the way, and beside it an
// unlisted member whose name and value are canaries too.
func plant(tree map[string]any, path string, value any, stray string) {
	segments := strings.Split(path, "/")[1:]
	at := tree
	for i, s := range segments[:len(segments)-1] {
		if s == "*" {
			continue
		}
		if segments[i+1] == "*" {
			if at[s] == nil {
				at[s] = []any{map[string]any{}}
			}
			at = at[s].([]any)[0].(map[string]any)
			continue
		}
		if at[s] == nil {
			at[s] = map[string]any{}
		}
		at = at[s].(map[string]any)
	}
	at[segments[len(segments)-1]] = value
	at["name-"+stray] = map[string]any{"deep-" + stray: []any{"value-" + stray}}
}

// canaryValue is a value of a kind that no other field has, and the part of it to look for.
func canaryValue(kind payload.Kind, i int) (value any, canary string) {
	canary = fmt.Sprintf("canary%04d", i)
	switch kind {
	case payload.KindEmail:
		return canary + "@example.org", canary
	case payload.KindAmount:
		canary = fmt.Sprintf("7%04d.25", i)
		return json.Number(canary), canary
	case payload.KindDate:
		return fmt.Sprintf("19%02d-02-03", i), fmt.Sprintf("19%02d-02-03", i)
	case payload.KindDatetime:
		canary = fmt.Sprintf("T01:02:%02d", i)
		return "2026-11-17" + canary + "Z", canary
	case payload.KindIP:
		return fmt.Sprintf("203.0.113.%d", 100+i), fmt.Sprintf("203.0.113.%d", 100+i)
	case payload.KindIBAN:
		return fmt.Sprintf("IE98CANARY%09d", i), fmt.Sprintf("CANARY%09d", i)
	case payload.KindPhone:
		return fmt.Sprintf("+353 20 91 %05d", i), fmt.Sprintf("91 %05d", i)
	case payload.KindPostcode:
		return fmt.Sprintf("D02 Q%03d", i), fmt.Sprintf("Q%03d", i)
	}
	return canary, canary
}

func TestInvariant11_CanariesStayInside(t *testing.T) {
	c, treatments := fraudCatalogue(t), fraudTreatments()
	p := compile(t, c, treatments)
	tree := map[string]any{}
	var withheld, all []string
	for i, f := range c.Fields {
		value, canary := canaryValue(f.Kind, i)
		plant(tree, f.Path, value, fmt.Sprintf("stray%04d", i))
		all = append(all, canary)
		if treatments[f.Category].Technique != payload.Keep {
			withheld = append(withheld, canary)
		}
	}
	doc, err := json.Marshal(tree)
	require.NoError(t, err)
	for _, canary := range append(all, "stray0000") {
		require.Contains(t, string(doc), canary)
	}

	out, rep, err := p.Protect(nil, doc, newPseudonyms())
	require.NoError(t, err)
	report, err := json.Marshal(rep)
	require.NoError(t, err)
	for _, canary := range append(withheld, "stray") {
		assert.NotContains(t, string(out), canary)
	}
	for _, canary := range append(all, "stray") {
		assert.NotContains(t, string(report), canary)
	}
	assert.Equal(t, int64(37), rep.Unlisted)
	t.Run("errors", func(t *testing.T) { canaryErrors(t, p, doc, append(all, "stray")) })
}

// canaryErrors breaks the document in every place in several ways and looks into what is said about it.
func canaryErrors(t *testing.T, p *payload.Plan, doc []byte, canaries []string) {
	refused := 0
	for i := range doc {
		for _, broken := range [][]byte{
			doc[:i],
			append(append(append([]byte(nil), doc[:i]...), '\x01'), doc[i:]...),
			append(append(append([]byte(nil), doc[:i]...), "{}"...), doc[i:]...),
			append(append(append([]byte(nil), doc[:i]...), '"'), doc[i+1:]...),
		} {
			out, rep, err := p.Protect(nil, broken, newPseudonyms())
			if err == nil {
				continue
			}
			refused++
			require.Empty(t, out)
			require.Nil(t, rep)
			said := err.Error() + fmt.Sprintf("%+v %#v", err, err)
			for _, canary := range canaries {
				require.NotContains(t, said, canary)
			}
		}
	}
	assert.Greater(t, refused, len(doc))
}

// The gate's own errors are met with every canary planted in every place that leaves in clear.
func TestInvariant11_LeakErrorsNameNoValue(t *testing.T) {
	p := gatePlan(t)
	for i, who := range []string{"name", "iban", "phone", "number"} {
		for _, rest := range []string{`"note":%s`, `"list":[{"text":%s}]`, `"amount":%s`} {
			canary := fmt.Sprintf("IE98CANARY%09d", i)
			if who == "phone" {
				canary = "+353 20 910 0142"
			}
			doc := fmt.Sprintf(`{"who":{%q:%q},`+rest+`}`, who, canary, fmt.Sprintf("%q", "xx "+canary+" xx"))
			_, _, err := p.Protect(nil, []byte(doc), newPseudonyms())
			require.ErrorIs(t, err, payload.ErrGate)
			said := strings.ToLower(fmt.Sprintf("%v %+v %#v", err, err, err))
			assert.NotContains(t, said, "canary")
			assert.NotContains(t, said, "910 0142")
		}
	}
}
