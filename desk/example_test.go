package desk_test

import (
	"errors"
	"fmt"

	"github.com/passavant/passavant/desk"
)

// A request names the transfer and the place, and says why. Approvals are bound to all of it.
func ExampleParseRequest() {
	request, err := desk.ParseRequest([]byte(`{
		"transfer": "9a197f3bc92117a373f3dcc7ddf40f05", "type": "fraud-case-report", "path": "/victim/name", "value": "tok_…",
		"purpose": "prevent_and_investigate_fraud", "case_reference": "INV-2026-118", "justification": "The mule was found."}`))
	fmt.Println(request.Path, err)

	_, err = desk.ParseRequest([]byte(`{"transfer": "9a197f3bc92117a373f3dcc7ddf40f05"}`))
	fmt.Println(errors.Is(err, desk.ErrRequest), err)
	// Output:
	// /victim/name <nil>
	// true invalid request for re-identification: member "type" is missing
}
