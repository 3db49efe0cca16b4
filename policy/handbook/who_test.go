package handbook

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passavant/passavant/policy/agreement"
)

func TestWhoMayInWords(t *testing.T) {
	a := &agreement.Agreement{
		WhoMay: map[string][]agreement.Entry{
			"send":    {{Role: "analyst", Unit: "fraud", Party: "bank"}, {Role: "officer", Purposes: []string{"a", "b"}, Attributes: map[string]string{"shift": "day", "clearance": "high"}}},
			"approve": {},
		},
		Approvals: []agreement.Approval{{Role: "second_person", When: "special_categories", Keys: []agreement.ApprovalKey{{Party: "bank", Holder: "Head"}}}},
	}
	assert.Equal(t, []string{
		"send: analyst of unit fraud at bank; or officer for a, b with clearance high with shift day",
		"approve: nobody",
		"read log: not said here; whom the program lets in, unless the rules of the house say more",
		"open detail: nobody, unless the rules of the house open it",
		"reidentify: nobody, unless the rules of the house open it",
		"approval as second_person, for special categories of data: Head (bank)",
	}, who(a))
}

func TestLongWordsAreBroken(t *testing.T) {
	assert.Equal(t, []string{"for", "prevent_and_", "investigate_", "fraud"}, broken("for prevent_and_investigate_fraud", 12))
	assert.Equal(t, []string{"a_short_word"}, broken("a_short_word", 12))
	assert.Equal(t, []string{"unbreakableword"}, broken("unbreakableword", 5))
}
