package audit

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WitnessPolicy says which witnesses must have cosigned a checkpoint, and how fresh their word must be. See
// ParseWitnessPolicy for its form.
type WitnessPolicy struct {
	// Within is how old a cosignature may be; zero means any age.
	Within time.Duration

	witnesses map[string]policyWitness
	groups    map[string]policyGroup
	quorum    string
	order     []string
}

type policyWitness struct {
	cosigner
	url string
}

type policyGroup struct {
	need    int
	members []string
}

// PolicyWitness is one witness of a policy and where it answers; URL is empty if the policy gives none.
type PolicyWitness struct{ Name, URL string }

// Witnesses are the policy's witnesses in the order of the file.
func (p *WitnessPolicy) Witnesses() []PolicyWitness {
	var all []PolicyWitness
	for _, name := range p.order {
		all = append(all, PolicyWitness{p.witnesses[name].name, p.witnesses[name].url})
	}
	return all
}

// ErrWitnessPolicy is the condition that a file is not a witness policy; the text names the line.
var ErrWitnessPolicy = errors.New("not a witness policy")

// ErrUnwitnessed is the condition that too few witnesses have cosigned a checkpoint, or too long ago.
var ErrUnwitnessed = errors.New("the checkpoint is not witnessed")

const maxWitnesses = 256

// ParseWitnessPolicy reads the form of c2sp.org/tlog-policy, with one more line for freshness:
//
//	witness sakura passavant-witness/sakura-bank-jp+3f0a12c4+BG8x... https://sakura.example/witness
//	witness central passavant-witness/central+...
//	group both all sakura central
//	quorum both
//	within 24h
//
// A witness has a name, a key for cosignature/v1 and where it answers (may be left out); a group is satisfied by any, all or a
// number of its members, which may be groups. The quorum is a witness or a group, or none. Lines that begin with # are
// comments. Lines "log" are accepted and left to the caller.
func ParseWitnessPolicy(text []byte) (*WitnessPolicy, error) {
	p := &WitnessPolicy{witnesses: map[string]policyWitness{}, groups: map[string]policyGroup{}}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := p.line(strings.Fields(line)); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrWitnessPolicy, i+1, err)
		}
	}
	if p.quorum == "" {
		return nil, fmt.Errorf("%w: it names no quorum", ErrWitnessPolicy)
	}
	return p, nil
}

func (p *WitnessPolicy) line(words []string) error {
	switch {
	case words[0] == "witness" && (len(words) == 3 || len(words) == 4):
		return p.witness(words)
	case words[0] == "group" && len(words) >= 4:
		return p.group(words)
	case words[0] == "quorum" && len(words) == 2 && p.quorum == "":
		if words[1] != "none" && !p.knows(words[1]) {
			return errors.New("the quorum is no witness or group above it")
		}
		p.quorum = words[1]
		return nil
	case words[0] == "within" && len(words) == 2 && p.Within == 0:
		d, err := time.ParseDuration(words[1])
		if err != nil || d <= 0 {
			return errors.New("the time is not a duration such as 24h")
		}
		p.Within = d
		return nil
	case words[0] == "log" && len(words) >= 2:
		return nil
	}
	return errors.New("not a line of a witness policy")
}

func (p *WitnessPolicy) knows(name string) bool {
	_, witness := p.witnesses[name]
	_, group := p.groups[name]
	return witness || group
}

func (p *WitnessPolicy) witness(words []string) error {
	c, err := parseCosigner(words[2])
	if err != nil {
		return err
	}
	if p.knows(words[1]) || words[1] == "none" || len(p.order) == maxWitnesses {
		return errors.New("the name is taken, or there are too many witnesses")
	}
	for _, other := range p.witnesses {
		if other.key.Equal(c.key) {
			return errors.New("two witnesses have one key")
		}
	}
	w := policyWitness{cosigner: c}
	if len(words) == 4 {
		w.url = words[3]
	}
	p.witnesses[words[1]], p.order = w, append(p.order, words[1])
	return nil
}

func (p *WitnessPolicy) group(words []string) error {
	members := words[3:]
	need, err := strconv.Atoi(words[2])
	switch {
	case words[2] == "any":
		need = 1
	case words[2] == "all":
		need = len(members)
	case err != nil || need < 1 || need > len(members):
		return errors.New("the number of a group is not any, all, or 1 to the number of its members")
	}
	for i, m := range members {
		if !p.knows(m) || slices.Contains(members[:i], m) {
			return errors.New("a member of the group is no witness or group above it, or named twice")
		}
	}
	if p.knows(words[1]) || words[1] == "none" {
		return errors.New("the name is taken")
	}
	p.groups[words[1]] = policyGroup{need, members}
	return nil
}

// Cosignature is a verified cosignature.
type Cosignature struct {
	Witness string // name of the witness's key
	At      time.Time
}

// maxWitnessSkew is how far ahead of the verifier a witness's clock may be.
const maxWitnessSkew = 5 * time.Minute

// Check verifies the cosignatures of a checkpoint against the policy, and returns those that count: by witnesses of the policy,
// not older than Within at now, and not from the future. It does not look at the log's own signature. An error matches
// ErrUnwitnessed.
func (p *WitnessPolicy) Check(checkpoint []byte, now time.Time) ([]Cosignature, error) {
	text, sigs, err := noteOf(checkpoint)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnwitnessed, err)
	}
	counts := map[string]bool{}
	var found []Cosignature
	stale := 0
	for _, name := range p.order {
		w := p.witnesses[name]
		at, ok := w.verified(text, sigs)
		if !ok {
			continue
		}
		if p.Within > 0 && now.Sub(at) > p.Within || at.Sub(now) > maxWitnessSkew {
			stale++
			continue
		}
		counts[name] = true
		found = append(found, Cosignature{w.name, at})
	}
	if p.quorum == "none" || p.satisfied(p.quorum, counts) {
		return found, nil
	}
	return found, fmt.Errorf("%w: %d of %d witnesses have cosigned it in time, %d too long ago, and the quorum %q is not met",
		ErrUnwitnessed, len(found), len(p.order), stale, p.quorum)
}

func (p *WitnessPolicy) satisfied(name string, counts map[string]bool) bool {
	g, isGroup := p.groups[name]
	if !isGroup {
		return counts[name]
	}
	n := 0
	for _, m := range g.members {
		if p.satisfied(m, counts) {
			n++
		}
	}
	return n >= g.need
}
