package stix

import "fmt"

// ObjectError refuses a bundle for one of its objects, or as a whole. It never quotes the bundle.
type ObjectError struct {
	Object int    // index in "objects" from 0; -1 for the bundle itself
	Member string // property, as the standard spells it; "" for the object itself
	Msg    string
}

func (e *ObjectError) Error() string {
	if e.Object < 0 {
		return "stix: the bundle: " + e.Msg
	}
	if e.Member == "" {
		return fmt.Sprintf("stix: /objects/%d: %s", e.Object, e.Msg)
	}
	return fmt.Sprintf("stix: /objects/%d/%s: %s", e.Object, e.Member, e.Msg)
}
