package payload

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// visitor is told what stands at the places of a document. Paths are patterns: an element of an array is "/*".
type visitor interface {
	container(path []byte, array bool) error
	// scalar gets a value as it stands in the document. It may keep neither argument.
	scalar(path []byte, value jsontext.Value) error
}

// errNotJSON stands for the errors of jsontext, which quote the document.
var errNotJSON = errors.New("not one strict JSON value")

// reader walks a document with an implementation of JSON that is not ours. The gate relies on that.
type reader struct {
	dec  *jsontext.Decoder
	buf  bytes.Buffer
	path []byte
	name []byte
}

func (r *reader) read(doc []byte, v visitor) error {
	r.buf = *bytes.NewBuffer(doc) // jsontext reads such a buffer in place
	r.path = r.path[:0]
	if r.dec == nil {
		r.dec = jsontext.NewDecoder(&r.buf)
	} else {
		r.dec.Reset(&r.buf)
	}
	if err := r.value(v); err != nil {
		return err
	}
	if _, err := r.dec.ReadToken(); err != io.EOF {
		return errNotJSON
	}
	return nil
}

// forget drops the document and the names that were read.
func (r *reader) forget() {
	r.buf = bytes.Buffer{}
	clear(r.path[:cap(r.path)])
	clear(r.name[:cap(r.name)])
}

func (r *reader) value(v visitor) error {
	switch r.dec.PeekKind() {
	case '{':
		return r.object(v)
	case '[':
		return r.array(v)
	}
	value, err := r.dec.ReadValue()
	if err != nil {
		return errNotJSON
	}
	return v.scalar(r.path, value)
}

func (r *reader) object(v visitor) error {
	if err := r.bracket(); err != nil {
		return err
	}
	if err := v.container(r.path, false); err != nil {
		return err
	}
	above := len(r.path)
	for r.dec.PeekKind() == '"' {
		name, err := r.dec.ReadValue()
		if err != nil {
			return errNotJSON
		}
		if r.name, err = jsontext.AppendUnquote(r.name[:0], name); err != nil {
			return errNotJSON
		}
		r.path = appendSegment(r.path, r.name)
		if err := r.value(v); err != nil {
			return err
		}
		r.path = r.path[:above]
	}
	return r.bracket()
}

func (r *reader) array(v visitor) error {
	if err := r.bracket(); err != nil {
		return err
	}
	if err := v.container(r.path, true); err != nil {
		return err
	}
	above := len(r.path)
	r.path = append(r.path, "/*"...)
	for r.dec.PeekKind() != ']' {
		if err := r.value(v); err != nil {
			return err
		}
	}
	r.path = r.path[:above]
	return r.bracket()
}

// bracket reads the opening or closing bracket that comes next.
func (r *reader) bracket() error {
	if _, err := r.dec.ReadToken(); err != nil {
		return errNotJSON
	}
	return nil
}

// appendSegment appends a name as a segment of a JSON Pointer.
func appendSegment(path, name []byte) []byte {
	path = append(path, '/')
	for _, c := range name {
		switch c {
		case '~':
			path = append(path, "~0"...)
		case '/':
			path = append(path, "~1"...)
		default:
			path = append(path, c)
		}
	}
	return path
}
