package workspace

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/passavant/passavant/policy"
)

// ErrNotYourRole is the condition that somebody wants to act in a role that the configuration does not give.
var ErrNotYourRole = errors.New("the role is not yours")

// Caller is who acts, to the rules: what the configuration says of a login, or of "*", with all roles or with those in which
// the caller wants to act. If the configuration names nobody, the roles are taken as stated. It fails with
// ErrNotYourRole.
func (w *Workspace) Caller(login string, roles []string) (policy.Caller, error) {
	if len(w.Callers) == 0 {
		return policy.Caller{Roles: roles}, nil
	}
	c, known := w.Callers[login]
	if !known {
		c = w.Callers["*"]
	}
	if len(roles) == 0 {
		return c, nil
	}
	for _, role := range roles {
		if !slices.Contains(c.Roles, role) {
			return policy.Caller{}, fmt.Errorf("%w: %s gives you %s", ErrNotYourRole, ConfigName, orNone(c.Roles))
		}
	}
	c.Roles = roles
	return c, nil
}

func orNone(roles []string) string {
	if len(roles) == 0 {
		return "none"
	}
	return strings.Join(roles, ", ")
}
