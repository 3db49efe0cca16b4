package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
)

// standIn answers like the three services, on this machine, so that the example runs without an account. Its one key lives
// as long as the program. It knows just the calls that encrypt and decrypt.
type standIn struct {
	aead     cipher.AEAD
	disabled atomic.Bool // the key was disabled in the service
	calls    atomic.Int64
}

func newStandIn() (*standIn, error) {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &standIn{aead: aead}, err
}

func (s *standIn) serve() *httptest.Server { return httptest.NewTLSServer(s) }

func (s *standIn) encrypt(plaintext, ad []byte) []byte {
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return s.aead.Seal(nonce, nonce, plaintext, ad)
}

func (s *standIn) decrypt(ciphertext, ad []byte) ([]byte, bool) {
	n := s.aead.NonceSize()
	if len(ciphertext) < n {
		return nil, false
	}
	plaintext, err := s.aead.Open(nil, ciphertext[:n], ciphertext[n:], ad)
	return plaintext, err == nil
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.calls.Add(1)
	if s.disabled.Load() {
		http.Error(w, `{"errors":["key disabled"],"__type":"DisabledException"}`, http.StatusBadRequest)
		return
	}
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	var out any
	switch target := r.Header.Get("X-Amz-Target"); {
	case target != "":
		out = s.aws(target, in)
	case strings.HasPrefix(r.URL.Path, "/v1/projects/"):
		out = s.google(r.URL.Path, in)
	default:
		out = s.vault(r.URL.Path, in)
	}
	if out == nil {
		http.Error(w, `{"errors":["refused"]}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

// vault is the transit engine: PUT /v1/transit/encrypt/KEY and /v1/transit/decrypt/KEY.
func (s *standIn) vault(path string, in map[string]any) any {
	ad := text(in, "associated_data")
	if strings.Contains(path, "/encrypt/") {
		return data{"data": data{"ciphertext": "vault:v1:" + base64.StdEncoding.EncodeToString(s.encrypt(unbase64(in, "plaintext"), ad))}}
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(text(in, "ciphertext")), "vault:v1:"))
	plaintext, ok := s.decrypt(raw, ad)
	if err != nil || !ok {
		return nil
	}
	return data{"data": data{"plaintext": base64.StdEncoding.EncodeToString(plaintext)}}
}

// aws is the JSON 1.1 protocol of AWS KMS.
func (s *standIn) aws(target string, in map[string]any) any {
	ad, _ := json.Marshal(in["EncryptionContext"])
	if strings.HasSuffix(target, ".Encrypt") {
		return data{"CiphertextBlob": s.encrypt(unbase64(in, "Plaintext"), ad), "KeyId": in["KeyId"]}
	}
	plaintext, ok := s.decrypt(unbase64(in, "CiphertextBlob"), ad)
	if !ok {
		return nil
	}
	return data{"Plaintext": plaintext, "KeyId": in["KeyId"]}
}

// google is Cloud KMS over REST, with the checksums that its client demands.
func (s *standIn) google(path string, in map[string]any) any {
	ad := unbase64(in, "additionalAuthenticatedData")
	if strings.HasSuffix(path, ":encrypt") {
		ciphertext := s.encrypt(unbase64(in, "plaintext"), ad)
		return data{
			"ciphertext": ciphertext, "ciphertextCrc32c": checksum(ciphertext),
			"verifiedPlaintextCrc32c": true, "verifiedAdditionalAuthenticatedDataCrc32c": true,
		}
	}
	plaintext, ok := s.decrypt(unbase64(in, "ciphertext"), ad)
	if !ok {
		return nil
	}
	return data{"plaintext": plaintext, "plaintextCrc32c": checksum(plaintext)}
}

type data map[string]any

func text(in map[string]any, name string) []byte {
	s, _ := in[name].(string)
	return []byte(s)
}

func unbase64(in map[string]any, name string) []byte {
	s := strings.NewReplacer("-", "+", "_", "/").Replace(string(text(in, name)))
	raw, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return nil
	}
	return raw
}

func checksum(b []byte) string {
	return strconv.FormatUint(uint64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))), 10)
}
