package audit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/passavant/passavant/audit"
)

func TestCommitterInPieces(t *testing.T) {
	salt := audit.NewSalt()
	c := audit.NewCommitter("original", salt)
	for _, piece := range []string{"", "a value ", "in three", " pieces"} {
		_, err := c.Write([]byte(piece))
		assert.NoError(t, err)
	}
	assert.Equal(t, audit.Commit("original", salt, []byte("a value in three pieces")), c.Sum())
	assert.NotEqual(t, audit.Commit("released", salt, []byte("a value in three pieces")), c.Sum())
}
