// Package seal makes and reads sealed messages: a header that a person can read, and a body that only its recipients
// can, bound to each other and signed by the sender.
//
//	passavant-sealed/1
//	{"agreement":"ie-jp-bank-fraud","recipient":"sakura-bank-jp", …}     the caller's header, one line
//	{"commitment":"…","recipients":[{"enc":"…","key":"…","wrapped":"…"}],"signer":"…","suite":"…"}
//	body                                                                  frames of ciphertext
//	signature                                                             64 bytes
//
// The first three lines are UTF-8 text, each ended by one newline (0x0a). The rest is binary.
//
// # Seal line
//
// Canonical JSON (RFC 8785) with exactly the members shown; there is one spelling. Byte strings are standard base64
// with padding (RFC 4648, section 4). For each recipient,
//
//	info          = "passavant-sealed/1" LF suite LF sender's Ed25519 public key (32 bytes)
//	enc, wrapped  = HPKE SealBase(recipient's key, info, aad = "", secret)                 RFC 9180, section 6.1
//	commitment    = HKDF-SHA256(secret, salt = "", info = "passavant-sealed/1 commitment" LF, 32 bytes)   RFC 5869
//
// where secret is 32 random bytes, the same for all recipients. The suite is
// "HPKE-X25519-SHA256-A256GCM+A256GCM-HKDF-4K+Ed25519": DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM for
// HPKE; AES256_GCM_HKDF_4KB for the body; Ed25519 (RFC 8032) for the signature. With X-Wing as KEM the suite begins
// with "HPKE-XWING" instead.
//
// # Body
//
// The body is encrypted in Tink's AES-GCM-HKDF streaming format with segments of 4096 bytes, secret as key and the
// SHA-256 of the three lines, with their newlines, as associated data. The ciphertext is cut into frames: a length of
// four bytes, big-endian, and so many bytes. All frames hold 65,536 bytes, but the last may hold fewer; the length
// zero ends the body.
//
// # Signature
//
// Ed25519 over "passavant-sealed/1 signature" LF and the SHA-256 of all bytes before the signature. Nothing follows it.
//
// Any change of any byte, truncation, extension, or exchange of parts between messages is refused. The format does not
// protect against replay or misdirection of a whole message: that is what the caller's header is for.
//
// docs/envelope-format.md says the same for a second implementer; testdata/envelopes holds vectors.
package seal
