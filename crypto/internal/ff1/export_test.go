package ff1

// EncryptWide is the general path whatever the length.
func (c *Cipher) EncryptWide(x []uint16, tweak []byte) { c.cryptWide(new(round), x, tweak, false) }
