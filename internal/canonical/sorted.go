package canonical

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// MarshalSorted is a faster [Marshal] for values whose structs declare their members in canonical order, whose maps have
// ASCII keys, and whose numbers are integers. It is the caller's duty that v is such a value; a test beside the type
// compares the two.
func MarshalSorted(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding for canonical JSON: %w", err)
	}
	out := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	// encoding/json escapes U+2028, U+2029 and U+FFFD, which RFC 8785 leaves alone.
	if bytes.Contains(out, []byte(`\u2`)) || bytes.Contains(out, []byte(`\uf`)) {
		return Transform(out)
	}
	return out, nil
}
