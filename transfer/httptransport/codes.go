package httptransport

import "github.com/passavant/passavant/transfer"

// The codes of a problem that is not the envelope's. With those of [transfer.RejectCode] they are the whole vocabulary.
const (
	CodeMethod      = "method"
	CodeMediaType   = "media-type"
	CodeTooLarge    = "too-large"
	CodeUnavailable = "unavailable" // nothing was recorded; send the same envelope again
	// CodeHTTP stands for an answer that was no problem document with a code of the vocabulary. No handler sends it.
	CodeHTTP = "http"
)

func isCode(s string) bool {
	switch s {
	case CodeMethod, CodeMediaType, CodeTooLarge, CodeUnavailable:
		return true
	}
	return transfer.IsRejectCode(s)
}
