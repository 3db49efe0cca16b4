package seal

import "errors"

// The conditions under which a message is refused. Messages name the part of the envelope and never its content.
var (
	// ErrUnsupportedVersion means that the first line names another version of the format.
	ErrUnsupportedVersion = errors.New("seal: unsupported version of the format")
	// ErrMalformed means that the bytes are not a sealed message; the text says in which part.
	ErrMalformed = errors.New("seal: malformed message")
	// ErrTruncated means that the message ends too early; the text says in which part.
	ErrTruncated = errors.New("seal: truncated message")
	// ErrUnknownSuite means that the seal line names algorithms which this version does not know.
	ErrUnknownSuite = errors.New("seal: unknown suite")
	// ErrNotForUs means that none of the given keys is among the recipients.
	ErrNotForUs = errors.New("seal: message is not sealed to any of our keys")
	// ErrSignature means that the message is not, as it stands, signed by the expected key.
	ErrSignature = errors.New("seal: signature does not verify")
	// ErrOpen means that a message is well signed and yet does not decrypt: the sender made it wrongly, or somebody else
	// made it out of parts of another message. It says no more on purpose.
	ErrOpen = errors.New("seal: cannot open")
	// ErrSeal means that the arguments do not make a message; the text says which.
	ErrSeal = errors.New("seal: cannot seal")
)
