package canonical

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// ErrSyntax is the condition that the bytes are not one strict JSON value.
var ErrSyntax = errors.New("not a strict JSON value")

// redact keeps the offset of a syntax error and drops the rest: jsontext quotes member names and characters of the
// input in its messages, and these may be personal data.
func redact(err error) error {
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		return fmt.Errorf("%w at offset %d", ErrSyntax, syntactic.ByteOffset)
	}
	return ErrSyntax
}
