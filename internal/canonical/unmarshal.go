package canonical

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Unmarshal decodes one strict JSON value into v: duplicate and unknown members, member names in another case, invalid
// UTF-8 and trailing bytes are refused. The error names the byte offset or the JSON Pointer (RFC 6901) of the fault,
// never a value.
func Unmarshal(raw []byte, v any) error {
	err := json.Unmarshal(raw, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return redact(err)
	}
	reason := "the value has the wrong type"
	if errors.Is(err, json.ErrUnknownName) {
		reason = "unknown member"
	}
	return fmt.Errorf("%w: %s at %s", ErrSyntax, reason, quotePointer(semantic.JSONPointer))
}

const maxQuotedPointer = 120

// quotePointer keeps a pointer from breaking a terminal or flooding a log.
func quotePointer(p jsontext.Pointer) string {
	text := string(p)
	if len(text) > maxQuotedPointer {
		text = text[:maxQuotedPointer] + "…"
	}
	return strconv.QuoteToASCII(text)
}
