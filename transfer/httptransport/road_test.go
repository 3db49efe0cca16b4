package httptransport_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/httptransport"
	"github.com/passavant/passavant/transfer/transfertest"
)

type acceptFunc = func(context.Context, transfer.Header, []byte) error

func takeAll(context.Context, transfer.Header, []byte) error { return nil }

func TestTheReceiptComesBackVerifiedAndRecorded(t *testing.T) {
	var got []byte
	p := transfertest.New(t, accept(func(_ context.Context, _ transfer.Header, document []byte) error {
		got = document
		return nil
	}))
	p.Sender.Transport = serve(t, handlerOf(t, p))
	sent, err := send(t, p)
	require.NoError(t, err)
	require.NotNil(t, sent.Receipt)
	assert.Equal(t, sent.Transfer, sent.Receipt.Statement.Transfer)
	assert.Equal(t, sent.Envelope.Digest(), sent.Receipt.Statement.EnvelopeDigest)
	require.NoError(t, sent.Receipt.Verify(p.RecipientKeys.Public()))
	assert.Contains(t, string(got), "impersonation_app_fraud", "the recipient's program has the document")
	assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Intent, audit.Delivered, audit.Acknowledged}, records(t, p.ExporterLog))
	assert.Equal(t, []audit.Type{audit.Received}, records(t, p.RecipientLog))
}

func TestMutualTLS(t *testing.T) {
	p := newPair(t)
	certificate, pool := clientCertificate(t)
	server := quietServer(handlerOf(t, p))
	server.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
	server.StartTLS()
	t.Cleanup(server.Close)
	trusting := func(certificates ...tls.Certificate) *http.Client {
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		road := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: certificates}}
		t.Cleanup(road.CloseIdleConnections)
		return &http.Client{Transport: road}
	}

	stranger, err := httptransport.NewClient(server.URL, trusting(), httptransport.WithoutRetry())
	require.NoError(t, err)
	p.Sender.Transport = stranger
	_, err = send(t, p)
	var failed *transfer.DeliveryError
	require.ErrorAs(t, err, &failed)
	assert.Empty(t, records(t, p.RecipientLog), "without a certificate nothing gets as far as the recipient")

	partner, err := httptransport.NewClient(server.URL, trusting(certificate))
	require.NoError(t, err)
	p.Sender.Transport = partner
	sent, err := send(t, p)
	require.NoError(t, err)
	assert.NotNil(t, sent.Receipt)
}

// clientCertificate makes a certificate that signs itself, and the pool that trusts it.
func clientCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: transfertest.Exporter},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func TestTheSameEnvelopeAgainBringsTheSameReceipt(t *testing.T) {
	p := newPair(t)
	handler := handlerOf(t, p)
	var status []int
	client := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK}
		handler.ServeHTTP(recorder, r)
		status = append(status, recorder.status)
	}))
	e := sealed(t, p)
	first, err := client.Deliver(t.Context(), e)
	require.NoError(t, err)
	for range 2 {
		again, err := client.Deliver(t.Context(), e)
		require.NoError(t, err, "the first answer may have been lost: this one says that the recipient has the envelope")
		require.NoError(t, p.Sender.Acknowledge(again))
		assert.Equal(t, first, again)
	}
	assert.Equal(t, []int{http.StatusOK, http.StatusOK, http.StatusOK}, status)
	assert.Equal(t, []audit.Type{audit.Received, audit.Rejected}, records(t, p.RecipientLog))
}

// statusRecorder remembers which status a handler wrote.
type statusRecorder struct {
	http.ResponseWriter
	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func TestAReplayWhileTheFirstIsOnItsWayIsAConflictWithoutReceipt(t *testing.T) {
	inside, goOn := make(chan struct{}), make(chan struct{})
	p := transfertest.New(t, accept(func(context.Context, transfer.Header, []byte) error {
		close(inside)
		<-goOn
		return nil
	}))
	client := serve(t, handlerOf(t, p))
	e := sealed(t, p)
	first := make(chan error, 1)
	go func() {
		_, err := client.Deliver(t.Context(), e)
		first <- err
	}()
	<-inside
	_, err := client.Deliver(t.Context(), e)
	close(goOn)
	requireProblem(t, err, http.StatusConflict, string(transfer.RejectReplayed))
	require.NotErrorIs(t, err, transfer.ErrNotDelivered, "the first may yet come through")
	require.NoError(t, <-first)
}

func TestARefusedEnvelopeIsAProblemAndAFailedDelivery(t *testing.T) {
	p := transfertest.New(t, accept(takeAll), func(_ *transfer.SenderConfig, r *transfer.ReceiverConfig) {
		r.Honoured = []string{}
	})
	p.Sender.Transport = serve(t, handlerOf(t, p))
	_, err := send(t, p)
	var failed *transfer.DeliveryError
	require.ErrorAs(t, err, &failed)
	requireProblem(t, err, http.StatusUnprocessableEntity, string(transfer.RejectObligations))
	assert.Equal(t, []audit.Type{audit.PolicyChange, audit.Intent, audit.Failed}, records(t, p.ExporterLog))
}

func TestAfterAFailedTakeoverTheSameEnvelopeCanBeSentAgain(t *testing.T) {
	for name, fail := range map[string]acceptFunc{
		"an error": func(context.Context, transfer.Header, []byte) error {
			return errors.New("canary: the database is down")
		},
		"a panic": func(context.Context, transfer.Header, []byte) error { panic("a bug of the recipient's") },
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int32
			p := transfertest.New(t, accept(func(ctx context.Context, h transfer.Header, document []byte) error {
				if tries.Add(1) == 1 {
					return fail(ctx, h, document)
				}
				return nil
			}))
			client := serve(t, handlerOf(t, p))
			e := sealed(t, p)
			_, err := client.Deliver(t.Context(), e)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "canary")
			if name == "an error" {
				requireProblem(t, err, http.StatusServiceUnavailable, httptransport.CodeUnavailable)
			}
			assert.Empty(t, records(t, p.RecipientLog))

			_, err = client.Deliver(t.Context(), e)
			require.NoError(t, err)
			assert.EqualValues(t, 2, tries.Load())
			assert.Equal(t, []audit.Type{audit.Received}, records(t, p.RecipientLog))
		})
	}
}

func TestTheClientHangsUp(t *testing.T) {
	for name, tc := range map[string]struct {
		takenOver bool
		records   []audit.Type // after the next try
	}{
		"before the data is taken over": {false, []audit.Type{audit.Received}},
		"after":                         {true, []audit.Type{audit.Received, audit.Rejected}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, hangUp := context.WithCancel(t.Context())
			served := make(chan struct{}, 2)
			p := transfertest.New(t, accept(func(server context.Context, _ transfer.Header, _ []byte) error {
				if ctx.Err() != nil {
					return nil // the next try
				}
				hangUp()
				<-server.Done()
				if tc.takenOver {
					return nil
				}
				return server.Err()
			}))
			handler := handlerOf(t, p)
			client := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				handler.ServeHTTP(w, r)
				served <- struct{}{}
			}))
			e := sealed(t, p)
			_, _ = client.Deliver(ctx, e) // cancelled, or just in time for the answer: both happen
			<-served

			receipt, err := client.Deliver(t.Context(), e)
			require.NoError(t, err, "either way the next try brings the receipt")
			require.NoError(t, p.Sender.Acknowledge(receipt))
			assert.Equal(t, tc.records, records(t, p.RecipientLog))
		})
	}
}
