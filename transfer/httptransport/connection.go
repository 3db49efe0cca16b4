package httptransport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"

	"github.com/passavant/passavant/transfer"
)

// connectionError says in words of its own why there is no answer. What net/http says can quote the server: a name in
// its certificate, a status line, a Location. For whoever needs that, it is wrapped.
type connectionError struct {
	reason  string
	passing bool // another attempt may end otherwise
	err     error
}

func (e *connectionError) Error() string { return "HTTPS transport: " + e.reason }
func (e *connectionError) Unwrap() error { return e.err }

// Is reports that a connection which was never made is [transfer.ErrNotDelivered].
func (e *connectionError) Is(target error) bool {
	var dial *net.OpError
	var certificate *tls.CertificateVerificationError
	unconnected := errors.As(e.err, &certificate) || (errors.As(e.err, &dial) && dial.Op == "dial")
	return unconnected && target == transfer.ErrNotDelivered
}

// streamError has the fields of the error with which HTTP/2 ends a stream (RFC 9113, section 6.4); net/http converts its own to
// such a type.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e streamError) Error() string { return "stream error" }

func noAnswer(err error) error {
	var local *net.OpError // own addresses, errors of the system, alerts of TLS
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	var stream streamError
	reason, passing := "the answer is not HTTP", false
	switch {
	case errors.Is(err, context.Canceled):
		reason = "given up before the answer came"
	case errors.As(err, &certificate):
		reason = "the recipient's certificate " + certificateFault(certificate.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		reason, passing = "no answer came in time", true
	case errors.As(err, &local):
		reason, passing = local.Error(), true
	case errors.As(err, &stream):
		reason, passing = "the recipient broke the stream off", true
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		reason, passing = "the connection ended before the answer did", true
	}
	return &connectionError{reason, passing, err}
}

func certificateFault(err error) string {
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return "is for another host"
	case errors.As(err, &authority):
		return "is signed by nobody whom this program trusts"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "has expired or is not valid yet"
	}
	return "does not verify"
}
