package payload

import (
	"errors"
	"fmt"
)

// ErrGate is the condition that a result did not pass the gate. Both [LeakError] and [GateError] match it.
var ErrGate = errors.New("the result did not pass the gate")

// CatalogueError says what is wrong with a catalogue. Line counts from 1; it is 0 for a catalogue that was not read
// from text.
type CatalogueError struct {
	File string
	Line int
	Msg  string
}

func (e *CatalogueError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Msg)
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// TreatmentError says why a treatment cannot be applied to the fields of a category.
type TreatmentError struct {
	Category string
	Msg      string
}

func (e *TreatmentError) Error() string {
	return fmt.Sprintf("payload: treatment of category %q: %s", e.Category, e.Msg)
}

// SyntaxError refuses a document that is not one strict JSON value. Offset is in bytes from its start. Pointer is a
// JSON Pointer (RFC 6901) to the value being read, in which every name outside the catalogue is written "?".
type SyntaxError struct {
	Offset  int64
	Pointer string
	Msg     string
}

func (e *SyntaxError) Error() string {
	if e.Pointer == "" {
		return fmt.Sprintf("payload: offset %d: %s", e.Offset, e.Msg)
	}
	return fmt.Sprintf("payload: offset %d, at %s: %s", e.Offset, e.Pointer, e.Msg)
}

// KindError refuses a document in which a planned place holds something else than the catalogue says. Pointer is the
// catalogue's pattern of that place; Want is a [Kind], "object" or "array".
type KindError struct {
	Pointer string
	Want    string
}

func (e *KindError) Error() string {
	return fmt.Sprintf("payload: %s: the value is not of kind %s", e.Pointer, e.Want)
}

// LeakError refuses a result in which an original value of a direct identifier survived. Pointer is the catalogue's
// pattern of the place where it was found, Category the data category it came from. The value itself is never told.
type LeakError struct {
	Pointer  string
	Category string
}

func (e *LeakError) Error() string {
	return fmt.Sprintf("payload: gate: %s holds an original value of the direct identifier %q", e.Pointer, e.Category)
}

// Is makes errors.Is(err, ErrGate) true.
func (e *LeakError) Is(target error) bool { return target == ErrGate }

// GateError refuses a result that does not keep what the plan declared. Pointer is a pattern in which every name
// outside the catalogue is written "?".
type GateError struct {
	Pointer string
	Msg     string
}

func (e *GateError) Error() string {
	return fmt.Sprintf("payload: gate: %s: %s", e.Pointer, e.Msg)
}

// Is makes errors.Is(err, ErrGate) true.
func (e *GateError) Is(target error) bool { return target == ErrGate }
