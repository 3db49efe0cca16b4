package transfer

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/policy"
	regolib "github.com/passavant/passavant/rego"
	"github.com/passavant/passavant/transfer/payload"
)

// The rules say which obligations travel, the sender how each is met, the engine which it knows: three tables, one truth.
func TestTablesOfObligationsAgree(t *testing.T) {
	assert.Equal(t, policy.BuiltinObligations(), KnownObligations())

	text, err := fs.ReadFile(regolib.FS, "obligations/obligations.rego")
	require.NoError(t, err)
	set := regexp.MustCompile(`(?s)travelling := \{(.*?)\}`).FindSubmatch(text)
	require.NotNil(t, set)
	var travelling []string
	for _, code := range regexp.MustCompile(`"([a-z0-9_]+)"`).FindAllSubmatch(set[1], -1) {
		travelling = append(travelling, string(code[1]))
	}
	slices.Sort(travelling)
	assert.Equal(t, travelling, HonouredObligations())
}

func TestWhatIsCalledDischargedIsChecked(t *testing.T) {
	kept := &payload.Report{Fields: []payload.FieldReport{{Path: "/name", Role: payload.Direct, Technique: payload.Keep, Count: 1}}}
	absent := &payload.Report{Fields: []payload.FieldReport{{Path: "/name", Role: payload.Direct, Technique: payload.Keep}}}
	complete := Request{Actor: "a", Justification: "b"}
	for name, tc := range map[string]struct {
		code   string
		req    Request
		report *payload.Report
		ok     bool
	}{
		"an identifier is kept":            {pseudonymizeIdentifiers, complete, kept, false},
		"no identifier occurs":             {pseudonymizeIdentifiers, complete, absent, true},
		"no rule asks for it":              {"record_art30", complete, kept, true},
		"consultation without an actor":    {logConsultation, Request{Justification: "b"}, absent, false},
		"consultation without a reason":    {logConsultation, Request{Actor: "a"}, absent, false},
		"consultation with both":           {logConsultation, complete, absent, true},
		"a request's record without actor": {recordRequest, Request{}, absent, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := checkApplied([]policy.Obligation{{Code: tc.code}}, tc.req, tc.report)
			if tc.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrObligation)
		})
	}
}
