package httptransport

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"
)

// Option changes how a [Client] connects and tries again.
type Option func(*settings)

type settings struct {
	retry        Retry
	maxBytes     int64
	certificates []tls.Certificate
	roots        *x509.CertPool
}

// WithRetry replaces [DefaultRetry].
func WithRetry(r Retry) Option { return func(s *settings) { s.retry = r } }

// WithoutRetry makes one attempt only.
func WithoutRetry() Option { return WithRetry(Retry{Attempts: 1}) }

// WithCertificate shows a certificate to a recipient that asks for one (mutual TLS).
func WithCertificate(c tls.Certificate) Option {
	return func(s *settings) { s.certificates = append(s.certificates, c) }
}

// WithRoots trusts the authorities of a pool instead of the system's.
func WithRoots(pool *x509.CertPool) Option { return func(s *settings) { s.roots = pool } }

// WithMaxBytes sends no envelope that is larger, as agreed with the recipient; 0, the default, means any.
func WithMaxBytes(n int64) Option { return func(s *settings) { s.maxBytes = n } }

// secured returns a copy of a road on which nothing below TLS 1.3 goes. A road that is not net/http's is the caller's to
// secure.
func (s *settings) secured(road http.RoundTripper) http.RoundTripper {
	if road == nil {
		road = http.DefaultTransport
	}
	known, ok := road.(*http.Transport)
	if !ok {
		return road
	}
	known = known.Clone()
	if known.TLSClientConfig == nil {
		known.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS13}
	}
	config := known.TLSClientConfig
	config.MinVersion = max(config.MinVersion, tls.VersionTLS13)
	config.Certificates = append(config.Certificates, s.certificates...)
	if s.roots != nil {
		config.RootCAs = s.roots
	}
	return known
}

// ServerTLS is the TLS configuration of a recipient: TLS 1.3, and if clients is not nil, only exporters that show a
// certificate of one of these authorities.
func ServerTLS(certificate tls.Certificate, clients *x509.CertPool) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate}}
	if clients != nil {
		config.ClientCAs, config.ClientAuth = clients, tls.RequireAndVerifyClientCert
	}
	return config
}

// The limits of a [NewServer].
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	maxHeaderBytes = 16 << 10
)

// NewServer returns an http.Server for a handler with time limits for headers and idle connections. Start it with
// ListenAndServeTLS("", ""), stop it with Shutdown. A body has no time limit here, since envelopes can be large; set
// ReadTimeout if yours are not.
func NewServer(address string, h http.Handler, config *tls.Config) *http.Server {
	return &http.Server{
		Addr: address, Handler: h, TLSConfig: config,
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
	}
}
