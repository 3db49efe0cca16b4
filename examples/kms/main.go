// Kms keeps a keyring under a key in a key management service: HashiCorp Vault, AWS KMS, Google Cloud KMS. The files on
// disk are useless without the service, and the service never sees the keys of the keyring.
//
//	go run .
//
// A server on this machine stands in for all three, so that no account is needed; the clients are the real ones. For your
// service, change the addresses and credentials in vault, amazon and google below.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	vaultapi "github.com/hashicorp/vault/api"
	"github.com/tink-crypto/tink-go-awskms/v3/integration/awskms"
	"github.com/tink-crypto/tink-go-gcpkms/v2/integration/gcpkms"
	"github.com/tink-crypto/tink-go-hcvault/v2/integration/hcvault"
	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/tink"
	"google.golang.org/api/option"

	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "kms:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	service, err := newStandIn()
	if err != nil {
		return err
	}
	server := service.serve()
	defer server.Close()
	dir, err := os.MkdirTemp("", "passavant-kms-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, s := range []struct {
		name string
		key  func(context.Context, *httptest.Server) (tink.AEAD, error)
	}{{"HashiCorp Vault", vault}, {"AWS KMS", amazon}, {"Google Cloud KMS", google}} {
		remote, err := s.key(ctx, server)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := show(out, s.name, filepath.Join(dir, strings.ReplaceAll(s.name, " ", "-")), remote, service); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

// show makes a keyring under the remote key, rotates it, uses it, and then loses the service.
func show(out io.Writer, name, dir string, remote tink.AEAD, service *standIn) error {
	// The service encrypts a fresh data key for each keyset and not the keyset itself, which can outgrow what a service
	// takes (AWS: 4,096 bytes).
	master := keyring.WithMasterKey(aead.NewKMSEnvelopeAEAD2(aead.AES256GCMKeyTemplate(), remote))
	before := service.calls.Load()
	keys, err := keyring.Create(dir, "emerald-bank-ie", master, keyring.WithPostQuantum())
	if err != nil {
		return err
	}
	if keys, err = keys.Rotate(keyring.Sealing); err != nil {
		return err
	}
	to, err := keys.Public().Recipient()
	if err != nil {
		return err
	}
	sealed, err := seal.SealBytes(nil, []byte(`{"to":"ourselves"}`), []byte("a case"), keys.Sealer(), to)
	if err != nil {
		return err
	}
	again, err := keyring.Open(dir, master)
	if err != nil {
		return err
	}
	if _, _, err := seal.OpenBytes(sealed, again.Sealer().Verify(), again.Opener()...); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s: keyring made, rotated, opened again and used; %d calls to the service\n", name, service.calls.Load()-before)

	service.disabled.Store(true)
	defer service.disabled.Store(false)
	if _, err := keyring.Open(dir, master); !errors.Is(err, keyring.ErrMasterKey) {
		return fmt.Errorf("the keyring opened without the service: %w", err)
	}
	if _, err := keyring.Open(dir); !errors.Is(err, keyring.ErrMasterKey) {
		return fmt.Errorf("the keyring opened without its master key: %w", err)
	}
	_, _ = fmt.Fprintf(out, "%s: with the key disabled in the service, the files on disk open for nobody\n", name)
	return nil
}

// vault uses the transit engine, key "passavant", made with derived=false.
func vault(_ context.Context, server *httptest.Server) (tink.AEAD, error) {
	config := vaultapi.DefaultConfig()
	config.Address, config.HttpClient, config.MaxRetries = server.URL, server.Client(), 0
	client, err := vaultapi.NewClient(config)
	if err != nil {
		return nil, err
	}
	client.SetToken("a token") // from VAULT_TOKEN or an agent
	return hcvault.NewAEAD("/transit/keys/passavant", client.Logical())
}

// amazon uses a symmetric key of AWS KMS.
func amazon(_ context.Context, server *httptest.Server) (tink.AEAD, error) {
	client := kms.New(kms.Options{
		Region: "eu-west-1", BaseEndpoint: awssdk.String(server.URL), HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""), // from the role of the machine
	})
	uri := "aws-kms://arn:aws:kms:eu-west-1:000000000000:key/00000000-0000-0000-0000-000000000000"
	tinkClient, err := awskms.NewClientWithOptions(context.Background(), uri, awskms.WithKMS(client))
	if err != nil {
		return nil, err
	}
	return tinkClient.GetAEAD(uri)
}

// google uses a symmetric key of Cloud KMS.
func google(ctx context.Context, server *httptest.Server) (tink.AEAD, error) {
	uri := "gcp-kms://projects/p/locations/europe-west1/keyRings/r/cryptoKeys/passavant"
	client, err := gcpkms.NewClient(ctx, uri, gcpkms.WithTransport(gcpkms.TransportREST), gcpkms.WithGoogleAPIClientOptions(
		option.WithEndpoint(server.URL), option.WithHTTPClient(&http.Client{Transport: server.Client().Transport}))) // credentials from the environment
	if err != nil {
		return nil, err
	}
	return client.GetAEAD(uri)
}
