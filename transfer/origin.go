package transfer

import (
	"errors"
	"fmt"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/crypto/seal"
)

// LogOrigin is the name that a party's log carries in its checkpoints: "passavant/" and the party id. A recipient that
// has the party's public keys can thereby verify its proofs without being told anything else.
func LogOrigin(party string) string { return "passavant/" + party }

// LogKey is the key, in the notation of C2SP signed-note, by which a party's log is verified. It fails for a party that
// has published none.
func LogKey(p keyring.Public) (string, error) {
	return audit.VerifierKey(LogOrigin(p.Party), p.LogKey())
}

// OpenLog opens the log of a keyring's party in dir for writing, under the origin and key that partners expect.
func OpenLog(dir string, keys *keyring.Keyring) (*audit.Log, error) {
	return audit.Open(dir, audit.Options{Origin: LogOrigin(keys.Party()), Signer: keys.LogSigner()})
}

// OpenSealedLog is OpenLog with the details encrypted to a reader, the audit role: what lies beside the log then opens with
// the private key of to only (seal.DetailOpener). Destroy that key, and all of it is gone at once.
func OpenSealedLog(dir string, keys *keyring.Keyring, to *seal.RecipientKey) (*audit.Log, error) {
	sealer, err := seal.NewDetailSealer(to)
	if err != nil {
		return nil, err
	}
	return audit.Open(dir, audit.Options{Origin: LogOrigin(keys.Party()), Signer: keys.LogSigner(), SealDetail: sealer.Seal})
}

var errForeignLog = errors.New("the log is not signed with the party's own key under the party's own name")

// checkLog finds out at start-up that partners could not verify what this log proves.
func checkLog(log *audit.Log, keys *keyring.Keyring) error {
	if own, err := LogKey(keys.Public()); err != nil || log.VerifierKey() != own {
		return fmt.Errorf("transfer: %w; open it with OpenLog", errForeignLog)
	}
	return nil
}
