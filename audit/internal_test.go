package audit

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// TestTreeMatchesCertificateTransparency uses the leaves and roots of the reference tests of RFC 6962
// (certificate-transparency, merkle_tree_test).
func TestTreeMatchesCertificateTransparency(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var tr tree
	for i, leaf := range leaves {
		data, err := hex.DecodeString(leaf)
		require.NoError(t, err)
		tr.add(tlog.RecordHash(data))
		root, err := tr.root(int64(i + 1))
		require.NoError(t, err)
		require.Equal(t, roots[i+1], hex.EncodeToString(root[:]))
	}
	require.Equal(t, roots[0], hex.EncodeToString(func() []byte { h := emptyRoot(); return h[:] }()))
	_, err := tr.root(9)
	require.Error(t, err)
}

// TestTreeStoresWhatTlogStores compares hash for hash with x/mod, over more than one chunk.
func TestTreeStoresWhatTlogStores(t *testing.T) {
	var tr tree
	var want []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = want[x]
		}
		return out, nil
	})
	for n := range int64(5000) {
		data := []byte{byte(n), byte(n >> 8)}
		hashes, err := tlog.StoredHashes(n, data, reader)
		require.NoError(t, err)
		want = append(want, hashes...)
		tr.add(tlog.RecordHash(data))
	}
	require.Equal(t, int64(len(want)), tr.stored)
	require.Greater(t, len(tr.chunks), 1)
	for i, h := range want {
		require.Equal(t, h, tr.at(int64(i)))
	}
	_, err := tr.ReadHashes([]int64{tr.stored})
	require.Error(t, err)
}

func TestTilePath(t *testing.T) {
	for _, tc := range []struct {
		level int
		n     int64
		w     int
		path  string
	}{
		{0, 0, 256, "tile/0/000"},
		{0, 1234067, 256, "tile/0/x001/x234/067"}, // the example of tlog-tiles
		{2, 5, 17, "tile/2/005.p/17"},
		{-1, 1000, 255, "tile/entries/x001/000.p/255"},
	} {
		require.Equal(t, filepath.FromSlash(tc.path), tilePath(tc.level, tc.n, tc.w))
	}
	rapid.Check(t, func(rt *rapid.T) {
		level, n := rapid.IntRange(-1, 63).Draw(rt, "level"), rapid.Int64Range(0, 1<<50).Draw(rt, "n")
		w := rapid.IntRange(1, 256).Draw(rt, "w")
		l2, n2, w2, ok := parseTilePath(tilePath(level, n, w))
		require.True(rt, ok)
		require.Equal(rt, []int64{int64(level), n, int64(w)}, []int64{int64(l2), n2, int64(w2)})
	})
	for _, bad := range []string{"", "tile", "tile/0", "tile/0/", "tile/00/000", "tile/64/000", "tile/0/1", "tile/0/000.p/0",
		"tile/0/000.p/256", "tile/0/000.p/01", "tile/0/x000/000", "tile/entries/-01", "tile/0/000/x001", "tile/data/000"} {
		_, _, _, ok := parseTilePath(filepath.FromSlash(bad))
		require.False(t, ok, bad)
	}
}

// FuzzScanRecord: the fast scan never accepts what ParseRecord refuses for its top level, and never panics.
func FuzzScanRecord(f *testing.F) {
	f.Add([]byte(`{"at":"2026-03-04T05:06:07Z","type":"refused","version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scanRecord(data)
		r, fullErr := ParseRecord(data)
		if fullErr == nil && (err != nil || s.typ != r.Type || s.transfer != r.Transfer || s.at != r.At) {
			t.Fatalf("scan of %q: %+v, %v", data, s, err)
		}
	})
}

// FuzzReadFrame: whatever is accepted is what appendFrame writes.
func FuzzReadFrame(f *testing.F) {
	f.Add(appendFrame(nil, kindRecord, []byte("{}")))
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, body, err := readFrame(bytes.NewReader(data), nil)
		if err != nil {
			return
		}
		if again := appendFrame(nil, kind, body); string(again) != string(data[:len(again)]) {
			t.Fatalf("%x accepted, %x written", data, again)
		}
	})
}

// FuzzReadDetail: the side store is read after crashes and erasures, so its reader meets anything.
func FuzzReadDetail(f *testing.F) {
	frame := appendDetail(nil, "t1", []byte("body"))
	f.Add(frame)
	f.Add(append([]byte("torn"), frame...))
	f.Fuzz(func(t *testing.T, data []byte) {
		seen := 0
		err := scanDetails(data, func(d detail) error {
			end := int(d.off) + detailMark + len(d.body)
			if start := int(d.off) - detailHeader - len(d.transfer); start < seen || end > len(data) {
				t.Fatalf("%x: an entry from %d to %d", data, start, end)
			}
			seen = end
			return nil
		}, func(from, to int) error {
			if from < seen || to <= from || to > len(data) {
				t.Fatalf("%x: damage from %d to %d", data, from, to)
			}
			seen = to
			return nil
		})
		if err != nil || seen != len(data) {
			t.Fatalf("%x: every byte is an entry's or damage, but %d are neither: %v", data, len(data)-seen, err)
		}
	})
}

// FuzzSpool reads arbitrary bytes as a spool: nothing but entries with both checksums right is copied, and only to
// journal segments and detail files.
func FuzzSpool(f *testing.F) {
	whole := appendSpoolEntry(nil, patch{segmentName(0), 0, []byte("records")}, patch{detailName(0), 7, []byte("details")})
	f.Add(whole)
	f.Add(append(make([]byte, spoolSector), whole...))
	f.Add(appendSpoolEntry(nil, patch{"../journal/00000000000000000000.wal", 0, []byte("x")}))
	f.Fuzz(func(t *testing.T, file []byte) {
		require.NoError(t, scanSpool(file, func(patches []patch) error {
			again := appendSpoolEntry(nil, patches...)
			require.Contains(t, string(file), string(again))
			for _, p := range patches {
				require.True(t, isPatched(p.name))
			}
			return nil
		}))
	})
}

func TestSpoolEntriesSurviveTheirNeighbours(t *testing.T) {
	one := appendSpoolEntry(nil, patch{segmentName(3), 5, []byte("a group")})
	two := appendSpoolEntry(nil, patch{segmentName(4), 9, []byte("another")}, patch{detailName(4), 0, []byte("its detail")})
	file := make([]byte, 4*spoolSector)
	copy(file, one)
	copy(file[2*spoolSector:], two)
	require.Equal(t, 2, countEntries(t, file))
	file[spoolHeader] ^= 1
	require.Equal(t, 1, countEntries(t, file))
	require.Zero(t, countEntries(t, file[:2*spoolSector+len(two)-1]), "an entry cut short is none")
	outside := appendSpoolEntry(nil, patch{"tile/0/000", 0, []byte("x")})
	require.Zero(t, countEntries(t, append(outside, make([]byte, spoolSector)...)))
}

func countEntries(t *testing.T, file []byte) (n int) {
	t.Helper()
	require.NoError(t, scanSpool(file, func([]patch) error { n++; return nil }))
	return n
}

// TestRecordsAreWrittenAsEncodingJSONWould compares the hand-written encoder with reflection.
func TestRecordsAreWrittenAsEncodingJSONWould(t *testing.T) {
	text := rapid.StringMatching(`[ -~äß漢😀]{0,12}`)
	token := rapid.StringMatching(`[a-z._:-]{1,8}`)
	rapid.Check(t, func(t *rapid.T) {
		r := Record{Version: 1, At: "2026-03-04T05:06:07Z", Type: Intent, Transfer: "t"}
		for _, p := range []*string{&r.Agreement, &r.AgreementDigest, &r.Cause, &r.DataVersion, &r.EnvelopeDigest, &r.Exporter,
			&r.FactsDigest, &r.PolicyRevision, &r.Purpose, &r.Recipient, &r.RecipientCountry} {
			*p = text.Draw(t, "text")
		}
		for _, p := range []*[]string{&r.Basis, &r.Categories, &r.Missing, &r.Reasons} {
			*p = rapid.SliceOfN(text, 0, 3).Draw(t, "texts")
		}
		r.Bytes = rapid.Int64Range(0, maxInt-1).Draw(t, "bytes")
		r.Fields = rapid.MapOfN(token, rapid.StringMatching(`[ -~]{0,9}`), 0, 4).Draw(t, "fields")
		r.Commitments = rapid.MapOfN(token, rapid.StringMatching(`[0-9a-f]{64}`), 0, 4).Draw(t, "commitments")
		r.Obligations = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Duty {
			return Duty{Code: "c" + text.Draw(t, "code"), Deadline: text.Draw(t, "deadline"), Discharged: rapid.Bool().Draw(t, "discharged")}
		}), 0, 3).Draw(t, "obligations")
		if rapid.Bool().Draw(t, "manifest") {
			r.Manifest = &Manifest{Digest: text.Draw(t, "digest"), KeyID: text.Draw(t, "key"), Withheld: rapid.Int64Range(0, 9).Draw(t, "withheld"),
				Items: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Treated {
					return Treated{Count: rapid.Int64Range(0, 9).Draw(t, "count"), Path: text.Draw(t, "path"), Technique: text.Draw(t, "technique"),
						Params: rapid.MapOfN(token, text, 0, 3).Draw(t, "params")}
				}), 0, 3).Draw(t, "items")}
		}
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(&r))
		got, err := r.encode(nil)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSuffix(want.String(), "\n"), string(got))
	})
}
