package second_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/internal/interop/second"
)

// hpkeJS asks the npm package @hpke/core. `npm ci` in ../node installs it; where it is not installed the test is skipped,
// unless PASSAVANT_NODE=required.
func hpkeJS(t *testing.T, task map[string]string) map[string]string {
	t.Helper()
	if _, err := os.Stat("../node/node_modules/@hpke/core"); err != nil && os.Getenv("PASSAVANT_NODE") != "required" {
		t.Skip("@hpke/core is not installed: npm ci --prefix internal/interop/node")
	}
	in, err := json.Marshal(task)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", "../node/hpke.mjs")
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	var answer map[string]string
	require.NoError(t, json.Unmarshal(out, &answer))
	return answer
}

// keyPart is what of a seal line concerns one recipient.
type keyPart struct {
	Commitment string      `json:"commitment"`
	Recipients []keyStanza `json:"recipients"`
	Signer     string      `json:"signer"`
	Suite      string      `json:"suite"`
}

type keyStanza struct {
	Enc     []byte `json:"enc"`
	Key     string `json:"key"`
	Wrapped []byte `json:"wrapped"`
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return raw
}

func keyPartOf(t *testing.T, msg []byte) keyPart {
	t.Helper()
	var line keyPart
	require.NoError(t, json.Unmarshal(bytes.SplitN(msg, []byte("\n"), 4)[2], &line))
	return line
}

func infoOf(line keyPart, sender ed25519.PrivateKey) string {
	return hex.EncodeToString([]byte("passavant-sealed/1\n" + line.Suite + "\n" + string(sender.Public().(ed25519.PublicKey))))
}

func TestHPKECoreOpensOurKeyPart(t *testing.T) {
	key := newPair(t, seal.X25519)
	private, signer := newSigner(t)
	msg, err := seal.SealBytes(nil, []byte(`{}`), []byte("body"), signer, key.ours.Recipient())
	require.NoError(t, err)
	line := keyPartOf(t, msg)
	scalar, err := key.theirs.MarshalBinary()
	require.NoError(t, err)
	answer := hpkeJS(t, map[string]string{
		"do": "open", "private": hex.EncodeToString(scalar), "info": infoOf(line, private),
		"enc": hex.EncodeToString(line.Recipients[0].Enc), "wrapped": hex.EncodeToString(line.Recipients[0].Wrapped),
	})
	secret := unhex(t, answer["secret"])
	assert.Equal(t, line.Commitment, base64.StdEncoding.EncodeToString(second.Commitment(secret)))
}

// The reverse: the secret of a message is wrapped by @hpke/core, the rest by the second implementation.
func TestWeOpenAKeyPartOfHPKECore(t *testing.T) {
	key := newPair(t, seal.X25519)
	private, signer := newSigner(t)
	secret := bytes.Repeat([]byte{7}, 32)
	suite := "HPKE-X25519-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519"
	answer := hpkeJS(t, map[string]string{
		"do": "seal", "public": hex.EncodeToString(key.raw), "info": infoOf(keyPart{Suite: suite}, private), "secret": hex.EncodeToString(secret),
	})
	line := keyPart{Commitment: base64.StdEncoding.EncodeToString(second.Commitment(secret)), Signer: signer.ID(), Suite: suite}
	line.Recipients = []keyStanza{{unhex(t, answer["enc"]), key.ours.ID(), unhex(t, answer["wrapped"])}}
	text, err := json.Marshal(line)
	require.NoError(t, err)
	msg := []byte("passavant-sealed/1\n{}\n" + string(text) + "\n")
	bound := sha256.Sum256(msg)
	ciphertext := second.Encrypt(secret, bound[:], []byte("body"))
	msg = append(binary.BigEndian.AppendUint32(msg, uint32(len(ciphertext))), ciphertext...)
	msg = binary.BigEndian.AppendUint32(msg, 0)
	sum := sha256.Sum256(msg)
	msg = append(msg, ed25519.Sign(private, append([]byte("passavant-sealed/1 signature\n"), sum[:]...))...)
	_, got, err := seal.OpenBytes(msg, signer.Verify(), key.ours)
	require.NoError(t, err)
	assert.Equal(t, "body", string(got))
}
