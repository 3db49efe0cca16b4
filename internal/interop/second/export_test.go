package second

// Encrypt gives tests the body's encryption alone.
func Encrypt(secret, bound, body []byte) []byte { return encrypt(secret, bound, body) }

// Commitment gives tests the commitment alone.
func Commitment(secret []byte) []byte { return derive(secret, nil, commitment) }
