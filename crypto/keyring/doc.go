// Package keyring keeps the keys of one organisation in a directory of Tink keysets and publishes their public halves.
//
//	keyring.json     format, party, and when each key was made; no secret
//	seal.json        HPKE keys: others seal to us               X25519 (or X-Wing), HKDF-SHA256, AES-256-GCM; no prefix
//	sign.json        Ed25519 keys: we sign envelopes            no prefix
//	log.json         Ed25519 key: we sign checkpoints           no prefix
//	pseudonym.json   HMAC-SHA-256 PRF keys of 32 bytes: we derive pseudonymisation domains
//
// Each keyset file is what Tink's JSON writer writes, so tinkey and every Tink library read it. Without a master key
// the files hold the keys in the clear, in mode 0600 inside a directory of mode 0700, and Open refuses looser modes.
// With a master key they are encrypted under it, with "passavant-keyring/1" LF party LF purpose as associated data, and
// Open refuses a file in the clear.
//
// This is the only package that takes private key bytes out of Tink, to feed crypto/hpke and crypto/ed25519 of the
// standard library. No secret appears in an error, under any verb of fmt, in JSON or in a log line. Pseudonymisation
// keys never leave: no exported function returns one.
package keyring
