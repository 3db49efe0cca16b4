package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	for _, service := range []string{"HashiCorp Vault", "AWS KMS", "Google Cloud KMS"} {
		if strings.Count(out.String(), service) != 2 {
			t.Errorf("%s is missing:\n%s", service, out.String())
		}
	}
}
