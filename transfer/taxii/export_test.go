package taxii

// IDOf is the id of an Artifact with other contributing properties, for the standard's check value.
func IDOf(contributing map[string]string) string {
	id, err := deterministicID(contributing)
	if err != nil {
		return err.Error()
	}
	return id
}

// Answers parses an answer of any kind, for fuzzing.
func Answers(raw []byte) error {
	if _, err := readPage(raw); err != nil {
		return err
	}
	var s statusResource
	if err := read(raw, &s); err != nil {
		return err
	}
	_ = refs(s.Failures)
	if _, err := statusPath(s.ID); err != nil {
		return err
	}
	var r Root
	if err := read(raw, &r); err != nil {
		return err
	}
	return s.check()
}
