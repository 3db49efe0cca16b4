package audit_test

import (
	"crypto/aes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/passavant/passavant/audit"
)

// drawFields draws 1 to 40 fields with unique names.
func drawFields(t *rapid.T) []audit.FieldValue {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`(released|person)(/[a-zé~0-9]{0,5}){1,3}`), 1, 40, rapid.ID).Draw(t, "names")
	fields := make([]audit.FieldValue, len(names))
	for i, name := range names {
		fields[i] = audit.FieldValue{Name: name, Value: []byte(rapid.String().Draw(t, "value"))}
	}
	return fields
}

func TestEveryFieldOpensAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields, seed := drawFields(t), audit.NewSalt()
		root, err := audit.CommitFields(seed, fields)
		require.NoError(t, err)
		f := rapid.SampledFrom(fields).Draw(t, "field")
		o, err := audit.OpenField(seed, fields, f.Name)
		require.NoError(t, err)
		require.Equal(t, string(f.Value), o.Value)
		require.NoError(t, o.Verify(root))

		for name, change := range map[string]func(*audit.Opening){
			"value": func(o *audit.Opening) { o.Value += " " },
			"name":  func(o *audit.Opening) { o.Name += "x" },
			"salt":  func(o *audit.Opening) { o.Salt = hex.EncodeToString(make([]byte, 32)) },
			"short": func(o *audit.Opening) { o.Salt = "00" },
			"index": func(o *audit.Opening) { o.Index = o.Of },
			"path":  func(o *audit.Opening) { o.Hashes = append([]string{}, append(o.Hashes, o.Salt)...) },
		} {
			changed := o
			change(&changed)
			require.ErrorIs(t, changed.Verify(root), audit.ErrInvalidOpening, name)
		}
		require.ErrorIs(t, o.Verify("00"), audit.ErrInvalidOpening)
		_, err = audit.OpenField(seed, fields, "absent")
		require.ErrorIs(t, err, audit.ErrNoField)
	})
}

// The definition of docs/evidence.md, written down once more without any tree code.
func TestCommitFieldsFollowsTheFormat(t *testing.T) {
	hash := func(parts ...any) []byte {
		h := sha256.New()
		for _, p := range parts {
			switch p := p.(type) {
			case string:
				h.Write([]byte(p))
			case []byte:
				h.Write(p)
			case int:
				h.Write(binary.BigEndian.AppendUint32(nil, uint32(p)))
			}
		}
		return h.Sum(nil)
	}
	seed := [32]byte{1, 2, 3}
	block, err := aes.NewCipher(seed[:])
	require.NoError(t, err)
	leaf := func(i byte, name, value string) []byte {
		salt := make([]byte, 32)
		block.Encrypt(salt[:16], append(make([]byte, 15), 2*i))
		block.Encrypt(salt[16:], append(make([]byte, 15), 2*i+1))
		return hash("\x00passavant-commitment-v1\x00", len(name), name, salt, value)
	}
	want := hash("\x01", hash("\x01", leaf(0, "c", `true`), leaf(1, "a", `"1"`)), leaf(2, "b", `2`))
	got, err := audit.CommitFields(seed, []audit.FieldValue{{"c", []byte("true")}, {"a", []byte(`"1"`)}, {"b", []byte("2")}})
	require.NoError(t, err)
	assert.Equal(t, hex.EncodeToString(want), got)
}

func TestCommitFieldsEdges(t *testing.T) {
	root, err := audit.CommitFields([32]byte{}, nil)
	require.NoError(t, err)
	assert.Empty(t, root)
	_, err = audit.CommitFields([32]byte{}, []audit.FieldValue{{Name: string(make([]byte, 3000))}})
	require.ErrorIs(t, err, audit.ErrInvalidRecord)
}

// Two records of one document share no commitment, and an opening gives away no seed.
func TestFieldsAreHidden(t *testing.T) {
	fields := []audit.FieldValue{{"person/actor", []byte(`"a.murphy"`)}, {"released/sum", []byte("1")}}
	one, two := audit.NewSalt(), audit.NewSalt()
	rootOne, err := audit.CommitFields(one, fields)
	require.NoError(t, err)
	rootTwo, err := audit.CommitFields(two, fields)
	require.NoError(t, err)
	assert.NotEqual(t, rootOne, rootTwo)
	o, err := audit.OpenField(one, fields, "released/sum")
	require.NoError(t, err)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	assert.NotContains(t, string(text), hex.EncodeToString(one[:]))
	assert.NotContains(t, string(text), "murphy")
}

func ExampleCommitFields() {
	seed := [32]byte{7} // audit.NewSalt() in a program
	fields := []audit.FieldValue{{Name: "person/actor", Value: []byte(`"a.murphy"`)}, {Name: "released/amount", Value: []byte("120")}}
	root, err := audit.CommitFields(seed, fields)
	if err != nil {
		fmt.Println(err)
		return
	}
	opening, err := audit.OpenField(seed, fields, "released/amount")
	fmt.Println(opening.Name, opening.Value, err)
	fmt.Println(opening.Verify(root))
	opening.Value = "99"
	fmt.Println(opening.Verify(root))
	// Output:
	// released/amount 120 <nil>
	// <nil>
	// invalid opening of a field: it is not among the fields of the record
}
