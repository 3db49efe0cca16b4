package transfer_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/passavant/passavant/audit"
	"github.com/passavant/passavant/crypto/keyring"
	"github.com/passavant/passavant/internal/sample"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer"
	"github.com/passavant/passavant/transfer/dirtransport"
	"github.com/passavant/passavant/transfer/payload"
)

// killedSender is the variable by which the test binary knows that it is the program to be killed; its value is the
// directory to work in. kills says how often the parent kills; .ci/run asks for 200.
const (
	killedSender = "PASSAVANT_TRANSFER_CHILD_DIR"
	kills        = "PASSAVANT_KILLS"
	killsPerLog  = 20
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(killedSender); dir != "" {
		if err := sendUntilKilled(dir); err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// sendUntilKilled sends with eight goroutines into a directory, and says so when the first transfer is through.
func sendUntilKilled(dir string) error {
	sender, err := openSender(dir)
	if err != nil {
		return err
	}
	report, err := sample.Report()
	if err != nil {
		return err
	}
	req := transfer.Request{
		Agreement: "ie-jp-bank-fraud", Recipient: "sakura-bank-jp", Purpose: "prevent_and_investigate_fraud", Type: "fraud-case-report",
	}
	var ready sync.Once
	var wait sync.WaitGroup
	var failure error
	for range 8 {
		wait.Go(func() {
			for failure == nil {
				if _, err := sender.Send(context.Background(), req, report); err != nil {
					failure = err
					return
				}
				ready.Do(func() { fmt.Println("sending") })
			}
		})
	}
	wait.Wait()
	return failure
}

func openSender(dir string) (*transfer.Sender, error) {
	engine, err := policy.Load(context.Background(), sample.Workspace())
	if err != nil {
		return nil, err
	}
	catalogue, err := sample.Catalogue()
	if err != nil {
		return nil, err
	}
	keys, err := keyring.Open(filepath.Join(dir, "keys"))
	if err != nil {
		return nil, err
	}
	partners, err := transfer.LoadPartners(os.DirFS(filepath.Join(dir, "partners")))
	if err != nil {
		return nil, err
	}
	log, err := transfer.OpenLog(filepath.Join(dir, "log"), keys)
	if err != nil {
		return nil, err
	}
	out, err := dirtransport.New(filepath.Join(dir, "out"))
	if err != nil {
		return nil, err
	}
	return transfer.NewSender(transfer.SenderConfig{
		Engine: engine, Keys: keys, Log: log, Partners: partners, Catalogues: []*payload.Catalogue{catalogue}, Transport: out,
	})
}

func TestKillNeverLosesAnIntent(t *testing.T) {
	dir := t.TempDir()
	keys, err := keyring.Create(filepath.Join(dir, "keys"), "emerald-bank-ie")
	require.NoError(t, err)
	recipient, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), "sakura-bank-jp")
	require.NoError(t, err)
	document, err := recipient.Public().MarshalJSON()
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "partners"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "partners", "sakura-bank-jp.json"), document, 0o600))

	rounds := 6
	if text := os.Getenv(kills); text != "" {
		rounds, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	delivered, doubted := 0, 0
	for round := range rounds {
		if round%killsPerLog == 0 { // a log that only grows would make the rounds slower and slower
			require.NoError(t, os.RemoveAll(filepath.Join(dir, "log")))
		}
		killOnce(t, dir)
		n, inDoubt := requireEveryDeliveryIntended(t, dir, keys)
		delivered, doubted = delivered+n, max(doubted, inDoubt)
	}
	assert.Positive(t, delivered)
	t.Logf("%d kills, %d envelopes delivered, each with its intent; up to %d transfers in doubt, all listed", rounds, delivered, doubted)
}

// killOnce lets the child send and kills it at a random moment.
func killOnce(t *testing.T, dir string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killedSender+"="+dir)
	stdout, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err, "the child ended by itself: %s", line)
	require.Equal(t, "sending\n", line)
	// Not a wait for something to happen: the moment of death is the input of the test.
	<-time.After(time.Duration(rand.Int64N(int64(40 * time.Millisecond))))
	require.NoError(t, child.Process.Kill())
	_, _ = io.Copy(io.Discard, stdout)
	var exit *exec.ExitError
	require.True(t, errors.As(child.Wait(), &exit))
}

// requireEveryDeliveryIntended verifies the log as the kill left it, and looks for an intent for each file that the
// recipient could have picked up. It removes the files.
func requireEveryDeliveryIntended(t *testing.T, dir string, keys *keyring.Keyring) (delivered, inDoubt int) {
	t.Helper()
	vkey, err := transfer.LogKey(keys.Public())
	require.NoError(t, err)
	report, err := audit.Verify(t.Context(), filepath.Join(dir, "log"), audit.VerifyOptions{VKey: vkey})
	require.NoError(t, err)
	require.Empty(t, report.Unintended)
	intents, settled := readTransfers(t, filepath.Join(dir, "log"), vkey)
	listed := make(map[string]bool)
	for _, id := range report.InDoubt {
		listed[id] = true
	}
	for id := range intents {
		require.Equal(t, !settled[id], listed[id], "transfer %s: in doubt means an intent without an outcome", id)
	}
	files, err := filepath.Glob(filepath.Join(dir, "out", "*"+transfer.FileSuffix))
	require.NoError(t, err)
	for _, name := range files {
		id := strings.TrimSuffix(filepath.Base(name), transfer.FileSuffix)
		f, err := os.Open(name)
		require.NoError(t, err)
		e, err := transfer.ParseEnvelope(f)
		require.NoError(t, errors.Join(err, f.Close()), "a delivered envelope is whole")
		require.Equal(t, intents[id], e.Digest(), "envelope %s was delivered without an intent", id)
		require.NoError(t, os.Remove(name))
	}
	return len(files), len(report.InDoubt)
}

// readTransfers returns the envelope digest of each intent, and which transfers have an outcome.
func readTransfers(t *testing.T, dir, vkey string) (intents map[string]string, settled map[string]bool) {
	t.Helper()
	reader, err := audit.OpenReader(dir, vkey)
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	intents, settled = make(map[string]string), make(map[string]bool)
	for _, r := range reader.All(0) {
		switch r.Type {
		case audit.Intent:
			intents[r.Transfer] = r.EnvelopeDigest
		case audit.Delivered, audit.Failed:
			settled[r.Transfer] = true
		}
	}
	require.NoError(t, reader.Err())
	return intents, settled
}
